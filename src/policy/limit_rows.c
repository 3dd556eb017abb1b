/*
 * Rows of limits.  Read by the loading of sets and by commands, written by commands
 * inside the writer's transaction.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/limit_rows.h"

#include "base/clock.h"

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
	struct limits *limits = limits_of(p, sqlite3_column_int64(q, 2));
	bool penalty = strcmp(db_text(q, 3), KIND_PENALTY) == 0;
	const char *spelling = db_text(q, 4);
	struct limit one[LIMITS_MAX];
	size_t n;

	if (limits_parse(spelling, one, &n, err) < 0)
		return -1;
	if (n != 1 || (!penalty && limits->n == LIMITS_MAX))
		return err_set(
			err, "not one limit, or one too many: \"%.80s\"", spelling);
	one[0].id = sqlite3_column_int64(q, 1);
	if (penalty) {
		limits->penalty = one[0];
		return 0;
	}
	one[0].strategy = p->strategy;
	limits->limit[limits->n++] = one[0];
	limits->inherited = sqlite3_column_int64(q, 5) != 0;
	return 0;
}

int limit_rows_read(struct policy_rows *rows, struct policy *p, struct err *err)
{
	int more;

	while ((more = policy_rows_next(rows, p->id, err)) == 1)
		if (read_row(rows->q, p, err) < 0)
			return err_prefix(err, "policy %s: limit", p->name);
	return more;
}

int limit_terms_load(struct limit_terms *terms, struct db *db, struct err *err)
{
	memset(terms, 0, sizeof(*terms));
	return pool_table_load(&terms->pools, &terms->settings, db, err);
}

void limit_terms_clear(struct limit_terms *terms)
{
	pool_table_clear(&terms->pools);
}

/* What is to apply where these settings hold. */
static struct limits wanted_limits(const struct settings *s, const struct policy *p)
{
	struct limits want = p->limits;

