/*
 * What was seen of whom: the same whether a row of the history is in the table already or
 * not; and how it goes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/seen.h"
#include "../fixture.h"

#include <arpa/inet.h>

/* After that all that has come until NOW is in the table. */
#define LATER (NOW + SEEN_AFTER + MINUTES)

#define ALL(columns, view)                                                               \
	"SELECT IFNULL(GROUP_CONCAT(one, ', '), '') FROM (SELECT " columns " AS one "    \
	"FROM " view " ORDER BY 1)"
#define OBJECTS                                                                          \
	ALL("object || ' ' || day || ' ' || messages || ' ' || refused", "v_seen_"       \
									 "objects")
#define SENDERS                                                                          \
	ALL("sender || ' ' || IFNULL(login, '-') || ' ' || messages || ' ' || refused "  \
	    "|| ' ' || (first_at - 1699999200000000) || ' ' || (last_at - "              \
	    "1699999200000000)",                                                         \
		"v_seen_senders")
#define CLIENTS                                                                          \
	ALL("login || ' ' || client || ' ' || messages || ' ' || refused",               \
		"v_seen_clients")
#define RECIPIENTS                                                                       \
	ALL("login || ' ' || recipient || ' ' || messages || ' ' || refused",            \
		"v_seen_recipients")
#define NETWORKS ALL("login || ' ' || network || ' ' || messages", "v_seen_clients")
#define POLICIES                                                                         \
	ALL("IFNULL(policy, '-') || ' ' || day || ' ' || verdict || ' ' || messages || " \
	    "' ' || refused",                                                            \
		"v_seen_policies")
#define MARK "SELECT value FROM mark WHERE name = 'seen'"
#define ROWS "SELECT COUNT(*) FROM seen"

static void expect_all(struct site *s)
{
	assert_string_equal(site_text(s, OBJECTS),
		"bob@example.org 2023-11-14 2 1, bob@example.org 2023-11-15 1 0, "
		"eve@x.net 2023-11-14 1 0");
	assert_string_equal(site_text(s, SENDERS),
		"bob@example.org bob@example.org 2 1 0 1, "
		"eve@x.net - 1 0 2 2, "
		"news@example.org bob@example.org 1 0 7200000000 7200000000");
	assert_string_equal(site_text(s, CLIENTS),
		"bob@example.org 192.0.2.7 2 1, bob@example.org 2001:db8::7 1 0");
	assert_string_equal(site_text(s, RECIPIENTS),
		"bob@example.org a@x.net 3 1, bob@example.org b@x.net 1 0");
	assert_string_equal(site_text(s, NETWORKS),
		"bob@example.org 192.0.2.0/24 2, bob@example.org 2001:db8::/64 1");
	assert_string_equal(site_text(s, POLICIES),
		"out 2023-11-14 accept 2 0, out 2023-11-14 defer 1 1, "
		"out 2023-11-15 accept 1 0");
}

/* Row by row, in the table and behind it. */
static void test_views(void **state)
{
	struct site *s = *state;

	site_setting(s, "history", "recipients");
	site_policy(s, "out", "limit=1/hour", "action=defer", NULL);
	SEND(s, NOW, .login = "bob@example.org", .client = "192.0.2.7",
		.rcpt = { "<a@x.net>" });
	SEND(s, NOW + 1, .login = "bob@example.org", .client = "192.0.2.7",
		.rcpt = { "<a@x.net>" });
	SEND(s, NOW + 2, .sender = "<eve@x.net>", .client = "192.0.2.8");
	assert_int_equal(site_number(s, MARK), 0);
	site_keep_house(s, NOW + SEEN_AFTER + 1);
	assert_int_equal(site_number(s, MARK), 2);
	SEND(s, NOW + 2 * HOURS, .sender = "<news@example.org>",
		.login = "bob@example.org", .client = "2001:db8::7",
		.rcpt = { "<a@x.net>", "<B@x.net>" });
	expect_all(s);
	/* what has come lately has time */
	site_keep_house(s, NOW + 2 * HOURS + MINUTES);
	assert_int_equal(site_number(s, MARK), 3);
	expect_all(s);
	site_keep_house(s, LATER + 2 * HOURS);
	assert_int_equal(site_number(s, MARK), 4);
	expect_all(s);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM sight"), 0);
	/* and not twice */
	site_keep_house(s, LATER + 3 * HOURS);
	expect_all(s);
}

