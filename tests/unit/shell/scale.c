/*
 * Tests of shell/scale: round numbers, and round times where clocks are changed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "scale.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static void expect_scale(double max, int lines, double step, int steps)
{
	struct scale s = scale_of(max, lines);

	assert_true(s.step == step);
	assert_int_equal(s.steps, steps);
	assert_true(scale_top(&s) >= max);
}

static void test_numbers(void **state)
{
	(void)state;
	/* nothing has an axis, too */
	expect_scale(0, 5, 1, 1);
	expect_scale(1, 5, 1, 1);
	expect_scale(5, 5, 1, 5);
	expect_scale(6, 5, 2, 3);
	expect_scale(197, 5, 50, 4);
	expect_scale(200, 5, 50, 4);
	expect_scale(201, 5, 50, 5);
	expect_scale(251, 5, 100, 3);
	expect_scale(1829, 5, 500, 4);
	expect_scale(7, 1, 10, 1);
	expect_scale(7, 0, 10, 1);
	expect_scale(3e9, 3, 1e9, 3);
	/* things cannot be halved */
	expect_scale(0.4, 5, 1, 1);
}

static void test_steps_of_time(void **state)
{
	(void)state;
	assert_int_equal(scale_time_step(3600, 0, 8), 600);
	assert_int_equal(scale_time_step(SCALE_DAY, 0, 8), 3 * SCALE_HOUR);
	assert_int_equal(scale_time_step(7 * SCALE_DAY, 0, 8), SCALE_DAY);
	assert_int_equal(scale_time_step(30 * SCALE_DAY, 0, 8), 7 * SCALE_DAY);
	assert_int_equal(scale_time_step(365 * SCALE_DAY, 0, 8), 90 * SCALE_DAY);
	assert_int_equal(scale_time_step(36500 * SCALE_DAY, 0, 8), 360 * SCALE_DAY);
	/* what comes in hours cannot be shown in less, nor in what hours do not add up to
	 */
	assert_int_equal(scale_time_step(3600, 3600, 250), 3600);
	assert_int_equal(
		scale_time_step(30 * SCALE_DAY, 3 * SCALE_HOUR, 250), 3 * SCALE_HOUR);
	assert_int_equal(scale_time_step(400 * SCALE_DAY, SCALE_DAY, 250), 2 * SCALE_DAY);
}

static int64_t at(const char *text)
{
	struct tm tm = { .tm_isdst = -1 };

	assert_non_null(strptime(text, "%Y-%m-%d %H:%M", &tm));
	return mktime(&tm);
}

static void expect_next(const char *from, int64_t step, const char *next)
{
	assert_int_equal(scale_time_next(at(from), step, false), at(next));
}

static void set_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

/* Central Europe, without a file of zones. */
#define CET "CET-1CEST,M3.5.0,M10.5.0/3"

static void test_next(void **state)
{
	(void)state;
	set_zone(CET);
	expect_next("2026-11-15 14:07", 600, "2026-11-15 14:10");
	expect_next("2026-11-15 14:10", 600, "2026-11-15 14:20");
	expect_next("2026-11-15 14:07", SCALE_HOUR, "2026-11-15 15:00");
	expect_next("2026-11-15 14:07", 6 * SCALE_HOUR, "2026-11-15 18:00");
	expect_next("2026-11-15 18:00", 6 * SCALE_HOUR, "2026-11-16 00:00");
	expect_next("2026-11-15 18:00", SCALE_DAY, "2026-11-16 00:00");
	/* the 15th is a Sunday */
	expect_next("2026-11-15 18:00", 7 * SCALE_DAY, "2026-11-16 00:00");
	expect_next("2026-11-16 00:00", 7 * SCALE_DAY, "2026-11-23 00:00");
	expect_next("2026-11-16 00:00", 30 * SCALE_DAY, "2026-12-01 00:00");
	expect_next("2026-11-16 00:00", 90 * SCALE_DAY, "2027-01-01 00:00");
	expect_next("2026-11-16 00:00", 360 * SCALE_DAY, "2027-01-01 00:00");
}

static void test_clocks_change(void **state)
{
	int64_t night, next;

	(void)state;
	set_zone(CET);
	/* a day of 23 hours, and one of 25 */
	expect_next("2026-03-29 00:00", SCALE_DAY, "2026-03-30 00:00");
	assert_int_equal(
		at("2026-03-30 00:00") - at("2026-03-29 00:00"), 23 * SCALE_HOUR);
	expect_next("2026-10-25 00:00", SCALE_DAY, "2026-10-26 00:00");
	assert_int_equal(
		at("2026-10-26 00:00") - at("2026-10-25 00:00"), 25 * SCALE_HOUR);
	/* the hour from 2 to 3 comes twice, and is two */
	night = at("2026-10-25 00:00");
	for (int hour = 1; hour <= 25; hour++) {
		next = scale_time_next(night, SCALE_HOUR, false);
		assert_int_equal(next - night, SCALE_HOUR);
		night = next;
	}
	/* a step never stands still */
	night = at("2026-10-25 00:00");
	for (int i = 0; i < 20; i++) {
		next = scale_time_next(night, 2 * SCALE_HOUR, false);
		assert_true(next > night && next <= night + 3 * SCALE_HOUR);
		night = next;
	}
}

static void test_zones(void **state)
{
	(void)state;
	set_zone("IST-5:30");
	expect_next("2026-11-15 14:07", SCALE_HOUR, "2026-11-15 15:00");
	assert_int_equal(scale_time_next(1000, SCALE_HOUR, true), 3600);
	assert_int_equal(scale_time_next(1000, SCALE_DAY, true), SCALE_DAY);
	set_zone("UTC0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_steps_of_time),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_clocks_change),
		cmocka_unit_test(test_zones),
	};

	return cmocka_run_group_tests_name("shell/scale", tests, NULL, NULL);
}
