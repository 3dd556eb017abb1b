/*
 * Tests of the migrations: a database of an earlier schema, with rows in all of its
 * tables, becomes one of this schema, and every row of it is what it was.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/db.h"

#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "place.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int setup(void **state)
{
	return place_setup(state, "migrate");
}

static void exec_ok(sqlite3 *handle, const char *sql)
{
	if (sqlite3_exec(handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(handle));
}

/* All rows of a query: columns end with |, rows with LF.  In the arena. */
static char *rows(struct arena *arena, sqlite3 *handle, const char *sql)
{
	char *text = arena_strdup(arena, "");
	sqlite3_stmt *q;
	int rc;

	if (sqlite3_prepare_v2(handle, sql, -1, &q, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(handle));
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(q); i++)
			text = arena_printf(arena, "%s%s|", text,
				sqlite3_column_type(q, i) == SQLITE_NULL ? "(null)"
									 : db_text(q, i));
		text = arena_printf(arena, "%s\n", text);
	}
	assert_int_equal(rc, SQLITE_DONE);
	sqlite3_finalize(q);
	return text;
}

static void expect(sqlite3 *handle, const char *sql, const char *want)
{
	struct arena *arena = arena_new();
	const char *got = rows(arena, handle, sql);

	if (strcmp(got, want) != 0)
		fail_msg("%s: %s, not %s", sql, got, want);
	arena_free(arena);
}

/* Rows of schema 1, at least one in each table, with gaps in the numbers; counters
 * whose periods are not over for years; texts that need care. */
static const char first_rows[] =
	"INSERT INTO member_group VALUES (3, 'staff'), (7, 'J\xc3\xbcrgen''s');"
	"INSERT INTO member VALUES (3, '@example.org'), (3, '192.0.2.0/24'),"
	"	(7, '\"a b\"@example.org');"
	"INSERT INTO policy VALUES"
	"	(2, 'outbound', 'yes', 'regular', 5, 3, 0, NULL, 0, 'login', 'moving',"
	"	'messages', 'defer', NULL),"
	"	(9, 'in', 'no', 'regular', 1000000, NULL, 0, 7, 1, 'client', 'fixed',"
	"	'recipients', 'block', '100% \"full\" {wait}');"
	"INSERT INTO policy_limit VALUES (4, 2, 315360000, 2, '2/10years'),"
	"	(5, 2, 86400, 5000, '5000/day'), (11, 9, 3600, 0, '0/hour');"
	"INSERT INTO bucket VALUES"
	"	(4, 'bob@example.org', 4000000000000000, 4000000000000001, 1),"
	"	(4, 'bob@example.org', 4000000000000002, 4000000000000003, 1),"
	"	(99, 'of a limit that has gone', 1, 2, 3);"
	"INSERT INTO setting VALUES ('history_days', '7'), ('on_error', 'tempfail');"
	"INSERT INTO decision VALUES (5, 1700000000123456, '4XyZ', 'defer', 'outbound',"
	"	'bob@example.org', 'bob@example.org', '<>', '2001:db8::7', 'mx', 50, "
	"NULL,"
	"	'Message limit', 1700000001000001),"
	"	(6, 1700000000123457, NULL, 'accept', NULL, NULL, NULL, NULL, NULL, NULL,"
	"	NULL, 7, NULL, NULL);"
	"INSERT INTO audit VALUES (8, 1700000000123456, 0, 'root', 'group add x @y'),"
	"	(12, 1700000000123457, 4294967294, 'uid 4294967294', 'caf\xc3\xa9 | \"');"
	"DELETE FROM audit WHERE id = 12;"
	"INSERT INTO audit (time, uid, user, command) VALUES (1, 2, 'bob', '');";

/* Rows of schema 2 beyond those of schema 1: in each of its columns, and in a sequence
 * whose last rows have gone. */
static const char second_rows[] =
	"UPDATE policy SET stop = 'yes' WHERE id = 9;"
	"INSERT INTO policy_limit VALUES (17, 9, 7200, 3, '3/2hours', 1),"
	"	(40, 9, 86400, 9, '9/day', 1);"
	"DELETE FROM policy_limit WHERE id = 40;"
	"INSERT INTO policy (id, name, enabled, type, priority, source_not,"
	"	destination_not, key, strategy, count, action) VALUES (33, 'gone', 'yes',"
	"	'regular', 5, 0, 0, 'login', 'moving', 'messages', 'defer');"
	"DELETE FROM policy WHERE id = 33;"
	"INSERT INTO bucket VALUES (17, '2001:db8::/64', 4000000000000000, "
	"4000000000000000, 2);"
	"UPDATE audit SET refusal = 'not for you' WHERE id = 8;"
	"INSERT INTO setting VALUES ('default_limit', '3/2hours');";

