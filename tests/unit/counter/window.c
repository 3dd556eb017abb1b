/*
 * Tests of counter/window.c: the edges one by one (window_log.c has the properties).  One
 * thread, no files, no clock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../window.h"

static void fixed_windows_begin_in_utc(void **state)
{
	struct window day = { .limit = { 1, 2, 86400, STRATEGY_FIXED } };
	struct window two = { .limit = { 1, 1, 2 * 86400, STRATEGY_FIXED } };

	(void)state;
	assert_true(try(&day, 2, NOVEMBER - 1));
	assert_int_equal(day.b[0].first, NOVEMBER - 24 * HOUR);
	assert_int_equal(day.b[0].last, NOVEMBER - 1);
	assert_int_equal(window_ends(&day.limit, &day.b[0]), NOVEMBER);
	assert_int_equal(free_at(&day, 1, NOVEMBER - 1), NOVEMBER);
	assert_true(try(&day, 1, NOVEMBER));
	assert_true(try(&day, 1, NOVEMBER + 1));
	assert_int_equal(free_at(&day, 1, NOVEMBER + 1), NOVEMBER + 24 * HOUR);
	/* 20,778 days since 1970: a window of two days begins at this midnight */
	assert_true(try(&two, 1, NOVEMBER + 30 * HOUR));
	assert_int_equal(two.b[0].first, NOVEMBER);
	assert_int_equal(free_at(&two, 1, NOVEMBER + 30 * HOUR), NOVEMBER + 48 * HOUR);
}

static void more_than_the_limit_never_fits(void **state)
{
	(void)state;
	for (enum strategy s = STRATEGY_MOVING; s < STRATEGIES; s++) {
		struct window w = { .limit = { 1, 5, 60, s } };
		struct window none = { .limit = { 1, 0, 60, s } };

		assert_true(free_at(&w, 6, NOVEMBER) == WINDOW_NEVER);
		assert_true(free_at(&w, UINT64_MAX, NOVEMBER) == WINDOW_NEVER);
		assert_true(free_at(&w, 5, NOVEMBER) == NOVEMBER);
		assert_true(free_at(&none, 1, NOVEMBER) == WINDOW_NEVER);
		assert_true(free_at(&none, 0, NOVEMBER) == NOVEMBER);
	}
}

static void a_lowered_limit_waits_for_the_rest(void **state)
{
	struct window w = { .limit = { 1, 5, 3600, STRATEGY_MOVING } };
	int64_t now = NOVEMBER + HOUR / 2;

	(void)state;
	for (int i = 0; i < 5; i++)
		put(&w, 1, NOVEMBER + i * HOUR / 10);
	w.limit.amount = 3;
	assert_int_equal(used(&w, now), 5);
	assert_int_equal(free_at(&w, 0, now), NOVEMBER + HOUR / 10 + HOUR);
	assert_int_equal(free_at(&w, 1, now), NOVEMBER + 2 * HOUR / 10 + HOUR);
	assert_int_equal(free_at(&w, 3, now), NOVEMBER + 4 * HOUR / 10 + HOUR);
	w.limit.amount = 6;
	assert_int_equal(free_at(&w, 1, now), now);
	w.limit.amount = 0;
	assert_true(free_at(&w, 1, now) == WINDOW_NEVER);
}

static void a_sixty_fourth_makes_a_bucket(void **state)
{
	struct window w = { .limit = { 1, 1000, 64, STRATEGY_MOVING } };
	int64_t slice = CLOCK_SECOND;

	(void)state;
	put(&w, 1, NOVEMBER);
	put(&w, 2, NOVEMBER + slice - 1);
	assert_int_equal(w.n, 1);
	assert_int_equal(w.b[0].count, 3);
	assert_int_equal(w.b[0].first, NOVEMBER);
	assert_int_equal(w.b[0].last, NOVEMBER + slice - 1);
	/* the fullest that a window can be: the first bucket ends last */
	for (int i = 1; i <= WINDOW_SPLIT; i++)
		put(&w, 1, NOVEMBER + i * slice);
	assert_int_equal(w.n, WINDOW_BUCKETS_MAX);
	assert_int_equal(used(&w, NOVEMBER + 64 * slice), 3 + WINDOW_SPLIT);
	put(&w, 1, NOVEMBER + 65 * slice - 1);
	assert_int_equal(w.n, WINDOW_SPLIT);
	assert_int_equal(used(&w, NOVEMBER + 65 * slice - 1), 1 + WINDOW_SPLIT);
}

