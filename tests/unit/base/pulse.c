/*
 * Tests of src/base/pulse: who is stuck, and who is not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/pulse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define PATIENCE 100
#define MOST	 50

struct look {
	struct pulse_watch watch;
	enum pulse thread;
	int64_t silent;
};

static bool look(struct look *l, int64_t now)
{
	return pulse_look(&l->watch, now, PATIENCE, MOST, &l->thread, &l->silent);
}

/* First and last look between which so much is looked at. */
static bool look_until(struct look *l, int64_t from, int64_t until)
{
	bool found = false;

	for (int64_t now = from; now <= until; now += MOST / 2)
		found = look(l, now);
	return found;
}

static int rest(void **state)
{
	(void)state;
	for (int i = 0; i < PULSES; i++)
		pulse_set((enum pulse)i, PULSE_IDLE);
	return 0;
}

static void who_has_nothing_to_do_is_not_stuck(void **state)
{
	struct look l = { 0 };

	(void)state;
	assert_false(look_until(&l, 1, 10000));
}

static void who_gives_no_sign_is(void **state)
{
	struct look l = { 0 };

	(void)state;
	pulse_set(PULSE_WRITER, PULSE_BUSY);
	assert_false(look_until(&l, 1000, 1000 + PATIENCE - 1));
	assert_true(look(&l, 1000 + PATIENCE));
	assert_int_equal(l.thread, PULSE_WRITER);
	assert_int_equal(l.silent, PATIENCE);
	assert_string_equal(pulse_name(l.thread), "the writer");
	assert_true(look(&l, 1000 + PATIENCE + 7));
	assert_int_equal(l.silent, PATIENCE + 7);
	pulse_set(PULSE_WRITER, PULSE_BUSY);
	assert_false(look(&l, 1000 + PATIENCE + 8));
}

/* However long all of it takes. */
static void who_goes_on_is_not(void **state)
{
	struct look l = { 0 };

	(void)state;
	for (int64_t now = 1000; now < 10000; now += PATIENCE - 1) {
		pulse_set(PULSE_POLICY, PULSE_BUSY);
		assert_false(look_until(&l, now, now + PATIENCE - 2));
	}
}

static void what_may_take_long_may(void **state)
{
	struct look l = { 0 };

	(void)state;
	pulse_set(PULSE_MAIN, PULSE_SLOW);
	assert_false(look_until(&l, 1000, 1000 + PULSE_PATIENCE * PATIENCE - 1));
	assert_true(look(&l, 1000 + PULSE_PATIENCE * PATIENCE));
	assert_int_equal(l.thread, PULSE_MAIN);
	/* but nothing that comes after it */
	pulse_set(PULSE_MAIN, PULSE_BUSY);
	assert_false(look_until(&l, 3000, 3000 + PATIENCE - 1));
	assert_true(look(&l, 3000 + PATIENCE));
}

/* The machine slept: nobody could go on. */
static void time_in_which_nobody_looked_does_not_count(void **state)
{
	struct look l = { 0 };

	(void)state;
	pulse_set(PULSE_CONTROL, PULSE_BUSY);
	assert_false(look(&l, 1000));
	assert_false(look(&l, 1000000));
	pulse_set(PULSE_CONTROL, PULSE_BUSY);
	assert_false(look(&l, 1000010));
	assert_false(look_until(&l, 1000010, 1000010 + PATIENCE - 1));
	assert_true(look(&l, 1000010 + PATIENCE));
}

/* One of them is enough. */
static void others_that_go_on_hide_nobody(void **state)
{
	struct look l = { 0 };
	bool found = false;

	(void)state;
	pulse_set(PULSE_CONTROL, PULSE_BUSY);
	for (int64_t now = 1000; now <= 1000 + PATIENCE; now += MOST) {
		pulse_set(PULSE_WRITER, PULSE_BUSY);
		pulse_set(PULSE_MAIN, PULSE_IDLE);
		found = look(&l, now);
	}
	assert_true(found);
	assert_int_equal(l.thread, PULSE_CONTROL);
}

#define TEST(f) cmocka_unit_test_setup(f, rest)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_has_nothing_to_do_is_not_stuck),
		TEST(who_gives_no_sign_is),
		TEST(who_goes_on_is_not),
		TEST(what_may_take_long_may),
		TEST(time_in_which_nobody_looked_does_not_count),
		TEST(others_that_go_on_hide_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
