/*
 * The strategy bucket: one level that drains evenly (GCRA), counted in tokens by
 * microseconds of the period.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "counter/strategy.h"

static wide level_of(const struct limit *limit, const struct bucket *b)
{
	return (wide)b->count * strategy_period(limit) - b->first;
}

static void set_level(const struct limit *limit, struct bucket *b, wide level)
{
	b->count = (uint64_t)(level / strategy_period(limit));
	b->first = -(int64_t)(level % strategy_period(limit));
}

/* What goes of it in a period. */
static uint64_t drain(const struct limit *limit)
{
	return limit->amount > 0 ? limit->amount : limit->granted;
}

/* What was in it at its moment and has not drained since then. */
static wide drained(const struct limit *limit, wide level, int64_t since, int64_t now)
{
	wide out = now > since ? (wide)drain(limit) * (now - since) : 0;

	return level > out ? level - out : 0;
}

static int64_t shrinks_at(
	const struct limit *limit, const struct bucket *b, uint64_t allowed)
{
	wide over = level_of(limit, b) - (wide)allowed * strategy_period(limit), wait;

	if (over <= 0)
		return b->last;
	if (drain(limit) == 0)
		return WINDOW_NEVER;
	wait = strategy_divide_up(over, drain(limit));
	return wait < WINDOW_NEVER - b->last ? b->last + (int64_t)wait : WINDOW_NEVER;
}

static int64_t ends(const struct limit *limit, const struct bucket *b)
{
	return shrinks_at(limit, b, 0);
}

static uint64_t left(const struct limit *limit, const struct bucket *b, int64_t now)
{
	return (uint64_t)strategy_divide_up(
		drained(limit, level_of(limit, b), b->last, now), strategy_period(limit));
}

static uint64_t used(
	const struct limit *limit, const struct bucket *b, size_t n, int64_t now)
{
	return strategy_sum(left, limit, b, n, now);
}

static size_t add(
	const struct limit *limit, struct bucket *b, size_t n, uint64_t cost, int64_t now)
{
	wide before;

	if (n == 0)
		b[0] = (struct bucket){ .last = now };
	before = drained(limit, level_of(limit, &b[0]), b[0].last, now);
	set_level(limit, &b[0], before + (wide)cost * strategy_period(limit));
	if (now > b[0].last)
		b[0].last = now;
	return 1;
}

static int64_t when(const struct bucket *b)
{
	return b->last;
}

/* Where the level had run dry but for this charge, all that has drained since was of it:
 * only what cannot have drained yet is taken back, so that the others keep theirs. */
static struct bucket *refund(const struct limit *limit, struct bucket *b, size_t n,
	uint64_t cost, int64_t mark)
{
	wide level, charge;

	if (n == 0)
		return NULL;
	level = level_of(limit, &b[0]);
	charge = drained(limit, (wide)cost * strategy_period(limit), mark, b[0].last);
	set_level(limit, &b[0], level > charge ? level - charge : 0);
	return &b[0];
}

const struct window_strategy strategy_bucket = {
	.ends = ends,
	.used = used,
	.shrinks_at = shrinks_at,
	.start = strategy_now,
	.add = add,
	.mark = when,
	.refund = refund,
};
