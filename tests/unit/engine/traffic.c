/*
 * Traffic: the same messages by the second, the minute, the hour and the day, in the
 * transaction of their rows; also those that have no row.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/traffic.h"
#include "../fixture.h"

#define SECONDS CLOCK_SECOND

/* "second: accepted deferred, ..." of a step; of all mail (0), or of a policy. */
static const char *step(struct site *s, int seconds, const char *policy)
{
	char sql[500];

	snprintf(sql, sizeof(sql),
		"SELECT IFNULL(GROUP_CONCAT(one, ', '), '') FROM (SELECT (start - "
		"1699999200) || ': ' || accept || ' ' || defer AS one FROM traffic_named "
		"WHERE step = %d AND policy = '%s' ORDER BY start)",
		seconds, policy);
	return site_text(s, sql);
}

#define ASSERT_STEP(seconds, policy, expected)                                           \
	assert_string_equal(step(s, seconds, policy), expected)

/* Until all that the writer has is there: then it ends. */
static void wait_stored(struct site *s)
{
	writer_stop(s->engine.writer);
}

static void test_each_step(void **state)
{
	static const int64_t moments[] = { 0, 1, SECONDS - 1, SECONDS, 59 * SECONDS,
		MINUTES, HOURS - 1, HOURS, 2 * HOURS - 1 };
	struct site *s = *state;

	site_policy(s, "out", "limit=7/day", "action=defer", "rate-stats=yes", NULL);
	site_policy(s, "silent", "limit=9/hour", NULL);
	for (size_t i = 0; i < LENGTH(moments); i++)
		SEND(s, NOW + moments[i], 0);
	ASSERT_STEP(1, "all",
		"0: 3 0, 1: 1 0, 59: 1 0, 60: 1 0, 3599: 1 0, 3600: 0 1, 7199: 0 1");
	ASSERT_STEP(60, "all", "0: 5 0, 60: 1 0, 3540: 1 0, 3600: 0 1, 7140: 0 1");
	ASSERT_STEP(3600, "all", "0: 7 0, 3600: 0 2");
	/* NOW is two hours before midnight */
	ASSERT_STEP(86400, "all", "-79200: 7 2");
	ASSERT_STEP(3600, "out", "0: 7 0, 3600: 0 2");
	ASSERT_STEP(1, "silent", "");
	SEND(s, NOW + 2 * HOURS, 0);
	ASSERT_STEP(86400, "all", "-79200: 7 2, 7200: 0 1");
	/* all of them are the history's rows */
	assert_int_equal(
		site_number(s,
			"SELECT COUNT(*) FROM v_traffic t JOIN (SELECT at / 1000000 AS "
			"start, COUNT(*) AS n, SUM(verdict = 'defer') AS refused FROM "
			"v_decisions GROUP BY 1) d ON d.start = t.start AND d.n = "
			"t.messages AND d.refused = t.refused WHERE policy = 'all'"),
		8);
}

/* A step for no days is none; nor is any with no rows. */
static void test_switched_off(void **state)
{
	struct site *s = *state;

	site_setting(s, "stats_days", "0");
	site_setting(s, "stats_hour_days", "0");
	SEND(s, NOW, 0);
	ASSERT_STEP(1, "all", "");
	ASSERT_STEP(60, "all", "0: 1 0");
	ASSERT_STEP(3600, "all", "");
	site_setting(s, "stats_rows", "0");
	SEND(s, NOW, 0);
	ASSERT_STEP(60, "all", "0: 1 0");
}

/* Without a history, and nothing to charge: counted all the same, a little later. */
static void test_unrecorded(void **state)
{
	struct site *s = *state;

	site_setting(s, "history", "off");
	for (int i = 0; i < 100; i++)
		SEND(s, NOW + i % 2 * SECONDS, 0);
	site_policy(s, "out", "limit=1/hour", "action=defer", NULL);
	SEND(s, NOW, 0);
	SEND(s, NOW, 0);
	wait_stored(s);
	ASSERT_STEP(1, "all", "0: 51 1, 1: 50 0");
	ASSERT_STEP(86400, "all", "-79200: 101 1");
}

/* A policy that has gone has none to show, and what still comes for it is nobody's. */
static void test_policy_gone(void **state)
{
	struct site *s = *state;
	struct err err = { ERR_BAD, "" };
	struct mail mail = { 0 };
	struct begun *b;
	struct policy p;

	site_policy(s, "out", "limit=9/hour", "rate-stats=yes", NULL);
	SEND(s, NOW, 0);
	ASSERT_STEP(1, "out", "0: 1 0");
	b = site_begin(s, &mail);
	must(policy_record_find(s->db, "out", &p, &err), &err);
	must(policy_record_delete(s->db, &p, &err), &err);
	policy_clear(&p);
	site_publish(s);
	engine_rcpt(b->m, "<a@x.net>", NULL, "4XyZ", NOW + 1);
	engine_end(b->m, "4XyZ", NOW + SECONDS);
	site_finish(b);
	ASSERT_STEP(1, "out", "");
	ASSERT_STEP(1, "all", "0: 1 0, 1: 1 0");
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM traffic WHERE start = "
					"1699999201 AND policy_id <> 0"),
		0);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM v_traffic"), 2);
}

/* What cannot be stored is an error, and is told when it can be. */
static void test_trouble(void **state)
{
	struct site *s = *state;

	site_sql(s, "CREATE TRIGGER broken BEFORE INSERT ON decision BEGIN SELECT "
		    "RAISE(ABORT, 'broken'); END");
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_ERROR);
	assert_int_equal(SEND(s, NOW + SECONDS, 0).kind, VERDICT_ERROR);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM traffic"), 0);
	site_sql(s, "DROP TRIGGER broken");
	wait_stored(s);
	assert_string_equal(
		site_text(s, "SELECT messages || ' ' || error || ' ' || refused FROM "
			     "v_traffic_days WHERE policy = 'all'"),
		"2 2 0");
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM decision"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_each_step),
		SITE_TEST(test_switched_off),
		SITE_TEST(test_unrecorded),
		SITE_TEST(test_policy_gone),
		SITE_TEST(test_trouble),
	};

	return cmocka_run_group_tests_name("engine/traffic", tests, NULL, NULL);
}
