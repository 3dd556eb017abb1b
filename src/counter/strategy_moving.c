/*
 * The strategy moving: a bucket leaves as a whole, a period after its last charge.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "counter/strategy.h"

static int64_t ends(const struct limit *limit, const struct bucket *b)
{
	return b->last + strategy_period(limit);
}

static uint64_t used(
	const struct limit *limit, const struct bucket *b, size_t n, int64_t now)
{
	return strategy_sum_whole(ends, limit, b, n, now);
}

static int64_t shrinks_at(
	const struct limit *limit, const struct bucket *b, uint64_t allowed)
{
	(void)allowed;
	return ends(limit, b);
}

static size_t add(
	const struct limit *limit, struct bucket *b, size_t n, uint64_t cost, int64_t now)
{
	return strategy_add_within(
		strategy_period(limit) / WINDOW_SPLIT, now, b, n, cost, now);
}

const struct window_strategy strategy_moving = {
	.ends = ends,
	.used = used,
	.shrinks_at = shrinks_at,
	.start = strategy_now,
	.add = add,
	.mark = strategy_first,
	.refund = strategy_refund,
};