static void add_rows(struct site *s, int64_t from, int n)
{
	char sql[400];

	snprintf(sql, sizeof(sql),
		"WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c "
		"WHERE i + 1 < %d) INSERT INTO decision (time, verdict, sender, object) "
		"SELECT %lld + i, 'accept', 's' || i || '@x.net', 'o' FROM c",
		n, (long long)from);
	site_sql(s, sql);
}

/* More than one step's worth; those that a clock was ahead of do not stop it. */
static void test_many(void **state)
{
	struct site *s = *state;

	add_rows(s, NOW + DAYS, 3);
	add_rows(s, NOW, 1000);
	site_keep_house(s, LATER);
	assert_int_equal(site_number(s, MARK), 1003);
	assert_int_equal(
		site_number(s, "SELECT SUM(messages) FROM v_seen_objects"), 1003);
	assert_int_equal(
		site_number(s, "SELECT messages FROM v_seen_senders WHERE sender = "
			       "'s1@x.net'"),
		2);
	/* the history goes when it is known what was seen in it, and that stays */
	add_rows(s, LATER + 31 * DAYS - 1000, 5);
	site_keep_house(s, LATER + 31 * DAYS);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM decision"), 5);
	assert_int_equal(
		site_number(s, "SELECT SUM(messages) FROM v_seen_objects"), 1008);
	/* not kept: the rows go on without it */
	site_setting(s, "seen_days", "0");
	site_keep_house(s, LATER + 32 * DAYS);
	assert_int_equal(site_number(s, MARK), 1008);
	assert_int_equal(site_number(s, ROWS), 0);
}

/* One of many who are not in the table yet is found in a look or two at their rows,
 * without a sum of all of them. */
static void test_tail(void **state)
{
	static const char *const asked[] = {
		"SELECT COUNT(*) FROM v_seen_objects WHERE object = 'o'",
		"SELECT COUNT(*) FROM v_seen_senders WHERE sender = 's7@x.net'",
		"SELECT COUNT(*) FROM v_seen_clients WHERE login = 'l'",
		"SELECT COUNT(*) FROM v_seen_recipients WHERE login = 'l'",
	};
	struct site *s = *state;

	add_rows(s, NOW, 2000);
	site_sql(s, "UPDATE decision SET login = 'l' || id, client = '192.0.2.7', "
		    "object = 'o' || id");
	for (size_t i = 0; i < LENGTH(asked); i++) {
		sqlite3_stmt *q = NULL;

		assert_int_equal(
			sqlite3_prepare_v2(db_handle(s->db), asked[i], -1, &q, NULL),
			SQLITE_OK);
		assert_int_equal(sqlite3_step(q), SQLITE_ROW);
		assert_int_equal(sqlite3_column_int(q, 0), i == 1);
		assert_in_range(sqlite3_stmt_status(q, SQLITE_STMTSTATUS_VM_STEP, 0), 1,
			10 * 2000);
		sqlite3_finalize(q);
	}
}

/* A step is so many places in the table, but a message at least; and the rest of the
 * house is kept between such steps. */
static void test_steps(void **state)
{
	struct site *s = *state;
	struct housekeeper *h;
	int steps = 1;

	add_rows(s, NOW, 2000);
	site_sql(s, "UPDATE decision SET recipients = 26 WHERE id <= 20");
	site_sql(s, "UPDATE decision SET recipients = 5000 WHERE id = 21");
	site_sql(s, "INSERT INTO traffic (step, start, policy_id) VALUES (1, 1, 0)");
	h = housekeeper_new(&s->engine, db_open(s->database, DB_READER, NULL));
	assert_true(housekeep(h, LATER));
	assert_int_equal(site_number(s, MARK), 10);
	assert_true(housekeep(h, LATER));
	assert_int_equal(site_number(s, MARK), 20);
	assert_true(housekeep(h, LATER));
	assert_int_equal(site_number(s, MARK), 21);
	assert_true(housekeep(h, LATER));
	assert_int_equal(site_number(s, MARK), 96);
	while (site_number(s, "SELECT COUNT(*) FROM traffic WHERE start = 1") > 0) {
		assert_true(steps++ < 10);
		assert_true(housekeep(h, LATER));
	}
	assert_in_range(site_number(s, MARK), 96, 1500);
	housekeeper_free(h);
}

/* All by their keys, however large the table is: what is found, looked at and put there.
 */
