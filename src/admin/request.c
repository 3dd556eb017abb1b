/*
 * Rows, answers and changes.  Called by the command handlers, on the control
 * server's thread if they only look, on the changer's if they change.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/request.h"

#include "admin/batch.h"
#include "admin/stage.h"
#include "admin/trail.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "ctl/wire.h"
#include "policy/record.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* What was sent already gives its room back, when it is worth the move. */
static void drop_sent(struct outbox *out)
{
	if (out->sent < out->used / 2)
		return;
	out->used -= out->sent;
	memmove(out->bytes, out->bytes + out->sent, out->used);
	out->sent = 0;
}

void outbox_line(struct outbox *out, int code, const char *text)
{
	size_t n = strlen(text) + 6;

	if (out->cap - out->used < n && out->sent > 0)
		drop_sent(out);
	if (out->cap - out->used < n) {
		out->cap = (out->used + n) * 2;
		out->bytes = mem_realloc(out->bytes, out->cap, 1);
	}
	out->used += (size_t)snprintf(
		out->bytes + out->used, out->cap - out->used, "%03d %s\n", code, text);
}

/* The value of that option, which is a pair or stands behind a keyword. */
static const char *find_option(const struct request *rq, const char *name, bool pair)
{
	size_t i = command_words(rq->command, rq->args, rq->nargs), used;
	struct option o;

	for (; i < rq->nargs; i += used) {
		used = command_option(rq->command, rq->args + i, rq->nargs - i, &o);
		if (used == 0)
			return NULL;
		if ((o.argument->pairs != PAIRS_NONE) == pair && strlen(name) == o.len &&
			strncmp(o.name, name, o.len) == 0)
			return o.value;
	}
	return NULL;
}

const char *request_pair(const struct request *rq, const char *name)
{
	return find_option(rq, name, true);
}

int request_refuse(
	const struct request *rq, const char *name, const char *value, struct err *err)
{
	pair_refuse_value(command_pairs(rq->command), name, value, err);
	return err_prefix(err, "%s", name);
}

int request_client(struct request *rq, struct cidr *client, struct err *err)
{
	const char *text = request_pair(rq, "client");
	char shown[160];

	*client = (struct cidr){ 0 };
	if (text == NULL)
		return 0;
	if (cidr_parse(text, client, NULL) == 0 && cidr_is_address(client))
		return 0;
	return err_set(err,
		"client: expected an address, not \"%s\" (as 192.0.2.7 or 2001:db8::7)",
		str_escape(shown, sizeof(shown), text));
}

static int64_t moment_before(int64_t now, int64_t seconds)
{
	return now > seconds * CLOCK_SECOND ? now - seconds * CLOCK_SECOND : 1;
}

int request_moment(const struct request *rq, const char *name, int64_t now, int64_t *when,
	struct err *err)
{
	const char *text = request_pair(rq, name);
	int64_t seconds = 0;
	char shown[160];

	*when = 0;
	if (text == NULL)
		return 0;
	if (clock_parse(text, when) == 0) {
		*when = *when > 0 ? *when : 1;
		return 0;
	}
	if (duration_parse(text, &seconds) < 0 || seconds == 0)
		return err_set(err,
			"%s: neither a duration nor a moment: \"%s\" (try 7d, or "
			"2027-01-31T12:00:00Z)",
			name, str_escape(shown, sizeof(shown), text));
	*when = moment_before(now, seconds);
	return 0;
}

int request_since(const struct request *rq, int64_t now, int64_t seconds, int64_t *since,
	struct err *err)
{
	if (request_moment(rq, "since", now, since, err) < 0)
		return -1;
	if (*since == 0)
		*since = moment_before(now, seconds);
	if (*since >= now)
		return err_set(err, "since: %s is to come", request_pair(rq, "since"));
	return 0;
}

bool request_is_recorded(const struct request *rq)
{
	struct policy_slot *slot = rq->admin->engine->slot;
	struct policy_set *set = policy_slot_acquire(slot);
	bool recorded = settings_keep_history(&set->settings);

	policy_slot_release(slot, set);
	return recorded;
}

int request_attributes(const struct request *rq, struct policy *p, struct err *err)
{
	for (size_t i = command_words(rq->command, rq->args, rq->nargs); i < rq->nargs;
		i++) {
		const char *value;
		size_t len;
		int a;

		pair_split(rq->args[i], &len, &value);
		if (pair_find(PAIRS_POLICY, rq->args[i], len) == NULL)
			continue;
		a = policy_attribute_find(arena_memdup(rq->arena, rq->args[i], len), err);
		if (a < 0 || policy_set(p, (enum policy_attribute)a, value, err) < 0)
			return -1;
	}
	return 0;
}

