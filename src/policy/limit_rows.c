/*
 * Rows of limits.  Read by the loading of sets and by commands, written by commands
 * inside the writer's transaction.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/limit_rows.h"

#include "base/str.h"

#include <string.h>

#define KIND_LIMIT   "limit"
#define KIND_PENALTY "penalty"

/* The policy's limits for that pool; made if there are none yet. */
static struct limits *limits_of(struct policy *p, int64_t pool_id)
{
	struct pool_limits *last = p->napart > 0 ? &p->apart[p->napart - 1] : NULL;

	if (pool_id == 0)
		return &p->limits;
	/* rows come pool by pool */
	if (last != NULL && last->pool_id == pool_id)
		return &last->limits;
	p->apart = mem_realloc(p->apart, p->napart + 1, sizeof(*p->apart));
	last = &p->apart[p->napart++];
	memset(last, 0, sizeof(*last));
	last->pool_id = pool_id;
	return &last->limits;
}

static int read_row(sqlite3_stmt *q, struct policy *p, struct err *err)
{
	struct limits *limits = limits_of(p, sqlite3_column_int64(q, 1));
	bool penalty = strcmp(db_text(q, 2), KIND_PENALTY) == 0;
	const char *spelling = db_text(q, 3);
	struct limit one[LIMITS_MAX];
	size_t n;

	if (limits_parse(spelling, one, &n, err) < 0)
		return -1;
	if (n != 1 || (!penalty && limits->n == LIMITS_MAX))
		return err_set(
			err, "not one limit, or one too many: \"%.80s\"", spelling);
	one[0].id = sqlite3_column_int64(q, 0);
	if (penalty) {
		limits->penalty = one[0];
		return 0;
	}
	one[0].strategy = p->strategy;
	limits->limit[limits->n++] = one[0];
	limits->inherited = sqlite3_column_int64(q, 4) != 0;
	return 0;
}

int limit_rows_read(struct db *db, struct policy *p, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_LIMIT_LOAD, err, "i", p->id);
	int more = -1;

	while (q != NULL && (more = db_next(db, q, err)) == 1)
		if (read_row(q, p, err) < 0) {
			sqlite3_reset(q);
			return err_prefix(err, "policy %s: limit", p->name);
		}
	return more;
}

/* A setting as it holds for the pool, in the arena; NULL with err. */
static const char *setting_of(struct db *db, const char *name, int64_t pool_id,
	const char *fallback, struct arena *arena, struct err *err)
{
	const int64_t places[] = { pool_id, 0 };
	const char *value = NULL;

	for (size_t i = 0; i < 2 && value == NULL; i++) {
		sqlite3_stmt *q =
			db_query(db, SQL_SETTING_FIND, err, "ti", name, places[i]);
		int found = q != NULL ? db_next(db, q, err) : -1;

		if (found < 0)
			return NULL;
		if (found == 1) {
			value = arena_strdup(arena, db_text(q, 0));
			sqlite3_reset(q);
		}
	}
	return value != NULL ? value : fallback;
}

/* What is to apply to the MTAs of a pool, or (0) wherever nothing counts apart. */
static int wanted_limits(struct db *db, const struct policy *p, int64_t pool_id,
	struct arena *arena, struct limits *want, struct err *err)
{
	int64_t place = p->pool_id != 0 ? p->pool_id : pool_id, seconds = p->penalty;
	const char *value;

	*want = p->limits;
	want->inherited = p->limits.inherited || p->limits.n == 0;
	if (want->inherited) {
		/* which does not count bytes */
		value = p->count == COUNT_BYTES ? "none"
						: setting_of(db, "default_limit", place,
							  "none", arena, err);
		if (value == NULL)
			return -1;
		if (limits_parse(value, want->limit, &want->n, err) < 0)
			return err_prefix(err, "default_limit");
	}
	if (seconds == PENALTY_DEFAULT) {
		value = setting_of(db, "default_penalty", place, "0", arena, err);
		if (value == NULL)
			return -1;
		if (penalty_parse(value, &seconds) < 0)
			return err_set(err, "default_penalty: \"%.80s\"", value);
	}
	want->penalty = (struct limit){ .amount = 1, .period = seconds };
	return 0;
}

