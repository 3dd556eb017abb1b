/*
 * Property tests of counter/window.c: each strategy against a plain log of every charge,
 * with random limits, costs and gaps, on clocks that run evenly, that are set back, and
 * that are set to any time.  The log is summed in another way than the windows are kept.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "../window.h"

#define EVENTS_A_CASE 1000
#define CASES	      900 /* for each strategy */

__extension__ typedef __int128 wide;

struct charge {
	int64_t real; /* by a clock that nobody sets */
	int64_t wall; /* by ours; the latest until then, where it was set back */
	uint64_t cost;
	wide fine; /* in 1/period of a microsecond; bucket alone */
};

enum clock { CLOCK_EVEN, CLOCK_SET_BACK, CLOCK_SET, CLOCKS };

/* One window and the truth about it. */
struct trial {
	struct window w;
	bool dense; /* many buckets in a period */
	enum clock clock;
	uint64_t unit; /* limits and costs are about multiples of it */
	int64_t real, wall;
	int64_t charged; /* when, by our clock, the last charge was made, or a later one
			  */
	struct charge log[EVENTS_A_CASE + 1];
	size_t nlog, first; /* what lies before first does not matter any more */
};

static uint64_t seed;

static uint64_t any(uint64_t below)
{
	return next_random(&seed) % below;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* --- the log, summed --- */

/* The charges of the last `span` microseconds, whatever our clock says. */
static uint64_t charged_within(const struct trial *t, int64_t span)
{
	uint64_t sum = 0;

	for (size_t i = t->first; i < t->nlog; i++)
		if (t->log[i].real > t->real - span)
			sum += t->log[i].cost;
	return sum;
}

/* Those from that moment of our clock on. */
static uint64_t charged_after(const struct trial *t, int64_t moment)
{
	uint64_t sum = 0;

	for (size_t i = t->nlog; i > t->first && t->log[i - 1].wall > moment; i--)
		sum += t->log[i - 1].cost;
	return sum;
}

/* Those in the window of the log's last charge, if we are not past it. */
static uint64_t sum_fixed(const struct trial *t)
{
	int64_t period = period_of(&t->w), slot;

	if (t->nlog == 0)
		return 0;
	slot = t->log[t->nlog - 1].wall / period;
	return t->wall / period > slot ? 0 : charged_after(t, slot * period - 1);
}

/* The formula: all of this window, and of those to come where the clock was set back; and
 * of the one before, the part that is still inside, rounded up.  What was over when a
 * charge was made is forgotten. */
static uint64_t sum_sliding(const struct trial *t)
{
	int64_t period = period_of(&t->w), slot = t->wall / period,
		elapsed = t->wall % period, oldest = t->charged / period - 1;
	uint64_t current = charged_after(t, later(slot, oldest) * period - 1),
		 both = charged_after(t, later(slot - 1, oldest) * period - 1);

	return current +
	       (uint64_t)(((wide)(both - current) * (period - elapsed) + period - 1) /
			  period);
}

/* The fullest that it was with regard to any charge: all since then, less what has
 * drained since then.  In tokens by microseconds of the period. */
static wide level_of_log(const struct trial *t, int64_t now)
{
	wide sum = 0, level = 0;

	for (size_t i = t->nlog; i > t->first; i--) {
		const struct charge *c = &t->log[i - 1];
		wide since;

		sum += c->fine;
		since = sum - (wide)t->w.limit.amount * (later(now, c->wall) - c->wall);
		if (since > level)
			level = since;
	}
	return level;
}

static uint64_t sum_bucket(const struct trial *t)
{
	int64_t period = period_of(&t->w);
	int64_t last = t->nlog > 0 ? t->log[t->nlog - 1].wall : 0;

	return (uint64_t)((level_of_log(t, later(t->wall, last)) + period - 1) / period);
}

/* --- what holds for each strategy --- */

static void check_moving(const struct trial *t, uint64_t cost, bool admitted)
{
	const struct window *w = &t->w;
	int64_t period = period_of(w), strict = period + period / WINDOW_SPLIT;
	uint64_t is_used = used(w, t->wall), longer = charged_after(t, t->wall - strict);

	/* of no period of real time more than the limit, unless time itself was moved */
	if (admitted && cost > 0 && t->clock != CLOCK_SET)
		assert_true(charged_within(t, period) <= w->limit.amount);
	if (t->clock == CLOCK_EVEN)
		assert_true(is_used >= charged_within(t, period));
	assert_true(is_used >= charged_after(t, later(t->wall, t->charged) - period));
	/* what is refused would not have fit a window that is longer by 1/64 either */
	assert_true(is_used <= longer);
	if (!admitted && cost <= w->limit.amount)
		assert_true(longer + cost > w->limit.amount);
}

static void check_used(const struct trial *t, uint64_t cost, bool admitted)
{
	static uint64_t (*const sums[])(const struct trial *) = {
		[STRATEGY_SLIDING] = sum_sliding,
		[STRATEGY_FIXED] = sum_fixed,
		[STRATEGY_BUCKET] = sum_bucket,
	};

	if (t->w.limit.strategy == STRATEGY_MOVING)
		check_moving(t, cost, admitted);
	else
		assert_true(used(&t->w, t->wall) == sums[t->w.limit.strategy](t));
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
	} else if (amount == 0 && w->limit.strategy == STRATEGY_BUCKET) {
		assert_true(at == WINDOW_NEVER); /* nothing drains from it */
	} else {
		assert_true(at > now && at != WINDOW_NEVER);
		assert_true(used(w, at) + cost <= amount);
		assert_true(used(w, at - 1) + cost > amount);
		assert_true(free_at(w, cost, at) == at);
		assert_true(free_at(w, cost, at - 1) == at);
	}
}