static void test_plans(void **state)
{
	static const enum sql all[] = { SQL_SEEN_UPTO, SQL_SEEN_PLACES, SQL_SEEN_ADD };
	static const char *const whole[] = { "SCAN s", "SCAN d", "SCAN seen",
		"SCAN decision", "SEARCH d USING INTEGER PRIMARY KEY (rowid>?)" };
	struct site *s = *state;

	for (size_t i = 0; i < LENGTH(all); i++) {
		char sql[4000];
		sqlite3_stmt *q = NULL;

		snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", sql_text[all[i]]);
		assert_int_equal(sqlite3_prepare_v2(db_handle(s->db), sql, -1, &q, NULL),
			SQLITE_OK);
		while (sqlite3_step(q) == SQLITE_ROW)
			for (size_t k = 0; k < LENGTH(whole); k++)
				if (strcmp(db_text(q, 3), whole[k]) == 0 &&
					(i > 0 || k < 4))
					fail_msg("%s", db_text(q, 3));
		sqlite3_finalize(q);
	}
}

/* Emptied, the history goes on behind what was there: its numbers stand for what is in
 * the table, and for recipients that may still be there. */
static void test_emptied(void **state)
{
	struct site *s = *state;

	site_setting(s, "history", "recipients");
	for (int i = 0; i < 3; i++)
		SEND(s, NOW, 0);
	site_setting(s, "history_rows", "0");
	site_keep_house(s, LATER);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM decision"), 0);
	site_setting(s, "history_rows", "9");
	SEND(s, LATER, 0);
	SEND(s, LATER, 0);
	assert_string_equal(
		site_text(s, "SELECT GROUP_CONCAT(id) FROM v_decisions"), "4,5");
	assert_string_equal(
		site_text(s, "SELECT GROUP_CONCAT(message) FROM v_recipients"), "4,5");
	site_stop(s);
	site_sql(s, "DELETE FROM decision");
	site_start(s, LATER);
	site_keep_house(s, LATER + HOURS);
	SEND(s, LATER + HOURS, 0);
	assert_string_equal(
		site_text(s, "SELECT GROUP_CONCAT(id) FROM v_decisions"), "6");
	assert_string_equal(
		site_text(s, "SELECT GROUP_CONCAT(message) FROM v_recipients"), "6");
	site_keep_house(s, LATER + 3 * HOURS);
	assert_int_equal(site_number(s, MARK), 6);
	assert_int_equal(site_number(s, "SELECT SUM(messages) FROM v_seen_senders"), 4);
}

/* Edited by hand, it goes on as if all that is there had been seen; nothing is lost of
 * the history for that, and what comes is seen. */
static void test_edited(void **state)
{
	static const char *const edits[] = {
		"UPDATE mark SET value = 1000000000000",
		"UPDATE mark SET value = 9223372036854775807",
		"UPDATE mark SET value = -7",
		"DELETE FROM mark",
	};
	struct site *s = *state;
	struct housekeeper *h;

	site_setting(s, "history_rows", "90");
	add_rows(s, NOW, 3);
	for (int i = 0; i < (int)LENGTH(edits); i++) {
		site_sql(s, edits[i]);
		h = housekeeper_new(&s->engine, db_open(s->database, DB_READER, NULL));
		SEND(s, NOW + i, .sender = "<eve@x.net>");
		while (housekeep(h, LATER))
			continue;
		housekeeper_free(h);
		assert_int_equal(site_number(s, "SELECT MAX(id) FROM decision"), 4 + i);
		assert_int_equal(site_number(s, "SELECT COUNT(*) FROM decision"), 4 + i);
		assert_int_equal(site_number(s, MARK), 4 + i);
		assert_int_equal(
			site_number(s, "SELECT SUM(messages) FROM v_seen_senders"),
			1 + i);
	}
	/* none is left, and the number would be too great */
	site_sql(s, "DELETE FROM decision");
	site_sql(s, edits[1]);
	h = housekeeper_new(&s->engine, db_open(s->database, DB_READER, NULL));
	SEND(s, NOW, .sender = "<eve@x.net>");
	housekeeper_free(h);
	assert_int_equal(site_number(s, "SELECT id FROM decision"), 1);
}

