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
	site_keep_house(s, NOW);
	assert_int_equal(site_number(s, DECISIONS), 12);
	assert_int_equal(
		site_number(s, "SELECT MIN(time) FROM decision"), NOW - 30 * DAYS);
	site_keep_house(s, NOW);
	assert_int_equal(site_number(s, DECISIONS), 12);
}

static void test_history_days(void **state)
{
	struct site *s = *state;

	for (int day = 1; day <= 10; day++)
		add_decisions(s, NOW - day * DAYS, 1);
	site_setting(s, "history_days", "7");
	site_keep_house(s, NOW);
	assert_int_equal(site_number(s, DECISIONS), 7);
	site_setting(s, "history_days", "1");
	site_keep_house(s, NOW);
	assert_int_equal(site_number(s, DECISIONS), 1);
	site_keep_house(s, NOW + 1);
	assert_int_equal(site_number(s, DECISIONS), 0);
}

/* The last ones stay; at the edge of two steps, too. */
static void test_history_rows(void **state)
{
	struct site *s = *state;

	add_decisions(s, NOW - 10 * DAYS, 500);
	site_setting(s, "history_rows", "300");
	site_keep_house(s, NOW);
	assert_int_equal(site_number(s, DECISIONS), 300);
	assert_int_equal(site_number(s, "SELECT MIN(id) FROM decision"), 201);
	/* what may still change is not counted with them */
	add_decisions(s, NOW - MINUTES, 400);
	site_keep_house(s, NOW);
	assert_int_equal(site_number(s, DECISIONS), 400);
	site_setting(s, "history_rows", "0");
	SEND(s, NOW, 0);
	site_keep_house(s, NOW + DAYS);
	assert_int_equal(site_number(s, DECISIONS), 0);
	site_setting(s, "history_rows", "300");
	site_setting(s, "history_days", "0");
	add_decisions(s, NOW, 2);
	SEND(s, NOW, 0);
	site_keep_house(s, NOW + DAYS);
	assert_int_equal(site_number(s, DECISIONS), 0);
}

#define RECIPIENTS "SELECT COUNT(*) FROM recipient"

/* With their message, by their own days, by their number. */
static void test_recipients(void **state)
{
	struct site *s = *state;

	for (int day = 1; day <= 10; day++)
		add_decisions(s, NOW - (11 - day) * DAYS, 100);
	site_sql(s,
		"INSERT INTO recipient (decision_id, n, address) SELECT d.id, n.value, "
		"'a' FROM decision d, json_each('[1,2,3]') n");
	site_setting(s, "history_days", "7");
	site_keep_house(s, NOW);
	assert_int_equal(site_number(s, DECISIONS), 700);
	assert_int_equal(site_number(s, RECIPIENTS), 2100);
	site_setting(s, "recipients_days", "2");
	site_keep_house(s, NOW);
	assert_int_equal(site_number(s, DECISIONS), 700);
	assert_int_equal(site_number(s, RECIPIENTS), 600);
	assert_int_equal(site_number(s, "SELECT MIN(decision_id) FROM recipient"), 801);
	/* a message's go together */
	site_setting(s, "recipients_rows", "301");
	site_keep_house(s, NOW);
	assert_int_equal(site_number(s, RECIPIENTS), 300);
	site_setting(s, "recipients_rows", "0");
	site_keep_house(s, NOW);
	assert_int_equal(site_number(s, RECIPIENTS), 0);
	assert_int_equal(site_number(s, DECISIONS), 700);
	site_sql(s, "INSERT INTO recipient (decision_id, n, address) VALUES (3, 1, 'a')");
	site_setting(s, "recipients_rows", "9");
	site_setting(s, "history_rows", "0");
	site_keep_house(s, NOW);
	assert_int_equal(site_number(s, RECIPIENTS), 0);
}