const char *request_said(const struct request *rq, const char *keyword)
{
	return find_option(rq, keyword, false);
}

int request_settings(const struct request *rq, struct settings *settings, struct err *err)
{
	struct policy_slot *slot = rq->admin->engine->slot;
	struct policy_set *set;

	if (rq->batch != NULL)
		return pool_settings_load(settings, 0, batch_db(rq->batch), err);
	if (rq->stage != NULL)
		return pool_settings_load(settings, 0, stage_db(rq->stage), err);
	set = policy_slot_acquire(slot);
	*settings = set->settings;
	policy_slot_release(slot, set);
	return 0;
}

const char *request_object(struct request *rq, const char *text, struct err *err)
{
	struct settings settings;

	if (request_settings(rq, &settings, err) < 0)
		return NULL;
	return object_parse(rq->arena, text, settings.ipv6_prefix, err);
}

int request_policy(struct db *db, const char *name, int64_t *id, struct err *err)
{
	return named_must_find(db, NAMED_POLICY, name, id, err);
}

/* Rates are read by people, too: 0.9, not 0.90000000000000002. */
#define ROW_FORM (JSON_COMPACT | JSON_REAL_PRECISION(6))

/* Octets of a row's text: the code stands before it. */
#define ROW_MAX ((size_t)WIRE_REPLY_MAX - strlen("150 "))

int request_row(struct request *rq, json_t *row, struct err *err)
{
	char *text = row != NULL ? json_dumps(row, ROW_FORM) : NULL;

	json_decref(row);
	if (text == NULL)
		return err_code(err, ERR_FAILED, "a row cannot be written as JSON");
	if (strlen(text) > ROW_MAX) {
		err_code(err, ERR_FAILED,
			"a row of %zu octets, and no client takes more than %zu: ask for "
			"less",
			strlen(text), ROW_MAX);
		free(text);
		return -1;
	}
	if (rq->out->used + strlen(text) > OUTBOX_MAX) {
		free(text);
		return err_code(err, ERR_FAILED,
			"more rows than fit into an answer (%zu so "
			"far): ask for fewer",
			rq->rows);
	}
	outbox_line(rq->out, WIRE_ROW, text);
	free(text);
	rq->rows++;
	return 0;
}

int request_done(struct request *rq, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(rq->done, sizeof(rq->done), fmt, ap);
	va_end(ap);
	return 0;
}

static json_t *column_value(sqlite3_stmt *q, int i)
{
	switch (sqlite3_column_type(q, i)) {
	case SQLITE_INTEGER:
		return json_integer(sqlite3_column_int64(q, i));
	case SQLITE_FLOAT:
		return json_real(sqlite3_column_double(q, i));
	case SQLITE_NULL:
		return json_null();
	default:
		return json_text(db_text(q, i));
	}
}

json_t *request_row_of(sqlite3_stmt *q)
{
	json_t *row = json_object();

	for (int i = 0; i < sqlite3_column_count(q); i++)
		json_object_set_new(row, sqlite3_column_name(q, i), column_value(q, i));
	return row;
}

json_t *request_list(struct db *db, sqlite3_stmt *q, struct err *err)
{
	json_t *rows = json_array();
	int more = -1;

	while (q != NULL && (more = db_next(db, q, err)) == 1)
		json_array_append_new(rows, request_row_of(q));
	if (more == 0)
		return rows;
	json_decref(rows);
	return NULL;
}

#define NAMES_MAX 5

int request_names(struct request *rq, struct db *db, sqlite3_stmt *q, const char **names,
	struct err *err)
{
	size_t n = 0;
	int more = -1;

	*names = NULL;
	while (q != NULL && (more = db_next(db, q, err)) == 1)
		if (++n == 1)
			*names = arena_strdup(rq->arena, db_text(q, 0));
		else if (n <= NAMES_MAX)
			*names = arena_printf(rq->arena, "%s, %s", *names, db_text(q, 0));
	if (n > NAMES_MAX)
		*names =
			arena_printf(rq->arena, "%s and %zu more", *names, n - NAMES_MAX);
	return more;
}

int request_rows(struct request *rq, struct db *db, sqlite3_stmt *q, struct err *err)
{
	int more = -1;

	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		if (request_row(rq, request_row_of(q), err) < 0) {
			sqlite3_reset(q);
			return -1;
		}
	}
	return more;
}

