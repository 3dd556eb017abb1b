/*
 * Tests of counter/limit.c: every notation of a limit, what is refused and in
 * which words, and that the canonical spelling is read back equal.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "counter/limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define MINUTE 60
#define HOUR   3600
#define DAY    86400

static const struct good {
	const char *text;
	uint64_t amount;
	int64_t period;
	const char *canonical;
} good[] = {
	{ "100/hour", 100, HOUR, "100/hour" },
	{ "5 per 10 minutes", 5, 10 * MINUTE, "5/10minutes" },
	{ "100:3600", 100, HOUR, "100/hour" },
	{ "1/second", 1, 1, "1/second" },
	{ "1/minute", 1, MINUTE, "1/minute" },
	{ "1/day", 1, DAY, "1/day" },
	{ "1/week", 1, 7 * DAY, "1/week" },
	{ "1/month", 1, 30 * DAY, "1/month" },
	{ "1/year", 1, 365 * DAY, "1/year" },
	{ "7 per hour", 7, HOUR, "7/hour" },
	{ "7 per 1 hour", 7, HOUR, "7/hour" },
	{ "7/90s", 7, 90, "7/90seconds" },
	{ "7/90 seconds", 7, 90, "7/90seconds" },
	{ "7/90", 7, 90, "7/90seconds" },
	{ "7/60", 7, MINUTE, "7/minute" },
	{ "7/2h", 7, 2 * HOUR, "7/2hours" },
	{ "7/120 minutes", 7, 2 * HOUR, "7/2hours" },
	{ "7/24 hours", 7, DAY, "7/day" },
	{ "7/7d", 7, 7 * DAY, "7/week" },
	{ "7/2w", 7, 14 * DAY, "7/2weeks" },
	{ "7 / hour", 7, HOUR, "7/hour" },
	{ "7 : 60", 7, MINUTE, "7/minute" },
	{ "  7/hour  ", 7, HOUR, "7/hour" },
	{ "0/hour", 0, HOUR, "0/hour" },
	{ "0:3600", 0, HOUR, "0/hour" },
	{ "2000000000/second", LIMIT_AMOUNT_MAX, 1, "2000000000/second" },
	{ "1/10 years", 1, LIMIT_PERIOD_MAX, "1/10years" },
	{ "1:315360000", 1, LIMIT_PERIOD_MAX, "1/10years" },
	{ "007/hour", 7, HOUR, "7/hour" },
	{ "2000000001/hour", 2000000001, HOUR, "2000000001/hour" },
	{ "1024/hour", 1024, HOUR, "1024/hour" },
	{ "500K/hour", 500 << 10, HOUR, "500K/hour" },
	{ "100M/day", 100 << 20, DAY, "100M/day" },
	{ "100M:86400", 100 << 20, DAY, "100M/day" },
	{ "10M per 10 minutes", 10 << 20, 10 * MINUTE, "10M/10minutes" },
	{ "1024K/hour", 1 << 20, HOUR, "1M/hour" },
	{ "1536K/hour", 1536 << 10, HOUR, "1536K/hour" },
	{ "3072M/hour", UINT64_C(3) << 30, HOUR, "3G/hour" },
	{ "0M/hour", 0, HOUR, "0/hour" },
	{ "1073741824G/hour", LIMIT_OCTETS_MAX, HOUR, "1073741824G/hour" },
	{ "1152921504606846976/hour", LIMIT_OCTETS_MAX, HOUR,
		"1152921504606846976/hour" },
};

/* Refused, with these words somewhere in the refusal. */
static const struct bad {
	const char *text, *says;
} bad[] = {
	{ "abc", "not a limit: \"abc\"" },
	{ "", "not a limit" },
	{ " ", "not a limit" },
	{ ",", "not a limit" },
	{ "100", "not a limit: \"100\"" },
	{ "hour", "not a limit" },
	{ "/hour", "not a limit" },
	{ "100/", "not a limit" },
	{ "100 hour", "not a limit" },
	{ "100 perhour", "not a limit" },
	{ "-1/hour", "not a limit: \"-1/hour\"" },
	{ "+1/hour", "not a limit" },
	{ "1e9/hour", "not a limit: \"1e9/hour\"" },
	{ "1.5/hour", "not a limit" },
	{ "0x10/hour", "not a limit" },
	{ "1152921504606846977/hour", "not an amount: \"1152921504606846977\"" },
	{ "1073741825G/hour", "0 to 2000000000; with count=bytes to 1073741824G" },
	{ "99999999999999999999M/hour", "not an amount" },
	{ "5T/hour", "not a limit" },
	{ "5m/hour", "not a limit" },
	{ "5MM/hour", "not a limit" },
	{ "5M5/hour", "not a limit" },
	{ "M/hour", "not a limit" },
	{ "0M:0", "not a period" },
	{ "99999999999999999999999999/hour", "not an amount" },
	{ "5/0s", "not a period: \"0s\"" },
	{ "5/0", "not a period" },
	{ "5:0", "not a period" },
	{ "5/-1h", "not a period" },
	{ "5/fortnight", "not a period: \"fortnight\"" },
	{ "5/hour/day", "not a period" },
	{ "5/11 years", "10 years" },
	{ "5/315360001", "10 years" },
	{ "5/99999999999999999999 years", "not a period" },
	{ "5:hour", "seconds" },
	{ "5:1h", "seconds" },
	{ "5/hour,", "not a limit" },
	{ ",5/hour", "not a limit" },
	{ "5/hour,,6/day", "not a limit" },
	{ "5/hour;abc", "not a limit: \"abc\"" },
	{ "5/hour,6/hour", "same period: 5/hour and 6/hour" },
	{ "5/hour,6/60 minutes", "same period" },
	{ "5/hour;9/day;6:3600", "same period" },
	{ "none,5/hour", "none" },
	{ "5/hour,none", "none" },
	{ "0:0;5/hour", "none" },
	{ "none,none", "none" },
	{ "None", "not a limit" },
	{ "1/1s,1/2s,1/3s,1/4s,1/5s,1/6s,1/7s,1/8s,1/9s", "at most 8" },
};

