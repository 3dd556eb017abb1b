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
#include "engine/feed.h"
#include "engine/identity.h"
#include "engine/judge.h"
#include "engine/look.h"
#include "engine/object.h"
#include "engine/pending.h"
#include "engine/record.h"
#include "engine/spf.h"
#include "engine/tell.h"
#include "engine/trace.h"

#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* For so long after a refusal something is being refused. */
#define REFUSING_MAX ((int64_t)3600 * CLOCK_SECOND)

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
	if (!m->dry)
		policy_slot_release(m->engine->slot, m->set);
	arena_free(m->arena);
}

/* Whoever comes next may be told early. */
static void remember_refusal(struct engine *e, const struct verdict *v, int64_t now)
{
	int64_t until = now + REFUSING_MAX, before = atomic_load(&e->refusing);

	/* of SPF nobody is told before RCPT */
	if (!verdict_refuses(v) || v->by_spf)
		return;
	if (v->free_at != 0 && v->free_at < until)
		until = v->free_at;
	while (until > before &&
		!atomic_compare_exchange_weak(&e->refusing, &before, until))
		continue;
}

/* To the log, the totals, and those who watch: of a message that comes in requests each
 * time that it is another verdict. */
static void tell(struct message *m, const struct decision *d)
{
	enum verdict_kind before;
	bool said = m->pending != NULL && pending_told(m->pending, 0, &before) &&
		    before == d->v.kind;
	struct decision_row row;

	tell_decision(m, d);
	if (said || feed_listeners(m->engine->feed) == 0)
		return;
	row = record_row(m, d);
	feed_put(m->engine->feed, &row);
}

