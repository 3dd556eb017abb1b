/*
 * Reports: each can be asked, has what the table says, and finds its rows by an index;
 * and what takes too long is ended.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/report.h"
#include "../fixture.h"

#include "base/clock.h"

static sqlite3_stmt *ask(struct site *s, const struct report *r)
{
	struct err err = { ERR_BAD, "" };
	int64_t top = 7;
	sqlite3_stmt *q = report_query(
		s->db, r, "2026-11-14T00:00:00Z", "2026-11-16T00:00:00.123Z", &top, &err);

	must(q != NULL ? 0 : -1, &err);
	return q;
}

static void test_each(void **state)
{
	struct site *s = *state;

	assert_true(nreports >= 17);
	for (size_t i = 0; i < nreports; i++) {
		const struct report *r = &reports[i];
		sqlite3_stmt *q = ask(s, r);
		int parameters = sqlite3_bind_parameter_count(q);
		int64_t seconds;

		assert_ptr_equal(report_find(r->name, NULL), r);
		assert_true(i == 0 || strcmp(reports[i - 1].name, r->name) < 0);
		assert_true(sqlite3_stmt_readonly(q));
		assert_int_equal(sqlite3_step(q), SQLITE_DONE);
		assert_true(sqlite3_column_count(q) > 1);
		assert_int_equal(sqlite3_bind_parameter_index(q, ":top") > 0, r->top > 0);
		assert_int_equal(
			sqlite3_bind_parameter_index(q, ":since") > 0, r->since != NULL);
		assert_int_equal(
			sqlite3_bind_parameter_index(q, ":until") > 0, r->since != NULL);
		assert_int_equal(parameters, (r->since != NULL ? 2 : 0) + (r->top > 0));
		if (r->since != NULL)
			assert_int_equal(duration_parse(r->since, &seconds), 0);
		/* the file, and nothing of the tables but by views */
		assert_memory_equal(r->sql, "-- ", 3);
		assert_memory_equal(r->sql + 3, r->title, strlen(r->title));
		sqlite3_finalize(q);
	}
}

/* What is read of the history and of what was seen is found by its time or its kind. */
static void test_plans(void **state)
{
	struct site *s = *state;

	for (size_t i = 0; i < nreports; i++) {
		char sql[8000];
		sqlite3_stmt *q;

		snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", reports[i].sql);
		assert_int_equal(sqlite3_prepare_v2(db_handle(s->db), sql, -1, &q, NULL),
			SQLITE_OK);
		while (sqlite3_step(q) == SQLITE_ROW) {
			const char *step = db_text(q, 3);

			for (size_t k = 0; k < 4; k++) {
				static const char *const whole[] = { "SCAN decision",
					"SCAN d", "SCAN seen", "SCAN traffic" };

				if (strncmp(step, whole[k], strlen(whole[k])) == 0 &&
					strchr(" ", step[strlen(whole[k])]) != NULL)
					fail_msg("%s: %s", reports[i].name, step);
			}
		}
		sqlite3_finalize(q);
	}
}

/* Days are found without a look at all the others. */
static void test_days(void **state)
{
	struct site *s = *state;
	bool found = false;
	sqlite3_stmt *q;
	char sql[8000];
	struct err err;

	snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s",
		report_find("top-objects", &err)->sql);
	assert_int_equal(
		sqlite3_prepare_v2(db_handle(s->db), sql, -1, &q, NULL), SQLITE_OK);
	while (sqlite3_step(q) == SQLITE_ROW)
		found |= strcmp(db_text(q, 3),
				 "SEARCH s USING INDEX seen_day (kind=? AND what>? AND "
				 "what<?)") == 0;
	sqlite3_finalize(q);
	assert_true(found);
}

/* The tables are others' with the next version: a report names views alone. */
static void test_views_alone(void **state)
{
	static const char *const tables[] = { "decision", "recipient", "traffic", "seen",
		"mark", "trouble", "audit", "bucket", "refusal", "fresh", "sight",
		"tail_object", "live_bucket", "traffic_named" };

	(void)state;
	for (size_t i = 0; i < nreports; i++)
		for (size_t k = 0; k < sizeof(tables) / sizeof(tables[0]); k++)
			for (int join = 0; join < 2; join++) {
				char from[40];

				snprintf(from, sizeof(from), "%s %s\n",
					join ? "JOIN" : "FROM", tables[k]);
				assert_null(strstr(reports[i].sql, from));
			}
}