	want.inherited = p->limits.inherited || p->limits.n == 0;
	if (want.inherited) {
		memcpy(want.limit, s->default_limit, sizeof(want.limit));
		/* which does not count bytes */
		want.n = p->count == COUNT_BYTES ? 0 : s->ndefault_limits;
	}
	want.penalty = (struct limit){ .amount = 1,
		.period =
			p->penalty == PENALTY_DEFAULT ? s->default_penalty : p->penalty };
	return want;
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

static void wanted_rows(
	const struct limit_terms *terms, const struct policy *p, struct rows *rows)
{
	const struct pool *own = pool_by_id(&terms->pools, p->pool_id);
	struct limits want =
		wanted_limits(own != NULL ? &own->settings : &terms->settings, p);

	add_limits(rows, 0, &want);
	if (p->pool_id != 0 || !terms->settings.pool_counters)
		return;
	for (size_t i = 0; i < terms->pools.n; i++) {
		want = wanted_limits(&terms->pools.pools[i].settings, p);
		add_limits(rows, terms->pools.pools[i].id, &want);
	}
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

/* The row that is the same one; NULL: there is none. */
static const struct row *find_row(const struct rows *rows, const struct row *row)
{
	for (size_t i = 0; i < rows->n; i++)
		if (is_same(&rows->row[i], row))
			return &rows->row[i];
	return NULL;
}

static int drop_row(struct db *db, int64_t id, struct err *err)
{
	if (db_run(db, SQL_LIMIT_FORGET, err, "i", id) < 0 ||
		db_run(db, SQL_LIMIT_DELETE, err, "i", id) < 0)
		return -1;
	return 0;
}

/* Those that are there and may not stay; the number of them, or -1. */
static int drop_rows(
	struct db *db, const struct rows *have, const struct rows *want, struct err *err)
{
	int dropped = 0;

	for (size_t i = 0; i < have->n; i++) {
		if (find_row(want, &have->row[i]) != NULL)
			continue;
		if (drop_row(db, have->row[i].id, err) < 0)
			return -1;
		dropped++;
	}
	return dropped;
}

/* A penalty that is there, and gets another length. */
static int change_penalty(struct db *db, int64_t id, const struct row *to,
	const char *spelling, struct err *err)
{
	int done = db_run(
		db, SQL_PENALTY_END, err, "iii", id, to->pool_id, to->limit.period);

	if (done >= 0)
		done = db_run(db, SQL_PENALTY_PUT, err, "iiit", id, to->pool_id,
			to->limit.period, spelling);
	return done;
}

/* Of the strategy bucket: with another number its levels would drain in another time,
 * and what is over could come back. */
static int end_levels(
	struct db *db, const struct row *is, const struct row *to, struct err *err)
{
	if (is == NULL || is->limit.strategy != STRATEGY_BUCKET ||
		is->limit.amount == to->limit.amount)
		return 0;
	return db_run(db, SQL_LEVEL_END, err, "iii", is->id,
		is->limit.period * CLOCK_SECOND, (int64_t)is->limit.amount);
}

/* is: the same row as it is there; NULL: it is not. */
static int put_row(struct db *db, int64_t id, const struct row *is, const struct row *to,
	struct err *err)
{
	char spelling[LIMIT_TEXT_MAX];
	int done;

	limit_format(spelling, &to->limit);
	if (end_levels(db, is, to, err) < 0)
		return -1;
	if (to->penalty && is != NULL)
		done = change_penalty(db, id, to, spelling, err);
	else
		done = db_run(db, SQL_LIMIT_PUT, err, "iitiiti", id, to->pool_id,
			to->penalty ? KIND_PENALTY : KIND_LIMIT, to->limit.period,
			(int64_t)to->limit.amount, spelling, (int64_t)to->inherited);
	return done < 0 ? -1 : 0;
}

static bool is_equal(const struct row *a, const struct row *b)
{
	return a->limit.amount == b->limit.amount && a->limit.sized == b->limit.sized &&
	       a->limit.period == b->limit.period && a->inherited == b->inherited;
}

/* Those that are not there as they are to be; the number of them, or -1. */
static int put_rows(struct db *db, int64_t id, const struct rows *have,
	const struct rows *want, struct err *err)
{
	int put = 0;

	for (size_t i = 0; i < want->n; i++) {
		const struct row *to = &want->row[i], *is = find_row(have, to);

		if (is != NULL && is_equal(is, to))
			continue;
		if (put_row(db, id, is, to, err) < 0)
			return -1;
		put++;
	}
	return put;
}

/* The identity of a counter is (policy, object, period, count, strategy, key). */
static bool keeps_rows(const struct policy *before, const struct policy *p)
{
	return p->strategy == before->strategy && p->count == before->count &&
	       p->key == before->key;
}

static int drop_all(struct db *db, struct rows *have, struct err *err)
{
	const struct rows none = { 0 };
	int dropped = drop_rows(db, have, &none, err);

	have->n = 0;
	return dropped;
}

int limit_rows_write(struct db *db, const struct limit_terms *terms,
	const struct policy *p, const struct policy *before, struct err *err)
{
	int64_t id = p->id != 0 ? p->id : db_last_id(db);
	struct arena *arena = arena_new();
	struct rows want = { .arena = arena }, have = { .arena = arena };
	int dropped = 0, put = -1;

	wanted_rows(terms, p, &want);
	if (before != NULL)
		add_all(&have, before);
	if (before != NULL)
		dropped = keeps_rows(before, p) ? drop_rows(db, &have, &want, err)
						: drop_all(db, &have, err);
	if (dropped >= 0)
		put = put_rows(db, id, &have, &want, err);
	arena_free(arena);
	return put < 0 ? -1 : dropped + put > 0;
}

int limit_rows_drop(struct db *db, int64_t policy_id, struct err *err)
{
	struct arena *arena = arena_new();
	struct rows have = { .arena = arena };
	struct policy p = { .id = policy_id };
	struct policy_rows rows;
	int rc = policy_rows_open(&rows, db, SQL_LIMIT_LOAD, policy_one(policy_id), err);

	if (rc == 0)
		rc = limit_rows_read(&rows, &p, err);
	policy_rows_close(&rows);
	if (rc == 0) {
		add_all(&have, &p);
		rc = drop_all(db, &have, err);
	}
	policy_clear(&p);
	arena_free(arena);
	return rc < 0 ? -1 : 0;
}

/* Drops what a policy has for one pool, or wherever nothing counts apart. */
static int drop_limits(struct db *db, const struct limits *limits, struct err *err)
{
	for (size_t i = 0; i < limits->n; i++)
		if (drop_row(db, limits->limit[i].id, err) < 0)
			return -1;
	return limits->penalty.period > 0 ? drop_row(db, limits->penalty.id, err) : 0;
}

int limit_rows_move(struct db *db, const struct limit_terms *terms,
	const struct policy *p, int64_t pool_id, struct err *err)
{
	/* from pool to pool, it has rows of its own in either */
	if (!terms->settings.pool_counters || (p->pool_id == 0) == (pool_id == 0))
		return 0;
	if (p->pool_id == 0 && drop_limits(db, &p->limits, err) < 0)
		return -1;
	/* 0 is one of the two */
	return db_run(db, SQL_LIMIT_MOVE, err, "iii", p->id, pool_id, p->pool_id) < 0 ? -1
										      : 0;
}