/* Rows of schema 3 beyond those of schema 2; a penalty and a fixed window that last. */
static const char third_rows[] =
	"INSERT INTO pool VALUES (3, 'mx'), (8, 'gone');"
	"DELETE FROM pool WHERE id = 8;"
	"INSERT INTO pool_member VALUES ('mx1.example.org', 3);"
	"UPDATE policy SET penalty = '30m', rate_stats = 'yes', pool_id = 3 WHERE id = 9;"
	"INSERT INTO policy_limit VALUES (50, 9, 3, 'limit', 315360000, 9, '9/10years', "
	"0),"
	"	(51, 9, 0, 'penalty', 315360000, 1, '1/10years', 0);"
	"INSERT INTO bucket VALUES (50, '@example.org', 3900000000000000, "
	"4000000000000000, 8),"
	"	(51, '@example.org', 4000000000000000, 4000000000000000, 1);"
	"INSERT INTO setting VALUES ('default_limit', 3, '4/hour');"
	"INSERT INTO object_flag VALUES ('<>', 'block', NULL, 'why not', 7, 'root');"
	"INSERT INTO refusal VALUES ('<>', 9, 2, 3, 4);"
	"INSERT INTO refused_client VALUES ('<>', '192.0.2.7', 5, 6);"
	"INSERT INTO traffic VALUES (9, 1700000000, 3, 1);"
	"INSERT INTO header_rule VALUES (2, 9, 'Subject', '/x/');"
	"INSERT INTO header_addition VALUES (2, 0, 'X-New', '$1');";

/* Of schema 4: a level with a rest. */
static const char fourth_rows[] =
	"INSERT INTO policy (id, name, enabled, type, priority, source_not,"
	"	destination_not, key, strategy, count, action) VALUES (60, 'level', "
	"'yes',"
	"	'regular', 5, 0, 0, 'login', 'bucket', 'messages', 'defer');"
	"INSERT INTO policy_limit VALUES (60, 60, 0, 'limit', 315360000, 9, '9/10years', "
	"0);"
	"INSERT INTO bucket VALUES (60, 'eve@example.org', 0, 4000000000000000, 7, 100);";

/* Of schema 5. */
static const char fifth_rows[] =
	"INSERT INTO audit_thing VALUES (8, 'group', 'x', ''), (8, 'setting', 'a', 'mx');"
	"UPDATE audit SET was = 'a', became = 'b', undo = 'group add x y' WHERE id = 8;";

/* Of schema 6. */
static const char sixth_rows[] =
	"INSERT INTO object_grant VALUES ('eve@example.org', 60, 3, 9000000000000000, "
	"'why not', 7, 'root');";

#define TABLES                                                                           \
	"SELECT name FROM sqlite_schema WHERE type = 'table' "                           \
	"AND (name NOT LIKE 'sqlite_%' OR name = 'sqlite_sequence')"

/* One text for each table of schema 1: its columns by name, and all its rows. */
struct content {
	struct arena *arena;
	size_t n;
	char *queries[30], *rows[30];
};

static void content_take(struct content *c, sqlite3 *handle)
{
	char *names, *name;

	c->arena = arena_new();
	names = rows(c->arena, handle, TABLES);
	for (name = names; *name != '\0'; name = strchr(name, '\n') + 1) {
		char *table = arena_memdup(c->arena, name, strcspn(name, "|"));
		char *columns = rows(c->arena, handle,
			arena_printf(c->arena,
				"SELECT GROUP_CONCAT('\"' || name || '\"') "
				"FROM pragma_table_info('%s')",
				table));

		assert_true(c->n < COUNT(c->queries));
		*strchr(columns, '|') = '\0';
		if (strcmp(table, "traffic") == 0)
			continue; /* it has another shape by now */
		c->queries[c->n] = arena_printf(c->arena,
			"SELECT %s FROM %s%s ORDER BY 1, 2", columns, table,
			strcmp(table, "setting") == 0 ? " WHERE name <> 'refusal_days'"
						      : "");
		c->rows[c->n] = rows(c->arena, handle, c->queries[c->n]);
		if (*c->rows[c->n] == '\0')
			fail_msg("nothing to keep in %s", table);
		c->n++;
	}
	assert_true(c->n > 7);
}

