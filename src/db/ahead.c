/*
 * Earlier databases, migrated in memory.  Called by `themisd -t`, on its only thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/ahead.h"

#include "base/str.h"
#include "db/schema.h"

#include <stdio.h>

struct copy {
	struct db *from, *to;
};

static int failed(sqlite3 *handle, struct err *err)
{
	return err_code(err, ERR_FAILED, "database: %s", sqlite3_errmsg(handle));
}

/* In the order in which it was made: each index behind its table. */
static int copy_schema(const struct copy *c, int schema, struct err *err)
{
	static const char all[] = "SELECT sql FROM sqlite_schema WHERE sql NOTNULL AND "
				  "name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid";
	sqlite3_stmt *q;
	char numbers[120];
	int more;

	if (sqlite3_prepare_v2(db_handle(c->from), all, -1, &q, NULL) != SQLITE_OK)
		return failed(db_handle(c->from), err);
	while ((more = db_next(c->from, q, err)) == 1)
		if (db_exec(c->to, db_text(q, 0), err) < 0) {
			more = -1;
			break;
		}
	sqlite3_finalize(q);
	snprintf(numbers, sizeof(numbers),
		"PRAGMA user_version = %d; PRAGMA application_id = %d", schema,
		DB_APPLICATION_ID);
	return more < 0 ? -1 : db_exec(c->to, numbers, err);
}

static int copy_row(sqlite3_stmt *row, sqlite3_stmt *add)
{
	int rc = SQLITE_OK;

	for (int i = 0; i < sqlite3_column_count(row) && rc == SQLITE_OK; i++)
		rc = sqlite3_bind_value(add, i + 1, sqlite3_column_value(row, i));
	if (rc == SQLITE_OK)
		sqlite3_step(add);
	return sqlite3_reset(add) == SQLITE_OK && rc == SQLITE_OK ? 0 : -1;
}

static int copy_table(const struct copy *c, const char *table, struct err *err)
{
	sqlite3_stmt *rows = NULL, *add = NULL;
	char sql[400];
	int more = -1;

	snprintf(sql, sizeof(sql), "SELECT * FROM %s", table);
	if (sqlite3_prepare_v2(db_handle(c->from), sql, -1, &rows, NULL) != SQLITE_OK) {
		failed(db_handle(c->from), err);
		goto out;
	}
	snprintf(sql, sizeof(sql), "INSERT INTO %s VALUES (?", table);
	for (int i = 1; i < sqlite3_column_count(rows); i++)
		str_append(sql, sizeof(sql), ", ?");
	str_append(sql, sizeof(sql), ")");
	if (sqlite3_prepare_v2(db_handle(c->to), sql, -1, &add, NULL) != SQLITE_OK) {
		failed(db_handle(c->to), err);
		goto out;
	}
	while ((more = db_next(c->from, rows, err)) == 1)
		if (copy_row(rows, add) < 0) {
			more = failed(db_handle(c->to), err);
			break;
		}
out:
	sqlite3_finalize(rows);
	sqlite3_finalize(add);
	return more;
}

static bool is_there(struct db *db, const char *table)
{
	return sqlite3_table_column_metadata(db_handle(db), "main", table, NULL, NULL,
		       NULL, NULL, NULL, NULL) == SQLITE_OK;
}

/* One moment of it. */
static int copy(const struct copy *c, int schema, struct err *err)
{
	if (db_exec(c->from, "BEGIN", err) < 0 || copy_schema(c, schema, err) < 0 ||
		db_exec(c->to, "BEGIN", err) < 0)
		return -1;
	for (const char *const *table = db_configuration; *table != NULL; table++)
		if (is_there(c->from, *table) && copy_table(c, *table, err) < 0)
			return -1;
	return db_exec(c->to, "COMMIT", err);
}

static int fill(const struct copy *c, const char *path, int schema, struct err *err)
{
	if (copy(c, schema, err) < 0)
		return schema_failed(c->from, path, err);
	return schema_migrate(c->to, path, err);
}

struct db *ahead_open(const char *path, int *schema, struct err *err)
{
	struct copy c = { .from = db_open(path, DB_READER, err) };

	if (c.from == NULL)
		return NULL;
	if (schema_read(c.from, path, schema, err) < 0)
		goto out;
	if (*schema == SQL_MIGRATIONS)
		return c.from;
	c.to = db_open(":memory:", DB_BLANK, err);
	if (c.to != NULL && fill(&c, path, *schema, err) < 0) {
		db_close(c.to);
		c.to = NULL;
	}
out:
	db_close(c.from);
	return c.to;
}
