/*
 * Policies as rows.  Read by the loading of sets and by commands, written by
 * commands inside the writer's transaction.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/record.h"

static int read_limit(sqlite3_stmt *q, struct policy *p, struct err *err)
{
	const char *spelling = db_text(q, 1);
	struct limit limits[LIMITS_MAX];
	size_t n;

	if (limits_parse(spelling, limits, &n, err) < 0)
		return -1;
	if (n != 1 || p->nlimits == LIMITS_MAX)
		return err_set(
			err, "not one limit, or one too many: \"%.80s\"", spelling);
	limits[0].id = sqlite3_column_int64(q, 0);
	limits[0].strategy = p->strategy;
	p->limits[p->nlimits++] = limits[0];
	p->inherited = sqlite3_column_int64(q, 2) != 0;
	return 0;
}

/* The limits that apply: its own, or those that it inherits. */
static int read_limits(struct db *db, struct policy *p, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_LIMIT_LOAD, err, "i", p->id);
	int more = -1;

	while (q != NULL && (more = db_next(db, q, err)) == 1)
		if (read_limit(q, p, err) < 0) {
			sqlite3_reset(q);
			return err_prefix(err, "policy %s: limit", p->name);
		}
	return more;
}

static int read_row(struct db *db, sqlite3_stmt *q, struct policy *p, struct err *err)
{
	policy_init(p, db_text(q, 1));
	p->id = sqlite3_column_int64(q, 0);
	for (int i = 2; i < sqlite3_column_count(q); i++) {
		int a = policy_attribute_find(sqlite3_column_name(q, i), err);

		if (a < 0 ||
			policy_set(p, (enum policy_attribute)a, db_text(q, i), err) < 0)
			return err_prefix(err, "policy %s", p->name);
	}
	return read_limits(db, p, err);
}

int policy_records_read(struct db *db, const char *name,
	int (*fn)(void *arg, struct policy *p, struct err *err), void *arg,
	struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_POLICY_LOAD, err, "t", name);
	struct policy p;
	int more = -1, n = 0;

	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		if (read_row(db, q, &p, err) < 0) {
			policy_clear(&p);
			more = -1;
		} else {
			more = fn(arg, &p, err);
		}
		if (more < 0) {
			sqlite3_reset(q);
			return -1;
		}
		n++;
	}
	return more < 0 ? -1 : n;
}

static int keep_one(void *arg, struct policy *p, struct err *err)
{
	struct policy *out = arg;

	(void)err;
	*out = *p;
	return 0;
}

int policy_record_find(struct db *db, const char *name, struct policy *p, struct err *err)
{
	int n = policy_records_read(db, name, keep_one, p, err);

	if (n == 0)
		return err_code(err, ERR_NO_SUCH, "no policy \"%.80s\"", name);
	return n < 0 ? -1 : 0;
}

/* The group's id; NULL in *id for "any". */
static int find_group(struct db *db, const struct criterion *c, int64_t *room,
	int64_t **id, struct err *err)
{
	sqlite3_stmt *q;
	int found;

	*id = NULL;
	if (c->any)
		return 0;
	q = db_query(db, SQL_GROUP_FIND, err, "t", c->group);
	found = q != NULL ? db_next(db, q, err) : -1;
	if (found == 0)
		return err_code(err, ERR_NO_SUCH, "no group \"%s\"", c->group);
	if (found < 0)
		return -1;
	*room = sqlite3_column_int64(q, 0);
	*id = room;
	sqlite3_reset(q);
	return 0;
}

static int write_row(struct db *db, const struct policy *p, struct err *err)
{
	struct arena *arena = arena_new();
	int64_t source, destination, *source_id, *destination_id;
	int rc = -1;

	if (find_group(db, &p->source, &source, &source_id, err) < 0)
		err_prefix(err, "source");
	else if (find_group(db, &p->destination, &destination, &destination_id, err) < 0)
		err_prefix(err, "destination");
	else
		rc = db_run(db, p->id == 0 ? SQL_POLICY_INSERT : SQL_POLICY_UPDATE, err,
			"tttininitttttt", p->name,
			policy_get(p, ATTRIBUTE_ENABLED, arena),
			policy_get(p, ATTRIBUTE_TYPE, arena), (int64_t)p->priority,
			source_id, (int64_t)p->source.inverted, destination_id,
			(int64_t)p->destination.inverted,
			policy_get(p, ATTRIBUTE_KEY, arena),
			policy_get(p, ATTRIBUTE_STRATEGY, arena),
			policy_get(p, ATTRIBUTE_COUNT, arena),
			policy_get(p, ATTRIBUTE_ACTION, arena),
			policy_get(p, ATTRIBUTE_REPLY, arena),
			policy_get(p, ATTRIBUTE_STOP, arena));
	arena_free(arena);
	return rc;
}

