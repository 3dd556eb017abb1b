/*
 * Tests of base/clock: moments as text, rounded up; durations read and written
 * in every unit, their bounds; the clock itself, and how it follows a wall clock
 * that steps, without waiting for either.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/clock.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "../random.h"

#define MINUTE ((int64_t)60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define YEAR   (365 * DAY)
#define NOON   ((int64_t)1700049600 * CLOCK_SECOND)

static void test_format(void **state)
{
	static const struct {
		int64_t when;
		const char *text;
	} table[] = {
		{ 0, "1970-01-01T00:00:00.000Z" },
		{ 1, "1970-01-01T00:00:00.001Z" },
		{ 999, "1970-01-01T00:00:00.001Z" },
		{ 1000, "1970-01-01T00:00:00.001Z" },
		{ 1001, "1970-01-01T00:00:00.002Z" },
		{ 999000, "1970-01-01T00:00:00.999Z" },
		{ 999001, "1970-01-01T00:00:01.000Z" },
		{ 86399999999, "1970-01-02T00:00:00.000Z" },
		{ 951782400000000, "2000-02-29T00:00:00.000Z" },
		{ 1795246371123000, "2026-11-21T07:32:51.123Z" },
		{ 1795246371122001, "2026-11-21T07:32:51.123Z" },
		{ 4102444799999999, "2100-01-01T00:00:00.000Z" },
		{ 253402300799000000, "9999-12-31T23:59:59.000Z" },
	};
	char buf[CLOCK_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_ptr_equal(clock_format(buf, table[i].when), buf);
		assert_string_equal(buf, table[i].text);
	}
}

/* The text read back by the C library is the moment, less than 1 ms later. */
static void test_format_is_never_early(void **state)
{
	char buf[CLOCK_TEXT_MAX];
	uint64_t seed = 3339;

	(void)state;
	setenv("TZ", "Pacific/Auckland", 1);
	tzset();
	for (int i = 0; i < 20000; i++) {
		int64_t when = (int64_t)(next_random(&seed) % 4102444800000000), told;
		struct tm tm = { 0 };
		char *rest = strptime(clock_format(buf, when), "%Y-%m-%dT%H:%M:%S", &tm);

		assert_non_null(rest);
		assert_int_equal(*rest, '.');
		assert_string_equal(rest + 4, "Z");
		told = (int64_t)timegm(&tm) * CLOCK_SECOND +
		       strtol(rest + 1, NULL, 10) * 1000;
		assert_true(told >= when && told < when + 1000);
	}
}

static void test_format_extremes_fit(void **state)
{
	char buf[CLOCK_TEXT_MAX];

	(void)state;
	assert_true(strlen(clock_format(buf, INT64_MAX)) < CLOCK_TEXT_MAX);
	assert_true(strlen(clock_format(buf, INT64_MIN)) < CLOCK_TEXT_MAX);
}

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		int64_t when; /* -1: refused */
	} table[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2023-11-14T22:00:00Z", 1699999200 * CLOCK_SECOND },
		{ "2023-11-14T22:00:00.5Z", 1699999200 * CLOCK_SECOND + 500000 },
		{ "2023-11-14T22:00:00.000001Z", 1699999200 * CLOCK_SECOND + 1 },
		{ "2024-02-29T23:59:59.999Z", 1709251199 * CLOCK_SECOND + 999000 },
		{ "2023-11-14T22:00:00.0000001Z", -1 },
		{ "2023-11-14T22:00:00.Z", -1 },
		{ "2023-11-14T22:00:00", -1 },
		{ "2023-11-14T22:00:00z", -1 },
		{ "2023-11-14T22:00:00Z ", -1 },
		{ "2023-11-14T22:00:00+00:00", -1 },
		{ "2023-11-14 22:00:00Z", -1 },
		{ " 2023-11-14T22:00:00Z", -1 },
		{ "2023-11-14T22:00Z", -1 },
		{ "2023-02-29T00:00:00Z", -1 },
		{ "2023-13-01T00:00:00Z", -1 },
		{ "2023-11-14T24:00:00Z", -1 },
		{ "2023-11-14T22:00:60Z", -1 },
		{ "1969-12-31T23:59:59Z", -1 },
		{ "tomorrow", -1 },
		{ "2023", -1 },
		{ "", -1 },
	};
	char text[CLOCK_TEXT_MAX];
	int64_t when;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		when = -1;
		if ((clock_parse(table[i].text, &when) < 0) != (table[i].when < 0) ||
			when != table[i].when)
			fail_msg("%s: %lld", table[i].text, (long long)when);
	}
	/* it reads what is written */
	for (when = 999; when < 100000000000000000; when = when * 3 + 1000) {
		int64_t read;

		when -= when % 1000;
		assert_int_equal(clock_parse(clock_format(text, when), &read), 0);
		assert_int_equal(read, when);
	}
}