/* Each step by its days and by its rows; months of them. */
static void test_traffic(void **state)
{
	static const struct {
		const char *setting;
		int step;
	} steps[] = { { "stats_days", 1 }, { "stats_minute_days", 60 },
		{ "stats_hour_days", 3600 }, { "stats_day_days", 86400 } };
	struct site *s = *state;
	char sql[300];

	site_sql(s, "WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c "
		    "WHERE i + 1 < 100) INSERT INTO traffic (step, policy_id, start, "
		    "accept) SELECT value, 0, 1699920000 - i * 86400, 1 FROM c, "
		    "json_each('[1, 60, 3600, 86400]')");
	for (size_t i = 0; i < LENGTH(steps); i++)
		site_setting(s, steps[i].setting, "50");
	site_keep_house(s, NOW);
	for (size_t i = 0; i < LENGTH(steps); i++) {
		snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM traffic WHERE step = %d",
			steps[i].step);
		assert_int_equal(site_number(s, sql), 50);
	}
	site_setting(s, "stats_rows", "20");
	site_keep_house(s, NOW);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM traffic"), 80);
	assert_int_equal(site_number(s, "SELECT MIN(start) FROM traffic"),
		1699920000 - 19 * 86400);
	site_setting(s, "stats_minute_days", "0");
	site_keep_house(s, NOW);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM traffic"), 60);
	/* a moment of which some rows may stay */
	site_sql(s, "INSERT INTO traffic (step, policy_id, start, accept) SELECT 1, "
		    "value, 1699920000, 1 FROM json_each('[1, 2, 3, 4]')");
	site_setting(s, "stats_rows", "3");
	site_keep_house(s, NOW + 2 * HOURS);
	assert_int_equal(
		site_number(s, "SELECT COUNT(*) FROM traffic WHERE step = 1"), 5);
	assert_int_equal(
		site_number(s, "SELECT COUNT(*) FROM traffic WHERE step = 3600"), 3);
}

/* The latest ones stay. */
static void test_refusal_rows(void **state)
{
	struct site *s = *state;
	char sql[400];

	snprintf(sql, sizeof(sql),
		"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c "
		"WHERE i < 500) INSERT INTO refusal SELECT i, 0, 1, 1, %lld + i FROM c",
		(long long)NOW);
	site_sql(s, sql);
	site_sql(
		s, "INSERT INTO refused_client SELECT object, '1', 1, last FROM refusal");
	site_setting(s, "refusal_rows", "100");
	site_keep_house(s, NOW + HOURS);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM refusal"), 100);
	assert_int_equal(site_number(s, "SELECT MIN(last) FROM refusal"), NOW + 401);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM refused_client"), 100);
	site_setting(s, "refusal_days", "0");
	site_policy(s, "p", "limit=0/hour", "action=defer", NULL);
	SEND(s, NOW + HOURS, .client = "192.0.2.7");
	site_keep_house(s, NOW + HOURS);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM refusal"), 0);
	SEND(s, NOW + HOURS, .client = "192.0.2.7");
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM refused_client"), 0);
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
	site_keep_house(s, NOW + HOURS - 1);
	assert_int_equal(site_number(s, BUCKETS), 6);
	site_keep_house(s, NOW + HOURS);
	assert_int_equal(site_number(s, BUCKETS), 4);
	site_keep_house(s, NOW + 70 * MINUTES);
	assert_int_equal(site_number(s, BUCKETS), 3);
	assert_int_equal(site_used(s, "p", 0, "b@example.org", NOW + 70 * MINUTES), 1);
	site_keep_house(s, NOW + 20 * MINUTES + DAYS - 1);
	assert_string_equal(
		site_text(s, "SELECT GROUP_CONCAT(object) FROM bucket"), "b@example.org");
	site_keep_house(s, NOW + 20 * MINUTES + DAYS);
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
		"2, 0 "
		"FROM c",
		(long long)NOW, (long long)NOW);
	site_sql(s, sql);
	site_stop(s);
	site_start(s, NOW + 2 * HOURS);
	SEND(s, NOW + 2 * HOURS, .sender = "<new@example.org>");
	assert_int_equal(site_used(s, "p", 0, "u7@example.org", NOW + 2 * HOURS), 0);
	site_keep_house(s, NOW + 2 * HOURS);
	assert_string_equal(site_text(s, "SELECT GROUP_CONCAT(object) FROM bucket"),
		"new@example.org");
	site_keep_house(s, NOW + 2 * HOURS);
	assert_int_equal(site_number(s, BUCKETS), 1);
}

#define MAKE(sql, at)                                                                    \
	do {                                                                             \
		char text[300];                                                          \
                                                                                         \
		snprintf(text, sizeof(text), sql, (long long)(at));                      \
		site_sql(s, text);                                                       \
	} while (0)

