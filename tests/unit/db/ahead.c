/*
 * Tests of db/ahead: what a reader sees of a database that the daemon has not migrated
 * yet, and that the file stays what it is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/ahead.h"

#include "base/arena.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "place.h"

static const char some_rows[] =
	"INSERT INTO member_group VALUES (3, 'staff');"
	"INSERT INTO member VALUES (3, '@example.org'), (3, 'b\xc3\xb6'), (3, '''');"
	"INSERT INTO policy (id, name, enabled, type, priority, source_group, source_not,"
	"	destination_not, key, strategy, count, action) VALUES"
	"	(7, 'out', 'yes', 'regular', 5, 3, 0, 0, 'login', 'moving', 'messages',"
	"	'defer');"
	"INSERT INTO policy_limit (id, policy_id, period, amount, spelling) VALUES"
	"	(4, 7, 60, 9000000000, '9000000000/minute');"
	"INSERT INTO setting (name, value) VALUES ('history_days', '7');"
	"INSERT INTO decision (time, verdict) VALUES (1, 'accept')";

static int setup(void **state)
{
	return place_setup(state, "ahead");
}

/* A database of that schema, with rows, and with more. */
static void make(const struct place *p, int schema, const char *more)
{
	sqlite3 *handle;
	char version[60];

	unlink(p->path);
	assert_int_equal(sqlite3_open(p->path, &handle), SQLITE_OK);
	snprintf(version, sizeof(version), "PRAGMA user_version = %d", schema);
	for (int i = 0; i < schema && i < SQL_MIGRATIONS; i++)
		assert_int_equal(
			sqlite3_exec(handle, sql_migration[i], NULL, NULL, NULL), 0);
	assert_int_equal(sqlite3_exec(handle, some_rows, NULL, NULL, NULL), 0);
	assert_int_equal(sqlite3_exec(handle, more, NULL, NULL, NULL), 0);
	assert_int_equal(sqlite3_exec(handle, version, NULL, NULL, NULL), 0);
	assert_int_equal(sqlite3_exec(handle, "PRAGMA application_id = 1416129907", NULL,
				 NULL, NULL),
		0);
	assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

static void expect(struct db *db, const char *sql, const char *want)
{
	sqlite3_stmt *q = NULL;

	assert_int_equal(sqlite3_prepare_v2(db_handle(db), sql, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	assert_string_equal(db_text(q, 0), want);
	sqlite3_finalize(q);
}

static char *octets_of(const char *path, size_t *n)
{
	char *octets = mem_calloc(1, (size_t)1 << 20);
	FILE *file = fopen(path, "rb");

	assert_non_null(file);
	*n = fread(octets, 1, (size_t)1 << 20, file);
	fclose(file);
	return octets;
}

/* Each has the configuration, migrated, and none of what there may be much of. */
static void test_each_schema(void **state)
{
	const struct place *p = *state;

	for (int i = 1; i <= SQL_MIGRATIONS; i++) {
		struct err err = { ERR_BAD, "" };
		size_t before, after;
		char *was, *is;
		struct db *db;
		int schema = 0;

		make(p, i, "");
		was = octets_of(p->path, &before);
		db = ahead_open(p->path, &schema, &err);
		if (db == NULL)
			fail_msg("%s", err.text);
		assert_int_equal(schema, i);
		expect(db, "SELECT name || ' ' || stop || ' ' || spf FROM policy",
			"out no off");
		expect(db, "SELECT group_concat(name) FROM member",
			"',@example.org,b\xc3\xb6");
		expect(db, "SELECT kind || amount FROM policy_limit WHERE id = 4",
			"limit9000000000");
		expect(db, "SELECT name || pool_id FROM setting", "history_days0");
		expect(db, "SELECT count(spf) || count(*) FROM decision",
			i < SQL_MIGRATIONS ? "00" : "01");
		db_close(db);
		is = octets_of(p->path, &after);
		assert_int_equal(before, after);
		assert_memory_equal(was, is, before);
		free(was);
		free(is);
	}
}

static void expect_refused(
	const struct place *p, int schema, const char *more, const char *words)
{
	struct err err = { ERR_BAD, "" };

	make(p, schema, more);
	assert_null(ahead_open(p->path, &schema, &err));
	if (strstr(err.text, words) == NULL)
		fail_msg("%s", err.text);
}

static void test_refused(void **state)
{
	const struct place *p = *state;

	expect_refused(p, SQL_MIGRATIONS + 1, "", "written by a newer Themis");
	/* what the migration stumbles over at the start, it does here */
	expect_refused(p, 1, "CREATE VIEW v_audit AS SELECT 1", "migration 2");
	expect_refused(p, 6, "ALTER TABLE policy ADD COLUMN spf TEXT",
		"duplicate column name: spf");
}

/* Where a table begins in the file. */
static off_t root_of(const struct place *p, const char *table)
{
	sqlite3 *handle;
	sqlite3_stmt *q = NULL;
	off_t root;

	assert_int_equal(sqlite3_open(p->path, &handle), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(handle,
				 "SELECT rootpage FROM sqlite_schema WHERE name = ?", -1,
				 &q, NULL),
		SQLITE_OK);
	sqlite3_bind_text(q, 1, table, -1, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	root = (sqlite3_column_int64(q, 0) - 1) * 4096;
	sqlite3_finalize(q);
	sqlite3_close(handle);
	return root;
}

/* What can be read of it is not what was there. */
static void test_damaged(void **state)
{
	const struct place *p = *state;
	struct err err = { ERR_BAD, "" };
	char want[300], noise[4096];
	int schema, fd = -1;

	memset(noise, 'x', sizeof(noise));
	make(p, 6, "");
	fd = open(p->path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, noise, sizeof(noise), root_of(p, "policy")), 4096);
	close(fd);
	assert_null(ahead_open(p->path, &schema, &err));
	snprintf(want, sizeof(want),
		"%s: the database is damaged, and was left as it was", p->path);
	if (strncmp(err.text, want, strlen(want)) != 0)
		fail_msg("%s", err.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_each_schema, setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_damaged, setup, place_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