/* The rows of a report, each as its first columns: "A|B|C A|B|C". */
static const char *answer(struct site *s, const char *name, const char *since,
	const char *until, int columns)
{
	struct err err = { ERR_BAD, "" };
	const struct report *r = report_find(name, &err);
	sqlite3_stmt *q;

	must(r != NULL ? 0 : -1, &err);
	q = report_query(s->db, r, since, until, NULL, &err);
	must(q != NULL ? 0 : -1, &err);
	for (*s->text = '\0'; sqlite3_step(q) == SQLITE_ROW;)
		for (int i = 0; i < columns; i++)
			str_append(s->text, sizeof(s->text), "%s%s",
				i > 0		   ? "|"
				: *s->text != '\0' ? " "
						   : "",
				db_text(q, i));
	sqlite3_finalize(q);
	return s->text;
}

/* Mail, in all tables. */
static void fill(struct site *s, const char *text, int messages)
{
	char sql[400];

	snprintf(sql, sizeof(sql),
		"INSERT INTO traffic (step, start, policy_id, accept) "
		"SELECT value, unixepoch('%s') / value * value, 0, %d "
		"FROM json_each('[1, 60, 3600, 86400]') WHERE 1 "
		"ON CONFLICT DO UPDATE SET accept = accept + excluded.accept",
		text, messages);
	site_sql(s, sql);
}

#define TRAFFIC(since, until, rows)                                                      \
	assert_string_equal(answer(s, "traffic", since, until, 3), rows)

/* Those that are turned off, or have been for a while, are stood in for. */
static void test_traffic_kept(void **state)
{
	static const char *const ten = "2026-11-15T10:00:00Z",
				 *const twelve = "2026-11-15T12:00:00Z",
				 *const before = "2026-11-09T00:00:00Z";
	struct site *s = *state;

	fill(s, "2026-11-15 10:07:00", 3);
	fill(s, "2026-11-15 10:40:00", 4);
	fill(s, "2026-11-15 11:30:00", 5);
	TRAFFIC(ten, twelve,
		"2026-11-15T10:07:00Z|60|3 2026-11-15T10:40:00Z|60|4 "
		"2026-11-15T11:30:00Z|60|5");
	/* minutes, some minutes ago */
	site_sql(s, "DELETE FROM traffic WHERE step = 60 AND start < "
		    "unixepoch('2026-11-15 10:20')");
	TRAFFIC("2026-11-15T10:39:00Z", twelve,
		"2026-11-15T10:40:00Z|60|4 2026-11-15T11:30:00Z|60|5");
	TRAFFIC(ten, twelve, "2026-11-15T10:00:00Z|3600|7 2026-11-15T11:00:00Z|3600|5");
	/* then hours, which they stood in for */
	site_sql(s, "DELETE FROM traffic WHERE step = 3600");
	TRAFFIC(ten, twelve, "2026-11-15T00:00:00Z|86400|12");
	site_sql(s, "DELETE FROM traffic WHERE step IN (60, 86400)");
	TRAFFIC(ten, twelve, "");
	fill(s, "2026-11-15 10:07:00", 3);
	site_sql(s, "DELETE FROM traffic WHERE step = 3600");
	TRAFFIC(before, twelve, "2026-11-15T10:00:00Z|3600|3");
	assert_string_equal(
		answer(s, "hours", before, twelve, 2), "2026-11-15T10:00:00Z|3");
	assert_string_equal(answer(s, "weekdays", before, twelve, 4),
		"2026-11-15T10:00:00Z|Sun|10|3");
	/* hours again */
	fill(s, "2026-11-15 11:30:00", 5);
	TRAFFIC(before, twelve,
		"2026-11-15T10:00:00Z|3600|3 2026-11-15T11:00:00Z|3600|5");
	assert_string_equal(answer(s, "hours", before, twelve, 2),
		"2026-11-15T11:00:00Z|5 2026-11-15T10:00:00Z|3");
	assert_string_equal(answer(s, "weekdays", before, twelve, 4),
		"2026-11-15T10:00:00Z|Sun|10|3 2026-11-15T11:00:00Z|Sun|11|5");
	site_sql(s, "DELETE FROM traffic WHERE step < 86400");
	TRAFFIC(before, twelve, "2026-11-15T00:00:00Z|86400|8");
}

