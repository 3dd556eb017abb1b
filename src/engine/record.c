/*
 * Rows of a message.  Handed by the engine to the writer's thread, which writes them
 * while the message waits, or after it was answered (durability = relaxed).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/record.h"

#include "base/clock.h"
#include "counter/window.h"
#include "engine/engine.h"
#include "engine/pending.h"
#include "engine/spf.h"
#include "engine/tally.h"
#include "engine/traffic.h"

#include <string.h>

struct record {
	struct writer_job job; /* first: the writer hands it back */
	struct message *m;
	const struct decision *d;
	struct decision_row row;
	const char *spf_domain;
	int64_t id;		/* of its row */
	struct pending_row *at; /* where the message has one; NULL: it is for itself */
	bool amends;		/* only the reason of that is another one */
	const struct tally *tallies;
	size_t ntallies;
	void (*stored)(void *arg, bool committed); /* of record_post() */
	void *arg;
};

/* Why, for the history; of a message that went on without some recipients, what these
 * were told. */
static const char *reason_of(const struct message *m, const struct decision *d)
{
	struct pending_facts *before =
		m->pending != NULL ? pending_facts(m->pending) : NULL;
	const char *first = m->nrefusals > 0 ? m->refusals[0].reason : NULL;
	uint64_t refused = m->nrefusals;
	bool goes_on = d->v.reason == NULL || (d->cut && m->one && m->nrecipients > 0);

	if (before != NULL && before->nrefused > 0) {
		first = before->refused_for;
		refused = before->nrefused;
	}
	if (refused == 0 || !goes_on)
		return d->v.reason;
	return arena_printf(m->arena, "%s (to %llu of %llu recipients)", first,
		(unsigned long long)refused,
		(unsigned long long)(refused + m->nrecipients));
}

int64_t record_time(const struct message *m, const struct decision *d)
{
	if (m->row != NULL)
		return m->row->time;
	return m->pending != NULL ? pending_begun(m->pending) : d->now;
}

struct decision_row record_row(struct message *m, const struct decision *d)
{
	const struct verdict *v = &d->v;
	char client[CIDR_TEXT_MAX];
	struct decision_row row = {
		.time = record_time(m, d),
		.verdict = verdict_name(v->kind),
		.queue_id = d->queue_id,
		.policy = v->policy != NULL ? v->policy->name : NULL,
		.object = v->object,
		.login = m->login,
		.sender = m->sender.text,
		.spf = m->spf != NULL ? spf_result_name(m->spf->result) : NULL,
		.mta = m->session->mta,
		.reason = reason_of(m, d),
		.recipients = (int64_t)m->nrecipients,
		.free_at = v->free_at != WINDOW_NEVER ? v->free_at : 0,
	};

	if (m->session->client.family != 0)
		row.client =
			arena_strdup(m->arena, cidr_format(client, &m->session->client));
	if (!d->cut && message_has_size(m))
		row.size = (int64_t)m->size;
	return row;
}

static const int64_t *unless_zero(const int64_t *number)
{
	return *number != 0 ? number : NULL;
}

/* The checked domain ("": there is none) where it is not what is behind the @ of the
 * sender as he is written down; also if there was no answer.  In the arena. */
static const char *spf_domain(const struct message *m)
{
	char shown[4 * SPF_NAME_MAX + 1];
	struct spf_question q;
	const char *domain;

	if (m->spf == NULL)
		return NULL;
	q = spf_question(m);
	domain = spf_question_domain(m->arena, &q);
	if (!spf_is_domain(domain))
		return "";
	if (m->sender.kind == ADDR_MAILBOX && strcmp(domain, m->sender.domain) == 0)
		return NULL;
	spf_ascii(shown, sizeof(shown), domain, strlen(domain));
	return arena_strdup(m->arena, shown);
}

/* id: of the row to be changed; 0: a new one. */
static int put_decision(
	const struct record *r, int64_t id, struct db *db, struct err *err)
{
	const struct decision_row *row = &r->row;

	return db_run(db, id != 0 ? SQL_DECISION_PUT : SQL_DECISION_ADD, err,
		id != 0 ? "ittttttttnntntti" : "ittttttttnntntt", row->time,
		row->queue_id, row->verdict, row->policy, row->object, row->login,
		row->sender, row->client, row->mta, unless_zero(&row->recipients),
		unless_zero(&row->size), row->reason, unless_zero(&row->free_at),
		row->spf, r->spf_domain, id);
}