int request_audit(
	const struct request *rq, struct db *db, const char *refusal, struct err *err)
{
	return db_run(db, SQL_AUDIT_ADD, err, "iittttttn", clock_now(), (int64_t)rq->uid,
		       rq->user, rq->line, refusal, NULL, NULL, NULL, NULL) < 0
		       ? -1
		       : 0;
}

struct audit_job {
	struct writer_job job; /* first: the writer hands it back */
	const struct request *rq;
	const char *refusal;
};

static int run_audit(struct writer_job *job, struct db *db, struct err *err)
{
	const struct audit_job *a = (struct audit_job *)job;

	return request_audit(a->rq, db, a->refusal, err);
}

int request_write_down(const struct request *rq, const char *refusal, struct err *err)
{
	/* in a savepoint, so that a row of a stranger never fails the mail of others */
	struct audit_job job = { .job = { .kind = WRITER_CHANGE, .run = run_audit },
		.rq = rq,
		.refusal = refusal };

	return writer_do(rq->admin->engine->writer, &job.job, err);
}

struct change_job {
	struct writer_job job; /* first: the writer hands it back */
	struct request *rq;
	const struct change *change;
	struct policy_set *set;
	struct limit_change *limits; /* that are gone or changed, by their ids */
	size_t nlimits, limits_cap;
};

/* Behind a change, or all those of a batch: limits as the settings and pools are now. */
static int settle(struct request *rq, struct db *db, struct err *err)
{
	return rq->touched.terms ? policy_records_settle(db, &rq->touched.policies, err)
				 : 0;
}

static int run_change(struct writer_job *job, struct db *db, struct err *err)
{
	struct change_job *c = (struct change_job *)job;
	struct policy_slot *slot = c->rq->admin->engine->slot;
	struct group_index *groups = NULL;
	struct policy_set *now;

	if (trail_apply(c->rq, db, c->change, err) < 0 || settle(c->rq, db, err) < 0)
		return -1;
	now = policy_slot_acquire(slot);
	groups = c->change->groups != NULL
			 ? group_index_edit(now->groups, db, c->change->groups, err)
			 : group_index_acquire(now->groups);
	if (groups != NULL)
		c->set = policy_set_edit(now, db, groups, &c->rq->touched, err);
	group_index_release(groups);
	policy_slot_release(slot, now);
	return c->set != NULL ? 0 : -1;
}

static void keep_limit(void *arg, const struct limit *was, const struct limit *is)
{
	struct change_job *c = arg;
	struct limit_change *l;

	c->limits = arena_grow(
		c->rq->arena, c->limits, c->nlimits, &c->limits_cap, sizeof(*c->limits));
	l = &c->limits[c->nlimits++];
	*l = (struct limit_change){ .before = *was, .gone = is == NULL };
	if (is != NULL)
		l->after = *is;
}

static void change_done(struct writer_job *job, bool committed)
{
	struct change_job *c = (struct change_job *)job;
	struct policy_slot *slot = c->rq->admin->engine->slot;
	struct policy_set *before, *now;

	if (!committed) {
		policy_set_discard(c->set);
		return;
	}
	before = policy_slot_acquire(slot);
	policy_slot_publish(slot, c->set);
	now = policy_slot_acquire(slot);
	policy_set_compare(before, now, keep_limit, c);
	policy_slot_release(slot, now);
	policy_slot_release(slot, before);
	c->rq->made = true;
	if (c->change->committed != NULL)
		c->change->committed(c->rq, c->change->arg);
}

/* The counters of limits that the change has done away with, or given other terms: what
 * is stored of them is right already, so mail need not wait for this. */
static void amend_counters(struct change_job *c)
{
	struct counter_store *store = c->rq->admin->engine->store;

	if (c->nlimits > 0)
		store->amend(store, c->limits, c->nlimits, clock_now());
}

int admin_change(struct request *rq, const struct change *change, struct err *err)
{
	struct change_job c = {
		.job = { .kind = WRITER_CHANGE, .run = run_change, .done = change_done },
		.rq = rq,
		.change = change,
	};

	rq->touched = (struct set_edits){ .policies.arena = rq->arena };
	if (rq->batch != NULL)
		return batch_change(rq->batch, rq, change, err);
	if (rq->stage != NULL)
		return stage_change(rq->stage, rq, change, err);
	if (writer_do(rq->admin->engine->writer, &c.job, err) < 0)
		return -1;
	amend_counters(&c);
	log_info("%s: %s", rq->user, rq->line);
	if (keeper_sync(rq->admin->keeper, err) < 0)
		return err_prefix(
			err, "changed and live, but perhaps not yet on the disk");
	return 0;
}