#define REFUSALS "SELECT GROUP_CONCAT(object) FROM refusal"
#define CLIENTS	 "SELECT GROUP_CONCAT(client) FROM refused_client"
#define TRAFFIC	 "SELECT GROUP_CONCAT(policy_id) FROM traffic"
#define MARK	 "SELECT value FROM mark WHERE name = 'seen'"
#define SEEN	 "SELECT COUNT(*) FROM seen WHERE kind = 'client'"
#define FLAGS_OF "SELECT GROUP_CONCAT(object) FROM object_flag"

/* Refusals with the history, by the last of each; traffic after its own days. */
static void test_old_refusals_and_traffic(void **state)
{
	struct site *s = *state;

	site_setting(s, "refusal_days", "3");
	site_setting(s, "stats_days", "2");
	MAKE("INSERT INTO refusal VALUES ('a', 0, 9, 1, %lld)", NOW - 3 * DAYS - 1);
	MAKE("INSERT INTO refusal VALUES ('b', 0, 9, 1, %lld)", NOW - 3 * DAYS);
	MAKE("INSERT INTO refused_client VALUES ('a', '1', 9, %lld)", NOW - 3 * DAYS - 1);
	MAKE("INSERT INTO refused_client VALUES ('a', '2', 9, %lld)", NOW - 3 * DAYS);
	MAKE("INSERT INTO traffic (step, policy_id, start) VALUES (1, 1, %lld)",
		(NOW - 2 * DAYS) / CLOCK_SECOND - 1);
	MAKE("INSERT INTO traffic (step, policy_id, start) VALUES (1, 2, %lld)",
		(NOW - 2 * DAYS) / CLOCK_SECOND);
	site_keep_house(s, NOW);
	assert_string_equal(site_text(s, REFUSALS), "b");
	assert_string_equal(site_text(s, CLIENTS), "2");
	assert_string_equal(site_text(s, TRAFFIC), "2");
	site_keep_house(s, NOW + CLOCK_SECOND);
	assert_string_equal(site_text(s, REFUSALS), "(null)");
	assert_string_equal(site_text(s, CLIENTS), "(null)");
	assert_string_equal(site_text(s, TRAFFIC), "(null)");
}

/* Flags that are over, never those that last until they are taken back; more than one
 * step takes of the rest. */
static void test_flags(void **state)
{
	struct site *s = *state;

	site_flag(s, "over", FLAG_BLOCK, NOW);
	site_flag(s, "lasts", FLAG_BLOCK, NOW + 1);
	site_flag(s, "lasts", FLAG_BYPASS, NOW);
	site_flag(s, "stays", FLAG_BYPASS, 0);
	site_sql(s, "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c "
		    "WHERE i < 2000) INSERT INTO refusal SELECT i, 0, 1, 1, 1 FROM c");
	site_keep_house(s, NOW);
	assert_string_equal(site_text(s, FLAGS_OF), "lasts,stays");
	assert_string_equal(site_text(s, "SELECT COUNT(*) FROM refusal"), "0");
}

/* A penalty is stored as long as it lasts, and no longer. */
static void test_penalties(void **state)
{
	struct site *s = *state;

	site_policy(s, "p", "limit=1/minute", "action=defer", "penalty=1h", NULL);
	SEND(s, NOW, 0);
	SEND(s, NOW, 0);
	assert_int_equal(site_number(s, BUCKETS), 2);
	site_keep_house(s, NOW + HOURS - 1);
	assert_int_equal(site_number(s, BUCKETS), 1);
	assert_int_equal(SEND(s, NOW + HOURS - 1, 0).kind, VERDICT_DEFER);
	site_keep_house(s, NOW + HOURS);
	assert_int_equal(site_number(s, BUCKETS), 0);
}

/* A writer that has stopped is no reason to turn forever, or to forget. */
static void test_stopped_writer(void **state)
{
	struct site *s = *state;
	struct writer_hook hook = mem_store_hook(s->engine.store);

	add_decisions(s, NOW - 40 * DAYS, 10);
	writer_stop(s->engine.writer);
	site_keep_house(s, NOW);
	assert_int_equal(site_number(s, DECISIONS), 10);
	free(s->engine.writer);
	s->engine.writer = writer_new(db_open(s->database, DB_WRITER, NULL), &hook);
	site_keep_house(s, NOW);
	assert_int_equal(site_number(s, DECISIONS), 0);
}