static void every_notation_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct limit limits[LIMITS_MAX];
		struct err err = { .text = "" };
		size_t n = 99;

		if (limits_parse(good[i].text, limits, &n, &err) != 0)
			fail_msg("%s: %s", good[i].text, err.text);
		assert_int_equal(n, 1);
		assert_int_equal(limits[0].id, 0);
		assert_int_equal(limits[0].amount, good[i].amount);
		assert_int_equal(limits[0].period, good[i].period);
		assert_int_equal(limits[0].strategy, STRATEGY_MOVING);
	}
}

static void the_spelling_is_read_back(void **state)
{
	char text[LIMIT_TEXT_MAX], again[LIMIT_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct limit one = { 5, good[i].amount, good[i].period, STRATEGY_FIXED,
			strpbrk(good[i].text, "KMG") != NULL, 0, 0 };
		struct limit limits[LIMITS_MAX];
		size_t n = 0;

		assert_ptr_equal(limit_format(text, &one), text);
		assert_string_equal(text, good[i].canonical);
		assert_int_equal(limits_parse(text, limits, &n, NULL), 0);
		assert_int_equal(n, 1);
		assert_int_equal(limits[0].amount, one.amount);
		assert_int_equal(limits[0].period, one.period);
		assert_string_equal(limit_format(again, &limits[0]), text);
	}
}

static void every_period_is_read_back(void **state)
{
	char text[LIMIT_TEXT_MAX];
	struct limit limits[LIMITS_MAX];
	size_t n;

	(void)state;
	for (int64_t period = 1; period <= LIMIT_PERIOD_MAX; period += 1 + period / 50) {
		struct limit one = { .amount = LIMIT_AMOUNT_MAX, .period = period };

		assert_int_equal(
			limits_parse(limit_format(text, &one), limits, &n, NULL), 0);
		assert_int_equal(n, 1);
		assert_int_equal(limits[0].period, period);
		assert_int_equal(limits[0].amount, LIMIT_AMOUNT_MAX);
	}
}

static void what_is_no_limit_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct limit limits[LIMITS_MAX];
		struct err err = { .text = "" };
		size_t n;

		if (limits_parse(bad[i].text, limits, &n, &err) != -1)
			fail_msg("\"%s\" was taken for a limit", bad[i].text);
		assert_int_equal(err.code, ERR_BAD);
		if (strstr(err.text, bad[i].says) == NULL)
			fail_msg("\"%s\": %s (should say: %s)", bad[i].text, err.text,
				bad[i].says);
	}
}