static void what_is_gone_leaves_in_front(void **state)
{
	struct window w = { .limit = { 1, 10, 3600, STRATEGY_MOVING } };

	(void)state;
	for (int i = 0; i < 4; i++)
		put(&w, (uint64_t)i + 1, NOVEMBER + i * HOUR / 4);
	w.n = window_expire(&w.limit, w.b, w.n, NOVEMBER + HOUR - 1);
	assert_int_equal(w.n, 4);
	w.n = window_expire(&w.limit, w.b, w.n, NOVEMBER + HOUR + HOUR / 4);
	assert_int_equal(w.n, 2);
	assert_int_equal(w.b[0].count, 3);
	assert_int_equal(w.b[0].first, NOVEMBER + HOUR / 2);
	assert_int_equal(w.b[1].count, 4);
	assert_int_equal(window_expire(&w.limit, w.b, w.n, NOVEMBER + 3 * HOUR), 0);
	assert_int_equal(window_expire(&w.limit, NULL, 0, NOVEMBER), 0);
	assert_int_equal(window_used(&w.limit, NULL, 0, NOVEMBER), 0);
}

static void a_step_back_grants_nothing(void **state)
{
	/* when one more fits that came at NOVEMBER, with two others */
	static const int64_t ends[STRATEGIES] = {
		[STRATEGY_MOVING] = HOUR,
		[STRATEGY_SLIDING] = HOUR + HOUR / 3,
		[STRATEGY_FIXED] = HOUR,
		[STRATEGY_BUCKET] = HOUR / 3,
	};

	(void)state;
	for (enum strategy s = STRATEGY_MOVING; s < STRATEGIES; s++) {
		struct window w = {
			.limit = { .amount = 3, .period = 3600, .strategy = s }
		};
		int64_t end = NOVEMBER + ends[s];

		assert_true(try(&w, 2, NOVEMBER));
		assert_true(try(&w, 1, NOVEMBER - 100 * HOUR));
		assert_int_equal(w.n, 1);
		for (int back = 0; back < 200; back++) {
			int64_t now = NOVEMBER - back * HOUR;

			assert_int_equal(used(&w, now), 3);
			assert_int_equal(free_at(&w, 1, now), end);
			assert_false(try(&w, 1, now));
		}
		assert_false(try(&w, 1, end - 1));
		assert_true(try(&w, 1, end));
	}
}

/* What is found of a clock that was ahead counts, but not for long. */
static void what_is_of_the_future_is_moved_to_now(void **state)
{
	(void)state;
	for (enum strategy s = STRATEGY_MOVING; s < STRATEGIES; s++) {
		struct window w = {
			.limit = { .amount = 7, .period = 3600, .strategy = s }
		};
		int64_t now = NOVEMBER + HOUR / 2;

		put(&w, 3, now + 100 * HOUR - 1);
		put(&w, 1, now + 100 * HOUR);
		assert_int_equal(w.n, 1);
		assert_false(window_clamp(&w.limit, &w.b[0], now + 100 * HOUR));
		assert_false(window_clamp(
			&w.limit, &w.b[0], now + 100 * HOUR - 60 * CLOCK_SECOND));
		assert_true(window_clamp(&w.limit, &w.b[0], now));
		assert_int_equal(used(&w, now), 4);
		if (s == STRATEGY_SLIDING || s == STRATEGY_FIXED)
			assert_int_equal(w.b[0].first, NOVEMBER);
		assert_true(window_ends(&w.limit, &w.b[0]) <= now + 2 * HOUR);
		assert_false(window_clamp(&w.limit, &w.b[0], now));
		put(&w, 1, now + 1);
		assert_int_equal(used(&w, now + 1), 5);
	}
}