static void content_compare(struct content *c, sqlite3 *handle)
{
	for (size_t i = 0; i < c->n; i++)
		expect(handle, c->queries[i], c->rows[i]);
	arena_free(c->arena);
}

/* A database as the Themis of that schema left it. */
static sqlite3 *make(const struct place *p, int schema, const char *journal)
{
	static const char *const rows_of[] = { first_rows, second_rows, third_rows,
		fourth_rows, fifth_rows, sixth_rows };
	sqlite3 *handle;
	char version[60];

	assert_int_equal(sqlite3_open(p->path, &handle), SQLITE_OK);
	exec_ok(handle, "PRAGMA application_id = 1416129907");
	exec_ok(handle, journal);
	for (int i = 0; i < schema; i++) {
		exec_ok(handle, sql_migration[i]);
		exec_ok(handle, "PRAGMA foreign_keys = ON");
		exec_ok(handle, rows_of[i]);
	}
	snprintf(version, sizeof(version), "PRAGMA user_version = %d", schema);
	exec_ok(handle, version);
	return handle;
}

/* The same, as the Themis of today opens it, with all that was in it. */
static struct db *migrate(const struct place *p, int schema)
{
	sqlite3 *handle = make(p, schema, "PRAGMA journal_mode = WAL");
	struct content content = { 0 };
	struct err err = { ERR_BAD, "" };
	struct db *db;

	content_take(&content, handle);
	assert_int_equal(sqlite3_close(handle), SQLITE_OK);
	db = db_open(p->path, DB_WRITER, &err);
	if (db == NULL)
		fail_msg("%s", err.text);
	handle = db_handle(db);
	content_compare(&content, handle);
	expect(handle, "PRAGMA integrity_check", "ok|\n");
	expect(handle, "PRAGMA foreign_key_check", "");
	return db;
}

static void check_second(sqlite3 *handle)
{
	expect(handle, "PRAGMA integrity_check", "ok|\n");
	expect(handle, "PRAGMA foreign_key_check", "");
	expect(handle, "SELECT name, stop FROM policy ORDER BY id",
		"outbound|no|\nin|no|\n");
	expect(handle, "SELECT SUM(inherited), COUNT(*) FROM policy_limit", "0|3|\n");
	expect(handle, "SELECT time, uid, user, command, refusal FROM v_audit",
		"2023-11-14T22:13:20.123Z|0|root|group add x @y|(null)|\n"
		"1970-01-01T00:00:00.000Z|2|bob||(null)|\n");
	expect(handle, "SELECT number, was, became FROM v_audit",
		"8|(null)|(null)|\n13|(null)|(null)|\n");
	expect(handle, "SELECT queue_id, verdict, recipients, size FROM v_decisions",
		"4XyZ|defer|50|(null)|\n(null)|accept|(null)|7|\n");
	expect(handle, "SELECT policy, object, \"limit\", used FROM v_counters",
		"outbound|bob@example.org|2/10years|2|\n");
}

/* A file that was left whole, and one whose rows are in its log alone. */
static void check_migration(struct place *p, bool killed)
{
	sqlite3 *first = make(p, 1,
		killed ? "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0"
		       : "PRAGMA journal_mode = WAL");
	char version[20];
	struct content content = { 0 };
	struct err err = { ERR_BAD, "" };
	struct db *db;

	content_take(&content, first);
	if (killed)
		exec_ok(first, "PRAGMA query_only = ON");
	else
		assert_int_equal(sqlite3_close(first), SQLITE_OK);
	db = db_open(p->path, DB_WRITER, &err);
	if (db == NULL)
		fail_msg("%s", err.text);
	snprintf(version, sizeof(version), "%d|\n", SQL_MIGRATIONS);
	expect(db_handle(db), "PRAGMA user_version", version);
	content_compare(&content, db_handle(db));
	check_second(db_handle(db));
	/* numbers that were used do not come back */
	assert_int_equal(db_run(db, SQL_AUDIT_ADD, &err, "iittt", (int64_t)1, (int64_t)2,
				 "eve", "", "no"),
		1);
	assert_int_equal(db_last_id(db), 14);
	expect(db_handle(db), "SELECT user, refusal FROM v_audit WHERE refusal NOTNULL",
		"eve|no|\n");
	if (killed)
		sqlite3_close(first);
	db_close(db);
}

static void the_first_schema_is_migrated_and_all_is_kept(void **state)
{
	check_migration(*state, false);
}

