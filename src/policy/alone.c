/*
 * Sets of one policy.  Made as any other, of a database: one in memory, that has of the
 * configuration what such a set needs.  Called on the thread that the connection belongs
 * to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/alone.h"

#include "policy/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the configuration: what a policy refers to, and what its limits come from.  Members
 * are many; an index of groups has them. */
static const char *const tables[] = { "setting", "pool", "pool_member", "member_group" };

static int fail(struct db *db, struct err *err)
{
	return err_code(err, ERR_FAILED, "database: %s", sqlite3_errmsg(db_handle(db)));
}

static sqlite3_stmt *prepare(struct db *db, const char *sql, struct err *err)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(db_handle(db), sql, -1, &stmt, NULL) != SQLITE_OK)
		fail(db, err);
	return stmt;
}

/* "INSERT INTO pool VALUES (?,?)" */
static sqlite3_stmt *prepare_insert(
	struct db *db, const char *table, int columns, struct err *err)
{
	char sql[200];
	int n = snprintf(sql, sizeof(sql), "INSERT INTO %s VALUES (", table);

	for (int i = 0; i < columns; i++)
		n += snprintf(sql + n, sizeof(sql) - (size_t)n, "%s?", i > 0 ? "," : "");
	snprintf(sql + n, sizeof(sql) - (size_t)n, ")");
	return prepare(db, sql, err);
}

static int copy_rows(struct db *to, struct db *from, sqlite3_stmt *in, sqlite3_stmt *out,
	struct err *err)
{
	int more;

	while ((more = db_next(from, out, err)) == 1) {
		for (int i = 0; i < sqlite3_column_count(out); i++)
			sqlite3_bind_value(in, i + 1, sqlite3_column_value(out, i));
		if (sqlite3_step(in) != SQLITE_DONE)
			return fail(to, err);
		sqlite3_reset(in);
	}
	return more;
}

static int copy_table(struct db *to, struct db *from, const char *table, struct err *err)
{
	sqlite3_stmt *in = NULL, *out;
	char sql[100];
	int rc = -1;

	snprintf(sql, sizeof(sql), "SELECT * FROM %s", table);
	out = prepare(from, sql, err);
	if (out != NULL)
		in = prepare_insert(to, table, sqlite3_column_count(out), err);
	if (in != NULL)
		rc = copy_rows(to, from, in, out, err);
	sqlite3_finalize(in);
	sqlite3_finalize(out);
	return rc;
}

/* Those that may stand before it, and keep a message from it. */
struct keepers {
	const struct policy *tried;
	int64_t pool_id; /* of that */
	struct db *to;
};

/* Among the same: by priority, then by name (SQL_POLICY_LOAD). */
static bool stands_before(const struct policy *q, const struct keepers *k)
{
	if (q->pool_id != k->pool_id)
		return k->pool_id == 0;
	if (q->priority != k->tried->priority)
		return q->priority < k->tried->priority;
	return strcmp(q->name, k->tried->name) < 0;
}

/* It matches as before (also a null sender, if it looks at SPF), and that is all. */
static void disarm(struct policy *q)
{
	q->id = 0;
	q->limits.n = 0;
	q->limits.inherited = false;
	q->count = COUNT_MESSAGES;
	q->action = ACTION_MONITOR;
	q->penalty = 0;
	q->rate_stats = false;
}

static int keep(void *arg, struct policy *q, struct err *err)
{
	const struct keepers *k = arg;
	int rc = 0;

	if (q->enabled && (q->type != TYPE_REGULAR || q->stop) &&
		strcmp(q->name, k->tried->name) != 0 && stands_before(q, k)) {
		disarm(q);
		rc = policy_record_write(k->to, q, NULL, err);
	}
	policy_clear(q);
	return rc;
}

/* Settings may have given them limits again. */
static int disarm_all(struct db *db, struct err *err)
{
	return db_exec(db, "DELETE FROM policy_limit", err);
}

static int fill(struct db *to, struct db *from, const struct policy *p, struct err *err)
{
	struct keepers k = { .tried = p, .to = to };
	struct policy tried = *p;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (copy_table(to, from, tables[i], err) < 0)
			return -1;
	if (policy_record_pool(to, p->name, &k.pool_id, err) < 0 ||
		policy_records_read(from, policy_all(), keep, &k, err) < 0 ||
		disarm_all(to, err) < 0)
		return -1;
	tried.id = 0;
	tried.enabled = true;
	/* it inherits what the settings say now */
	if (p->limits.inherited)
		tried.limits.n = 0;
	return policy_record_write(to, &tried, NULL, err);
}

struct policy_set *policy_set_alone(struct db *db, struct group_index *groups,
	const struct policy *p, struct err *err)
{
	struct group_index *loaded = groups == NULL ? group_index_load(db, err) : NULL;
	struct policy_set *set = NULL;
	struct db *to;

	if (groups == NULL && loaded == NULL)
		return NULL;
	to = db_open(":memory:", DB_MEMORY, err);
	if (to != NULL && fill(to, db, p, err) == 0)
		set = policy_set_load(to, groups != NULL ? groups : loaded, err);
	group_index_release(loaded);
	db_close(to);
	return set;
}