/* One row as it is there or is to be. */
struct row {
	int64_t id, pool_id;
	bool penalty, inherited;
	struct limit limit;
};

struct rows {
	struct arena *arena;
	struct row *row;
	size_t n, cap;
};

static void add_row(struct rows *rows, struct row row)
{
	rows->row = arena_grow(
		rows->arena, rows->row, rows->n, &rows->cap, sizeof(*rows->row));
	rows->row[rows->n++] = row;
}

static void add_limits(struct rows *rows, int64_t pool_id, const struct limits *limits)
{
	for (size_t i = 0; i < limits->n; i++)
		add_row(rows, (struct row){ limits->limit[i].id, pool_id, false,
				      limits->inherited, limits->limit[i] });
	if (limits->penalty.period > 0)
		add_row(rows, (struct row){ limits->penalty.id, pool_id, true, false,
				      limits->penalty });
}

/* Do general policies count apart for each pool? */
static int counts_apart(struct db *db, bool *apart, struct err *err)
{
	struct arena *arena = arena_new();
	const char *setting = setting_of(db, "pool_counters", 0, "no", arena, err);

	*apart = false;
	if (setting != NULL)
		str_to_bool(setting, apart);
	arena_free(arena);
	return setting != NULL ? 0 : -1;
}

/* The pools for which the policy counts apart. */
static int find_pools(struct db *db, const struct policy *p, struct arena *arena,
	int64_t **pools, size_t *n, struct err *err)
{
	size_t cap = 0;
	bool apart;
	sqlite3_stmt *q;
	int more = 0;

	*pools = NULL;
	*n = 0;
	if (counts_apart(db, &apart, err) < 0)
		return -1;
	if (!apart || p->pool_id != 0)
		return 0;
	q = db_query(db, SQL_POOL_LOAD, err, "");
	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		*pools = arena_grow(arena, *pools, *n, &cap, sizeof(**pools));
		(*pools)[(*n)++] = sqlite3_column_int64(q, 0);
	}
	return q == NULL ? -1 : more;
}

static int wanted_rows(
	struct db *db, const struct policy *p, struct rows *rows, struct err *err)
{
	struct limits want;
	int64_t *pools;
	size_t n;

	if (find_pools(db, p, rows->arena, &pools, &n, err) < 0 ||
		wanted_limits(db, p, 0, rows->arena, &want, err) < 0)
		return -1;
	add_limits(rows, 0, &want);
	for (size_t i = 0; i < n; i++) {
		if (wanted_limits(db, p, pools[i], rows->arena, &want, err) < 0)
			return -1;
		add_limits(rows, pools[i], &want);
	}
	return 0;
}

/* All that a policy has by now. */
static void add_all(struct rows *rows, const struct policy *p)
{
	add_limits(rows, 0, &p->limits);
	for (size_t i = 0; i < p->napart; i++)
		add_limits(rows, p->apart[i].pool_id, &p->apart[i].limits);
}

static bool is_same(const struct row *a, const struct row *b)
{
	/* a penalty is the same one, however long it lasts by now */
	return a->pool_id == b->pool_id && a->penalty == b->penalty &&
	       (a->penalty || a->limit.period == b->limit.period);
}

/* The identity of a counter is (policy, object, period, count, strategy, key). */
static bool row_stays(const struct row *row, const struct rows *want,
	const struct policy *before, const struct policy *p)
{
	if (p->strategy != before->strategy || p->count != before->count ||
		p->key != before->key)
		return false;
	for (size_t i = 0; i < want->n; i++)
		if (is_same(row, &want->row[i]))
			return true;
	return false;
}

