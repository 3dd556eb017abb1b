/*
 * The way of one message.  Called by the front ends on libmilter's threads; a
 * message is on one thread at a time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/engine.h"

#include "base/log.h"
#include "counter/window.h"
#include "engine/discard.h"
#include "engine/identity.h"

struct message *engine_mail(struct engine *engine, const struct session *session,
	const char *sender, const char *routed, const char *login)
{
	struct arena *arena = arena_new();
	struct message *m = arena_alloc(arena, sizeof(*m));

	m->arena = arena;
	m->engine = engine;
	m->session = session;
	m->set = policy_slot_acquire(engine->slot);
	STAILQ_INIT(&m->recipients);
	identity_resolve(m, sender, routed, login);
	return m;
}

void engine_rcpt(struct message *m, const char *recipient, const char *routed)
{
	struct recipient *r;

	if (!m->set->needs_recipients)
		return;
	r = identity_recipient(m, recipient, routed);
	STAILQ_INSERT_TAIL(&m->recipients, r, link);
	m->nrecipients++;
}

void engine_drop(struct message *m)
{
	if (m == NULL)
		return;
	policy_slot_release(m->engine->slot, m->set);
	arena_free(m->arena);
}

/* Every check for every policy whose source matches, in order, up to one that matches
 * and says stop, now or before recipients were taken out. */
static void look(struct message *m, struct findings *f, const struct policy **stop)
{
	for (size_t i = 0; i < m->set->npolicies; i++) {
		const struct policy *p = &m->set->policies[i];
		size_t before = f->nmatches;

		if (p->enabled && criterion_match(&p->source, identity_source(m, p)))
			for (size_t c = 0; checks[c] != NULL; c++)
				checks[c]->run(m, p, f);
		if (p->stop && f->nmatches > before)
			*stop = p;
		if (p == *stop)
			return;
	}
}

/* The limit of this match without room that will have it last, NULL if all have
 * room: before that moment there is no point in trying again. */
static const struct counter_hit *last_to_free(
	const struct findings *f, const struct match *match)
{
	const struct counter_hit *last = NULL;

	for (size_t i = match->first_hit; i < match->first_hit + match->nhits; i++)
		if (f->hits[i].full &&
			(last == NULL || f->hits[i].free_at > last->free_at))
			last = &f->hits[i];
	return last;
}

/* Who sent it, for the log: an address that does not parse as it was given. */
static const char *shown_sender(const struct message *m)
{
	return m->sender.kind == ADDR_INVALID ? m->sender_given : m->sender.text;
}

static void log_verdict(
	const struct message *m, const struct verdict *v, const char *queue_id)
{
	char client[CIDR_TEXT_MAX];

	log_event(LEVEL_INFO, queue_id, "%s: %s (policy=%s client=%s from=%.320s)",
		verdict_name(v->kind), v->reason, v->policy->name,
		cidr_format(client, &m->session->client), shown_sender(m));
}

/* The first policy in order without room gives the verdict; a monitor policy
 * only if nothing else does. */
static struct verdict judge(
	const struct message *m, struct findings *f, const char *queue_id, int64_t now)
{
	struct verdict v = { .kind = VERDICT_ACCEPT };

	for (size_t i = 0; i < f->nmatches; i++) {
		struct match *match = &f->matches[i];
		const struct counter_hit *full = last_to_free(f, match);

		if (i == 0) {
			v.policy = match->policy;
			v.object = match->object;
		}
		if (full == NULL)
			continue;
		match->verdict = verdict_full(m, match->policy, full, queue_id, now);
		if (v.kind == VERDICT_ACCEPT ||
			(v.kind == VERDICT_MONITOR &&
				match->verdict.kind != VERDICT_MONITOR))
			v = match->verdict;
	}
	return v;
}

static bool goes_on(const struct verdict *v)
{
	return v->kind == VERDICT_ACCEPT || v->kind == VERDICT_MONITOR;
}

/* Looks and charges.  A policy that discards some of the recipients is as if they had
 * never been there: what is left is looked at again, and charged for itself. */
static struct verdict decide(struct message *m, struct findings *f, struct discards *d,
	const char *queue_id, int64_t now)
{
	struct counter_store *store = m->engine->store;
	struct verdict v;

	STAILQ_INIT(&d->recipients);
	do {
		*f = (struct findings){ 0 };
		look(m, f, &d->stop);
		store->charge(store, f->hits, f->nhits, now);
		v = judge(m, f, queue_id, now);
	} while (v.kind == VERDICT_DISCARD && discard_recipients(m, f, &v, d));
	/* refused, nothing is taken out of it */
	if (v.kind == VERDICT_DEFER || v.kind == VERDICT_BLOCK)
		d->nby = 0;
	if (d->nby == 0 || v.kind == VERDICT_DISCARD)
		return v;
	if (goes_on(&v))
		v = d->by[0];
	v.drops = &d->recipients;
	return v;
}

