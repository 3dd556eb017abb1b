/*
 * Tests of shell/bar: bars and sparklines, in UTF-8 and ASCII.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct view plain, wide = { .utf8 = true };

static void expect_bar(double used, double limit, int width, const char *expected)
{
	struct arena *arena = arena_new();

	assert_string_equal(bar_of(arena, used, limit, width, &plain), expected);
	arena_free(arena);
}

static void test_bars(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	expect_bar(0, 10, 10, "..........");
	expect_bar(5, 10, 10, "#####.....");
	expect_bar(10, 10, 10, "##########");
	/* a little is not nothing, and almost all is not all */
	expect_bar(1, 1000000, 10, "#.........");
	expect_bar(999999, 1000000, 10, "#########.");
	/* more than the limit, after that was lowered; and a limit that refuses all */
	expect_bar(20, 10, 4, "####");
	expect_bar(0, 0, 4, "####");
	expect_bar(1, 2, 1, ".");
	expect_bar(2, 2, 1, "#");
	assert_string_equal(bar_of(arena, 1, 2, 2, &wide), "\xe2\x96\x88\xe2\x96\x91");
	arena_free(arena);
}

#define SPARK(...)  (const double[]){ __VA_ARGS__ }, LENGTH(__VA_ARGS__)
#define LENGTH(...) sizeof((const double[]){ __VA_ARGS__ }) / sizeof(double)

static void expect_spark(const double *numbers, size_t n, const char *expected)
{
	struct arena *arena = arena_new();

	assert_string_equal(bar_spark(arena, numbers, n, &plain), expected);
	arena_free(arena);
}

static void test_sparklines(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	expect_spark(SPARK(0, 1, 2, 3, 4, 5, 6, 7), ".:-=+*#@");
	expect_spark(SPARK(0, 0), "..");
	expect_spark(SPARK(3), "@");
	expect_spark(SPARK(0.001, 100, -5), ":@.");
	assert_string_equal(
		bar_spark(arena, SPARK(0, 1), &wide), "\xe2\x96\x81\xe2\x96\x88");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bars),
		cmocka_unit_test(test_sparklines),
	};

	return cmocka_run_group_tests_name("shell/bar", tests, NULL, NULL);
}
