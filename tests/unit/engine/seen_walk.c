/*
 * What goes of the table of what was seen, and what a walk through it costs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/seen_walk.h"
#include "../fixture.h"
#include "base/episode.h"

#define LATER (NOW + 10 * DAYS)
#define AT    "1699999200000000" /* NOW */

/* n rows of a kind, each of its own, every one a second after the other. */
static void add(struct site *s, const char *kind, const char *what, int n, int64_t from)
{
	char sql[400];

	snprintf(sql, sizeof(sql),
		"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c "
		"WHERE i < %d) INSERT INTO seen SELECT '%s', '%s' || i, '%s', 1, 0, 0, "
		"%lld + i * 1000000 FROM c",
		n, kind, kind, what, (long long)from);
	site_sql(s, sql);
}

static int64_t count(struct site *s, const char *where)
{
	char sql[200];

	snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM seen WHERE %s", where);
	return site_number(s, sql);
}

static void walk(struct site *s, int rounds)
{
	struct housekeeper *h =
		housekeeper_new(&s->engine, db_open(s->database, DB_READER, NULL));

	for (int i = 0; i < rounds; i++)
		while (housekeep(h, LATER + i * MINUTES))
			continue;
	housekeeper_free(h);
}

/* A flood of strangers, the latest of all, pushes out strangers alone. */
static void test_flood(void **state)
{
	struct site *s = *state;

	site_setting(s, "seen_rows", "12000");
	add(s, "client", "192.0.2.7", 1000, NOW);
	add(s, "recipient", "a@x.net", 2000, NOW);
	add(s, "policy", "2023-11-14 accept", 10, NOW);
	add(s, "sender", "me@example.org", 1000, NOW);
	site_sql(s, "INSERT INTO seen SELECT 'object', who, '2023-11-14', 1, 0, 0, last "
		    "FROM seen WHERE kind = 'client'");
	add(s, "from", "192.0.2.9", 500, NOW);
	add(s, "sender", "", 20000, NOW + DAYS);
	add(s, "object", "2023-11-14", 20000, NOW + DAYS);
	walk(s, 30);
	assert_int_equal(count(s, "kind = 'client'"), 1000);
	assert_int_equal(count(s, "kind = 'recipient'"), 2000);
	assert_int_equal(count(s, "kind = 'policy'"), 10);
	assert_int_equal(count(s, "kind = 'sender' AND what <> ''"), 1000);
	assert_int_equal(count(s, "kind = 'object' AND who GLOB 'client*'"), 1000);
	assert_int_equal(count(s, "kind = 'from'"), 500);
	assert_in_range(count(s, "1"), 12000 - 2 * 500, 12000 + 2 * 500);
	assert_true(count(s, "kind = 'sender' AND what = ''") > 0);
	assert_true(count(s, "kind = 'object' AND who GLOB 'object*'") > 0);
}

/* Nor do domains of strangers push out those of logins, and what all mail counts for. */
static void test_domains(void **state)
{
	struct site *s = *state;

	site_setting(s, "seen_rows", "2000");
	site_sql(s, "INSERT INTO seen VALUES "
		    "('client', 'bob@example.org', '192.0.2.7', 1, 0, 0, " AT "),"
		    "('client', '\"a@b\"@sub.example.org', '192.0.2.7', 1, 0, 0, " AT "),"
		    "('object', 'bob@example.org', '2023-11-14', 1, 0, 0, " AT "),"
		    "('object', '@example.org', '2023-11-14', 1, 0, 0, " AT "),"
		    "('object', '@sub.example.org', '2023-11-14', 1, 0, 0, " AT "),"
		    "('object', '*', '2023-11-14', 1, 0, 0, " AT "),"
		    "('object', '*b@example.org', '2023-11-14', 1, 0, 0, " AT "),"
		    "('object', '@example.or', '2023-11-14', 1, 0, 0, " AT "),"
		    "('object', '@b\"@sub.example.org', '2023-11-14', 1, 0, 0, " AT ")");
	add(s, "object", "2023-11-14", 9000, NOW + DAYS);
	site_sql(s, "UPDATE seen SET who = '@' || who || '.net' WHERE who GLOB "
		    "'object*'");
	assert_string_equal(
		site_text(s, "SELECT GROUP_CONCAT(who, ' ') FROM (SELECT who FROM "
			     "seen_class WHERE kind = 'object' AND class < 5 "
			     "ORDER BY who)"),
		"* @example.org @sub.example.org bob@example.org");
	walk(s, 10);
	assert_int_equal(count(s, "last = " AT), 6);
	assert_in_range(count(s, "1"), 1500, 2500);
}

