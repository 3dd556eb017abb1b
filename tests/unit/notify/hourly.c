/*
 * So many alerts in any hour, by given clocks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "notify/hourly.h"
#include "../fixture.h"

static struct hourly h;

static int setup(void **state)
{
	(void)state;
	memset(&h, 0, sizeof(h));
	return 0;
}

static void test_any_hour(void **state)
{
	int64_t now = NOW, taken[1000];
	size_t n = 0;

	(void)state;
	for (; n < LENGTH(taken); now += 7 * MINUTES / 2)
		if (hourly_take(&h, 10, now))
			taken[n++] = now;
	for (size_t i = 10; i < n; i++)
		assert_true(taken[i] - taken[i - 10] >= HOURS);
	/* and no fewer than there may be */
	assert_true(taken[n - 1] - NOW <= (int64_t)n * (HOURS + 10 * MINUTES) / 10);
}

static void test_free_at(void **state)
{
	(void)state;
	assert_int_equal(hourly_free_at(&h, 2, NOW), NOW);
	assert_true(hourly_take(&h, 2, NOW));
	assert_true(hourly_take(&h, 2, NOW + 5));
	assert_int_equal(hourly_free_at(&h, 2, NOW + 6), NOW + HOURS);
	assert_false(hourly_take(&h, 2, NOW + HOURS - 1));
	assert_true(hourly_take(&h, 2, NOW + HOURS));
	assert_int_equal(hourly_free_at(&h, 2, NOW + HOURS), NOW + HOURS + 5);
}

/* The setting holds from the next one on. */
static void test_changed(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		assert_true(hourly_take(&h, 5, NOW + i));
	assert_false(hourly_take(&h, 5, NOW + 9));
	assert_true(hourly_take(&h, 6, NOW + 9));
	assert_int_equal(hourly_free_at(&h, 1, NOW + 10), NOW + 9 + HOURS);
	assert_int_equal(hourly_free_at(&h, 3, NOW + 10), NOW + 3 + HOURS);
}

static void test_all(void **state)
{
	(void)state;
	for (int round = 0; round < 3; round++) {
		int64_t now = NOW + round * HOURS;

		for (int i = 0; i < ALERT_HOURLY_MAX; i++)
			assert_true(hourly_take(&h, ALERT_HOURLY_MAX, now + i));
		assert_false(hourly_take(&h, ALERT_HOURLY_MAX, now + ALERT_HOURLY_MAX));
	}
}

/* The clock was set back, by more than an hour and by less. */
static void test_set_back(void **state)
{
	(void)state;
	assert_true(hourly_take(&h, 3, NOW - 3 * HOURS));
	assert_true(hourly_take(&h, 3, NOW));
	assert_true(hourly_take(&h, 3, NOW + 1));
	assert_int_equal(hourly_free_at(&h, 1, NOW - 1), NOW - 1);
	assert_true(hourly_take(&h, 2, NOW - 2 * HOURS - 9));
	assert_true(hourly_take(&h, 2, NOW - 2 * HOURS - 8));
	assert_false(hourly_take(&h, 2, NOW - 2 * HOURS - 7));
	assert_int_equal(hourly_free_at(&h, 2, NOW - 2 * HOURS), NOW - HOURS - 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_any_hour, setup),
		cmocka_unit_test_setup(test_free_at, setup),
		cmocka_unit_test_setup(test_changed, setup),
		cmocka_unit_test_setup(test_all, setup),
		cmocka_unit_test_setup(test_set_back, setup),
	};

	return cmocka_run_group_tests_name("notify/hourly", tests, NULL, NULL);
}