static int drop_row(struct db *db, int64_t id, struct err *err)
{
	if (db_run(db, SQL_LIMIT_FORGET, err, "i", id) < 0 ||
		db_run(db, SQL_LIMIT_DELETE, err, "i", id) < 0)
		return -1;
	return 0;
}

/* Those that are there and may not stay. */
static int drop_rows(struct db *db, const struct rows *want, const struct policy *before,
	const struct policy *p, struct err *err)
{
	struct rows have = { .arena = want->arena };

	add_all(&have, before);
	for (size_t i = 0; i < have.n; i++)
		if (!row_stays(&have.row[i], want, before, p) &&
			drop_row(db, have.row[i].id, err) < 0)
			return -1;
	return 0;
}

static int put_row(struct db *db, int64_t id, const struct row *row, struct err *err)
{
	char spelling[LIMIT_TEXT_MAX];
	int there = 0;

	limit_format(spelling, &row->limit);
	if (row->penalty)
		there = db_run(db, SQL_PENALTY_END, err, "iii", id, row->pool_id,
			row->limit.period);
	if (row->penalty && there >= 0)
		there = db_run(db, SQL_PENALTY_PUT, err, "iiit", id, row->pool_id,
			row->limit.period, spelling);
	if (there == 0)
		there = db_run(db, SQL_LIMIT_PUT, err, "iitiiti", id, row->pool_id,
			row->penalty ? KIND_PENALTY : KIND_LIMIT, row->limit.period,
			(int64_t)row->limit.amount, spelling, (int64_t)row->inherited);
	return there < 0 ? -1 : 0;
}

static int put_rows(struct db *db, int64_t id, const struct rows *want, struct err *err)
{
	for (size_t i = 0; i < want->n; i++)
		if (put_row(db, id, &want->row[i], err) < 0)
			return -1;
	return 0;
}

int limit_rows_write(struct db *db, const struct policy *p, const struct policy *before,
	struct err *err)
{
	int64_t id = p->id != 0 ? p->id : db_last_id(db);
	struct rows want = { .arena = arena_new() };
	int rc = wanted_rows(db, p, &want, err);

	if (rc == 0 && before != NULL)
		rc = drop_rows(db, &want, before, p, err);
	if (rc == 0)
		rc = put_rows(db, id, &want, err);
	arena_free(want.arena);
	return rc;
}

int limit_rows_drop(struct db *db, int64_t policy_id, struct err *err)
{
	struct arena *arena = arena_new();
	struct rows have = { .arena = arena };
	struct policy p = { .id = policy_id };
	int rc = limit_rows_read(db, &p, err);

	if (rc == 0)
		add_all(&have, &p);
	for (size_t i = 0; rc == 0 && i < have.n; i++)
		rc = drop_row(db, have.row[i].id, err);
	policy_clear(&p);
	arena_free(arena);
	return rc;
}

/* Drops what a policy has for one pool, or wherever nothing counts apart. */
static int drop_limits(struct db *db, const struct limits *limits, struct err *err)
{
	for (size_t i = 0; i < limits->n; i++)
		if (drop_row(db, limits->limit[i].id, err) < 0)
			return -1;
	return limits->penalty.period > 0 ? drop_row(db, limits->penalty.id, err) : 0;
}

int limit_rows_move(
	struct db *db, const struct policy *p, int64_t pool_id, struct err *err)
{
	bool apart;

	if (counts_apart(db, &apart, err) < 0)
		return -1;
	/* from pool to pool, it has rows of its own in either */
	if (!apart || (p->pool_id == 0) == (pool_id == 0))
		return 0;
	if (p->pool_id == 0 && drop_limits(db, &p->limits, err) < 0)
		return -1;
	/* 0 is one of the two */
	return db_run(db, SQL_LIMIT_MOVE, err, "iii", p->id, pool_id, p->pool_id) < 0 ? -1
										      : 0;
}
