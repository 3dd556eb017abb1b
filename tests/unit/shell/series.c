/*
 * Tests of shell/series and shell/hours: rows of traffic in bins, and by the hours of the
 * week, where clocks are not those of UTC.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "series.h"
#include "hours.h"
#include "scale.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define SUNDAY 1794700800 /* 2026-11-15 00:00 UTC */

static struct arena *arena;
static json_t *rows;

static void set_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static int set_up(void **state)
{
	(void)state;
	set_zone("CET-1CEST,M3.5.0,M10.5.0/3");
	arena = arena_new();
	rows = json_array();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	json_decref(rows);
	arena_free(arena);
	return 0;
}

static void add(int64_t at, int seconds, int accept, int defer, int error)
{
	time_t t = at;
	struct tm tm;
	char text[40];

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
	json_array_append_new(
		rows, json_pack("{s:s, s:i, s:i, s:i, s:i, s:i}", "time", text, "seconds",
			      seconds, "messages", accept + defer + error, "accept",
			      accept, "defer", defer, "error", error));
}

static void test_bins(void **state)
{
	const struct series_bin *peak;
	struct series s;

	(void)state;
	/* it began before, and is of the first bin */
	add(SUNDAY - 3600, 3600, 1, 0, 0);
	add(SUNDAY + 3600, 3600, 10, 2, 0);
	add(SUNDAY + 7200, 3600, 3, 4, 5);
	/* behind the end there is nothing: the last one */
	add(SUNDAY + 900000, 3600, 1, 0, 0);
	series_make(arena, rows, SUNDAY - 1800, SUNDAY + 7200 + 600, 250, &s);
	assert_false(s.utc);
	assert_int_equal(s.step, 3600);
	assert_int_equal(s.count, 4);
	assert_int_equal(s.bins[0].start, SUNDAY - 1800);
	assert_int_equal(s.bins[0].end, SUNDAY);
	assert_int_equal(s.bins[3].end, SUNDAY + 7200 + 600);
	assert_true(series_all(s.bins[0].n) == 1);
	assert_true(series_all(s.bins[1].n) == 0);
	assert_true(series_refused(s.bins[3].n) == 4);
	assert_true(series_stopped(s.bins[3].n) == 9);
	assert_true(s.total[SERIES_ACCEPT] == 15 && s.total[SERIES_DEFER] == 6);
	peak = series_peak(&s, SERIES_ACCEPT, SERIES_ERROR);
	assert_ptr_equal(peak, &s.bins[3]);
	peak = series_peak(&s, SERIES_HOLD, SERIES_HOLD);
	assert_null(peak);
}

static void expect_base(int seconds, int64_t base)
{
	json_array_clear(rows);
	add(SUNDAY, seconds, 1, 0, 0);
	assert_int_equal(series_base(rows), base);
}

static void test_bases(void **state)
{
	(void)state;
	assert_int_equal(series_base(rows), 0);
	expect_base(900, 60);
	expect_base(10800, 3600);
	expect_base(86400, 86400);
}

static void test_grids(void **state)
{
	struct series s;

	(void)state;
	/* three hours of UTC are none here */
	add(SUNDAY, 3 * 3600, 1, 0, 0);
	series_make(arena, rows, SUNDAY - 1800, SUNDAY + 30 * SCALE_DAY, 250, &s);
	assert_true(s.utc);
	assert_int_equal(s.step, 3 * 3600);
	assert_int_equal(s.bins[1].start, SUNDAY);
	set_zone("UTC0");
	series_make(arena, rows, SUNDAY - 1800, SUNDAY + 30 * SCALE_DAY, 250, &s);
	assert_false(s.utc);
}

static void test_nothing(void **state)
{
	struct series s;

	(void)state;
	series_make(arena, rows, SUNDAY, SUNDAY + SCALE_DAY, 250, &s);
	assert_true(series_all(s.total) == 0);
	assert_null(series_peak(&s, SERIES_ACCEPT, SERIES_ERROR));
	series_make(arena, rows, SUNDAY, SUNDAY, 250, &s);
	assert_int_equal(s.count, 0);
	json_array_append_new(rows, json_pack("{s:s, s:n}", "time", "soon", "accept"));
	series_make(arena, rows, SUNDAY, SUNDAY + SCALE_DAY, 250, &s);
	assert_true(series_all(s.total) == 0);
}

static void test_hours(void **state)
{
	struct hours h;
	int day, hour;

	(void)state;
	/* 01:00 here; twice in the period, and an hour later once more */
	add(SUNDAY, 3600, 30, 0, 0);
	add(SUNDAY + 7 * SCALE_DAY, 3600, 50, 0, 0);
	add(SUNDAY + 3600, 3600, 10, 0, 0);
	hours_make(rows, SUNDAY - 3600, SUNDAY + 7 * SCALE_DAY + 3600, &h);
	assert_true(hours_rate(&h, 6, 1) == 40);
	assert_true(hours_rate(&h, 6, 2) == 10);
	assert_true(hours_rate(&h, 0, 1) == 0);
	assert_true(hours_peak(&h, &day, &hour) == 40);
	assert_int_equal(day, 6);
	assert_int_equal(hour, 1);
	assert_true(hours_above(&h, 0) == 40);
	assert_true(hours_above(&h, 1) == 10);
	assert_true(hours_above(&h, 2) == 0);
	/* an hour of which there is but a piece is not made more of */
	hours_make(rows, SUNDAY, SUNDAY + 1800, &h);
	assert_true(hours_rate(&h, 6, 1) == 80);
	hours_make(rows, SUNDAY, SUNDAY + 7 * SCALE_DAY + 1800, &h);
	assert_true(fabs(hours_rate(&h, 6, 1) - 80 / 1.5) < 1e-9);
}

static void expect_rate(const struct hours *h, int day, int hour, double rate)
{
	assert_true(fabs(hours_rate(h, day, hour) - rate) < 1e-9);
}

/* An hour of UTC may be pieces of two hours here. */
static void test_pieces(void **state)
{
	struct hours h;

	(void)state;
	/* from 05:45 to 06:45 */
	set_zone("<+0545>-5:45");
	add(SUNDAY, 3600, 40, 0, 0);
	add(SUNDAY + 3600, 3600, 80, 0, 0);
	hours_make(rows, SUNDAY - 3600, SUNDAY + 7200, &h);
	expect_rate(&h, 6, 4, 0);
	expect_rate(&h, 6, 5, 10);
	expect_rate(&h, 6, 6, 30 + 20);
	expect_rate(&h, 6, 7, 60);
	/* all of what is there of the last hour came in that piece of it */
	hours_make(rows, SUNDAY - 3600, SUNDAY + 3600 + 1800, &h);
	expect_rate(&h, 6, 6, 30 + 40);
	expect_rate(&h, 6, 7, 40);
	set_zone("IST-5:30");
	hours_make(rows, SUNDAY - 1800, SUNDAY + 7200, &h);
	expect_rate(&h, 6, 5, 20);
	expect_rate(&h, 6, 6, 60);
	expect_rate(&h, 6, 7, 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_bins, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bases, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_grids, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_hours, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_pieces, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("shell/series", tests, NULL, NULL);
}