static void test_duration_parse(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} table[] = { { "0", 0 }, { "1", 1 }, { "3600", HOUR }, { "0s", 0 },
		{ "0 hours", 0 }, { "second", 1 }, { "seconds", 1 }, { "s", 1 },
		{ "sec", 1 }, { "90s", 90 }, { "90sec", 90 }, { "90 seconds", 90 },
		{ "1second", 1 }, { "minute", MINUTE }, { "m", MINUTE },
		{ "min", MINUTE }, { "10 minutes", 10 * MINUTE },
		{ "10minutes", 10 * MINUTE }, { "30m", 30 * MINUTE },
		{ "5 min", 5 * MINUTE }, { "hour", HOUR }, { "h", HOUR },
		{ "2h", 2 * HOUR }, { "24 hours", DAY }, { "day", DAY }, { "d", DAY },
		{ "3 days", 3 * DAY }, { "week", 7 * DAY }, { "w", 7 * DAY },
		{ "2weeks", 14 * DAY }, { "month", 30 * DAY }, { "12 months", 360 * DAY },
		{ "year", YEAR }, { "y", YEAR }, { "2 years", 2 * YEAR }, { "007", 7 },
		{ "1000 years", 1000 * YEAR }, { "1000y", 1000 * YEAR },
		{ "31536000000", 1000 * YEAR } };

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		int64_t n = -1;

		if (duration_parse(table[i].text, &n) != 0 || n != table[i].seconds)
			fail_msg("\"%s\" is %lld", table[i].text, (long long)n);
	}
}

static void test_duration_parse_refuses(void **state)
{
	static const char *const table[] = { "", " ", "-1", "+1", "1.5h", "1,5h", "h2",
		"hour 2", "2 hour s", "2hs", "fortnight", "minut", "minutess", "secs2",
		"1 2", "2h30m", "2 hours 30 minutes", "mo", "ms", "0x10", "1e3", "hours!",
		"2\n", "2h\n", "2\th", "1001 years", "31536000001", "12167 months",
		"1000y1", "18446744073709551616", "18446744073709551617 seconds",
		"99999999999999999999999999999999999999 hours",
		"5124095576030431 hours" /* 2^64 seconds, about */ };

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		int64_t n = 0;

		if (duration_parse(table[i], &n) != -1)
			fail_msg("\"%s\" is %lld", table[i], (long long)n);
	}
}

static void test_duration_format(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} table[] = { { 0, "0seconds" }, { 1, "second" }, { 2, "2seconds" },
		{ 59, "59seconds" }, { 60, "minute" }, { 61, "61seconds" },
		{ 90, "90seconds" }, { 600, "10minutes" }, { HOUR, "hour" },
		{ 90 * MINUTE, "90minutes" }, { DAY, "day" }, { 7 * DAY, "week" },
		{ 8 * DAY, "8days" }, { 30 * DAY, "month" }, { 60 * DAY, "2months" },
		{ YEAR, "year" }, { 1000 * YEAR, "1000years" } };
	char buf[DURATION_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_ptr_equal(duration_format(buf, table[i].seconds), buf);
		assert_string_equal(buf, table[i].text);
	}
}

/* Any length, few seconds and many years alike. */
static int64_t random_duration(uint64_t *seed)
{
	static const int64_t units[] = { 1, MINUTE, HOUR, DAY, 7 * DAY, 30 * DAY, YEAR };
	int64_t unit = units[next_random(seed) % 7];
	uint64_t max = (uint64_t)(1000 * YEAR / unit) + 1;

	if (next_random(seed) % 2)
		max = max > 500 ? 500 : max;
	return (int64_t)(next_random(seed) % max) * unit;
}

static void test_duration_round_trip(void **state)
{
	char buf[DURATION_TEXT_MAX];
	uint64_t seed = 7;

	(void)state;
	for (int i = 0; i < 50000; i++) {
		int64_t seconds = random_duration(&seed), again = -1;

		if (duration_parse(duration_format(buf, seconds), &again) != 0 ||
			again != seconds)
			fail_msg("%lld is \"%s\" is %lld", (long long)seconds, buf,
				(long long)again);
	}
}

static void test_duration_say(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} table[] = { { 0, "0 seconds" }, { 1, "1 second" }, { 2, "2 seconds" },
		{ 59, "59 seconds" }, { 90, "90 seconds" }, { 119, "119 seconds" },
		{ 120, "2 minutes" }, { 121, "3 minutes" }, { 59 * MINUTE, "59 minutes" },
		{ 58 * MINUTE + 1, "59 minutes" }, { 90 * MINUTE, "90 minutes" },
		{ 2 * HOUR, "2 hours" }, { 2 * HOUR + 1, "3 hours" },
		{ 2 * DAY, "2 days" }, { 30 * DAY, "30 days" },
		{ 2 * YEAR, "730 days" } };
	char buf[DURATION_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_ptr_equal(duration_say(buf, table[i].seconds), buf);
		assert_string_equal(buf, table[i].text);
	}
}