/* --- what happens --- */

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
		/* to the next edge of an aligned window, or one short of it */
		return period - t->wall % period - (int64_t)any(2);
	case 6:
	case 7:
		return (int64_t)any((uint64_t)period / 8);
	default:
		return (int64_t)any((uint64_t)slice * 3);
	}
}

/* What did not fit fits no earlier, and what is used is no less. */
static void set_back(struct trial *t, uint64_t cost)
{
	uint64_t was_used = used(&t->w, t->wall);
	int64_t was_free = free_at(&t->w, cost, t->wall);
	bool had_room = was_free == t->wall;

	t->wall -= (int64_t)any(2 * (uint64_t)period_of(&t->w));
	assert_true(used(&t->w, t->wall) >= was_used);
	if (!had_room)
		assert_true(free_at(&t->w, cost, t->wall) == was_free);
}

static void set_clock(struct trial *t, uint64_t cost)
{
	if (t->clock == CLOCK_SET && any(2) == 0)
		t->wall += (int64_t)any(3 * (uint64_t)period_of(&t->w));
	else
		set_back(t, cost);
}

/* Another number keeps what is used; it drains as it does now since the last charge, and
 * what has drained before that is gone. */
static void set_amount(struct trial *t, uint64_t amount)
{
	int64_t last = t->nlog > 0 ? t->log[t->nlog - 1].wall : 0;

	if (t->w.limit.strategy == STRATEGY_BUCKET && t->nlog > t->first) {
		wide level = level_of_log(t, last);

		t->first = t->nlog - 1;
		t->log[t->first].fine = level;
	}
	t->w.limit.amount = amount;
}

static void note(struct trial *t, uint64_t cost)
{
	int64_t last = t->nlog > 0 ? t->log[t->nlog - 1].wall : t->wall;

	t->charged = later(t->charged, t->wall);
	/* a bucket that is empty has no past */
	if (t->w.limit.strategy == STRATEGY_BUCKET &&
		level_of_log(t, later(t->wall, last)) == 0)
		t->first = t->nlog;
	t->log[t->nlog++] = (struct charge){ t->real, later(t->wall, last), cost,
		(wide)cost * period_of(&t->w) };
}

static uint64_t any_amount(const struct trial *t, uint64_t below)
{
	return any(below) * t->unit + any(t->unit);
}

static uint64_t any_cost(const struct trial *t)
{
	if (any(20) == 0)
		return any(t->w.limit.amount + 3);
	return 1 + any(4) * t->unit + any(t->unit);
}

static void one_event(struct trial *t)
{
	struct window *w = &t->w;
	uint64_t cost = any_cost(t), before;
	int64_t gap = any_gap(t);
	bool admitted;

	t->real += gap;
	t->wall += gap;
	if (t->clock != CLOCK_EVEN && any(25) == 0)
		set_clock(t, cost);
	if (any(100) == 0)
		set_amount(t, any_amount(t, 200));
	check_free_at(w, cost, t->wall);
	before = used(w, t->wall);
	admitted = try(w, cost, t->wall);
	assert_true(admitted == (before + cost <= w->limit.amount));
	if (admitted && cost > 0)
		note(t, cost);
	check_used(t, cost, admitted);
}

static void against_the_log(enum strategy strategy)
{
	static const int64_t periods[] = { 1, 2, 7, 60, 600, 3600, 86400, 604800,
		LIMIT_PERIOD_MAX };
	static const uint64_t units[] = { 1, 1, 1000, LIMIT_OCTETS_MAX / 200 };
	static struct trial trial;
	struct trial *t = &trial;

	for (unsigned i = 0; i < CASES; i++) {
		memset(t, 0, sizeof(*t));
		seed = 1000 + i;
		t->unit = units[any(sizeof(units) / sizeof(units[0]))];
		t->w.limit = (struct limit){ .amount = any_amount(t, any(3) ? 200 : 4),
			.period = periods[any(sizeof(periods) / sizeof(periods[0]))],
			.strategy = strategy };
		t->clock = i % CLOCKS;
		t->dense = i / CLOCKS % 2 == 1;
		t->real = t->wall = NOVEMBER + (int64_t)any(1000000000);
		for (unsigned e = 0; e < EVENTS_A_CASE; e++)
			one_event(t);
		assert_true(t->nlog > 0 || t->w.limit.amount < 4 * t->unit);
	}
}

static void moving_holds_what_it_promises(void **state)
{
	(void)state;
	against_the_log(STRATEGY_MOVING);
}

static void sliding_holds_what_it_promises(void **state)
{
	(void)state;
	against_the_log(STRATEGY_SLIDING);
}

static void fixed_holds_what_it_promises(void **state)
{
	(void)state;
	against_the_log(STRATEGY_FIXED);
}

static void bucket_holds_what_it_promises(void **state)
{
	(void)state;
	against_the_log(STRATEGY_BUCKET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moving_holds_what_it_promises),
		cmocka_unit_test(sliding_holds_what_it_promises),
		cmocka_unit_test(fixed_holds_what_it_promises),
		cmocka_unit_test(bucket_holds_what_it_promises),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
