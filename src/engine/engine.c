/*
 * The way of one message.  Called by the front ends on libmilter's threads; a
 * message is on one thread at a time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/engine.h"

#include "base/clock.h"
#include "counter/window.h"
#include "engine/early.h"
#include "engine/ending.h"
#include "engine/feed.h"
#include "engine/identity.h"
#include "engine/judge.h"
#include "engine/look.h"
#include "engine/object.h"
#include "engine/pending.h"
#include "engine/record.h"
#include "engine/refusal.h"
#include "engine/retry.h"
#include "engine/spf.h"
#include "engine/tell.h"
#include "engine/trace.h"

#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

void engine_reset(struct engine *engine, counter_match *match, void *arg)
{
	engine->store->reset(engine->store, match, arg);
	if (engine->pending != NULL)
		pending_void(engine->pending, match, arg);
}

unsigned engine_steps(struct engine *engine, int64_t now)
{
	struct policy_set *set = policy_slot_acquire(engine->slot);
	unsigned steps = set->steps;
	enum reject_early early = set->settings.reject_early;

	if (early == REJECT_EARLY_ALWAYS ||
		(early == REJECT_EARLY_AUTO &&
			(flag_last(set->flags, FLAG_BLOCK) > now ||
				atomic_load(&engine->refusing) > now)))
		steps |= STEP_MAIL_ANSWER;
	if (engine->retries != NULL && retries_are_waiting(engine->retries, now))
		steps |= STEP_HEADERS;
	policy_slot_release(engine->slot, set);
	return steps;
}

static bool is_bare(const char *name)
{
	return name != NULL && *name != '\0' && strchr(name, '@') == NULL;
}

bool engine_needs_mta(struct engine *engine, const char *login, const char *sender)
{
	struct policy_set *set = policy_slot_acquire(engine->slot);
	bool needs = set->pools.n > 0 || is_bare(sender) ||
		     (is_bare(login) && *set->settings.login_realm == '\0');

	policy_slot_release(engine->slot, set);
	return needs;
}

static struct message *message_new(struct engine *engine, const struct session *session,
	struct policy_set *set, const struct pool *pool)
{
	struct arena *arena = arena_new();
	struct message *m = arena_alloc(arena, sizeof(*m));

	m->arena = arena;
	m->holders = 1;
	m->engine = engine;
	m->session = session;
	m->set = set;
	m->pool = pool;
	m->settings = policy_set_settings(set, pool);
	STAILQ_INIT(&m->recipients);
	STAILQ_INIT(&m->refused);
	STAILQ_INIT(&m->headers);
	return m;
}

/* By the name that says most of where the message comes in. */
static const struct pool *pool_of(
	const struct policy_set *set, const struct session *session)
{
	const struct pool *pool = NULL;

	for (size_t i = 0; pool == NULL && i < COUNT(session->also); i++)
		pool = pool_of_mta(&set->pools, session->also[i]);
	return pool != NULL ? pool : pool_of_mta(&set->pools, session->mta);
}

struct message *engine_message(struct engine *engine, const struct session *session,
	const char *sender, const char *routed, const char *login)
{
	struct policy_set *set = policy_slot_acquire(engine->slot);
	struct message *m = message_new(engine, session, set, pool_of(set, session));

	identity_resolve(m, sender, routed, login);
	look_gather(m);
	return m;
}

struct message *engine_mail(struct engine *engine, const struct session *session,
	const char *sender, const char *routed, const char *login, int64_t now)
{
	struct message *m = engine_message(engine, session, sender, routed, login);

	spf_begin(m, now);
	return m;
}

struct message *engine_ask(struct engine *engine, const struct session *session,
	struct policy_set *set, const struct pool *pool, const char *sender,
	const char *login)
{
	struct message *m = message_new(engine, session, set, pool);

	m->dry = true;
	identity_resolve(m, sender, NULL, login);
	look_gather(m);
	spf_begin(m, 0);
	return m;
}

void engine_drop(struct message *m)
{
	if (m == NULL || --m->holders > 0)
		return;
	spf_end(m);
	pending_row_release(m->row);
	if (!m->dry)
		policy_slot_release(m->engine->slot, m->set);
	arena_free(m->arena);
}

/* What was refused before its end is written down like any other. */
static void finish_early(struct message *m, struct decision *d, int64_t now)
{
	d->now = now;
	STAILQ_INIT(&d->d.recipients);
	refusal_remember(m->engine, &d->v, now);
	spf_end(m);
	d->unrecorded = record_store(m, d) < 0; /* refused it is, stored or not */
	tell_all(m, d);
}

struct verdict engine_early(struct message *m, int64_t now)
{
	struct decision *d = arena_alloc(m->arena, sizeof(*d));
	struct verdict none = { .kind = VERDICT_ACCEPT }, *early;
	bool certain;