static void what_the_log_alone_has_is_kept_too(void **state)
{
	check_migration(*state, true);
}

static void make_limit(struct db *db)
{
	struct err err = { ERR_BAD, "" };

	if (db_run(db, SQL_LIMIT_PUT, &err, "iitiiti", (int64_t)2, (int64_t)0, "limit",
		    (int64_t)60, (int64_t)1, "1/minute", (int64_t)0) != 1)
		fail_msg("%s", err.text);
}

/* Ids are kept, also those that were given away and have gone: they are never those of
 * another limit, on which a charge could land. */
static void the_second_schema_is_migrated_and_all_is_kept(void **state)
{
	struct db *db = migrate(*state, 2);
	sqlite3 *second = db_handle(db);

	expect(second,
		"SELECT id, policy_id, pool_id, kind, period, amount, spelling, "
		"inherited "
		"FROM policy_limit ORDER BY id",
		"4|2|0|limit|315360000|2|2/10years|0|\n5|2|0|limit|86400|5000|5000/day|0|"
		"\n11|9|0|limit|3600|0|0/hour|0|\n17|9|0|limit|7200|3|3/2hours|1|\n");
	expect(second, "SELECT name, pool_id, value FROM setting ORDER BY name",
		"default_limit|0|3/2hours|\nhistory_days|0|7|\non_error|0|tempfail|\n"
		"refusal_days|0|7|\n");
	expect(second,
		"SELECT name, stop, pool_id, penalty, only_headers, rate_stats FROM "
		"policy ORDER BY id",
		"outbound|no|(null)|default|no|no|\nin|yes|(null)|default|no|no|\n");
	expect(second,
		"SELECT policy, object, \"limit\", used, pool FROM v_counters ORDER BY 1",
		"in|2001:db8::/64|3/2hours|2|(null)|\n"
		"outbound|bob@example.org|2/10years|2|(null)|\n");
	make_limit(db);
	assert_int_equal(db_last_id(db), 41);
	exec_ok(second, "INSERT INTO policy (name, enabled, type, priority, source_not, "
			"destination_not, key, strategy, count, action) VALUES ('new', "
			"'yes', 'regular', 5, 0, 0, 'login', 'moving', 'messages', "
			"'defer')");
	assert_int_equal(db_last_id(db), 34);
	/* the limits of a policy that goes go with it, as before */
	exec_ok(second, "DELETE FROM policy WHERE id = 9");
	expect(second, "SELECT id FROM policy_limit ORDER BY id", "4|\n5|\n41|\n");
	db_close(db);
}

static void the_third_schema_is_migrated_and_all_is_kept(void **state)
{
	struct db *db = migrate(*state, 3);
	sqlite3 *third = db_handle(db);

	expect(third, "SELECT SUM(rest), COUNT(*) FROM bucket", "0|6|\n");
	expect(third,
		"SELECT policy, object, \"limit\", used, free_at, amount, period, pool "
		"FROM v_counters ORDER BY 1, 2",
		"in|2001:db8::/64|3/2hours|2|(null)|3|7200|(null)|\n"
		"in|@example.org|9/10years|8|(null)|9|315360000|mx|\n"
		"outbound|bob@example.org|2/"
		"10years|2|2106-10-01T07:06:40.001Z|2|315360000|"
		"(null)|\n");
	expect(third, "SELECT * FROM v_penalties",
		"in|@example.org|2106-10-01T07:06:40.000Z|(null)|\n");
	/* a penalty lasts from when it began, a fixed window from when that did */
	expect(third,
		"SELECT limit_id, kind, strategy, ends FROM live_bucket WHERE "
		"limit_id > 49 ORDER BY 1",
		"50|limit|fixed|4215360000000000|\n51|penalty|moving|4315360000000000|"
		"\n");
	db_close(db);
}

/* A counter is what it was, and can be granted more. */
static void the_fifth_schema_is_migrated_and_all_is_kept(void **state)
{
	static const char counter[] = "SELECT object, \"limit\", used, free_at, granted "
				      "FROM v_counters WHERE policy = 'level'";
	struct db *db = migrate(*state, 5);
	sqlite3 *fifth = db_handle(db);

	expect(fifth, counter, "eve@example.org|9/10years|8|(null)|0|\n");
	exec_ok(fifth, "INSERT INTO object_grant VALUES ('eve@example.org', 60, 3, "
		       "9000000000000000, 'why not', 7, 'root')");
	expect(fifth, counter, "eve@example.org|12/10years|8|(null)|3|\n");
	exec_ok(fifth, "DELETE FROM policy WHERE id = 60");
	expect(fifth, "SELECT * FROM v_grants", "");
	db_close(db);
}

