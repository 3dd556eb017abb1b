/*
 * The inside of the window arithmetic (counter/window.h): what differs from strategy to
 * strategy.  Each is a file of its own (strategy_*.c) and an entry of one static table in
 * window.c.  Called under the lock of a shard; pure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_COUNTER_STRATEGY_H
#define THEMIS_COUNTER_STRATEGY_H

#include "base/clock.h"
#include "counter/window.h"

/* A count by a period in microseconds takes more than 64 bits. */
__extension__ typedef __int128 wide;

/* How buckets go, and how charges come together in buckets. */
struct window_strategy {
	int64_t (*ends)(const struct limit *, const struct bucket *);
	/* what of them all is there at that moment: never more than earlier */
	uint64_t (*used)(
		const struct limit *, const struct bucket *, size_t n, int64_t now);
	/* from when on no more than so much of one is; for less than there is */
	int64_t (*shrinks_at)(
		const struct limit *, const struct bucket *, uint64_t allowed);
	/* where a bucket begins that is charged now */
	int64_t (*start)(const struct limit *, int64_t now);
	/* the rest is as in window.h */
	size_t (*add)(const struct limit *, struct bucket *, size_t n, uint64_t cost,
		int64_t now);
	int64_t (*mark)(const struct bucket *);
	struct bucket *(*refund)(const struct limit *, struct bucket *, size_t n,
		uint64_t cost, int64_t mark);
};

extern const struct window_strategy strategy_moving, strategy_sliding, strategy_fixed,
	strategy_bucket;

static inline int64_t strategy_period(const struct limit *limit)
{
	return limit->period * CLOCK_SECOND;
}

static inline wide strategy_divide_up(wide a, wide b)
{
	return (a + b - 1) / b;
}

/* What is left of each, summed. */
static inline uint64_t strategy_sum(
	uint64_t (*left)(const struct limit *, const struct bucket *, int64_t now),
	const struct limit *limit, const struct bucket *b, size_t n, int64_t now)
{
	uint64_t used = 0;

	for (size_t i = 0; i < n; i++)
		used += left(limit, &b[i], now);
	return used;
}

/* Of buckets that leave as a whole, when they end.  Inline, so that `ends` is, too: a
 * busy counter has many. */
static inline uint64_t strategy_sum_whole(
	int64_t (*ends)(const struct limit *, const struct bucket *),
	const struct limit *limit, const struct bucket *b, size_t n, int64_t now)
{
	uint64_t used = 0;

	for (size_t i = 0; i < n; i++)
		if (ends(limit, &b[i]) > now)
			used += b[i].count;
	return used;
}

/* Start: at that moment; or with its period, aligned in UTC. */
int64_t strategy_now(const struct limit *limit, int64_t now);
int64_t strategy_aligned(const struct limit *limit, int64_t now);

/* Of buckets whose first is a moment.  The last one takes what comes less than width
 * after its first; what comes before that, the clock having been set back; and all that
 * comes, n being as many as there may be.  Else a new one begins at start. */
size_t strategy_add_within(int64_t width, int64_t start, struct bucket *b, size_t n,
	uint64_t cost, int64_t now);

/* The same with a bucket for each period, aligned in UTC. */
size_t strategy_add_aligned(const struct limit *limit, struct bucket *b, size_t n,
	uint64_t cost, int64_t now);

/* Mark and refund of such buckets: by their first. */
int64_t strategy_first(const struct bucket *b);
struct bucket *strategy_refund(const struct limit *limit, struct bucket *b, size_t n,
	uint64_t cost, int64_t mark);

#endif
