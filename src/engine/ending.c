/*
 * The end of a message, or of a request about one: what was paid before, what is stored,
 * what is told.  Called by the front ends, on the message's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/ending.h"

#include "engine/engine.h"
#include "engine/judge.h"
#include "engine/pending.h"
#include "engine/record.h"
#include "engine/refusal.h"
#include "engine/retry.h"
#include "engine/spf.h"
#include "engine/tell.h"
#include "engine/trace.h"

void ending_meet(struct message *m, const char *queue_id, int64_t now)
{
	struct pending_table *table = m->engine->pending;

	if (table == NULL || m->asked || m->dry)
		return;
	m->pending = pending_take_tied(table, m, queue_id, now);
	if (m->pending != NULL)
		m->tied = arena_strdup(m->arena, pending_instance(m->pending));
}

void ending_part(struct message *m, const char *queue_id)
{
	if (m->asked || m->pending == NULL)
		return;
	pending_put(m->engine->pending, m->pending, m, queue_id);
	m->pending = NULL;
}

/* It has come to its end: nobody asks about it any more. */
static void leave_pending(struct message *m)
{
	if (m->asked)
		return;
	pending_free(m->pending);
	m->pending = NULL;
}

/* Recipients were refused, and that is all there is to write down. */
static struct decision *make_cut(struct message *m, int64_t now)
{
	struct decision *d = arena_alloc(m->arena, sizeof(*d));

	d->now = now;
	d->cut = true;
	d->v = m->refusals[0];
	d->again =
		m->one && !pending_refuse(m->pending,
				  d->v.policy != NULL ? d->v.policy->id : 0, d->v.object);
	STAILQ_INIT(&d->d.recipients);
	spf_end(m);
	return d;
}

static int run_nothing(struct writer_job *job, struct db *db, struct err *err)
{
	(void)job;
	(void)db;
	(void)err;
	return 0;
}

/* A message that was given up gives back what was paid: the writer takes it along with a
 * job that has nothing else to do.  One whose end was told is on its way, whoever says
 * something else; and where the MTA waits for no answer to MAIL, it may tell of the abort
 * when the next message has paid: then only what is known by its instance is meant. */
static void give_up(struct message *m, int64_t now)
{
	struct writer_job job = { .kind = WRITER_RECORD, .run = run_nothing };

	if (m->tied != NULL || (m->session->steps & STEP_MAIL_ANSWER))
		ending_meet(m, NULL, now);
	if (m->pending == NULL || pending_facts(m->pending)->ended)
		return;
	pending_refund(m->pending, m->engine->store, m->set, NULL, true, now);
	writer_do(m->engine->writer, &job, NULL);
}

void engine_abort(struct message *m, int64_t now)
{
	struct decision *d;

	give_up(m, now);
	if (m->nrefusals > 0) {
		d = make_cut(m, now);
		d->unrecorded = record_store(m, d) < 0;
		tell_all(m, d);
	}
	leave_pending(m);
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
		if (m->pending != NULL && !m->one)
			pending_refund(m->pending, store, m->set, NULL, true, now);
		d->d.nby = 0;
	} else {
		error = judge_with_headers(&d->f, error);
		error.drops = d->v.drops;
	}
	return error;
}

/* What was paid before and is not to be: all of it, unless the message goes on.  An error
 * with which it goes on says nothing of its cost, one of a recipient nothing of the
 * others.
 */
static void settle(struct message *m, const struct decision *d, int64_t now)
{
	bool goes_on = verdict_goes_on(&d->v) || d->v.drops != NULL,
	     is_error = d->v.kind == VERDICT_ERROR;

	if (m->pending == NULL || (m->one && (goes_on || is_error)) ||
		(is_error && d->v.text == NULL))
		return;
	pending_refund(m->pending, m->engine->store, m->set, goes_on ? &d->f : NULL,
		!m->unknown, now);
}

/* A recipient of a message that comes in requests: the others go on without it. */
static struct decision *refuse_one(
	struct message *m, const struct verdict *v, const char *queue_id, int64_t now)
{
	struct pending_facts *facts = pending_facts(m->pending);
	struct recipient *r = STAILQ_FIRST(&m->recipients);

	STAILQ_REMOVE_HEAD(&m->recipients, link);
	m->nrecipients--;
	if (facts->nrefused++ == 0)
		facts->refused_for = mem_strdup(v->reason);
	refusal_keep(m, r, v);
	refusal_remember(m->engine, v, now);
	tell_recipient(m, r, v, queue_id, now);
	return make_cut(m, now);
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

	if (!is_sealed(m))
		return engine_decide(m, d, queue_id, now);
	facts = pending_facts(m->pending);
	STAILQ_INIT(&d->d.recipients);
	d->again = true;
	return (struct verdict){ .kind = facts->sealed,
		.reason = arena_strdup(m->arena, facts->refused_for) };
}

bool engine_end_begin(struct message *m, const char *queue_id, int64_t now)
{
	struct decision *d = arena_alloc(m->arena, sizeof(*d));

	ending_meet(m, queue_id, now);
	d->queue_id = queue_id;
	d->now = now;
	d->v = decide(m, d, queue_id, now);
	if (m->one && verdict_refuses(&d->v)) {
		m->ending = refuse_one(m, &d->v, queue_id, now);
		return true;
	}
	m->ending = d;
	if (m->session->local && m->engine->retries != NULL && d->v.kind == VERDICT_DEFER)
		d->retried = retries_meet(m->engine->retries, m, &d->v, queue_id, now);
	refusal_remember(m->engine, &d->v, now);
	settle(m, d, now);
	spf_end(m); /* the writer may be the last who has the message */
	d->unrecorded = !record_is_needed(m, d);
	return !d->unrecorded;
}

struct verdict engine_end_finish(struct message *m, bool stored)
{
	struct decision *d = m->ending;
	bool charged = verdict_goes_on(&d->v);

	d->unrecorded |= !stored;
	/* refused a recipient is, stored or not */
	if (!stored && !d->cut)
		d->v = fail(m, d, d->now);
	if (m->asked && charged && d->v.text == NULL)
		pending_pay(m->pending, &d->f);
	tell_all(m, d);
	leave_pending(m);
	d->v.spf = m->spf;
	trace_mark(m, &d->v);
	return d->v;
}

struct verdict engine_end(struct message *m, const char *queue_id, int64_t now)
{
	bool needed = engine_end_begin(m, queue_id, now);

	return engine_end_finish(m, !needed || record_store(m, m->ending) == 0);
}