/* By the day when it was seen last. */
static void test_days(void **state)
{
	struct site *s = *state;

	site_setting(s, "seen_days", "10");
	site_setting(s, "history_days", "1");
	site_sql(s, "INSERT INTO seen VALUES ('client', 'a', '1', 1, 0, 0, 0)");
	for (int i = 0; i < 5; i++)
		add_rows(s, NOW + i * DAYS, 1500);
	site_keep_house(s, NOW + 9 * DAYS);
	assert_int_equal(site_number(s, ROWS), 1500 + 5 + 5);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM seen WHERE who = 'a'"), 0);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM decision"), 0);
	/* of an object and a policy each day goes by itself, a sender is seen again */
	site_keep_house(s, NOW + 12 * DAYS);
	assert_int_equal(site_number(s, ROWS), 1500 + 3 + 3);
	site_keep_house(s, NOW + 15 * DAYS);
	assert_int_equal(site_number(s, ROWS), 0);
}

static const char *network_of(struct site *s, const char *address)
{
	char sql[200];

	snprintf(sql, sizeof(sql),
		"INSERT OR REPLACE INTO seen VALUES ('client', 'a', '%s', 1, 0, 0, 0)",
		address);
	site_sql(s, sql);
	snprintf(sql, sizeof(sql),
		"SELECT network FROM v_seen_clients WHERE client = '%s'", address);
	return site_text(s, sql);
}

static void test_networks(void **state)
{
	static const struct {
		const char *address, *network;
	} all[] = {
		{ "192.0.2.77", "192.0.2.0/24" },
		{ "2001:db8::7", "2001:db8::/64" },
		{ "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64" },
		{ "2001:db8:1:2:3::6", "2001:db8:1:2::/64" },
		{ "2001:0:0:2::6", "2001:0:0:2::/64" },
		{ "1::3:4:5:6:7:8", "1:0:3:4::/64" },
		{ "::2:3:4:5:6:7", "0:0:2:3::/64" },
		{ "fe80::", "fe80::/64" },
		{ "::1", "::/64" },
		{ "::", "::/64" },
	};
	struct site *s = *state;

	for (size_t i = 0; i < LENGTH(all); i++)
		assert_string_equal(network_of(s, all[i].address), all[i].network);
}

/* As objects are spelled, with as many groups of 0 as come. */
static void test_networks_as_objects(void **state)
{
	struct site *s = *state;

	srand(1);
	for (int i = 0; i < 2000; i++) {
		struct arena *arena = arena_new();
		char address[INET6_ADDRSTRLEN];
		struct in6_addr in = { 0 };
		struct err err = { ERR_BAD, "" };
		const char *object;

		for (size_t k = 0; k < sizeof(in); k += 2)
			if (rand() % 3 == 0)
				in.s6_addr[k + 1] = (uint8_t)(rand() % 32);
			else if (rand() % 3 == 0)
				in.s6_addr[k] = (uint8_t)(rand() % 256);
		inet_ntop(AF_INET6, &in, address, sizeof(address));
		object = object_parse(arena, address, 64, &err);
		must(object != NULL ? 0 : -1, &err);
		assert_string_equal(network_of(s, address), object);
		arena_free(arena);
	}
}

/* Too many: what was seen longest ago goes, once a walk has counted them. */
static void test_rows(void **state)
{
	struct site *s = *state;
	struct housekeeper *h;

	site_setting(s, "seen_rows", "2000");
	for (int i = 0; i < 3; i++) {
		char sql[200];

		snprintf(sql, sizeof(sql),
			"WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c "
			"WHERE i + 1 < 900) INSERT INTO seen SELECT 'sender', '%d' || i, "
			"'', 1, 0, 0, %lld FROM c",
			i, (long long)(NOW + i * HOURS));
		site_sql(s, sql);
	}
	h = housekeeper_new(&s->engine, db_open(s->database, DB_READER, NULL));
	for (int i = 0; i < 3; i++)
		while (housekeep(h, NOW + DAYS))
			continue;
	housekeeper_free(h);
	assert_int_equal(site_number(s, ROWS), 1800);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM seen WHERE who < '1'"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_views),
		SITE_TEST(test_many),
		SITE_TEST(test_tail),
		SITE_TEST(test_steps),
		SITE_TEST(test_plans),
		SITE_TEST(test_emptied),
		SITE_TEST(test_edited),
		SITE_TEST(test_days),
		SITE_TEST(test_networks),
		SITE_TEST(test_networks_as_objects),
		SITE_TEST(test_rows),
	};

	return cmocka_run_group_tests_name("engine/seen", tests, NULL, NULL);
}
