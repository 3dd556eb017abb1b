/*
 * Housekeeping: old decisions and ended counters go, nothing else does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/housekeep.h"
#include "../fixture.h"

/* n decisions, one a microsecond, from that moment on. */
static void add_decisions(struct site *s, int64_t from, int n)
{
	char sql[300];

	snprintf(sql, sizeof(sql),
		"WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c "
		"WHERE i + 1 < %d) INSERT INTO decision (time, verdict) "
		"SELECT %lld + i, 'accept' FROM c",
		n, (long long)from);
	site_sql(s, sql);
}

#define DECISIONS "SELECT COUNT(*) FROM decision"
#define BUCKETS	  "SELECT COUNT(*) FROM bucket"

/* More than one step's worth; the boundary is exact. */
static void test_old_decisions(void **state)
{
	struct site *s = *state;

	add_decisions(s, NOW - 40 * DAYS, 1700);
	add_decisions(s, NOW - 30 * DAYS - 3, 3);
	add_decisions(s, NOW - 30 * DAYS, 7);
	add_decisions(s, NOW - DAYS, 5);
	housekeep(&s->engine, NOW);
	assert_int_equal(site_number(s, DECISIONS), 12);
	assert_int_equal(
		site_number(s, "SELECT MIN(time) FROM decision"), NOW - 30 * DAYS);
	housekeep(&s->engine, NOW);
	assert_int_equal(site_number(s, DECISIONS), 12);
}

static void test_history_days(void **state)
{
	struct site *s = *state;

	for (int day = 1; day <= 10; day++)
		add_decisions(s, NOW - day * DAYS, 1);
	site_setting(s, "history_days", "7");
	housekeep(&s->engine, NOW);
	assert_int_equal(site_number(s, DECISIONS), 7);
	site_setting(s, "history_days", "1");
	housekeep(&s->engine, NOW);
	assert_int_equal(site_number(s, DECISIONS), 1);
	housekeep(&s->engine, NOW + 1);
	assert_int_equal(site_number(s, DECISIONS), 0);
}

static void test_ended_counters(void **state)
{
	struct site *s = *state;

	site_policy(s, "p", "limit=5/hour,9/day", NULL);
	site_policy(s, "f", "limit=5/hour", "strategy=fixed", NULL);
	SEND(s, NOW + 10 * MINUTES, .sender = "<a@example.org>");
	SEND(s, NOW + 20 * MINUTES, .sender = "<b@example.org>");
	assert_int_equal(site_number(s, BUCKETS), 6);
	/* the fixed window ends with its hour, the moving one an hour later */
	housekeep(&s->engine, NOW + HOURS - 1);
	assert_int_equal(site_number(s, BUCKETS), 6);
	housekeep(&s->engine, NOW + HOURS);
	assert_int_equal(site_number(s, BUCKETS), 4);
	housekeep(&s->engine, NOW + 70 * MINUTES);
	assert_int_equal(site_number(s, BUCKETS), 3);
	assert_int_equal(site_used(s, "p", 0, "b@example.org", NOW + 70 * MINUTES), 1);
	housekeep(&s->engine, NOW + 20 * MINUTES + DAYS - 1);
	assert_string_equal(
		site_text(s, "SELECT GROUP_CONCAT(object) FROM bucket"), "b@example.org");
	housekeep(&s->engine, NOW + 20 * MINUTES + DAYS);
	assert_int_equal(site_number(s, BUCKETS), 0);
	/* mail has left its record, which is younger than 30 days */
	assert_int_equal(site_number(s, DECISIONS), 2);
}

/* More counters than one sweep takes; those that a start finds ended go too. */
static void test_many_counters(void **state)
{
	struct site *s = *state;
	char sql[400];

	site_policy(s, "p", "limit=5/hour", NULL);
	snprintf(sql, sizeof(sql),
		"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c "
		"WHERE i < 5000) INSERT INTO bucket SELECT "
		"(SELECT id FROM policy_limit), 'u' || i || '@example.org', %lld, %lld, "
		"2 "
		"FROM c",
		(long long)NOW, (long long)NOW);
	site_sql(s, sql);
	site_stop(s);
	site_start(s, NOW + 2 * HOURS);
	SEND(s, NOW + 2 * HOURS, .sender = "<new@example.org>");
	assert_int_equal(site_used(s, "p", 0, "u7@example.org", NOW + 2 * HOURS), 0);
	housekeep(&s->engine, NOW + 2 * HOURS);
	assert_string_equal(site_text(s, "SELECT GROUP_CONCAT(object) FROM bucket"),
		"new@example.org");
	housekeep(&s->engine, NOW + 2 * HOURS);
	assert_int_equal(site_number(s, BUCKETS), 1);
}

/* A writer that has stopped is no reason to turn forever, or to forget. */
static void test_stopped_writer(void **state)
{
	struct site *s = *state;
	struct writer_hook hook = mem_store_hook(s->engine.store);

	add_decisions(s, NOW - 40 * DAYS, 10);
	writer_stop(s->engine.writer);
	housekeep(&s->engine, NOW);
	assert_int_equal(site_number(s, DECISIONS), 10);
	free(s->engine.writer);
	s->engine.writer = writer_new(db_open(s->database, DB_WRITER, NULL), &hook);
	housekeep(&s->engine, NOW);
	assert_int_equal(site_number(s, DECISIONS), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_old_decisions),
		SITE_TEST(test_history_days),
		SITE_TEST(test_ended_counters),
		SITE_TEST(test_many_counters),
		SITE_TEST(test_stopped_writer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