/* What was refused before its end is written down like any other. */
static void finish_early(struct message *m, struct decision *d, int64_t now)
{
	d->now = now;
	STAILQ_INIT(&d->d.recipients);
	remember_refusal(m->engine, &d->v, now);
	spf_end(m);
	record_store(m, d); /* refused it is, stored or not */
	tell(m, d);
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

static void keep_refusal(struct message *m, const struct verdict *v)
{
	m->refusals = arena_grow(m->arena, m->refusals, m->nrefusals, &m->refusals_cap,
		sizeof(*m->refusals));
	m->refusals[m->nrefusals++] = *v;
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

/* What another door has let pass, and charged, has room. */
static struct verdict peek_recipient(struct message *m, const struct recipient *r,
	struct findings *f, const char *queue_id, int64_t now)
{
	struct pending_table *table = m->engine->pending;
	struct verdict v;

	if (table != NULL)
		m->pending = pending_take_tied(table, m, queue_id, now);
	v = early_recipient(m, r, f, queue_id, now);
	if (m->pending != NULL)
		pending_put(table, m->pending, m, queue_id);
	m->pending = NULL;
	return v;
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
	if (answers_rcpt(m))
		v = peek_recipient(m, r, &f, queue_id, now);
	if (v.kind == VERDICT_ACCEPT) {
		STAILQ_INSERT_TAIL(&m->recipients, r, link);
		m->nrecipients++;
	} else if (!m->dry) {
		keep_refusal(m, &v);
		remember_refusal(m->engine, &v, now);
		tell_recipient(m, r, &v, queue_id);
	}
	return v;
}

/* At the end of a milter's message: what was paid for it at the other door. */
static void meet_pending(struct message *m, const char *queue_id, int64_t now)
{
	if (m->engine->pending != NULL && !m->asked && !m->dry)
		m->pending = pending_take_tied(m->engine->pending, m, queue_id, now);
}

/* It has come to its end: nobody asks about it any more. */
static void leave_pending(struct message *m)
{
	if (m->asked)
		return;
	pending_free(m->pending);
	m->pending = NULL;
}

/* Was it counted before what the policy said of the message? */
static bool was_told(
	const struct message *m, const struct policy *p, enum verdict_kind *before)
{
	return m->pending != NULL && p != NULL && pending_told(m->pending, p->id, before);
}

/* Recipients were refused, and that is all there is to write down. */
static void record_refusals(struct message *m, int64_t now)
{
	struct decision *d = arena_alloc(m->arena, sizeof(*d));
	enum verdict_kind before;

	d->now = now;
	d->cut = true;
	d->v = m->refusals[0];
	d->again = was_told(m, d->v.policy, &before) && before == d->v.kind;
	STAILQ_INIT(&d->d.recipients);
	spf_end(m);
	record_store(m, d);
	tell(m, d);
}

void engine_abort(struct message *m, int64_t now)
{
	meet_pending(m, NULL, now);
	if (m->pending != NULL)
		pending_refund(m->pending, m->engine->store, m->set, NULL, true, now);
	if (m->nrefusals > 0)
		record_refusals(m, now);
	leave_pending(m);
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

static struct verdict with_headers(const struct decision *d, struct verdict v)
{
	v.headers = d->f.headers;
	v.nheaders = d->f.nheaders;
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
	v = with_headers(d, v);
	/* refused, nothing is taken out of it */
	if (v.text != NULL)
		d->d.nby = 0;
	if (d->d.nby == 0 || v.kind == VERDICT_DISCARD)
		return v;
	if (verdict_goes_on(&v))
		v = with_headers(d, d->d.by[0]);
	v.drops = &d->d.recipients;
	return v;
}

/* What could not be stored: what is refused stays refused, what would go on follows
 * on_error.  Accepted, it stays charged: the store keeps the charge until it can be
 * written. */
static struct verdict fail(struct message *m, struct decision *d, int64_t now)
{
	struct counter_store *store = m->engine->store;
	struct verdict error = verdict_error(m->settings->on_error);

	if (!verdict_goes_on(&d->v) &&
		(d->v.kind != VERDICT_DISCARD || d->v.drops == NULL))
		return d->v;
	if (error.text != NULL) {
		store->refund(store, d->f.hits, d->f.nhits, now);
		d->d.nby = 0;
	} else {
		error = with_headers(d, error);
		error.drops = d->v.drops;
	}
	return error;
}

/* In the order in which the end decides, up to where SPF does not matter. */
bool engine_wait_end(struct message *m, int64_t now)
{
	if (!spf_is_open(m) || object_blocked(m, now) != NULL || trace_is_flooded(m) ||
		object_bypassed(m, now) != NULL || !look_finds_spf(m))
		return false;
	spf_wait(m);
	return true;
}

/* What was paid before and is not to be: all of it, unless the message goes on.  An error
 * with which it goes on says nothing of its cost. */
static void settle(struct message *m, const struct decision *d, int64_t now)
{
	bool goes_on = verdict_goes_on(&d->v) || d->v.drops != NULL;

	if (m->pending == NULL || (goes_on && m->one) ||
		(d->v.kind == VERDICT_ERROR && d->v.text == NULL))
		return;
	pending_refund(m->pending, m->engine->store, m->set, goes_on ? &d->f : NULL,
		!m->unknown, now);
}

/* A recipient of a message that comes in requests: the others go on without it. */
static struct verdict refuse_one(
	struct message *m, const struct verdict *v, const char *queue_id, int64_t now)
{
	struct pending_facts *facts = pending_facts(m->pending);

	m->nrecipients--;
	if (facts->nrefused++ == 0)
		facts->refused_for = mem_strdup(v->reason);
	keep_refusal(m, v);
	remember_refusal(m->engine, v, now);
	tell_recipient(m, STAILQ_FIRST(&m->recipients), v, queue_id);
	record_refusals(m, now);
	return *v;
}

/* The other door has had it held, or discarded. */
static bool is_sealed(const struct message *m)
{
	return m->pending != NULL && !m->asked &&
	       pending_facts(m->pending)->sealed != VERDICT_ACCEPT;
}

static struct verdict decide(
	struct message *m, struct decision *d, const char *queue_id, int64_t now)
{
	const struct pending_facts *facts;
	enum verdict_kind before;
	struct verdict v;

	if (!is_sealed(m)) {
		v = engine_decide(m, d, queue_id, now);
		for (size_t i = 0; i < d->f.nmatches; i++)
			d->f.matches[i].again =
				was_told(m, d->f.matches[i].policy, &before);
		return v;
	}
	facts = pending_facts(m->pending);
	STAILQ_INIT(&d->d.recipients);
	d->again = true;
	return (struct verdict){ .kind = facts->sealed,
		.reason = arena_strdup(m->arena, facts->refused_for) };
}

struct verdict engine_end(struct message *m, const char *queue_id, int64_t now)
{
	struct decision *d = arena_alloc(m->arena, sizeof(*d));

	meet_pending(m, queue_id, now);
	d->queue_id = queue_id;
	d->now = now;
	d->v = decide(m, d, queue_id, now);
	if (m->one && verdict_refuses(&d->v))
		return refuse_one(m, &d->v, queue_id, now);
	remember_refusal(m->engine, &d->v, now);
	settle(m, d, now);
	spf_end(m); /* the writer may be the last who has the message */
	if (record_is_needed(m, d) && record_store(m, d) < 0)
		d->v = fail(m, d, now);
	else if (m->asked && verdict_goes_on(&d->v))
		pending_pay(m->pending, &d->f);
	tell(m, d);
	leave_pending(m);
	d->v.spf = m->spf;
	trace_mark(m, &d->v);
	return d->v;
}
