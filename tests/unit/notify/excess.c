/*
 * Alerts that were left out, by given clocks: told when there is room, or after an hour,
 * and at most once in an hour, whatever comes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "notify/excess.h"
#include "../fixture.h"

#include "notify/hourly.h"

static void test_room(void **state)
{
	struct excess e = { 0 }, told;

	(void)state;
	assert_false(excess_add(&e, 0, NOW));
	assert_false(excess_take(&e, true, NOW, &told));
	assert_true(excess_add(&e, 1, NOW));
	assert_false(excess_add(&e, 2, NOW + 1));
	assert_false(excess_take(&e, false, NOW + 2, &told));
	assert_true(excess_take(&e, true, NOW + 2, &told));
	assert_int_equal(told.number, 3);
	assert_int_equal(told.since, NOW);
	assert_false(excess_take(&e, true, NOW + 3, &told));
	/* more, and there is room, but it was just told */
	assert_false(excess_add(&e, 5, NOW + 10));
	assert_false(excess_take(&e, true, NOW + HOURS + 1, &told));
	assert_true(excess_take(&e, true, NOW + HOURS + 2, &told));
	assert_int_equal(told.number, 5);
	assert_int_equal(told.since, NOW + 10);
}

static void test_no_room(void **state)
{
	struct excess e = { 0 }, told;

	(void)state;
	assert_true(excess_add(&e, 1, NOW));
	assert_false(excess_take(&e, false, NOW + HOURS - 1, &told));
	assert_true(excess_take(&e, false, NOW + HOURS, &told));
}

/* The clock was set back: what was told in its future says nothing. */
static void test_set_back(void **state)
{
	struct excess e = { 0 }, told;

	(void)state;
	assert_true(excess_add(&e, 1, NOW));
	assert_true(excess_take(&e, true, NOW, &told));
	assert_true(excess_add(&e, 1, NOW - 5 * HOURS));
	assert_false(excess_add(&e, 1, NOW - 5 * HOURS + 1));
	assert_true(excess_take(&e, true, NOW - 5 * HOURS + 1, &told));
	assert_int_equal(told.number, 2);
	assert_true(excess_add(&e, 1, NOW - 9 * HOURS));
	assert_true(excess_take(&e, false, NOW - 9 * HOURS + HOURS, &told));
}

/* A day with an alert each `apart`, and room for some of them: all of that room is used
 * for alerts, and how many were left out is told, and logged, about once an hour. */
static void day(unsigned most, int64_t apart)
{
	struct hourly *h = mem_calloc(1, sizeof(*h));
	struct excess e = { 0 }, out;
	size_t all = 0, sent = 0, told = 0, logged = 0, left_out = 0;

	for (int64_t now = NOW; now < NOW + 24 * HOURS; now += apart, all++) {
		if (hourly_take(h, most, now))
			sent++;
		else
			logged += excess_add(&e, 1, now);
		if (!excess_take(&e, hourly_free_at(h, most, now) <= now, now, &out))
			continue;
		told++;
		left_out += out.number;
	}
	free(h);
	assert_true(sent >= 22 * most);
	assert_in_range(told, 8, 24);
	assert_in_range(logged, 8, 24);
	assert_int_equal(sent + left_out + e.number, all);
}

static void test_days(void **state)
{
	static const unsigned most[] = { 1, 2, 3, 5 };
	static const int64_t apart[] = { 10 * MINUTES, 7 * MINUTES, 9 * MINUTES + 1,
		11 * MINUTES - 1 };

	(void)state;
	for (size_t i = 0; i < LENGTH(most); i++)
		for (size_t k = 0; k < LENGTH(apart); k++)
			day(most[i], apart[k]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_set_back),
		cmocka_unit_test(test_days),
	};

	return cmocka_run_group_tests_name("notify/excess", tests, NULL, NULL);
}