/* A clock far ahead of all that is stored may be wrong: there is time to see that. */
static void test_begin(void **state)
{
	struct site *s = *state;
	struct err err = { ERR_BAD, "" };
	int64_t when = 0;

	must(housekeep_begin(s->db, NOW, &when, &err), &err);
	assert_int_equal(when, NOW);
	add_decisions(s, NOW - DAYS, 1);
	must(housekeep_begin(s->db, NOW, &when, &err), &err);
	assert_int_equal(when, NOW);
	must(housekeep_begin(s->db, NOW + 1, &when, &err), &err);
	assert_int_equal(when, NOW + 1 + HOURS);
	site_sql(s, "INSERT INTO audit (time, uid, user, command) "
		    "SELECT time + 1, 0, 'root', 'x' FROM decision");
	must(housekeep_begin(s->db, NOW + 1, &when, &err), &err);
	assert_int_equal(when, NOW + 1);
	site_sql(s, "ALTER TABLE audit RENAME TO elsewhere");
	assert_int_equal(housekeep_begin(s->db, NOW, &when, &err), -1);
}

/* Meanwhile what was seen is put together, since that takes nothing away. */
static void test_spared(void **state)
{
	struct site *s = *state;
	struct err err = { ERR_BAD, "" };
	struct housekeeper *h;
	int64_t when = 0;

	site_policy(s, "p", "limit=5/hour", NULL);
	SEND(s, NOW - 40 * DAYS, .sender = "<a@example.org>");
	must(housekeep_begin(s->db, NOW, &when, &err), &err);
	MAKE("INSERT INTO refusal VALUES ('a', 0, 9, 1, %lld)", NOW - 400 * DAYS);
	MAKE("INSERT INTO seen VALUES ('client', 'a', '1', 1, 0, 0, %lld)",
		NOW - 400 * DAYS);
	h = housekeeper_new(&s->engine, db_open(s->database, DB_READER, NULL));
	housekeeper_spare(h, when);
	for (int64_t now = NOW; now < NOW + HOURS; now += HOURS - 1) {
		while (housekeep(h, now))
			continue;
		assert_int_equal(site_number(s, MARK), 1);
		assert_int_equal(site_number(s, DECISIONS), 1);
		assert_int_equal(site_number(s, BUCKETS), 1);
		assert_string_equal(site_text(s, REFUSALS), "a");
		assert_int_equal(site_number(s, SEEN), 1);
	}
	while (housekeep(h, NOW + HOURS))
		continue;
	housekeeper_free(h);
	assert_int_equal(site_number(s, DECISIONS), 0);
	assert_int_equal(site_number(s, BUCKETS), 0);
	assert_string_equal(site_text(s, REFUSALS), "(null)");
	assert_int_equal(site_number(s, SEEN), 0);
}

/* Mail has ten times as long as a step; but what comes is to go as fast, in the end. */
static void test_pause(void **state)
{
	(void)state;
	assert_int_equal(housekeep_pause(0, false), 5);
	assert_int_equal(housekeep_pause(500, false), 5);
	assert_int_equal(housekeep_pause(700, false), 7);
	assert_int_equal(housekeep_pause(4900, false), 49);
	assert_int_equal(housekeep_pause(10 * CLOCK_SECOND, false), 50);
	assert_int_equal(housekeep_pause(0, true), 5);
	assert_int_equal(housekeep_pause(4900, true), 9);
	assert_int_equal(housekeep_pause(10 * CLOCK_SECOND, true), 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_old_decisions),
		SITE_TEST(test_history_days),
		SITE_TEST(test_history_rows),
		SITE_TEST(test_recipients),
		SITE_TEST(test_traffic),
		SITE_TEST(test_refusal_rows),
		SITE_TEST(test_ended_counters),
		SITE_TEST(test_many_counters),
		SITE_TEST(test_old_refusals_and_traffic),
		SITE_TEST(test_flags),
		SITE_TEST(test_penalties),
		SITE_TEST(test_stopped_writer),
		SITE_TEST(test_begin),
		SITE_TEST(test_spared),
		cmocka_unit_test(test_pause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
