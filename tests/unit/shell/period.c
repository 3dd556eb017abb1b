/*
 * Tests of shell/period: durations before now, moments, and what is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "period.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define NOW 1794757321 /* 2026-11-15 15:42:01 UTC */
#define DAY 86400

static void expect(const char *since, const char *until, int64_t from, int64_t to)
{
	struct period p;

	assert_int_equal(period_parse(since, until, NOW, &p, NULL), 0);
	assert_int_equal(p.since, from);
	assert_int_equal(p.until, to);
}

static void refused(const char *since, const char *until, const char *words)
{
	struct period p;
	struct err err;

	assert_int_equal(period_parse(since, until, NOW, &p, &err), -1);
	assert_string_equal(err.text, words);
}

static void test_taken(void **state)
{
	(void)state;
	setenv("TZ", "UTC0", 1);
	tzset();
	expect(NULL, NULL, NOW - 42 * 60 - 1 - 7 * DAY, NOW);
	expect("30d", NULL, NOW - 42 * 60 - 1 - 30 * DAY, NOW);
	expect("2h", NULL, NOW - 1 - 7200, NOW);
	expect("2h", "1h", NOW - 1 - 7200, NOW - 3600);
	/* what is said to the second is meant so */
	expect("2026-11-15T15:00:01Z", "2026-11-15T15:00:03.5Z", NOW - 42 * 60,
		NOW - 2518);
	expect(NULL, "2026-11-15T15:00:00Z", NOW - 42 * 60 - 1 - 7 * DAY,
		NOW - 42 * 60 - 1);
	/* there was no mail then */
	expect("100y", NULL, 1, NOW);
	setenv("TZ", "IST-5:30", 1);
	tzset();
	expect("7d", NULL, NOW - 12 * 60 - 1 - 7 * DAY, NOW);
}

static void expect_wide(struct period p, int64_t step, int64_t from, int64_t to)
{
	const bool is_so = p.since == from && p.until == to;

	assert_true(period_widen(&p, step, NOW) == !is_so);
	assert_int_equal(p.since, from);
	assert_int_equal(p.until, to);
	assert_false(period_widen(&p, step, NOW));
}

static void test_wide(void **state)
{
	const int64_t noon = NOW - 1 - 42 * 60 - 3 * 3600, day = noon - DAY / 2;

	(void)state;
	expect_wide((struct period){ noon + 20, noon + 100 }, 60, noon, noon + 120);
	expect_wide((struct period){ noon + 20, noon + 100 }, 3600, noon, noon + 3600);
	expect_wide((struct period){ noon, noon + 3600 }, 3600, noon, noon + 3600);
	expect_wide((struct period){ noon - DAY, noon }, DAY, day - DAY, NOW);
	/* nothing is known of what is to come */
	expect_wide((struct period){ noon + 20, NOW }, 3600, noon, NOW);
	expect_wide((struct period){ noon, NOW - 5 }, 3600, noon, NOW);
	/* where nothing was counted nothing was rounded */
	expect_wide((struct period){ noon + 1, NOW }, 0, noon + 1, NOW);
	expect_wide((struct period){ 1, NOW }, 3600, 1, NOW);
}

static void test_refused(void **state)
{
	(void)state;
	refused("soon", NULL,
		"since: neither a duration nor a moment: \"soon\" (try 7d, or "
		"2027-01-31T12:00:00Z)");
	refused("0", NULL,
		"since: neither a duration nor a moment: \"0\" (try 7d, or "
		"2027-01-31T12:00:00Z)");
	refused(NULL, "2026-13-01T00:00:00Z",
		"until: neither a duration nor a moment: \"2026-13-01T00:00:00Z\" (try "
		"7d, or "
		"2027-01-31T12:00:00Z)");
	refused("2026-11-16T00:00:00Z", NULL, "since: not before now");
	refused("2h", "3h", "since: not before until");
	refused(NULL, "2026-11-16T00:00:00Z", "until: 2026-11-16T00:00:00Z is to come");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests_name("shell/period", tests, NULL, NULL);
}