/* Never less than it is, by less than the unit that it is told in. */
static void test_duration_say_rounds_up(void **state)
{
	char buf[DURATION_TEXT_MAX];
	uint64_t seed = 11;

	(void)state;
	for (int i = 0; i < 50000; i++) {
		int64_t seconds = random_duration(&seed), told, unit;

		duration_say(buf, seconds);
		assert_int_equal(duration_parse(buf, &told), 0);
		assert_int_equal(duration_parse(strchr(buf, ' ') + 1, &unit), 0);
		if (told < seconds || told - seconds >= unit)
			fail_msg("%lld is told as %s", (long long)seconds, buf);
		assert_true(unit == 1 || seconds >= 2 * unit);
	}
}

static void test_clock(void **state)
{
	struct timespec ts;
	int64_t before, now, last;

	(void)state;
	clock_start();
	clock_gettime(CLOCK_REALTIME, &ts);
	before = (int64_t)ts.tv_sec * CLOCK_SECOND + ts.tv_nsec / 1000;
	now = last = clock_now();
	/* the wall clock may be set meanwhile, but hardly by a minute */
	assert_true(llabs(now - before) < 60 * CLOCK_SECOND);
	for (int i = 0; i < 100000; i++) {
		now = clock_now();
		assert_true(now >= last);
		last = now;
	}
}

/* However the wall clock steps, and however often it is looked at: the clock never goes
 * back, and between any two moments it is right by 1/64. */
static void test_slew_is_even(void **state)
{
	uint64_t seed = 64;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct clock_slew slew = { 1000, 5000 * CLOCK_SECOND, 0 };
		int64_t monotonic = 1000, wall = 5000 * CLOCK_SECOND, shown, last;

		last = clock_slew_at(&slew, monotonic);
		for (int i = 0; i < 500; i++) {
			int64_t gone = (int64_t)(next_random(&seed) % CLOCK_SECOND);

			monotonic += gone;
			wall += gone;
			shown = clock_slew_at(&slew, monotonic);
			assert_true(shown >= last);
			assert_true(llabs(shown - last - gone) <= gone / CLOCK_SLEW + 1);
			last = shown;
			if (next_random(&seed) % 50 == 0)
				wall += (int64_t)(next_random(&seed) % (DAY * 2000000)) -
					DAY * 1000000;
			if (next_random(&seed) % 2)
				slew = clock_slew_to(&slew, monotonic, wall);
			assert_int_equal(clock_slew_at(&slew, monotonic), shown);
		}
	}
}

/* It arrives after 64 times what it was off by, stays there, and says what is left. */
static void test_slew_arrives(void **state)
{
	static const int64_t steps[] = { 1, -1, 90, -90, 3600, -3600, -30 * 86400 };

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int64_t off = steps[i] * CLOCK_SECOND, takes = llabs(off) * CLOCK_SLEW;
		struct clock_slew slew = { 0, NOON, 0 };

		slew = clock_slew_to(&slew, 0, NOON + off);
		assert_int_equal(slew.left, off);
		assert_int_equal(clock_slew_at(&slew, 0), NOON);
		assert_int_equal(
			clock_slew_at(&slew, takes / 2), NOON + takes / 2 + off / 2);
		assert_int_equal(clock_slew_at(&slew, takes), NOON + takes + off);
		/* also where nobody looked when it arrived */
		assert_int_equal(clock_slew_at(&slew, 3 * takes), NOON + 3 * takes + off);
		slew = clock_slew_to(&slew, takes / 2, NOON + takes / 2 + off);
		assert_int_equal(slew.left, off - off / 2);
		slew = clock_slew_to(&slew, takes, NOON + takes + off);
		assert_int_equal(slew.left, 0);
	}
}

/* Corrected while others read it. */
static void *follow(void *arg)
{
	atomic_bool *over = arg;

	while (!*over)
		clock_follow();
	return NULL;
}

static void test_clock_never_goes_back(void **state)
{
	atomic_bool over = false;
	int64_t now, last;
	pthread_t thread;

	(void)state;
	clock_start();
	assert_true(llabs(clock_follow()) < 60 * CLOCK_SECOND);
	assert_int_equal(pthread_create(&thread, NULL, follow, &over), 0);
	last = clock_now();
	for (int i = 0; i < 200000; i++) {
		now = clock_now();
		assert_true(now >= last);
		last = now;
	}
	over = true;
	pthread_join(thread, NULL);
}

static void test_waiting(void **state)
{
	struct timespec when = clock_in(0);

	(void)state;
	assert_true(clock_is_past(&when));
	when = clock_in(3600 * 1000);
	assert_false(clock_is_past(&when));
	for (int i = 0; i < 2000; i++) {
		when = clock_in(i);
		assert_in_range(when.tv_nsec, 0, 999999999);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_format_is_never_early),
		cmocka_unit_test(test_format_extremes_fit),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_duration_parse),
		cmocka_unit_test(test_duration_parse_refuses),
		cmocka_unit_test(test_duration_format),
		cmocka_unit_test(test_duration_round_trip),
		cmocka_unit_test(test_duration_say),
		cmocka_unit_test(test_duration_say_rounds_up),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_waiting),
		cmocka_unit_test(test_slew_is_even),
		cmocka_unit_test(test_slew_arrives),
		cmocka_unit_test(test_clock_never_goes_back),
	};

	return cmocka_run_group_tests_name("base/clock", tests, NULL, NULL);
}