/* A row more.  Where the last ones have gone SQLite would begin again with their numbers,
 * which stand for what is in table seen, and of whose recipients some may still be there.
 */
static int add_decision(struct record *r, struct db *db, struct err *err)
{
	int64_t upto = r->m->engine->seen_upto;

	if (put_decision(r, 0, db, err) < 0)
		return -1;
	r->id = db_last_id(db);
	if (r->id > upto)
		return 0;
	if (db_run(db, SQL_DECISION_MOVE, err, "ii", r->id, upto + 1) < 0)
		return -1;
	r->id = upto + 1;
	return 0;
}

static int add_recipient(const struct record *r, const struct recipient *rcpt,
	int64_t before, bool refused, const struct policy *by, struct err *err,
	struct db *db)
{
	return db_run(db, SQL_RECIPIENT_ADD, err, "iitit", r->id,
		       before + (int64_t)rcpt->n, rcpt->address.text, (int64_t)refused,
		       by != NULL ? by->name : NULL) < 0
		       ? -1
		       : 0;
}

/* How many recipients of it are written down. */
static int count_recipients(
	const struct record *r, struct db *db, int64_t *n, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_RECIPIENT_LAST, err, "i", r->id);

	if (q == NULL || db_next(db, q, err) != 1)
		return -1;
	*n = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	return 0;
}

/* Of a message that has its row for long, one asked about alone is one more; at its end
 * the policy service knows no others than were asked about, and the milter knows all that
 * went on. */
static int write_recipients(
	const struct record *r, bool fresh, struct db *db, struct err *err)
{
	struct message *m = r->m;
	const struct recipient *one;
	bool out = r->d->d.nby > 0; /* or refused as a whole */
	int64_t before = 0;

	if (!settings_keep_recipients(m->settings) || (!fresh && m->asked && !m->one))
		return 0;
	if (!fresh && !m->asked &&
		(db_run(db, SQL_RECIPIENT_CLEAR, err, "i", r->id) < 0 ||
			count_recipients(r, db, &before, err) < 0))
		return -1;
	STAILQ_FOREACH(one, &m->recipients, link)
		if (add_recipient(r, one, before, false, NULL, err, db) < 0)
			return -1;
	STAILQ_FOREACH(one, &m->refused, link)
		if (add_recipient(r, one, before, true, one->refused_by, err, db) < 0)
			return -1;
	STAILQ_FOREACH(one, &r->d->d.recipients, link)
		if (add_recipient(r, one, before, out, out ? one->refused_by : NULL, err,
			    db) < 0)
			return -1;
	return 0;
}

/* A message that comes in requests, or by two doors, has one row all the same. */
static int write_decision(struct record *r, struct db *db, struct err *err)
{
	struct pending_row *at = r->at;
	int changed = 0;

	if (!settings_keep_history(r->m->settings))
		return 0;
	r->id = at != NULL ? at->id : 0;
	if (r->id != 0)
		changed = r->amends ? db_run(db, SQL_DECISION_AMEND, err, "iit", r->id,
					      r->row.time, r->row.reason)
				    : put_decision(r, r->id, db, err);
	if (changed < 0)
		return -1;
	if (changed > 0)
		return write_recipients(r, false, db, err);
	/* what was written before may have failed, or be gone by now */
	if (add_decision(r, db, err) < 0)
		return -1;
	if (at != NULL)
		at->id = r->id;
	return write_recipients(r, true, db, err);
}

static int write_refusal(
	const struct record *r, const struct verdict *v, struct db *db, struct err *err)
{
	/* as an object: one IPv6 host has as many addresses as it likes */
	const char *client = r->m->client;

	if (db_run(db, SQL_REFUSAL_PUT, err, "tii", v->object,
		    v->policy != NULL ? v->policy->id : 0, r->d->now) < 0)
		return -1;
	if (client == NULL)
		return 0;
	return db_run(db, SQL_REFUSED_CLIENT_PUT, err, "tti", v->object, client,
		       r->d->now) < 0
		       ? -1
		       : 0;
}

/* Does it count?  Once a message, however many recipients hear it; and not where there is
 * room in another message. */
static bool is_kept(const struct message *m, size_t i)
{
	const struct verdict *v = &m->refusals[i];

	if (v->split)
		return false;
	for (size_t k = 0; k < i; k++)
		if (m->refusals[k].policy == v->policy &&
			strcmp(m->refusals[k].object, v->object) == 0)
			return false;
	return true;
}

