/*
 * Log, totals and alerts.  Called by the engine, on the message's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/tell.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/alarm.h"
#include "engine/engine.h"
#include "engine/feed.h"
#include "engine/pending.h"
#include "engine/spf.h"
#include "engine/tally.h"
#include "engine/traffic.h"

/* Who sent it, for the log: an address that does not parse as it was given. */
static const char *shown_sender(const struct message *m)
{
	return m->sender.kind == ADDR_INVALID ? m->sender_given : m->sender.text;
}

/* " spf=fail", if it was checked. */
static const char *shown_spf(const struct message *m)
{
	return m->spf != NULL ? arena_printf(m->arena, " spf=%s",
					spf_result_name(m->spf->result))
			      : "";
}

static const char *policy_name(const struct verdict *v)
{
	return v->policy != NULL ? v->policy->name : "-";
}

static void log_verdict(
	const struct message *m, const struct verdict *v, const char *queue_id)
{
	char client[CIDR_TEXT_MAX];

	log_event(LEVEL_INFO, queue_id, "%s: %s (policy=%s client=%s from=%.320s%s)",
		verdict_name(v->kind), v->reason, policy_name(v),
		cidr_format(client, &m->session->client), shown_sender(m), shown_spf(m));
}

void tell_recipient(const struct message *m, const struct recipient *r,
	const struct verdict *v, const char *queue_id, int64_t now)
{
	char client[CIDR_TEXT_MAX];

	if (m->engine->silent)
		return;
	log_event(LEVEL_INFO, queue_id,
		"%s: %s (policy=%s client=%s from=%.320s to=%.320s%s)",
		verdict_name(v->kind), v->reason, policy_name(v),
		cidr_format(client, &m->session->client), shown_sender(m),
		r->address.kind == ADDR_INVALID ? r->given : r->address.text,
		shown_spf(m));
	alarm_refusal(m, v, queue_id, now);
}

static bool is_among(const struct policy *p, const struct verdict *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].policy == p)
			return true;
	return false;
}

/* Has the policy, as a monitor, told of an earlier request already? */
static bool was_monitored(const struct message *m, const struct policy *p)
{
	enum verdict_kind before;

	return m->pending != NULL && pending_told(m->pending, p->id, &before) &&
	       before == VERDICT_MONITOR;
}

/* Of recipients that were taken out, and what monitors said before. */
static void tell_discards(const struct message *m, const struct decision *d)
{
	const struct discards *out = &d->d;

	for (size_t i = 0; i < out->nby; i++)
		log_verdict(m, &out->by[i], d->queue_id);
	for (size_t i = 0; i < out->nmonitors; i++) {
		const struct policy *p = out->monitors[i].policy;

		if (!findings_have(&d->f, p) && !is_among(p, out->monitors, i))
			log_verdict(m, &out->monitors[i], d->queue_id);
	}
}

/* To the totals; what could not be written down to the traffic, too. */
static void count(struct message *m, const struct decision *d)
{
	struct stats *stats = m->engine->stats;
	struct tally *list;
	size_t n = tally_of(m, d, &list);

	if (d->unrecorded)
		traffic_count(m->engine->traffic, m->engine->writer,
			record_time(m, d) / CLOCK_SECOND, list, n);
	for (size_t i = 0; i < n; i++) {
		int64_t id = list[i].policy != NULL ? list[i].policy->id : 0;

		if (list[i].again)
			stats_recount(stats, id, list[i].before, list[i].kind, d->now);
		else
			stats_count(stats, id, list[i].kind, d->now);
		if (m->pending != NULL)
			pending_tell(m->pending, id, list[i].kind);
	}
}

/* Once a message, and once for each policy that looked at it, here or at RCPT. */
static void count_spf(const struct message *m, const struct decision *d)
{
	struct stats *stats = m->engine->stats;

	if (m->spf == NULL ||
		(m->pending != NULL && pending_facts(m->pending)->spf != NULL))
		return;
	stats_count_spf(stats, 0, m->spf->result);
	for (size_t i = 0; i < m->ncandidates; i++) {
		const struct policy *p = m->candidates[i];

		if (spf_concerns(m, p) && (findings_have(&d->f, p) ||
						  is_among(p, m->refusals, m->nrefusals)))
			stats_count_spf(stats, p->id, m->spf->result);
	}
}

/* Each once: a policy that was looked at again has changed its mind. */
static void tell_decision(const struct message *m, const struct decision *d)
{
	const struct findings *f = &d->f;

	tell_discards(m, d);
	for (size_t i = 0; i < f->nmatches; i++) {
		const struct verdict *v = &f->matches[i].verdict;

		if (v->kind != VERDICT_ACCEPT &&
			(v->kind != VERDICT_MONITOR ||
				!was_monitored(m, f->matches[i].policy)))
			log_verdict(m, v, d->queue_id);
	}
	/* by a flag, or for want of a step; an error of the store is told by itself */
	if (f->lacking != NULL ||
		(d->v.policy == NULL && !d->cut &&
			(verdict_refuses(&d->v) ||
				(d->v.kind == VERDICT_ERROR && d->v.reason != NULL))))
		log_verdict(m, &d->v, d->queue_id);
}

void tell_all(struct message *m, const struct decision *d)
{
	enum verdict_kind before;
	bool said = m->pending != NULL && pending_told(m->pending, 0, &before) &&
		    before == d->v.kind;
	struct decision_row row;

	/* under another queue id, by which somebody may look for it */
	tell_decision(m, d);
	if (d->retried)
		return;
	count_spf(m, d);
	count(m, d);
	alarm_decision(m, d);
	if (said || feed_listeners(m->engine->feed) == 0)
		return;
	row = record_row(m, d);
	feed_put(m->engine->feed, &row);
}
