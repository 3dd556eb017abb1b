/*
 * Window arithmetic.  Called by the counter stores, under the lock of a shard.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "counter/window.h"

#include "base/clock.h"

#include <string.h>

#define FUTURE (60 * CLOCK_SECOND)

static int64_t period_of(const struct limit *limit)
{
	return limit->period * CLOCK_SECOND;
}

int64_t window_ends(const struct limit *limit, const struct bucket *b)
{
	return (limit->strategy == STRATEGY_FIXED ? b->first : b->last) +
	       period_of(limit);
}

uint64_t window_used(
	const struct limit *limit, const struct bucket *b, size_t n, int64_t now)
{
	uint64_t used = 0;

	for (size_t i = 0; i < n; i++)
		if (window_ends(limit, &b[i]) > now)
			used += b[i].count;
	return used;
}

int64_t window_free_at(const struct limit *limit, const struct bucket *b, size_t n,
	uint64_t cost, int64_t now)
{
	uint64_t used = window_used(limit, b, n, now);
	int64_t at = now;

	if (cost > limit->amount)
		return WINDOW_NEVER;
	/* oldest first, so they leave in this order */
	for (size_t i = 0; i < n && used > limit->amount - cost; i++) {
		int64_t ends = window_ends(limit, &b[i]);

		if (ends <= now)
			continue;
		used -= b[i].count;
		at = ends;
	}
	return at;
}

size_t window_expire(const struct limit *limit, struct bucket *b, size_t n, int64_t now)
{
	size_t gone = 0;

	while (gone < n && (window_ends(limit, &b[gone]) <= now || b[gone].count == 0))
		gone++;
	if (gone > 0)
		memmove(b, b + gone, (n - gone) * sizeof(*b));
	return n - gone;
}

/* Where the bucket begins that a charge of this moment makes. */
static int64_t bucket_start(const struct limit *limit, int64_t now)
{
	return limit->strategy == STRATEGY_FIXED ? now - now % period_of(limit) : now;
}

bool window_clamp(const struct limit *limit, struct bucket *b, int64_t now)
{
	int64_t start = bucket_start(limit, now);

	if (b->last <= now + FUTURE)
		return false;
	if (b->first > start)
		b->first = start;
	b->last = now;
	return true;
}

size_t window_add(
	const struct limit *limit, struct bucket *b, size_t n, uint64_t cost, int64_t now)
{
	int64_t width = limit->strategy == STRATEGY_FIXED
				? period_of(limit)
				: period_of(limit) / WINDOW_SPLIT;
	struct bucket *last = n > 0 ? &b[n - 1] : NULL;

	/* after a step back of the clock `now` lies before first: it joins too; so
	 * does everything when buckets of another's making lie too close */
	if (last == NULL || (now >= last->first + width && n < WINDOW_BUCKETS_MAX)) {
		b[n] = (struct bucket){ bucket_start(limit, now), now, cost };
		return n + 1;
	}
	last->count += cost;
	if (now > last->last)
		last->last = now;
	return n;
}