static void messages_have_no_size(void **state)
{
	struct limit limits[LIMITS_MAX];
	struct err err;
	size_t n;

	(void)state;
	assert_int_equal(limits_parse("2000000000/hour,9/day", limits, &n, &err), 0);
	assert_int_equal(limits_check_unsized(limits, n, &err), 0);
	assert_int_equal(limits_parse("5/hour,1K/day", limits, &n, &err), 0);
	assert_int_equal(limits_check_unsized(limits, 1, &err), 0);
	assert_int_equal(limits_check_unsized(limits, n, &err), -1);
	assert_non_null(strstr(err.text, "count=bytes: \"1K/day\""));
	assert_int_equal(limits_parse("2000000001/hour", limits, &n, &err), 0);
	assert_int_equal(limits_check_unsized(limits, n, &err), -1);
	assert_non_null(strstr(
		err.text, "\"2000000001/hour\" (0 to 2000000000; more with count=bytes"));
}

static void sizes_are_said_in_two_figures(void **state)
{
	static const struct {
		uint64_t octets;
		const char *text;
	} sizes[] = { { 0, "0" }, { 1, "1" }, { 10239, "10239" }, { 10240, "10K" },
		{ 10241, "11K" }, { (10 << 20) - 1, "10240K" }, { 10 << 20, "10M" },
		{ (12 << 20) - 5, "12M" }, { UINT64_C(9) << 30, "9216M" },
		{ UINT64_C(10) << 30, "10G" }, { LIMIT_OCTETS_MAX, "1073741824G" } };
	char text[OCTETS_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++)
		assert_string_equal(octets_say(text, sizes[i].octets), sizes[i].text);
}

static void several_keep_their_order(void **state)
{
	static const char *const texts[] = { "5/hour,10/day;20/week",
		"5/hour;10/day,20/week", " 5:3600 , 10 per day ;  20/7 days " };
	struct limit limits[LIMITS_MAX];
	size_t n;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_int_equal(limits_parse(texts[i], limits, &n, NULL), 0);
		assert_int_equal(n, 3);
		assert_int_equal(limits[0].amount, 5);
		assert_int_equal(limits[0].period, HOUR);
		assert_int_equal(limits[1].amount, 10);
		assert_int_equal(limits[1].period, DAY);
		assert_int_equal(limits[2].amount, 20);
		assert_int_equal(limits[2].period, 7 * DAY);
	}
	assert_int_equal(
		limits_parse("1/1s,1/2s,1/3s,1/4s,1/5s,1/6s,1/7s,1/8s", limits, &n, NULL),
		0);
	assert_int_equal(n, LIMITS_MAX);
	assert_int_equal(limits[7].period, 8);
}

static void none_is_no_limit(void **state)
{
	struct limit limits[LIMITS_MAX];
	size_t n = 99;

	(void)state;
	assert_int_equal(limits_parse("none", limits, &n, NULL), 0);
	assert_int_equal(n, 0);
	n = 99;
	assert_int_equal(limits_parse("0:0", limits, &n, NULL), 0);
	assert_int_equal(n, 0);
}

/* Whatever comes, in whatever length, nothing is overrun. */
static void long_texts_are_refused_whole(void **state)
{
	struct limit limits[LIMITS_MAX];
	struct err err;
	char text[3000];
	size_t n;

	(void)state;
	for (size_t len = 1; len < sizeof(text); len += 7) {
		memset(text, '1', len);
		text[len] = '\0';
		assert_int_equal(limits_parse(text, limits, &n, &err), -1);
		memset(text, 'x', len);
		assert_int_equal(limits_parse(text, limits, &n, &err), -1);
		memset(text, ' ', len);
		assert_int_equal(limits_parse(text, limits, &n, &err), -1);
		memcpy(text, "1/", len < 2 ? len : 2);
		assert_int_equal(limits_parse(text, limits, &n, &err), -1);
	}
}

static void strategies_have_names(void **state)
{
	static const char *const names[STRATEGIES] = { "moving", "sliding", "fixed",
		"bucket" };
	enum strategy s;

	(void)state;
	for (int i = 0; i < STRATEGIES; i++) {
		assert_int_equal(strategy_parse(names[i], &s), 0);
		assert_int_equal(s, i);
		assert_string_equal(strategy_name(s), names[i]);
	}
	assert_int_equal(strategy_parse("", &s), -1);
	assert_int_equal(strategy_parse("fix", &s), -1);
	assert_int_equal(strategy_parse("fixed ", &s), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_notation_is_read),
		cmocka_unit_test(the_spelling_is_read_back),
		cmocka_unit_test(every_period_is_read_back),
		cmocka_unit_test(what_is_no_limit_is_refused),
		cmocka_unit_test(messages_have_no_size),
		cmocka_unit_test(sizes_are_said_in_two_figures),
		cmocka_unit_test(several_keep_their_order),
		cmocka_unit_test(none_is_no_limit),
		cmocka_unit_test(long_texts_are_refused_whole),
		cmocka_unit_test(strategies_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
