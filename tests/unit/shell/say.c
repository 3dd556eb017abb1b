/*
 * Tests of shell/say: numbers, shares, lengths and moments as a page has them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "say.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	arena = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void test_numbers(void **state)
{
	(void)state;
	assert_string_equal(say_count(arena, 0), "0");
	assert_string_equal(say_count(arena, 999), "999");
	assert_string_equal(say_count(arena, 12418), "12,418");
	assert_string_equal(say_count(arena, 1234567.4), "1,234,567");
	assert_string_equal(say_some(arena, 1, "message"), "1 message");
	assert_string_equal(say_some(arena, 0, "message"), "0 messages");
	assert_string_equal(say_short(arena, 312), "312");
	assert_string_equal(say_short(arena, 999.6), "1k");
	assert_string_equal(say_short(arena, 1200), "1.2k");
	assert_string_equal(say_short(arena, 12400), "12k");
	assert_string_equal(say_short(arena, 3400000), "3.4M");
	assert_string_equal(say_short(arena, 5e15), "5000T");
}

static void test_rates(void **state)
{
	(void)state;
	assert_string_equal(say_rate(arena, 0), "0");
	assert_string_equal(say_rate(arena, 0.02), "< 0.1");
	assert_string_equal(say_rate(arena, 0.3), "0.3");
	assert_string_equal(say_rate(arena, 7.97), "8");
	assert_string_equal(say_rate(arena, 9.8), "9.8");
	assert_string_equal(say_rate(arena, 12.4), "12");
	assert_string_equal(say_rate(arena, 1240), "1.2k");
}

static void test_names(void **state)
{
	char name[301];

	(void)state;
	assert_string_equal(say_name(arena, "bob@example.org"), "bob@example.org");
	for (int i = 0; i < 150; i++)
		memcpy(name + 2 * i, "\xc3\xa4", 2);
	name[300] = '\0';
	/* not within a character */
	assert_int_equal(strlen(say_name(arena, name)), 64 + 3);
	name[0] = 'a';
	memmove(name + 1, name + 2, 299);
	assert_int_equal(strlen(say_name(arena, name)), 63 + 3);
	/* whose it is, is at the end */
	memset(name, 'x', 300);
	memcpy(name + 300 - 12, "@example.org", 12);
	assert_string_equal(say_name(arena, name),
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...@example.org");
	name[10] = '@';
	name[288] = 'x';
	assert_string_equal(say_name(arena, name),
		"xxxxxxxxxx@xxxxxxxxxxxxx...xxxxxxxxxxxxxxxxxxxxxxxxxxxxxexample.org");
}

static void test_shares(void **state)
{
	(void)state;
	assert_string_equal(say_share(arena, 0, 0), "0 %");
	assert_string_equal(say_share(arena, 0, 5), "0 %");
	assert_string_equal(say_share(arena, 1, 100000), "< 0.1 %");
	assert_string_equal(say_share(arena, 8, 1000), "0.8 %");
	assert_string_equal(say_share(arena, 37, 100), "37 %");
	assert_string_equal(say_share(arena, 995, 1000), "99.5 %");
	/* almost all is not all */
	assert_string_equal(say_share(arena, 99999, 100000), "> 99.9 %");
	assert_string_equal(say_share(arena, 5, 5), "100 %");
	/* of a limit that was lowered */
	assert_string_equal(say_share(arena, 150, 100), "150 %");
}

static void test_lengths(void **state)
{
	(void)state;
	assert_string_equal(say_length(arena, -1), "0 s");
	assert_string_equal(say_length(arena, 14), "14 s");
	assert_string_equal(say_length(arena, 14 * 60), "14 min");
	assert_string_equal(say_length(arena, 125 * 60), "2 h 5 min");
	assert_string_equal(say_length(arena, 86400), "1 day");
	assert_string_equal(say_length(arena, 7 * 86400 + 3600 + 60), "7 days 1 h");
}

static void test_moments(void **state)
{
	const int64_t at = 1794754800; /* 2026-11-15 15:00 UTC */
	const struct say_need need = { 0 };

	(void)state;
	assert_string_equal(say_day(arena, at), "Sun 15 Nov");
	assert_string_equal(say_clock(arena, at), "16:00");
	assert_string_equal(say_date(arena, at), "Sun 15 Nov 2026, 16:00");
	assert_string_equal(say_month(arena, at), "Nov 2026");
	assert_string_equal(
		say_span(arena, at, at + 3600, need), "Sun 15 Nov, 16:00 to 17:00");
	/* up to midnight is the same day */
	assert_string_equal(
		say_span(arena, at, at + 8 * 3600, need), "Sun 15 Nov, 16:00 to 00:00");
	assert_string_equal(say_span(arena, at, at + 9 * 3600, need),
		"Sun 15 Nov, 16:00 to Mon 16 Nov, 01:00");
	/* a year later */
	assert_string_equal(say_span(arena, at, at + 364 * 86400, need),
		"Sun 15 Nov, 16:00 to Sun 14 Nov, 16:00");
}

/* No moment is to look like another one of the same time. */
static void test_needs(void **state)
{
	const int64_t noon = 1792926000, /* 2026-10-25 11:00 UTC, ten hours behind */
		year = 365 * 86400;
	struct say_need need = say_need(noon - 86400, noon);

	(void)state;
	assert_true(need.zone && !need.year);
	assert_string_equal(
		say_moment(arena, noon - 11 * 3600, need), "Sun 25 Oct, 02:00 CEST");
	assert_string_equal(say_span(arena, noon - 11 * 3600, noon - 10 * 3600, need),
		"Sun 25 Oct, 02:00 CEST to 02:00 CET");
	assert_string_equal(say_span(arena, noon, noon + 3600, need),
		"Sun 25 Oct, 12:00 to 13:00 CET");
	need = say_need(noon, noon + 30 * 86400);
	assert_true(!need.zone && !need.year);
	need = say_need(noon, noon + 100 * 86400);
	assert_true(!need.zone && need.year);
	assert_string_equal(say_moment(arena, noon, need), "Sun 25 Oct 2026, 12:00");
	/* the same at both ends, and not between them */
	need = say_need(noon, noon + year);
	assert_true(need.zone && need.year);
	/* up to the midnight of a year's end is that year */
	need = say_need(1767222000, 1767222000 + 31 * 86400);
	assert_true(!need.year);
	need = say_need(1767222000, 1767222000 + year);
	assert_true(!need.year);
}

static void expect_zone(const char *zone, const char *said)
{
	setenv("TZ", zone, 1);
	tzset();
	assert_string_equal(say_zone(arena, 1794754800), said);
}

static void test_zones(void **state)
{
	(void)state;
	assert_string_equal(say_zone(arena, 1794754800), "CET (UTC+1)");
	assert_string_equal(say_zone(arena, 1784754800), "CEST (UTC+2)");
	expect_zone("UTC0", "UTC");
	expect_zone("IST-5:30", "IST (UTC+5:30)");
	expect_zone("<-03>3", "UTC-3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_numbers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_rates, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_names, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_shares, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lengths, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_moments, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_needs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_zones, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("shell/say", tests, NULL, NULL);
}
