/*
 * Window arithmetic.  Called by the counter stores, under the lock of a shard.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "counter/window.h"

#include "counter/strategy.h"

#include <string.h>

#define FUTURE (60 * CLOCK_SECOND)

static const struct window_strategy *const strategies[] = {
	[STRATEGY_MOVING] = &strategy_moving,
	[STRATEGY_SLIDING] = &strategy_sliding,
	[STRATEGY_FIXED] = &strategy_fixed,
	[STRATEGY_BUCKET] = &strategy_bucket,
};

_Static_assert(sizeof(strategies) / sizeof(strategies[0]) == STRATEGIES,
	"arithmetic for each strategy");

static const struct window_strategy *strategy_of(const struct limit *limit)
{
	return strategies[limit->strategy];
}

int64_t window_ends(const struct limit *limit, const struct bucket *b)
{
	return strategy_of(limit)->ends(limit, b);
}

uint64_t window_used(
	const struct limit *limit, const struct bucket *b, size_t n, int64_t now)
{
	return strategy_of(limit)->used(limit, b, n, now);
}

/* When cost fits beside what stays in so much room. */
static int64_t fits_at(const struct limit *limit, uint64_t room, const struct bucket *b,
	size_t n, uint64_t cost, int64_t now)
{
	uint64_t behind = 0;

	if (cost > room)
		return WINDOW_NEVER;
	room -= cost;
	if (window_used(limit, b, n, now) <= room)
		return now;
	/* they go in their order, each when the one before it has gone: those behind that
	 * fit can stay whole */
	while (n > 1 && behind + b[n - 1].count <= room)
		behind += b[--n].count;
	return strategy_of(limit)->shrinks_at(limit, &b[n - 1], room - behind);
}

int64_t window_free_at(const struct limit *limit, const struct bucket *b, size_t n,
	uint64_t cost, int64_t now)
{
	int64_t at = fits_at(limit, limit_room(limit), b, n, cost, now);

	/* what was granted may be over by then */
	if (limit->granted > 0 && at >= limit->granted_until)
		at = fits_at(limit, limit->amount, b, n, cost, now);
	return at;
}

/* The rest of a level counts, too. */
static bool is_empty(const struct bucket *b)
{
	return b->count == 0 && b->first >= 0;
}

size_t window_expire(const struct limit *limit, struct bucket *b, size_t n, int64_t now)
{
	size_t gone = 0;

	while (gone < n && (window_ends(limit, &b[gone]) <= now || is_empty(&b[gone])))
		gone++;
	if (gone > 0)
		memmove(b, b + gone, (n - gone) * sizeof(*b));
	return n - gone;
}

bool window_clamp(const struct limit *limit, struct bucket *b, int64_t now)
{
	int64_t start = strategy_of(limit)->start(limit, now);

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
	return strategy_of(limit)->add(limit, b, n, cost, now);
}

int64_t window_mark(const struct limit *limit, const struct bucket *b)
{
	return strategy_of(limit)->mark(b);
}

struct bucket *window_refund(const struct limit *limit, struct bucket *b, size_t n,
	uint64_t cost, int64_t mark)
{
	return strategy_of(limit)->refund(limit, b, n, cost, mark);
}

int64_t strategy_now(const struct limit *limit, int64_t now)
{
	(void)limit;
	return now;
}

int64_t strategy_aligned(const struct limit *limit, int64_t now)
{
	return now - now % strategy_period(limit);
}

size_t strategy_add_within(int64_t width, int64_t start, struct bucket *b, size_t n,
	uint64_t cost, int64_t now)
{
	struct bucket *last = n > 0 ? &b[n - 1] : NULL;

	if (last == NULL || (now >= last->first + width && n < WINDOW_BUCKETS_MAX)) {
		b[n] = (struct bucket){ start, now, cost };
		return n + 1;
	}
	last->count += cost;
	if (now > last->last)
		last->last = now;
	return n;
}

size_t strategy_add_aligned(
	const struct limit *limit, struct bucket *b, size_t n, uint64_t cost, int64_t now)
{
	return strategy_add_within(
		strategy_period(limit), strategy_aligned(limit, now), b, n, cost, now);
}

int64_t strategy_first(const struct bucket *b)
{
	return b->first;
}

struct bucket *strategy_refund(const struct limit *limit, struct bucket *b, size_t n,
	uint64_t cost, int64_t mark)
{
	(void)limit;
	for (size_t i = 0; i < n; i++)
		if (b[i].first == mark && b[i].count >= cost) {
			b[i].count -= cost;
			return &b[i];
		}
	return NULL;
}