static void a_sliding_window_weighs_the_one_before(void **state)
{
	struct window w = {
		.limit = { .amount = 10, .period = 3600, .strategy = STRATEGY_SLIDING }
	};

	(void)state;
	put(&w, 3, NOVEMBER + HOUR / 2);
	put(&w, 5, NOVEMBER + HOUR - 1);
	assert_int_equal(w.n, 1);
	assert_int_equal(w.b[0].first, NOVEMBER);
	assert_int_equal(window_ends(&w.limit, &w.b[0]), NOVEMBER + 2 * HOUR);
	/* 8 * (3600 - 900) / 3600 */
	assert_int_equal(used(&w, NOVEMBER + HOUR), 8);
	assert_int_equal(used(&w, NOVEMBER + HOUR + HOUR / 4), 6);
	assert_int_equal(used(&w, NOVEMBER + HOUR + HOUR / 4 - 1), 7);
	put(&w, 4, NOVEMBER + HOUR + HOUR / 4);
	assert_int_equal(w.n, 2);
	assert_int_equal(used(&w, NOVEMBER + HOUR + HOUR / 4), 10);
	assert_int_equal(free_at(&w, 1, NOVEMBER + HOUR + HOUR / 4),
		NOVEMBER + HOUR + 3 * HOUR / 8);
	/* of the newer one a part has to go, too */
	assert_int_equal(free_at(&w, 8, NOVEMBER + HOUR + HOUR / 4),
		NOVEMBER + 2 * HOUR + HOUR / 2);
	assert_int_equal(window_expire(&w.limit, w.b, w.n, NOVEMBER + 2 * HOUR - 1), 2);
	assert_int_equal(window_expire(&w.limit, w.b, w.n, NOVEMBER + 2 * HOUR), 1);
	assert_int_equal(w.b[0].first, NOVEMBER + HOUR);
}

static void a_bucket_rounds_nothing_away(void **state)
{
	struct window w = {
		.limit = { .amount = 7, .period = 3600, .strategy = STRATEGY_BUCKET }
	};
	int64_t now = NOVEMBER;

	(void)state;
	put(&w, 7, now);
	/* one at a time, as soon as it fits: each a little late, by less than 1 us; all
	 * of them together no later than one alone */
	for (int i = 0; i < 7 * 1000; i++) {
		now = free_at(&w, 1, now);
		assert_false(try(&w, 1, now - 1));
		assert_true(try(&w, 1, now));
		assert_int_equal(w.n, 1);
		assert_true(w.b[0].first <= 0 && w.b[0].first > -period_of(&w));
		assert_true(now - NOVEMBER == ((i + 1) * HOUR + 6) / 7);
	}
	/* the level is a thousand hours old, and is 7 less what drained in a microsecond
	 */
	assert_int_equal(now, NOVEMBER + 1000 * HOUR);
	assert_int_equal(used(&w, now), 7);
	assert_int_equal(window_ends(&w.limit, &w.b[0]), now + HOUR);
	assert_int_equal(used(&w, now + HOUR - 1), 1);
	assert_int_equal(window_expire(&w.limit, w.b, w.n, now + HOUR - 1), 1);
	assert_int_equal(window_expire(&w.limit, w.b, w.n, now + HOUR), 0);
}

static void another_number_keeps_the_level(void **state)
{
	struct window w = {
		.limit = { .amount = 3, .period = 3600, .strategy = STRATEGY_BUCKET }
	};

	(void)state;
	put(&w, 3, NOVEMBER);
	w.limit.amount = 5;
	assert_int_equal(used(&w, NOVEMBER), 3);
	assert_int_equal(free_at(&w, 2, NOVEMBER), NOVEMBER);
	assert_int_equal(free_at(&w, 3, NOVEMBER), NOVEMBER + HOUR / 5);
	w.limit.amount = 0;
	assert_int_equal(used(&w, NOVEMBER + 1000 * HOUR), 3);
	assert_true(window_ends(&w.limit, &w.b[0]) == WINDOW_NEVER);
	assert_true(free_at(&w, 0, NOVEMBER) == WINDOW_NEVER);
	/* so late that no number says it */
	w.limit = (struct limit){
		.amount = 1, .period = LIMIT_PERIOD_MAX, .strategy = STRATEGY_BUCKET
	};
	w.b[0] = (struct bucket){ 0, NOVEMBER, LIMIT_OCTETS_MAX };
	assert_true(free_at(&w, 1, NOVEMBER) == WINDOW_NEVER);
}

