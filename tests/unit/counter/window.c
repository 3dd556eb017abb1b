/*
 * Tests of counter/window.c: a property test of both strategies against a plain
 * log of every charge, and the edges one by one.  One thread, no files, no clock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "counter/window.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

#define EVENTS_A_CASE 1000
#define CASES	      1000

#define NOVEMBER (INT64_C(1795219200) * CLOCK_SECOND) /* 2026-11-21T00:00:00Z */
#define HOUR	 (3600 * CLOCK_SECOND)

struct window {
	struct limit limit;
	struct bucket b[WINDOW_BUCKETS_MAX + 1];
	size_t n;
};

struct charge {
	int64_t real; /* a clock that nobody sets back */
	uint64_t cost;
};

/* One window and the truth about it. */
struct trial {
	struct window w;
	bool dense; /* many buckets in a period */
	bool steps; /* somebody sets the wall clock back now and then */
	int64_t real, wall;
	struct charge log[EVENTS_A_CASE];
	size_t nlog, first; /* what lies before first is too old to matter */
	int64_t slot;	    /* fixed: the window that the last charge is counted in */
	uint64_t in_slot;
};

static uint64_t seed;

/* xorshift64* (Vigna, 2016): the same numbers in every run. */
static uint64_t any(uint64_t below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (seed * UINT64_C(2685821657736338717)) % below;
}

static int64_t period_of(const struct window *w)
{
	return w->limit.period * CLOCK_SECOND;
}

static uint64_t used(const struct window *w, int64_t now)
{
	return window_used(&w->limit, w->b, w->n, now);
}

static int64_t free_at(const struct window *w, uint64_t cost, int64_t now)
{
	return window_free_at(&w->limit, w->b, w->n, cost, now);
}

/* Charges without asking for room. */
static void put(struct window *w, uint64_t cost, int64_t now)
{
	w->n = window_expire(&w->limit, w->b, w->n, now);
	w->n = window_add(&w->limit, w->b, w->n, cost, now);
	assert_in_range(w->n, 1, WINDOW_BUCKETS_MAX);
}

static bool try(struct window *w, uint64_t cost, int64_t now)
{
	if (free_at(w, cost, now) > now)
		return false;
	if (cost > 0)
		put(w, cost, now);
	return true;
}

/* The exact sum of the charges of the last `span` microseconds. */
static uint64_t charged_within(const struct trial *t, int64_t span)
{
	uint64_t sum = 0;

	for (size_t i = t->first; i < t->nlog; i++)
		if (t->log[i].real > t->real - span)
			sum += t->log[i].cost;
	return sum;
}

/* Gaps of every size, the edges of buckets and periods among them. */
static int64_t any_gap(const struct trial *t)
{
	int64_t period = period_of(&t->w), slice = period / WINDOW_SPLIT;

	if (t->dense && any(100) > 0)
		return (int64_t)any(2 * (uint64_t)slice);
	switch (any(12)) {
	case 0:
		return 0;
	case 1:
		return 1;
	case 2:
		return slice - 1 + (int64_t)any(3);
	case 3:
		return period - 1 + (int64_t)any(3);
	case 4:
		return (int64_t)any(3 * (uint64_t)period);
	case 5:
		/* to the next edge of a fixed window, or one short of it */
		return period - NOVEMBER % period - (int64_t)any(2);
	case 6:
	case 7:
		return (int64_t)any((uint64_t)period / 8);
	default:
		return (int64_t)any((uint64_t)slice * 3);
	}
}

/* "At that moment it fits, a microsecond before it does not." */
static void check_free_at(const struct window *w, uint64_t cost, int64_t now)
{
	int64_t at = free_at(w, cost, now);
	uint64_t amount = w->limit.amount;

	if (cost > amount) {
		assert_true(at == WINDOW_NEVER);
	} else if (used(w, now) + cost <= amount) {
		assert_true(at == now);
	} else {
		assert_true(at > now && at != WINDOW_NEVER);
		assert_true(used(w, at) + cost <= amount);
		assert_true(used(w, at - 1) + cost > amount);
		assert_true(free_at(w, cost, at) == at);
		assert_true(free_at(w, cost, at - 1) == at);
	}
}

static void check_moving(const struct trial *t, uint64_t cost, bool admitted)
{
	const struct window *w = &t->w;
	int64_t period = period_of(w);
	uint64_t exact = charged_within(t, period);
	uint64_t strict = charged_within(t, period + period / WINDOW_SPLIT);

	if (admitted && cost > 0)
		assert_true(exact <= w->limit.amount);
	if (t->steps)
		return;
	assert_true(used(w, t->wall) >= exact);
	assert_true(used(w, t->wall) <= strict);
	if (!admitted && cost <= w->limit.amount)
		assert_true(strict + cost > w->limit.amount);
}