struct record {
	struct writer_job job; /* first: the writer hands it back */
	const struct message *m;
	const struct verdict *v;
	const char *queue_id, *client;
	int64_t now;
};

static int write_record(struct writer_job *job, struct db *db, struct err *err)
{
	const struct record *r = (const struct record *)job;
	const struct message *m = r->m;
	const struct verdict *v = r->v;
	int64_t recipients = (int64_t)m->nrecipients, free_at = v->free_at;
	bool waits = free_at != 0 && free_at != WINDOW_NEVER;

	if (m->set->settings.history == HISTORY_OFF)
		return 0;
	return db_run(db, SQL_DECISION_ADD, err, "ittttttttntn", r->now, r->queue_id,
		       verdict_name(v->kind), v->policy != NULL ? v->policy->name : NULL,
		       v->object, m->login, m->sender.text, r->client, m->session->mta,
		       m->set->needs_recipients ? &recipients : NULL, v->reason,
		       waits ? &free_at : NULL) < 0
		       ? -1
		       : 0;
}

/* Waits until the record, and the charges before it, are committed. */
static int store(const struct message *m, const struct verdict *v, const char *queue_id,
	int64_t now)
{
	struct record r = { .job = { .kind = WRITER_RECORD, .run = write_record },
		.m = m,
		.v = v,
		.queue_id = queue_id,
		.now = now };
	char client[CIDR_TEXT_MAX];

	if (m->session->client.family != 0)
		r.client = cidr_format(client, &m->session->client);
	return writer_do(m->engine->writer, &r.job, NULL);
}

static bool is_among(const struct policy *p, const struct verdict *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].policy == p)
			return true;
	return false;
}

static bool has_matched(const struct policy *p, const struct findings *f)
{
	for (size_t i = 0; i < f->nmatches; i++)
		if (f->matches[i].policy == p)
			return true;
	return false;
}

/* One policy's word; in the totals an error is one for all of them. */
static void count(const struct message *m, const struct policy *p, enum verdict_kind kind,
	const struct verdict *v)
{
	stats_count(
		m->engine->stats, p->id, v->kind == VERDICT_ERROR ? VERDICT_ERROR : kind);
}

/* What each policy said itself, into the log and the totals; the message by its
 * verdict.  Each once: a policy that was looked at again has changed its mind, but for
 * one that took recipients out. */
static void report(const struct message *m, const struct findings *f,
	const struct discards *d, const struct verdict *v, const char *queue_id)
{
	stats_count(m->engine->stats, 0, v->kind);
	for (size_t i = 0; i < d->nby; i++) {
		log_verdict(m, &d->by[i], queue_id);
		count(m, d->by[i].policy, VERDICT_DISCARD, v);
	}
	for (size_t i = 0; i < d->nmonitors; i++) {
		const struct policy *p = d->monitors[i].policy;

		if (has_matched(p, f) || is_among(p, d->monitors, i))
			continue;
		log_verdict(m, &d->monitors[i], queue_id);
		count(m, p, VERDICT_MONITOR, v);
	}
	for (size_t i = 0; i < f->nmatches; i++) {
		const struct match *match = &f->matches[i];

		if (match->verdict.kind != VERDICT_ACCEPT)
			log_verdict(m, &match->verdict, queue_id);
		else if (is_among(match->policy, d->by, d->nby))
			continue;
		count(m, match->policy, match->verdict.kind, v);
	}
}

/* Without a record to keep and without a charge there is nothing to wait for. */
static bool has_to_store(const struct message *m, const struct findings *f)
{
	for (size_t i = 0; i < f->nhits; i++)
		if (f->hits[i].charged)
			return true;
	return m->set->settings.history != HISTORY_OFF;
}

/* What could not be stored: what is refused stays refused, what would go on follows
 * on_error.  Accepted, it stays charged: the store keeps the charge until it can be
 * written. */
static struct verdict fail(struct message *m, const struct findings *f,
	struct discards *d, const struct verdict *v)
{
	struct counter_store *store = m->engine->store;
	struct verdict error = verdict_error(m->set->settings.on_error);

	if (!goes_on(v) && (v->kind != VERDICT_DISCARD || v->drops == NULL))
		return *v;
	if (error.text != NULL) {
		store->refund(store, f->hits, f->nhits);
		d->nby = 0;
	} else {
		error.drops = v->drops;
	}
	return error;
}

struct verdict engine_end(struct message *m, const char *queue_id, int64_t now)
{
	struct discards *discards = arena_alloc(m->arena, sizeof(*discards));
	struct findings f;
	struct verdict v = decide(m, &f, discards, queue_id, now);

	if (has_to_store(m, &f) && store(m, &v, queue_id, now) < 0)
		v = fail(m, &f, discards, &v);
	report(m, &f, discards, &v, queue_id);
	return v;
}
