/*
 * Tests of shell/watch: periods, and what can be watched.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "watch.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define WORDS(...)                                                                       \
	(char *const *)(const char *const[]){ __VA_ARGS__ },                             \
		sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *)

/* The period that is read; 0: refused, with a word of why. */
static void expect_period(const char *text, int64_t period)
{
	struct err err = { ERR_FAILED, "" };
	struct watch w;
	int rc = watch_read(&w, WORDS("every", text, "status"), &err);

	if (rc != (period > 0 ? 0 : -1) || (rc == 0 && w.period != period))
		fail_msg("%s: %lld: %s", text, (long long)w.period, err.text);
	if (rc < 0 && strstr(err.text, "every: not a period: ") == NULL)
		fail_msg("told: %s", err.text);
}

static void test_periods(void **state)
{
	(void)state;
	expect_period("2s", 2 * CLOCK_SECOND);
	expect_period("7", 7 * CLOCK_SECOND);
	expect_period("10 minutes", 600 * CLOCK_SECOND);
	expect_period("1d", 86400 * CLOCK_SECOND);
	expect_period("0.1s", CLOCK_SECOND / 10);
	expect_period("0.25", CLOCK_SECOND / 4);
	expect_period("59.000001s", 59 * CLOCK_SECOND + 1);
	expect_period("0", 0);
	expect_period("0.09s", 0);
	expect_period("0.0999999", 0);
	expect_period("86401s", 0);
	expect_period("2d", 0);
	expect_period("1000 years", 0);
	expect_period("", 0);
	expect_period("-1s", 0);
	expect_period(".5", 0);
	expect_period("1.", 0);
	expect_period("1.5m", 0);
	expect_period("1.5ss", 0);
	expect_period("1.1234567", 0);
	expect_period("100.5", 0);
	expect_period("soon\x1b", 0);
}

static void test_commands(void **state)
{
	char *const *words = (char *const *)(const char *const[]){ "every", "5s",
		"counter", "list", "policy=p" };
	struct err err;
	struct watch w;

	(void)state;
	assert_int_equal(watch_read(&w, words, 5, &err), 0);
	assert_ptr_equal(w.words, words + 2);
	assert_int_equal(w.n, 3);
	assert_int_equal(watch_read(&w, words + 2, 3, &err), 0);
	assert_int_equal(w.period, WATCH_PERIOD_DEFAULT);
	assert_int_equal(w.n, 3);
}

static void expect_refused(char *const *words, size_t n, const char *told)
{
	struct err err = { ERR_FAILED, "" };
	struct watch w;

	assert_int_equal(watch_read(&w, words, n, &err), -1);
	if (strstr(err.text, told) == NULL || str_has_control(err.text))
		fail_msg("told: %s", err.text);
}

static void test_what_cannot_be_watched(void **state)
{
	(void)state;
	expect_refused(NULL, 0, "watch what?");
	expect_refused(WORDS("every"), "watch what?");
	expect_refused(WORDS("every", "2s"), "watch what?");
	expect_refused(WORDS("polcy", "list"), "no command \"polcy\"");
	expect_refused(WORDS("policy"), "needs a verb");
	expect_refused(WORDS("every", "2s", "policy", "show"), "missing: \"POLICY\"");
	expect_refused(WORDS("status", "more"), "one word too many");
	expect_refused(WORDS("policy", "delete", "p"),
		"\"policy delete\" cannot be watched: it does more than look");
	expect_refused(WORDS("object", "block", "a@b"), "cannot be watched");
	expect_refused(WORDS("object", "reset", "*"), "cannot be watched");
	expect_refused(WORDS("watch", "status"),
		"\"watch\" cannot be watched: it does more than look");
	expect_refused(WORDS("tail"),
		"\"tail\" cannot be watched: it shows what comes by itself");
	expect_refused(
		WORDS("quit"), "\"quit\" cannot be watched: it has nothing to show");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_periods),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_what_cannot_be_watched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