static void check_fixed(
	const struct trial *t, uint64_t before, uint64_t cost, bool admitted)
{
	const struct window *w = &t->w;
	int64_t slot = t->wall / period_of(w), at = free_at(w, cost, t->wall);

	if (admitted && cost > 0)
		assert_true(t->in_slot <= w->limit.amount);
	if (t->steps)
		return;
	assert_true(used(w, t->wall) == (slot == t->slot ? t->in_slot : 0));
	if (cost <= w->limit.amount)
		assert_true(admitted == (before + cost <= w->limit.amount));
	if (at != t->wall && at != WINDOW_NEVER)
		assert_true(at == (slot + 1) * period_of(w));
}

static void note(struct trial *t, uint64_t cost)
{
	int64_t slot = t->wall / period_of(&t->w);

	t->log[t->nlog++] = (struct charge){ t->real, cost };
	/* after a step back it is counted where the last one was */
	if (slot > t->slot) {
		t->slot = slot;
		t->in_slot = 0;
	}
	t->in_slot += cost;
}

/* What did not fit fits no earlier, and what is used is no less. */
static void step_back(struct trial *t, uint64_t cost)
{
	uint64_t was_used = used(&t->w, t->wall);
	int64_t was_free = free_at(&t->w, cost, t->wall);
	bool had_room = was_free == t->wall;

	t->wall -= (int64_t)any(2 * (uint64_t)period_of(&t->w));
	assert_true(used(&t->w, t->wall) >= was_used);
	if (!had_room)
		assert_true(free_at(&t->w, cost, t->wall) == was_free);
}

static void one_event(struct trial *t)
{
	struct window *w = &t->w;
	uint64_t cost = any(20) == 0 ? any(w->limit.amount + 3) : 1 + any(4), before;
	int64_t gap = any_gap(t);
	bool admitted;

	t->real += gap;
	t->wall += gap;
	while (t->first < t->nlog && t->log[t->first].real < t->real - 2 * period_of(w))
		t->first++;
	if (t->steps && any(25) == 0)
		step_back(t, cost);
	if (any(100) == 0)
		w->limit.amount = any(2 * w->limit.amount + 2);
	check_free_at(w, cost, t->wall);
	before = used(w, t->wall);
	admitted = try(w, cost, t->wall);
	assert_true(admitted == (before + cost <= w->limit.amount));
	if (admitted && cost > 0)
		note(t, cost);
	if (w->limit.strategy == STRATEGY_MOVING)
		check_moving(t, cost, admitted);
	else
		check_fixed(t, before, cost, admitted);
}

static void against_the_log(enum strategy strategy)
{
	static const int64_t periods[] = { 1, 2, 7, 60, 600, 3600, 86400, 604800,
		LIMIT_PERIOD_MAX };
	struct trial trial, *t = &trial;

	for (unsigned i = 0; i < CASES; i++) {
		memset(t, 0, sizeof(*t));
		seed = 1000 + i;
		t->w.limit = (struct limit){ 1, any(3) == 0 ? any(4) : 1 + any(200),
			periods[any(sizeof(periods) / sizeof(periods[0]))], strategy };
		t->steps = i % 2 == 1;
		t->dense = i / 2 % 2 == 1;
		t->real = t->wall = NOVEMBER + (int64_t)any(1000000000);
		for (unsigned e = 0; e < EVENTS_A_CASE; e++)
			one_event(t);
		assert_true(t->nlog > 0 || t->w.limit.amount < 4);
	}
}

static void moving_holds_what_it_promises(void **state)
{
	(void)state;
	against_the_log(STRATEGY_MOVING);
}

static void fixed_holds_what_it_promises(void **state)
{
	(void)state;
	against_the_log(STRATEGY_FIXED);
}

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
	for (enum strategy s = STRATEGY_MOVING; s <= STRATEGY_FIXED; s++) {
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
	(void)state;
	for (enum strategy s = STRATEGY_MOVING; s <= STRATEGY_FIXED; s++) {
		struct window w = { .limit = { 1, 3, 3600, s } };
		int64_t end = NOVEMBER + HOUR;

		assert_true(try(&w, 2, NOVEMBER));
		assert_true(try(&w, 1, NOVEMBER - 100 * HOUR));
		assert_int_equal(w.n, 1);
		for (int back = 0; back < 200; back++) {
			int64_t now = NOVEMBER - back * HOUR;

			assert_int_equal(used(&w, now), 3);
			assert_int_equal(free_at(&w, 1, now), end);
			assert_false(try(&w, 1, now));
		}
		assert_true(try(&w, 3, end));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moving_holds_what_it_promises),
		cmocka_unit_test(fixed_holds_what_it_promises),
		cmocka_unit_test(fixed_windows_begin_in_utc),
		cmocka_unit_test(more_than_the_limit_never_fits),
		cmocka_unit_test(a_lowered_limit_waits_for_the_rest),
		cmocka_unit_test(a_sixty_fourth_makes_a_bucket),
		cmocka_unit_test(what_is_gone_leaves_in_front),
		cmocka_unit_test(a_step_back_grants_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