static int drop_limit(struct db *db, int64_t id, struct err *err)
{
	if (db_run(db, SQL_LIMIT_FORGET, err, "i", id) < 0 ||
		db_run(db, SQL_LIMIT_DELETE, err, "i", id) < 0)
		return -1;
	return 0;
}

/* The limits that are to apply: its own, or those of default_limit. */
static int wanted_limits(
	struct db *db, const struct policy *p, struct policy *want, struct err *err)
{
	sqlite3_stmt *q;
	int found;

	*want = *p;
	want->inherited = p->inherited || p->nlimits == 0;
	if (!want->inherited)
		return 0;
	want->nlimits = 0;
	q = db_query(db, SQL_SETTING_FIND, err, "t", "default_limit");
	found = q != NULL ? db_next(db, q, err) : -1;
	if (found == 1 &&
		limits_parse(db_text(q, 0), want->limits, &want->nlimits, err) < 0)
		found = err_prefix(err, "default_limit");
	if (q != NULL)
		sqlite3_reset(q);
	return found < 0 ? -1 : 0;
}

/* The identity of a counter is (policy, object, period, count, strategy, key). */
static bool limit_stays(
	const struct limit *limit, const struct policy *before, const struct policy *p)
{
	if (p->strategy != before->strategy || p->count != before->count ||
		p->key != before->key)
		return false;
	for (size_t i = 0; i < p->nlimits; i++)
		if (p->limits[i].period == limit->period)
			return true;
	return false;
}

static int write_limits(struct db *db, int64_t id, const struct policy *p,
	const struct policy *before, struct err *err)
{
	char spelling[LIMIT_TEXT_MAX];
	struct policy want;

	if (wanted_limits(db, p, &want, err) < 0)
		return -1;
	for (size_t i = 0; before != NULL && i < before->nlimits; i++)
		if (!limit_stays(&before->limits[i], before, &want) &&
			drop_limit(db, before->limits[i].id, err) < 0)
			return -1;
	for (size_t i = 0; i < want.nlimits; i++)
		if (db_run(db, SQL_LIMIT_PUT, err, "iiiti", id, want.limits[i].period,
			    (int64_t)want.limits[i].amount,
			    limit_format(spelling, &want.limits[i]),
			    (int64_t)want.inherited) < 0)
			return -1;
	return 0;
}

int policy_record_write(struct db *db, const struct policy *p,
	const struct policy *before, struct err *err)
{
	int64_t id = p->id;

	if (policy_check(p, err) < 0 || write_row(db, p, err) < 0)
		return -1;
	if (id == 0)
		id = db_last_id(db);
	return write_limits(db, id, p, before, err);
}

struct heirs {
	struct arena *arena;
	struct policy *policies;
	size_t n, cap;
};

static int keep_heir(void *arg, struct policy *p, struct err *err)
{
	struct heirs *heirs = arg;

	(void)err;
	policy_clear(p);
	if (!p->inherited && p->nlimits > 0)
		return 0;
	heirs->policies = arena_grow(heirs->arena, heirs->policies, heirs->n, &heirs->cap,
		sizeof(*heirs->policies));
	heirs->policies[heirs->n++] = *p;
	return 0;
}

int policy_records_inherit(struct db *db, struct err *err)
{
	struct heirs heirs = { .arena = arena_new() };
	int rc = policy_records_read(db, NULL, keep_heir, &heirs, err) < 0 ? -1 : 0;

	for (size_t i = 0; rc == 0 && i < heirs.n; i++)
		rc = write_limits(db, heirs.policies[i].id, &heirs.policies[i],
			&heirs.policies[i], err);
	arena_free(heirs.arena);
	return rc;
}

int policy_record_delete(struct db *db, const struct policy *p, struct err *err)
{
	for (size_t i = 0; i < p->nlimits; i++)
		if (drop_limit(db, p->limits[i].id, err) < 0)
			return -1;
	return db_run(db, SQL_POLICY_DELETE, err, "i", p->id) < 0 ? -1 : 0;
}
