/*
 * The strategy sliding: a bucket stays for its period, and goes evenly in the next.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "counter/strategy.h"

static int64_t ends(const struct limit *limit, const struct bucket *b)
{
	return b->first + 2 * strategy_period(limit);
}

static uint64_t left(const struct limit *limit, const struct bucket *b, int64_t now)
{
	int64_t period = strategy_period(limit), inside = ends(limit, b) - now;

	if (inside <= 0)
		return 0;
	if (inside >= period)
		return b->count;
	return (uint64_t)strategy_divide_up((wide)b->count * inside, period);
}

static uint64_t used(
	const struct limit *limit, const struct bucket *b, size_t n, int64_t now)
{
	return strategy_sum(left, limit, b, n, now);
}

static int64_t shrinks_at(
	const struct limit *limit, const struct bucket *b, uint64_t allowed)
{
	return ends(limit, b) -
	       (int64_t)((wide)allowed * strategy_period(limit) / (wide)b->count);
}

const struct window_strategy strategy_sliding = {
	.ends = ends,
	.used = used,
	.shrinks_at = shrinks_at,
	.start = strategy_aligned,
	.add = strategy_add_aligned,
	.mark = strategy_first,
	.refund = strategy_refund,
};
