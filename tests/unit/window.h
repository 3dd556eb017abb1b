/*
 * A window to try: what the tests of counter/window.c share.  Included after <cmocka.h>.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TESTS_WINDOW_H
#define THEMIS_TESTS_WINDOW_H

#include "base/clock.h"
#include "counter/window.h"

#define NOVEMBER (INT64_C(1795219200) * CLOCK_SECOND) /* 2026-11-21T00:00:00Z */
#define HOUR	 (3600 * CLOCK_SECOND)

struct window {
	struct limit limit;
	struct bucket b[WINDOW_BUCKETS_MAX + 1];
	size_t n;
};

static inline int64_t period_of(const struct window *w)
{
	return w->limit.period * CLOCK_SECOND;
}

static inline uint64_t used(const struct window *w, int64_t now)
{
	return window_used(&w->limit, w->b, w->n, now);
}

static inline int64_t free_at(const struct window *w, uint64_t cost, int64_t now)
{
	return window_free_at(&w->limit, w->b, w->n, cost, now);
}

/* Charges without asking for room. */
static inline void put(struct window *w, uint64_t cost, int64_t now)
{
	w->n = window_expire(&w->limit, w->b, w->n, now);
	w->n = window_add(&w->limit, w->b, w->n, cost, now);
	assert_in_range(w->n, 1, WINDOW_BUCKETS_MAX);
}

static inline bool try(struct window *w, uint64_t cost, int64_t now)
{
	if (free_at(w, cost, now) > now)
		return false;
	if (cost > 0)
		put(w, cost, now);
	return true;
}

#endif