	if (!(m->session->steps & (STEP_MAIL_ANSWER | STEP_RCPT_ANSWER)) ||
		m->session->local || m->set->settings.reject_early == REJECT_EARLY_NEVER)
		return none;
	d->f.now = now;
	d->v = early_look(m, &d->f, now, &certain);
	if (d->v.kind == VERDICT_ACCEPT)
		return none;
	if (certain && (m->session->steps & STEP_MAIL_ANSWER)) {
		if (!m->dry)
			finish_early(m, d, now);
		return d->v;
	}
	early = arena_alloc(m->arena, sizeof(*early));
	*early = d->v;
	m->early = early;
	return none;
}

/* Does any recipient hear of us? */
static bool answers_rcpt(const struct message *m)
{
	return (message_has_recipients(m) || m->early != NULL) &&
	       (m->session->steps & STEP_RCPT_ANSWER) && !m->session->local;
}

bool engine_wait_rcpt(
	struct message *m, const char *recipient, const char *routed, int64_t now)
{
	if (!spf_is_open(m) || !answers_rcpt(m) ||
		!early_needs_spf(m, identity_recipient(m, recipient, routed), now))
		return false;
	spf_wait(m);
	return true;
}

struct verdict engine_rcpt(struct message *m, const char *recipient, const char *routed,
	const char *queue_id, int64_t now)
{
	struct verdict v = { .kind = VERDICT_ACCEPT };
	struct findings f = { .now = now };
	struct recipient *r;

	if (!message_has_recipients(m) && m->early == NULL)
		return v;
	r = identity_recipient(m, recipient, routed);
	r->n = ++m->nseen;
	/* what another door has let pass, and charged, has room */
	ending_meet(m, queue_id, now);
	if (answers_rcpt(m))
		v = early_recipient(m, r, &f, queue_id, now);
	ending_part(m, queue_id);
	if (v.kind == VERDICT_ACCEPT) {
		STAILQ_INSERT_TAIL(&m->recipients, r, link);
		m->nrecipients++;
	} else if (!m->dry) {
		refusal_keep(m, r, &v);
		refusal_remember(m->engine, &v, now);
		tell_recipient(m, r, &v, queue_id, now);
	}
	return v;
}

/* Looks and asks for room.  A policy that discards some of the recipients is as if they
 * had never been there: what is left is looked at again, and charged for itself. */
static struct verdict decide_on_policies(struct message *m, struct decision *d,
	const char *bypassed, const char *queue_id, int64_t now)
{
	struct counter_store *store = m->engine->store;
	struct verdict v;

	do {
		d->f = (struct findings){ .now = now };
		look(m, bypassed != NULL, &d->f, &d->d.stop);
		if (d->f.lacking != NULL)
			return verdict_reconnect(m, d->f.lacking);
		if (m->pending != NULL)
			pending_deduct(m->pending, &d->f, m->one);
		if ((m->dry || d->f.stopped ? store->peek : store->charge)(
			    store, d->f.hits, d->f.nhits, now) < 0)
			return verdict_error(m->settings->on_error);
		v = judge_findings(m, &d->f, queue_id, now);
	} while (v.kind == VERDICT_DISCARD && discard_recipients(m, &d->f, &v, &d->d));
	return v;
}

/* A bypass is the verdict where nothing that came before it has another. */
static struct verdict name_bypass(struct message *m, const struct decision *d,
	struct verdict v, const char *bypassed)
{
	if (v.kind != VERDICT_ACCEPT || (bypassed == NULL && d->f.bypass == NULL))
		return v;
	v.kind = VERDICT_BYPASS;
	v.policy = d->f.bypass;
	v.object = bypassed;
	if (bypassed != NULL)
		v.reason = arena_printf(m->arena, "%.200s is bypassed by hand", bypassed);
	return v;
}

struct verdict engine_decide(
	struct message *m, struct decision *d, const char *queue_id, int64_t now)
{
	const char *blocked = object_blocked(m, now), *bypassed;
	struct verdict v;

	STAILQ_INIT(&d->d.recipients);
	if (blocked != NULL)
		return verdict_blocked(m, blocked);
	if (trace_is_flooded(m))
		return verdict_flooded(m);
	if (trace_is_unseen(m))
		return verdict_reconnect(m, NULL);
	bypassed = object_bypassed(m, now);
	v = decide_on_policies(m, d, bypassed, queue_id, now);
	v = name_bypass(m, d, v, bypassed);
	v = judge_with_headers(&d->f, v);
	/* refused, nothing is taken out of it */
	if (v.text != NULL)
		d->d.nby = 0;
	if (d->d.nby == 0 || v.kind == VERDICT_DISCARD)
		return v;
	if (verdict_goes_on(&v))
		v = judge_with_headers(&d->f, d->d.by[0]);
	v.drops = &d->d.recipients;
	return v;
}

/* In the order in which the end decides, up to where SPF does not matter. */
bool engine_end_waits(struct message *m, int64_t now)
{
	return spf_is_open(m) && object_blocked(m, now) == NULL && !trace_is_flooded(m) &&
	       object_bypassed(m, now) == NULL && look_finds_spf(m);
}

bool engine_wait_end(struct message *m, int64_t now)
{
	if (!engine_end_waits(m, now))
		return false;
	spf_wait(m);
	return true;
}
