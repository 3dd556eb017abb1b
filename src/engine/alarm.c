/*
 * Alerts of what is decided.  Called by the engine, on the message's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/alarm.h"

#include "engine/alerts.h"
#include "engine/engine.h"

/* Nothing of the message changes any more: the writer may have it too. */
static void put(const struct message *m, struct alert *alert, const char *queue_id,
	const struct policy *p, const struct limit *limit)
{
	char client[CIDR_TEXT_MAX], text[LIMIT_TEXT_MAX];
	struct arena *arena = arena_new();

	alert->queue_id = queue_id;
	alert->login = m->login;
	alert->sender = m->sender.text;
	alert->mta = m->session->mta;
	if (m->session->client.family != 0)
		alert->client = cidr_format(client, &m->session->client);
	if (p != NULL) {
		alert->policy = p->name;
		alert->count = policy_get(p, ATTRIBUTE_COUNT, arena);
	}
	if (limit != NULL) {
		alert->limit = limit_format(text, limit);
		alert->room = limit_room(limit);
	}
	alerts_put(m->engine->alerts, alert);
	arena_free(arena);
}

static bool is_wanted(const struct message *m)
{
	return m->engine->alerts != NULL && settings_alert(&m->set->settings);
}

void alarm_refusal(const struct message *m, const struct verdict *v, const char *queue_id,
	int64_t now)
{
	struct lately_what what = { .kind = ALERT_REFUSED,
		.policy = v->policy != NULL ? v->policy->id : 0,
		.object = v->object };
	struct alert alert = { .kind = ALERT_REFUSED,
		.time = now,
		.policy_id = what.policy,
		.object = v->object,
		.verdict = verdict_name(v->kind),
		.reason = v->reason,
		.free_at = v->free_at };

	if (!is_wanted(m) || !verdict_stops(v->kind) || v->by_spf || v->split ||
		v->object == NULL || (v->policy == NULL && !v->by_hand))
		return;
	if (alerts_begin(m->engine->alerts, &what, now))
		put(m, &alert, queue_id, v->policy, v->limit);
}

static bool is_near(uint64_t used, uint64_t room)
{
	return (unsigned __int128)used * 100 >= (unsigned __int128)room * ALARM_NEAR;
}

/* Has this charge taken the counter there? */
static bool comes_near(const struct counter_hit *hit)
{
	uint64_t room = limit_room(hit->limit);

	return hit->charged && room >= ALARM_NEAR_LEAST && is_near(hit->used, room) &&
	       !is_near(hit->used - hit->cost, room);
}

static void tell_near(const struct message *m, const struct match *match,
	const struct counter_hit *hit, const struct decision *d)
{
	struct lately_what what = { .kind = ALERT_NEAR,
		.policy = match->policy->id,
		.limit = hit->key.limit_id,
		.object = hit->key.object };
	struct alert alert = { .kind = ALERT_NEAR,
		.time = d->now,
		.policy_id = what.policy,
		.limit_id = what.limit,
		.object = hit->key.object,
		.used = hit->used };

	if (comes_near(hit) && alerts_begin(m->engine->alerts, &what, d->now))
		put(m, &alert, d->queue_id, match->policy, hit->limit);
}

/* Charged is what went on; one that could not be stored, and is refused for it, has had
 * its charge given back. */
void alarm_decision(const struct message *m, const struct decision *d)
{
	const struct findings *f = &d->f;

	if (!is_wanted(m))
		return;
	if (!d->cut)
		alarm_refusal(m, &d->v, d->queue_id, d->now);
	for (size_t i = 0; i < d->d.nby; i++)
		alarm_refusal(m, &d->d.by[i], d->queue_id, d->now);
	if (d->v.text != NULL)
		return;
	for (size_t i = 0; i < f->nmatches; i++)
		for (size_t k = 0; k < f->matches[i].nhits; k++)
			tell_near(m, &f->matches[i],
				&f->hits[f->matches[i].first_hit + k], d);
}