/* To what the rows are of; a step may be longer. */
static void test_traffic_rounded(void **state)
{
	struct site *s = *state;

	fill(s, "2026-11-15 10:07:00", 3);
	fill(s, "2026-11-15 11:30:00", 5);
	fill(s, "2026-11-15 14:00:00", 7);
	TRAFFIC("2026-11-15T10:07:59.999Z", "2026-11-15T11:30:00.001Z",
		"2026-11-15T10:07:00Z|60|3 2026-11-15T11:30:00Z|60|5");
	TRAFFIC("2026-11-15T10:08:00Z", "2026-11-15T11:30:00Z", "");
	TRAFFIC("2026-10-20T10:59:59Z", "2026-11-15T11:00:01Z",
		"2026-11-15T09:00:00Z|10800|8");
	TRAFFIC("2026-11-15T11:00:00Z", "2026-12-12T14:00:00Z",
		"2026-11-15T09:00:00Z|10800|5 2026-11-15T12:00:00Z|10800|7");
	TRAFFIC("2026-10-20T11:00:00Z", "2026-11-15T14:00:00Z",
		"2026-11-15T09:00:00Z|10800|8");
	assert_string_equal(
		answer(s, "hours", "2026-11-15T10:59:59Z", "2026-11-15T14:00:00.001Z", 2),
		"2026-11-15T14:00:00Z|7 2026-11-15T11:00:00Z|5 2026-11-15T10:00:00Z|3");
	assert_string_equal(
		answer(s, "weekdays", "2026-11-15T11:00:00Z", "2026-11-15T14:00:00Z", 4),
		"2026-11-15T11:00:00Z|Sun|11|5");
}

/* Moments have fractions, and what is none finds nothing. */
static void test_moments(void **state)
{
	static const char *const seconds = "2026-11-15T10:00:02";
	struct site *s = *state;
	const struct {
		const char *since, *until, *found;
	} all[] = { { ".400Z", ".500Z", "a@x.test|1" },
		{ ".424Z", ".425Z", "a@x.test|1" }, { ".425Z", ".500Z", "" },
		{ ".400Z", ".424Z", "" }, { "Z", ".900Z", "a@x.test|1" },
		{ ".500Z", ".900Z", "" } };

	site_sql(s, "INSERT INTO decision (time, verdict, object) VALUES "
		    "(unixepoch('2026-11-15 10:00:02') * 1000000 + 424000, 'defer', "
		    "'a@x.test')");
	for (size_t i = 0; i < LENGTH(all); i++) {
		char since[40], until[40];

		snprintf(since, sizeof(since), "%s%s", seconds, all[i].since);
		snprintf(until, sizeof(until), "%s%s", seconds, all[i].until);
		assert_string_equal(answer(s, "refused", since, until, 2), all[i].found);
		assert_string_equal(
			answer(s, "top-objects", since, until, 2), all[i].found);
	}
	assert_string_equal(answer(s, "refused", "3650d", NULL, 2), "");
	assert_string_equal(answer(s, "refused", "2026-11-15", "now", 2), "a@x.test|1");
	assert_string_equal(answer(s, "traffic", "3650d", NULL, 2), "");
}

static void test_unknown(void **state)
{
	struct err err = { ERR_BAD, "" };

	(void)state;
	assert_null(report_find("top-object", &err));
	assert_int_equal(err.code, ERR_NO_SUCH);
	assert_string_equal(err.text, "no report \"top-object\" (did you mean "
				      "\"top-objects\"? report list has them)");
	assert_null(report_find("x\n", &err));
	assert_string_equal(err.text, "no report \"x\\x0a\" (report list has them)");
}

#define ENDLESS                                                                          \
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "               \
	"SELECT COUNT(*) FROM n"

static void test_late(void **state)
{
	struct site *s = *state;
	sqlite3_stmt *q;

	assert_int_equal(
		sqlite3_prepare_v2(db_handle(s->db), ENDLESS, -1, &q, NULL), SQLITE_OK);
	db_hurry(s->db, clock_monotonic() + 20000);
	assert_false(db_is_late(s->db));
	assert_int_equal(sqlite3_step(q), SQLITE_INTERRUPT);
	assert_true(db_is_late(s->db));
	sqlite3_finalize(q);
	db_hurry(s->db, 0);
	assert_false(db_is_late(s->db));
	assert_int_equal(site_number(s, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
					"SELECT i + 1 FROM n WHERE i < 100000) "
					"SELECT COUNT(*) FROM n"),
		100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_each),
		SITE_TEST(test_plans),
		SITE_TEST(test_days),
		SITE_TEST(test_views_alone),
		SITE_TEST(test_traffic_kept),
		SITE_TEST(test_traffic_rounded),
		SITE_TEST(test_moments),
		SITE_TEST(test_unknown),
		SITE_TEST(test_late),
	};

	return cmocka_run_group_tests_name("db/report", tests, NULL, NULL);
}