/* Whenever it comes, the others keep what is theirs. */
static void a_refund_takes_back_its_own(void **state)
{
	(void)state;
	for (enum strategy s = STRATEGY_MOVING; s < STRATEGIES; s++) {
		struct window w = {
			.limit = { .amount = 100, .period = 3600, .strategy = s }
		};
		int64_t mark, now = NOVEMBER + 1;

		put(&w, 5, NOVEMBER);
		put(&w, 7, now);
		mark = window_mark(&w.limit, &w.b[w.n - 1]);
		assert_ptr_equal(window_refund(&w.limit, w.b, w.n, 7, mark), &w.b[0]);
		assert_int_equal(used(&w, now), 5);
		put(&w, 7, now);
		mark = window_mark(&w.limit, &w.b[w.n - 1]);
		put(&w, 20, now + HOUR / 2);
		assert_non_null(window_refund(&w.limit, w.b, w.n, 7, mark));
		assert_true(used(&w, now + HOUR / 2) >= 20);
		assert_true(used(&w, now + HOUR / 2) <= 25);
		assert_null(window_refund(&w.limit, w.b, 0, 7, mark));
	}
}

/* Of buckets it is the one that was charged; of a level a part of a token stays. */
static void a_refund_finds_its_bucket(void **state)
{
	struct window w = { .limit = { .amount = 100, .period = 3600 } };
	struct window level = {
		.limit = { .amount = 100, .period = 3600, .strategy = STRATEGY_BUCKET }
	};
	int64_t then = NOVEMBER + 18 * CLOCK_SECOND; /* half a token later */

	(void)state;
	put(&w, 9, NOVEMBER);
	put(&w, 9, NOVEMBER + HOUR / 2);
	assert_ptr_equal(
		window_refund(&w.limit, w.b, w.n, 9, NOVEMBER + HOUR / 2), &w.b[1]);
	assert_int_equal(w.b[0].count, 9);
	assert_null(window_refund(&w.limit, w.b, w.n, 9, NOVEMBER + 1));
	put(&level, 1, NOVEMBER);
	put(&level, 1, then);
	assert_non_null(window_refund(&level.limit, level.b, level.n, 1, then));
	assert_int_equal(level.b[0].count, 0);
	assert_int_equal(used(&level, then), 1);
	put(&level, 1, then);
	assert_int_equal(used(&level, then), 2);
}

/* The level had run dry meanwhile, but for the charge: most of that has drained by then,
 * and only the rest is taken back. */
static void a_late_refund_leaves_what_came_since(void **state)
{
	struct window w = {
		.limit = { .amount = 100, .period = 3600, .strategy = STRATEGY_BUCKET }
	};
	int64_t mark;

	(void)state;
	put(&w, 60, NOVEMBER);
	mark = window_mark(&w.limit, &w.b[0]);
	put(&w, 4, NOVEMBER + HOUR / 2);
	assert_int_equal(used(&w, NOVEMBER + HOUR / 2), 14);
	assert_non_null(window_refund(&w.limit, w.b, w.n, 60, mark));
	assert_int_equal(used(&w, NOVEMBER + HOUR / 2), 4);
	put(&w, 8, NOVEMBER + HOUR);
	mark = window_mark(&w.limit, &w.b[0]);
	put(&w, 1, NOVEMBER + 2 * HOUR);
	assert_non_null(window_refund(&w.limit, w.b, w.n, 8, mark));
	assert_int_equal(used(&w, NOVEMBER + 2 * HOUR), 1);
	/* the counter was reset since then */
	w.b[0] = (struct bucket){ -5, NOVEMBER + 2 * HOUR, 1 };
	assert_non_null(window_refund(&w.limit, w.b, w.n, 8, NOVEMBER + 2 * HOUR));
	assert_int_equal(used(&w, NOVEMBER + 2 * HOUR), 0);
	assert_int_equal(w.b[0].first, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixed_windows_begin_in_utc),
		cmocka_unit_test(more_than_the_limit_never_fits),
		cmocka_unit_test(a_lowered_limit_waits_for_the_rest),
		cmocka_unit_test(a_sixty_fourth_makes_a_bucket),
		cmocka_unit_test(what_is_gone_leaves_in_front),
		cmocka_unit_test(a_step_back_grants_nothing),
		cmocka_unit_test(what_is_of_the_future_is_moved_to_now),
		cmocka_unit_test(a_sliding_window_weighs_the_one_before),
		cmocka_unit_test(a_bucket_rounds_nothing_away),
		cmocka_unit_test(another_number_keeps_the_level),
		cmocka_unit_test(a_refund_takes_back_its_own),
		cmocka_unit_test(a_refund_finds_its_bucket),
		cmocka_unit_test(a_late_refund_leaves_what_came_since),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