/* No policy checks SPF, and no message was checked. */
static void the_sixth_schema_is_migrated_and_all_is_kept(void **state)
{
	struct db *db = migrate(*state, 6);
	sqlite3 *sixth = db_handle(db);

	expect(sixth, "SELECT DISTINCT spf FROM policy", "off|\n");
	expect(sixth, "SELECT * FROM v_spf", "");
	exec_ok(sixth, "UPDATE decision SET spf = 'softfail', spf_domain = 'mx.net' "
		       "WHERE id = 5");
	expect(sixth, "SELECT * FROM v_spf",
		"2023-11-14T22:13:20.123Z|4XyZ|softfail|mx.net|helo|defer|outbound|<>|"
		"2001:db8::7|mx|bob@example.org|bob@example.org|Message limit|"
		"1700000000123456|\n");
	/* what was refused has no verdict in an older one */
	expect(sixth,
		"SELECT step, start, policy_id, accept, defer FROM traffic ORDER BY 1",
		"1|1700000000|9|2|1|\n60|1699999980|9|2|1|\n3600|1699999200|9|2|1|\n"
		"86400|1699920000|9|2|1|\n");
	expect(sixth, "SELECT policy, time, messages, refused FROM v_traffic_days",
		"in|2023-11-14T00:00:00Z|3|1|\n");
	exec_ok(sixth, "UPDATE decision SET spf_domain = NULL, sender = "
		       "'\"a@b.example\"@example.org' WHERE id = 5");
	expect(sixth, "SELECT domain, identity FROM v_spf", "example.org|mailfrom|\n");
	exec_ok(sixth, "UPDATE decision SET spf_domain = 'a.net', sender = 'x'");
	expect(sixth, "SELECT domain, identity FROM v_spf", "a.net|mailfrom|\n");
	db_close(db);
}

/* Without any limit left, or ever. */
static void the_number_of_the_last_limit_is_kept(void **state)
{
	static const struct {
		const char *sql;
		int64_t next;
	} cases[] = { { "DELETE FROM policy_limit", 41 },
		{ "DELETE FROM policy_limit; DELETE FROM sqlite_sequence", 1 } };
	struct place *p = *state;
	struct err err = { ERR_BAD, "" };

	for (size_t i = 0; i < COUNT(cases); i++) {
		sqlite3 *second = make(p, 2, "PRAGMA journal_mode = DELETE");
		struct db *db;

		exec_ok(second, cases[i].sql);
		assert_int_equal(sqlite3_close(second), SQLITE_OK);
		db = db_open(p->path, DB_WRITER, &err);
		if (db == NULL)
			fail_msg("%s", err.text);
		make_limit(db);
		assert_int_equal(db_last_id(db), cases[i].next);
		db_close(db);
		assert_int_equal(unlink(p->path), 0);
	}
}

/* A migration that fails leaves the rows, and the number, of the schema before. */
static void a_migration_that_fails_changes_nothing(void **state)
{
	struct place *p = *state;
	sqlite3 *handle = make(p, 1, "PRAGMA journal_mode = WAL");
	struct content content = { 0 };
	struct err err = { ERR_BAD, "" };

	exec_ok(handle, "CREATE VIEW v_audit AS SELECT 1");
	content_take(&content, handle);
	assert_int_equal(sqlite3_close(handle), SQLITE_OK);
	assert_null(db_open(p->path, DB_WRITER, &err));
	assert_non_null(strstr(err.text, "migration 2"));
	assert_non_null(strstr(err.text, "v_audit"));
	assert_int_equal(sqlite3_open(p->path, &handle), SQLITE_OK);
	expect(handle, "PRAGMA user_version", "1|\n");
	expect(handle,
		"SELECT COUNT(*) FROM pragma_table_info('policy') WHERE name = 'stop'",
		"0|\n");
	content_compare(&content, handle);
	sqlite3_close(handle);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_schema_is_migrated_and_all_is_kept),
		TEST(what_the_log_alone_has_is_kept_too),
		TEST(the_second_schema_is_migrated_and_all_is_kept),
		TEST(the_third_schema_is_migrated_and_all_is_kept),
		TEST(the_fifth_schema_is_migrated_and_all_is_kept),
		TEST(the_sixth_schema_is_migrated_and_all_is_kept),
		TEST(the_number_of_the_last_limit_is_kept),
		TEST(a_migration_that_fails_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
