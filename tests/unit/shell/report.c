/*
 * Tests of the page of `report html`: what it has found is in its headings, names stay
 * text, and where there is nothing it says so.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define UNTIL 1794787200 /* 2026-11-16 00:00 UTC */
#define DAY   86400

static struct report r;
static char *page;

static int set_up(void **state)
{
	(void)state;
	setenv("TZ", "UTC0", 1);
	tzset();
	r = (struct report){ .arena = arena_new(),
		.host = "mail.example.org",
		.version = "1.2.3",
		.since = UNTIL - DAY,
		.until = UNTIL,
		.made = UNTIL };
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (int i = 0; i < REPORT_PARTS; i++)
		json_decref((json_t *)r.rows[i]);
	arena_free(r.arena);
	free(page);
	page = NULL;
	return 0;
}

/* Rows as JSON with ' for ". */
static void give(enum report_part part, const char *rows)
{
	char *text = arena_strdup(r.arena, rows);

	for (char *c = text; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	r.rows[part] = json_loads(text, 0, NULL);
	assert_non_null(r.rows[part]);
}

static void make(void)
{
	size_t size;
	FILE *to = open_memstream(&page, &size);

	assert_non_null(to);
	html_page(to, &r);
	fclose(to);
}

static void has(const char *text)
{
	if (strstr(page, text) == NULL)
		print_error("not there: %s\n", text);
	assert_non_null(strstr(page, text));
}

static void has_not(const char *text)
{
	assert_null(strstr(page, text));
}

static void test_nothing(void **state)
{
	(void)state;
	make();
	has("<h1>Mail of mail.example.org</h1>");
	has("Sun 15 Nov 2026, 00:00 to Mon 16 Nov 2026, 00:00, UTC.");
	has("No mail was counted in 1 day.");
	has("No mail was counted.");
	has("Nobody was refused");
	has("Nothing is used of any limit.");
	has("No policy decided anything.");
	has("No degraded time was recorded");
	has_not("all was well");
	has("Themis 1.2.3");
	has_not("<script");
	has_not("http://www.w3.org/2000/svg\" width=\"100%\" height=\"0\"");
}

static void give_mail(void)
{
	give(REPORT_TRAFFIC,
		"[{'time': '2026-11-15T10:00:00Z', 'seconds': 900, 'messages': 900,"
		"  'accept': 880, 'defer': 20, 'refused': 20},"
		" {'time': '2026-11-15T12:15:00Z', 'seconds': 900, 'messages': 100,"
		"  'accept': 99, 'error': 1}]");
	give(REPORT_BEFORE, "[{'time': '2026-11-14T00:00:00Z', 'messages': 800}]");
	give(REPORT_WEEKDAYS, "[{'time': '2026-11-15T10:00:00Z', 'messages': 900},"
			      " {'time': '2026-11-15T12:00:00Z', 'messages': 100}]");
	give(REPORT_TOP_OBJECTS,
		"[{'object': 'bob@example.org', 'messages': 250, 'refused': 20}]");
	give(REPORT_REFUSED, "[{'object': 'bob@example.org', 'refused': 20, 'share': 100,"
			     "  'policies': 'outbound', 'clients': 3}]");
	give(REPORT_LIMITS,
		"[{'policy': 'outbound', 'limit': '500/hour', 'pool': null, 'objects': 7,"
		"  'fullest': 96.4, 'at_50': 4, 'at_80': 2, 'at_100': 0},"
		" {'policy': 'mx:few', 'limit': '5/day', 'pool': 'mx', 'objects': 1,"
		"  'fullest': 20, 'at_50': 0, 'at_80': 0, 'at_100': 0}]");
	give(REPORT_MONITOR, "[{'policy': 'tighter', 'refused': 12, 'objects': 2},"
			     " {'policy': 'other', 'refused': 3, 'objects': 1}]");
	give(REPORT_POLICIES,
		"[{'day': '2026-11-15', 'policy': 'outbound', 'messages': 800,"
		"  'refused': 20},"
		" {'day': '2026-11-15', 'policy': null, 'messages': 200, 'refused': 0}]");
	give(REPORT_TROUBLE,
		"[{'begun': '2026-11-15T12:00:00.000Z', 'ended': null, 'state': 'spf',"
		"  'said': 'no DNS'},"
		" {'begun': '2026-11-15T11:00:00.000Z',"
		"  'ended': '2026-11-15T13:00:00.000Z', 'state': 'storage',"
		"  'said': 'disk'}]");
}

static void test_findings(void **state)
{
	(void)state;
	give_mail();
	make();
	/* of all that was counted, and of what the history has */
	has("1,000 messages in 1 day, 25 % more than in the time before. 20 (2.0 %) were "
	    "refused. All of them were of bob@example.org.");
	has("The busiest 15 minutes had 900 messages: Sun 15 Nov, 10:00 to 10:15");
	has("Most mail counted for bob@example.org: 250 messages, 25 % of all");
	has("bob@example.org was refused most: 20 messages");
	has("Most mail comes on Sundays from 10:00 to 11:00: 900 messages an hour");
	has("1 of 2 limits is used to 80 % or more");
	has("mx:few <small>5/day, pool mx</small>");
	has("Monitor policies would have refused 15 messages");
	has("Policy outbound refused most: 20 messages");
	has("(none)");
	/* what overlaps is counted once */
	has("Degraded for 13 h, 2 times");
	has("and still is");
	has("deferred <span>20, 2.0 %</span>");
}

static size_t count(const char *text)
{
	size_t n = 0;

	for (const char *at = page; (at = strstr(at, text)) != NULL; at++)
		n++;
	return n;
}

/* Whoever hears a page has to know which column a number is of, and whose. */
static void test_tables(void **state)
{
	size_t tables;

	(void)state;
	give_mail();
	make();
	tables = count("<table>");
	assert_int_equal(tables, 8);
	assert_int_equal(count("<table>\n<caption>"), tables);
	assert_int_equal(count("</caption>\n<thead>\n<tr><th scope=\"col\">"), tables);
	assert_int_equal(count("<tbody>\n<tr><th scope=\"row\""), tables);
	has_not("<th>");
	has_not("<tr><td");
	has_not("\"></th>");
}

static void test_hostile(void **state)
{
	(void)state;
	give_mail();
	json_decref((json_t *)r.rows[REPORT_REFUSED]);
	give(REPORT_REFUSED,
		"[{'object': '<script>alert(1)</script>\\\"@x.net', 'refused': 20,"
		"  'share': 100, 'policies': '</small><img src=x>', 'clients': 3},"
		" {'object': null, 'refused': 1, 'share': 0.1, 'clients': 1},"
		" {'object': '\\u202egro.live@a', 'refused': 1, 'share': 0.0}]");
	r.host = "<b>host</b>";
	make();
	has("&lt;script&gt;alert(1)&lt;/script&gt;&quot;@x.net was refused most");
	has("(nobody)");
	has("\\xe2\\x80\\xaegro.live@a");
	has("&lt; 0.1 %");
	has_not("<script");
	has_not("<img");
	has_not("<b>host");
}

static void test_unasked(void **state)
{
	(void)state;
	give_mail();
	json_decref((json_t *)r.rows[REPORT_REFUSED]);
	r.rows[REPORT_REFUSED] = NULL;
	r.unasked[REPORT_REFUSED] = "report refused: it took <too> long";
	make();
	has("Who is refused most");
	has("This could not be asked for: report refused: it took &lt;too&gt; long");
	has_not("Nobody was refused");
}

static const char off[] = "[{'name': 'stats_minute_days', 'value': '0'},"
			  " {'name': 'stats_hour_days', 'value': '0'},"
			  " {'name': 'stats_day_days', 'value': '0'}]";

/* What is not kept is not none. */
static void test_unkept(void **state)
{
	(void)state;
	give(REPORT_SETTINGS, off);
	make();
	has("How much mail there was in 1 day is not kept (settings stats_minute_days, "
	    "stats_hour_days, stats_day_days).");
	has("When there was mail is not kept (settings stats_minute_days, "
	    "stats_hour_days).");
	has("When something was degraded is not kept (setting stats_hour_days).");
	has("<b class=\"\">-</b><span>not kept</span>");
	has_not("<b class=\"\">0</b>");
	has_not("No mail was counted");
	has_not("No degraded time");
	has_not("Nobody was refused");
	has_not("No message was refused");
	has_not("would have refused a message");
	has_not("No policy decided anything");
}

/* By what else is known there was mail. */
static void test_known(void **state)
{
	(void)state;
	give(REPORT_TOP_OBJECTS,
		"[{'object': 'bob@example.org', 'messages': 2, 'refused': 0}]");
	make();
	has("How much mail there was in 1 day is not kept (settings ");
	has("When there was mail is not kept (settings stats_minute_days, "
	    "stats_hour_days).");
	has_not("No mail was counted");
}

/* Hours for a week, days for a year. */
static void test_kept(void **state)
{
	(void)state;
	r.since = UNTIL - 21 * DAY;
	give(REPORT_SETTINGS, "[{'name': 'stats_minute_days', 'value': '1'},"
			      " {'name': 'stats_hour_days', 'value': '6'},"
			      " {'name': 'stats_day_days', 'value': '365'}]");
	give(REPORT_TRAFFIC,
		"[{'time': '2026-11-15T00:00:00Z', 'seconds': 86400, 'messages': 900,"
		"  'accept': 900}]");
	give(REPORT_WEEKDAYS, "[{'time': '2026-11-15T10:00:00Z', 'messages': 900}]");
	make();
	has("900 messages in 21 days. None was refused.<");
	/* not a third of it */
	has("Most mail comes on Sundays from 10:00 to 11:00: 900 messages an hour");
	has("When something was degraded is not kept for so long (setting "
	    "stats_hour_days).");
}

/* Some of it may have gone. */
static void test_gone(void **state)
{
	(void)state;
	r.since = UNTIL - 500 * DAY;
	give(REPORT_SETTINGS, "[{'name': 'stats_minute_days', 'value': '1'},"
			      " {'name': 'stats_hour_days', 'value': '6'},"
			      " {'name': 'stats_day_days', 'value': '365'}]");
	give(REPORT_TRAFFIC,
		"[{'time': '2026-11-15T00:00:00Z', 'seconds': 86400, 'messages': 900,"
		"  'accept': 900}]");
	make();
	has("None was refused. Some of that time is not kept for so long (settings ");
}

/* Traffic is counted without a history. */
static void test_history_off(void **state)
{
	(void)state;
	give(REPORT_TRAFFIC,
		"[{'time': '2026-11-15T10:00:00Z', 'seconds': 900, 'messages': 6,"
		"  'accept': 2, 'monitor': 2, 'defer': 2, 'refused': 2}]");
	make();
	has("<b class=\"\">2</b><span>would have been refused</span>");
	has("Monitor policies would have refused 2 messages");
	has("Nothing was recorded of whose mail it was (the setting history says what "
	    "is).");
	has("Nothing was recorded of what policies decided");
	has_not("No policy that only monitors");
	has_not("No policy decided anything");
	has_not("No policy refused anything");
}

/* The history does not go back so far, or was off for a while. */
static void test_history_short(void **state)
{
	(void)state;
	give(REPORT_TRAFFIC,
		"[{'time': '2026-11-15T10:00:00Z', 'seconds': 900, 'messages': 20,"
		"  'monitor': 20}]");
	give(REPORT_MONITOR, "[{'policy': 'tighter', 'refused': 15, 'objects': 2}]");
	make();
	has("Monitor policies would have refused 20 messages");
	has("Of 5 of them nothing was recorded (the setting history says what is).");
}

static void test_clocks(void **state)
{
	(void)state;
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	r.since = UNTIL - 60 * DAY;
	give(REPORT_TRAFFIC,
		"[{'time': '2026-10-25T00:00:00Z', 'seconds': 3600, 'messages': 2,"
		"  'accept': 2},"
		" {'time': '2026-10-25T01:00:00Z', 'seconds': 3600, 'messages': 1,"
		"  'accept': 1}]");
	give(REPORT_TROUBLE,
		"[{'begun': '2025-12-31T12:00:00.000Z', 'ended': null, 'state': 'spf',"
		"  'said': 'no DNS'}]");
	make();
	has("Thu 17 Sep 2026, 02:00, CEST (UTC+2), to Mon 16 Nov 2026, 01:00, CET "
	    "(UTC+1).");
	has("since Wed 31 Dec 2025, 13:00 CET");
}

/* Of equal times, though the one before is counted in whole steps. */
static void test_compared(void **state)
{
	json_t *rows = json_array();

	(void)state;
	r.since = UNTIL - 7 * DAY;
	r.until = UNTIL + 1800;
	json_array_append_new(
		rows, json_pack("{s:s, s:i, s:i, s:i}", "time", "2026-11-09T00:00:00Z",
			      "seconds", 3600, "messages", 337, "accept", 337));
	r.rows[REPORT_TRAFFIC] = rows;
	/* half an hour more than that */
	give(REPORT_BEFORE,
		"[{'time': '2026-11-01T23:00:00Z', 'seconds': 3600, 'messages': 338}]");
	make();
	has("337 messages in 7 days, as many as in the 7 days before.");
}

/* A few are not none. */
static void test_few(void **state)
{
	(void)state;
	give(REPORT_TRAFFIC,
		"[{'time': '2026-11-15T10:00:00Z', 'seconds': 900, 'messages': 2,"
		"  'accept': 2}]");
	give(REPORT_WEEKDAYS, "[{'time': '2026-11-15T10:00:00Z', 'messages': 2}]");
	make();
	has("<b class=\"\">2</b><span>&lt; 0.1 an hour</span>");
}

/* However much there is, a page has an end. */
static void test_much(void **state)
{
	json_t *rows = json_array();

	(void)state;
	for (int i = 0; i < 500; i++)
		json_array_append_new(rows, json_pack("{s:s, s:s, s:f}", "policy", "p",
						    "limit", "1/hour", "fullest", 50.0));
	r.rows[REPORT_LIMITS] = rows;
	make();
	has("And 480 more.");
	has("No limit is used to 80 %");
	assert_true(strlen(page) < 50000);
}

/* Limits that are not half full are no news, and a part without rows is not beside one
 * that has some. */
static void test_limits(void **state)
{
	json_t *rows = json_array();

	(void)state;
	for (int i = 0; i < 12; i++)
		json_array_append_new(
			rows, json_pack("{s:s, s:s, s:f}", "policy", "p", "limit",
				      "1/hour", "fullest", i < 7 ? 60.0 : 20.0));
	r.rows[REPORT_LIMITS] = rows;
	make();
	has("And 5 more.");
	assert_int_equal(count("<div class=\"two\">"), 0);
	free(page);
	for (int i = 0; i < 7; i++)
		json_array_remove(rows, 0);
	give(REPORT_MONITOR, "[{'policy': 'tighter', 'refused': 12, 'objects': 2}]");
	make();
	has_not(" more.<");
	assert_int_equal(count("<div class=\"two\">"), 1);
}

/* A thousand of them are as many as there can be rows. */
static void test_troubles(void **state)
{
	json_t *rows = json_array();
	char begun[40], ended[40];

	(void)state;
	for (int i = 999; i >= 0; i--) {
		snprintf(begun, sizeof(begun), "2026-11-15T%02d:%02d:%02d.000Z", i / 60,
			i % 60, 0);
		snprintf(ended, sizeof(ended), "2026-11-15T%02d:%02d:%02d.000Z", i / 60,
			i % 60, 36);
		json_array_append_new(
			rows, json_pack("{s:s, s:s, s:s, s:s}", "begun", begun, "ended",
				      ended, "state", "dns", "said", "slow"));
	}
	r.rows[REPORT_TROUBLE] = rows;
	give(REPORT_TRAFFIC,
		"[{'time': '2026-11-15T10:00:00Z', 'seconds': 900, 'messages': 2,"
		"  'accept': 2}]");
	make();
	has("Degraded for 10 h or more, 1,000 times or more");
	has("And 980 more.");
	has("Sun 15 Nov, 00:00 to 16:39: 1000 times");
	assert_int_equal(count("class=\"degraded\""), 1);
	assert_true(strlen(page) < 60000);
}

/* A month in which each verdict is in each bar. */
static void test_size(void **state)
{
	json_t *rows = json_array();

	(void)state;
	r.since = UNTIL - 30 * DAY;
	for (int64_t at = r.since; at < UNTIL; at += 10800) {
		time_t t = at;
		struct tm tm;
		char text[40];

		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
		json_array_append_new(rows,
			json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i}",
				"time", text, "seconds", 10800, "accept", 123456,
				"bypass", 2345, "monitor", 3456, "defer", 4567, "block",
				5678, "hold", 678, "discard", 78, "error", 9));
	}
	r.rows[REPORT_TRAFFIC] = rows;
	make();
	assert_true(strlen(page) < 250000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_findings, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_tables, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_hostile, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unasked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unkept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_known, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_gone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_history_off, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_history_short, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_clocks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_compared, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_few, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_much, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_limits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_troubles, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_size, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("shell/report", tests, NULL, NULL);
}
