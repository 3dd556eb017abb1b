/*
 * The strategy fixed: a bucket leaves as a whole, with the period that it stands for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "counter/strategy.h"

static int64_t ends(const struct limit *limit, const struct bucket *b)
{
	return b->first + strategy_period(limit);
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

const struct window_strategy strategy_fixed = {
	.ends = ends,
	.used = used,
	.shrinks_at = shrinks_at,
	.start = strategy_aligned,
	.add = strategy_add_aligned,
	.mark = strategy_first,
	.refund = strategy_refund,
};