static int write_refusals(const struct record *r, struct db *db, struct err *err)
{
	const struct decision *d = r->d;
	const struct settings *settings = r->m->settings;
	const struct verdict *v = &d->v;
	bool whole = v->kind != VERDICT_DISCARD || v->drops == NULL;

	if (settings->refusal_days == 0 || settings->refusal_rows == 0)
		return 0;
	for (size_t i = 0; i < r->m->nrefusals; i++)
		if (is_kept(r->m, i) && write_refusal(r, &r->m->refusals[i], db, err) < 0)
			return -1;
	for (size_t i = 0; i < d->d.nby; i++)
		if (write_refusal(r, &d->d.by[i], db, err) < 0)
			return -1;
	if (d->cut || !whole || verdict_goes_on(v) || v->kind == VERDICT_ERROR)
		return 0;
	return write_refusal(r, v, db, err);
}

/* Within the batch, which writes it down when it has all. */
static void note_traffic(const struct record *r)
{
	struct traffic *traffic = r->m->engine->traffic;
	int64_t second = r->row.time / CLOCK_SECOND;

	for (size_t i = 0; i < r->ntallies; i++)
		if (r->tallies[i].policy == NULL || r->tallies[i].policy->rate_stats)
			traffic_note(traffic, second, &r->tallies[i]);
}

static int write_record(struct writer_job *job, struct db *db, struct err *err)
{
	struct record *r = (struct record *)job;

	if (write_decision(r, db, err) < 0 ||
		(!r->d->again && !r->d->retried && write_refusals(r, db, err) < 0))
		return -1;
	note_traffic(r);
	return 0;
}

bool record_is_needed(const struct message *m, const struct decision *d)
{
	if (settings_keep_history(m->settings) || !verdict_goes_on(&d->v) ||
		m->nrefusals > 0)
		return true;
	for (size_t i = 0; i < d->f.nhits; i++)
		if (d->f.hits[i].charged)
			return true;
	for (size_t i = 0; i < d->f.nmatches; i++)
		if (d->f.matches[i].policy->rate_stats)
			return true;
	return false;
}

/* The message outlives its record, its session and the front end's words do not. */
static void done_later(struct writer_job *job, bool committed)
{
	struct record *r = (struct record *)job;

	(void)committed; /* the writer has told of it */
	pending_row_release(r->at);
	engine_drop(r->m);
}

static bool submit(const struct record *r)
{
	struct record *copy = arena_alloc(r->m->arena, sizeof(*copy));

	*copy = *r;
	copy->job.done = done_later;
	copy->row.queue_id = arena_strdup(r->m->arena, r->row.queue_id);
	copy->row.mta = arena_strdup(r->m->arena, r->row.mta);
	r->m->holders++;
	pending_row_acquire(r->at);
	if (writer_submit(r->m->engine->writer, &copy->job))
		return true;
	pending_row_release(r->at);
	r->m->holders--;
	return false;
}

/* The row of a message that comes in requests, or again: the first of them makes it. */
static void find_row(struct record *r)
{
	struct pending_facts *facts;

	r->at = r->m->row;
	if (r->at != NULL || r->m->pending == NULL)
		return;
	facts = pending_facts(r->m->pending);
	if (facts->row == NULL)
		facts->row = pending_row_new(0, r->row.time);
	r->at = facts->row;
	r->amends = r->d->cut && r->m->nrecipients > 0;
}

static struct record make(struct message *m, const struct decision *d)
{
	struct record r = { .job = { .kind = WRITER_RECORD, .run = write_record },
		.m = m,
		.d = d,
		.row = record_row(m, d),
		.spf_domain = spf_domain(m) };

	struct tally *tallies;

	r.ntallies = tally_of(m, d, &tallies);
	r.tallies = tallies;
	find_row(&r);
	return r;
}

int record_store(struct message *m, const struct decision *d)
{
	struct record r = make(m, d);

	if (m->engine->relaxed && submit(&r))
		return 0;
	return writer_do(m->engine->writer, &r.job, NULL);
}

static void tell_stored(struct writer_job *job, bool committed)
{
	struct record *r = (struct record *)job;

	r->stored(r->arg, committed);
}

int record_post(struct message *m, const struct decision *d,
	void (*stored)(void *arg, bool committed), void *arg)
{
	struct record *r = arena_alloc(m->arena, sizeof(*r));

	*r = make(m, d);
	if (m->engine->relaxed && submit(r))
		return 0;
	r->job.done = tell_stored;
	r->stored = stored;
	r->arg = arg;
	return writer_post(m->engine->writer, &r->job) ? 1 : -1;
}