/* Strangers have an eighth at least; what a kind does not need others have. */
static void test_share(void **state)
{
	static const struct {
		uint64_t there[SEEN_CLASSES], may[SEEN_CLASSES];
	} all[] = {
		{ { 100, 100, 0, 0, 0, 100, 0, 0 }, { 100, 100, 0, 0, 0, 100, 0, 0 } },
		{ { 100, 100, 0, 0, 0, 9999, 0, 0 }, { 100, 100, 0, 0, 0, 600, 0, 0 } },
		{ { 100, 100, 0, 0, 0, 9999, 100, 9999 },
			{ 100, 100, 0, 0, 0, 250, 100, 250 } },
		{ { 100, 9999, 0, 0, 0, 9999, 0, 0 }, { 100, 600, 0, 0, 0, 100, 0, 0 } },
		{ { 100, 9999, 9999, 0, 0, 9, 0, 0 }, { 100, 345, 345, 0, 0, 9, 0, 0 } },
		{ { 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999 },
			{ 140, 140, 140, 140, 140, 33, 33, 33 } },
	};
	uint64_t may[SEEN_CLASSES];

	(void)state;
	for (size_t i = 0; i < LENGTH(all); i++) {
		seen_share(all[i].there, 800, may);
		for (int c = 0; c < SEEN_CLASSES; c++)
			assert_int_equal(may[c], all[i].may[c]);
	}
	memset(may, 1, sizeof(may));
	seen_share(all[5].there, 0, may);
	assert_int_equal(may[0] + may[7], 0);
}

/* It is faster than what comes. */
static void test_speed(void **state)
{
	struct site *s = *state;
	char sql[300];

	site_setting(s, "seen_rows", "1000");
	add(s, "sender", "", 30000, NOW);
	snprintf(sql, sizeof(sql),
		"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c "
		"WHERE i < 5000) INSERT INTO decision (time, verdict, sender) "
		"SELECT %lld + i * 1000000, 'accept', 'x' || i FROM c",
		(long long)(NOW + DAYS));
	site_sql(s, sql);
	/* 30,000 rows would not be all of it, once */
	walk(s, 3);
	assert_in_range(count(s, "1"), 500, 1500 + 10);
}

/* What a look at rows between two costs. */
static int steps_of(struct site *s, const char *kind, const char *from, const char *to)
{
	sqlite3_stmt *q = db_query(
		s->db, SQL_SEEN_AGES, NULL, "tttttt", kind, from, "", kind, to, "");

	while (db_next(s->db, q, NULL) == 1)
		continue;
	return sqlite3_stmt_status(q, SQLITE_STMTSTATUS_VM_STEP, 1);
}

/* A part of the table is as dear at its beginning as at its end. */
static void test_steps(void **state)
{
	struct site *s = *state;

	add(s, "sender", "", 20000, NOW);
	assert_in_range(steps_of(s, "sender", "", "sender1"), 1, 20000);
	assert_in_range(steps_of(s, "sender", "sender9", "sender91"), 1, 20000);
}

/* Whose a domain is costs no look at all logins. */
static void test_domain_steps(void **state)
{
	struct site *s = *state;

	add(s, "client", "192.0.2.7", 5000, NOW);
	add(s, "object", "2023-11-14", 100, NOW);
	site_sql(s, "UPDATE seen SET who = who || '@example.org' WHERE kind = 'client'");
	site_sql(s, "UPDATE seen SET who = '@' || who WHERE kind = 'object'");
	assert_in_range(steps_of(s, "object", "", "~"), 100, 100 * 100);
}

/* All of one hour: what is too many goes, not everything. */
static void test_one_hour(void **state)
{
	struct site *s = *state;

	site_setting(s, "seen_rows", "10000");
	site_sql(s, "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c "
		    "WHERE i < 15000) INSERT INTO seen SELECT 'sender', 's' || i, '', 1, "
		    "0, 0, 1700000000000000 FROM c");
	walk(s, 10);
	assert_in_range(count(s, "1"), 9500, 10500);
}

/* A page that cannot be read is told of, and keeps no old row behind it for ever. */
static void test_spoiled(void **state)
{
	struct site *s = *state;
	struct episode_seen seen;
	char sql[300];

	snprintf(sql, sizeof(sql),
		"WITH RECURSIVE c(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM c "
		"WHERE i < 5999) INSERT INTO seen SELECT 'sender', 's' || i || '@x.net', "
		"'', 1, 0, 0, %lld FROM c",
		(long long)NOW);
	site_sql(s, sql);
	site_sql(s, "UPDATE seen SET last = 0 WHERE kind = 'sender' AND who >= 's4'");
	site_spoil(s, "s2000@x.net");
	walk(s, 2);
	assert_true(episode_look(EPISODE_HOUSE, &seen));
	assert_int_equal(count(s, "kind = 'sender' AND who >= 's4'"), 2000);
	walk(s, 60);
	assert_int_equal(count(s, "kind = 'sender' AND who >= 's4'"), 0);
	assert_int_equal(
		count(s, "kind = 'sender' AND who >= 's3' AND who < 's4'"), 1000);
	assert_int_equal(count(s, "kind = 'sender' AND who < 's1999'"), 999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_flood),
		SITE_TEST(test_domains),
		SITE_TEST(test_share),
		SITE_TEST(test_speed),
		SITE_TEST(test_steps),
		SITE_TEST(test_domain_steps),
		SITE_TEST(test_one_hour),
		SITE_TEST(test_spoiled),
	};

	return cmocka_run_group_tests_name("engine/seen_walk", tests, NULL, NULL);
}
