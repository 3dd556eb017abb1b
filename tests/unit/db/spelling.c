/*
 * Tests of db/spelling: names beyond ASCII of an earlier schema have the spelling of
 * today, and meet those that have it already.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/spelling.h"

#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "place.h"

#define MUELLER "m\xc3\xbcller.example"
#define A_LABEL "xn--mller-kva.example"

static const char some_rows[] =
	"INSERT INTO member_group VALUES (3, 'staff'), (4, 'other');"
	"INSERT INTO member VALUES (3, '@example.org'), (3, '@" MUELLER "'),"
	"	(3, '@" A_LABEL "'), (3, '@.sub." MUELLER "'), (3, 'j\xc3\xbcrgen@'),"
	"	(3, 'J\xc3\x9cRGEN@" MUELLER "'), (3, '\xc3\x9c'), (4, '@" MUELLER "'),"
	"	(4, '192.0.2.0/24'), (4, 'no name \xc3\xbc');"
	"INSERT INTO bucket VALUES"
	/* in one spelling, in both, in both at the same moment */
	"	(4, 'a@" MUELLER "', 100, 110, 1),"
	"	(4, 'b@" MUELLER "', 100, 110, 2), (4, 'b@" A_LABEL "', 105, 120, 3),"
	"	(5, '@" MUELLER "', 100, 130, 4), (5, '@" A_LABEL "', 100, 120, 5),"
	"	(5, 'j\xc3\xbcrgen@example.org', 100, 110, 6),"
	"	(5, 'corp\\b\xc3\xb6@" MUELLER "', 100, 110, 7), (5, '*', 1, 2, 8);"
	"INSERT INTO decision (time, verdict, sender) VALUES (1, 'accept', 'a@" MUELLER
	"');";

static int setup(void **state)
{
	return place_setup(state, "spelling");
}

static void exec_ok(sqlite3 *handle, const char *sql)
{
	if (sqlite3_exec(handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(handle));
}

static struct db *upgrade(const struct place *p, int schema)
{
	struct err err = { ERR_BAD, "" };
	sqlite3 *handle;
	char version[60];
	struct db *db;

	assert_int_equal(sqlite3_open(p->path, &handle), SQLITE_OK);
	exec_ok(handle, "PRAGMA application_id = 1416129907");
	exec_ok(handle, sql_migration[0]);
	exec_ok(handle, some_rows);
	for (int i = 1; i < schema; i++)
		exec_ok(handle, sql_migration[i]);
	snprintf(version, sizeof(version), "PRAGMA user_version = %d", schema);
	exec_ok(handle, version);
	assert_int_equal(sqlite3_close(handle), SQLITE_OK);
	db = db_open(p->path, DB_WRITER, &err);
	if (db == NULL)
		fail_msg("%s", err.text);
	return db;
}

static void expect(struct db *db, const char *sql, const char *want)
{
	sqlite3_stmt *q = NULL;

	assert_int_equal(sqlite3_prepare_v2(db_handle(db), sql, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	assert_string_equal(db_text(q, 0), want);
	sqlite3_finalize(q);
}

static void test_names(void **state)
{
	/* the last of those that could have been the first and gone on since */
	for (int schema = 1; schema < SPELLING_SCHEMA; schema++) {
		const struct place *p = *state;
		struct db *db = upgrade(p, schema);

		expect(db, "SELECT group_concat(name) FROM member WHERE group_id = 3",
			"@.sub." A_LABEL ",@example.org,@" A_LABEL ",j\xc3\xbcrgen@,"
			"j\xc3\xbcrgen@" A_LABEL ",\xc3\xbc");
		/* what no command would take is as it was */
		expect(db, "SELECT group_concat(name) FROM member WHERE group_id = 4",
			"192.0.2.0/24,@" A_LABEL ",no name \xc3\xbc");
		expect(db,
			"SELECT group_concat(limit_id || ' ' || object || ' ' || first "
			"|| ' ' || last || ' ' || count) FROM bucket",
			"4 a@" A_LABEL " 100 110 1,4 b@" A_LABEL " 100 110 2,"
			"4 b@" A_LABEL " 105 120 3,5 * 1 2 8,5 @" A_LABEL " 100 130 9,"
			"5 corp\\b\xc3\xb6@" MUELLER " 100 110 7,"
			"5 j\xc3\xbcrgen@example.org 100 110 6");
		expect(db, "SELECT sender FROM decision", "a@" MUELLER);
		/* and nobody can call it afterwards */
		assert_int_equal(
			db_exec(db, "SELECT spelling(name) FROM member", NULL), -1);
		db_close(db);
		assert_int_equal(unlink(p->path), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names, setup, place_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
