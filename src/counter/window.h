/*
 * Window arithmetic: what a counter holds, whether something fits, and when it
 * will.  Pure: `now` is an argument, nothing is locked, nothing is stored.
 *
 * A window is a list of buckets, oldest first.  What a bucket holds goes with time and
 * never grows by it; how it goes is the strategy:
 *
 * moving: charges less than 1/64 of the period apart from a bucket's first one
 * join it, and the bucket leaves a period after its last one.  So there are at
 * most 64 buckets to a period, no period ever holds more than the limit, and a
 * charge is held at most 1/64 of the period too long.
 *
 * sliding: a bucket is a period, aligned in UTC, and first is its start.  While it is the
 * period of now it counts fully; in the next one, for the part of it that a period back
 * from now still reaches, rounded up; then it leaves.  So there are two at most.
 *
 * fixed: one bucket, whose first is the start of its window (aligned to the
 * period in UTC).
 *
 * bucket: one bucket, a level that drains the limit's amount in each period (GCRA); what
 * is granted lets it rise higher, and drains nothing, so that it is where it was when the
 * grant is over (of a limit of 0 it drains what is granted, or it never could).  At the
 * moment `last` it stands at count tokens and a rest, which is kept in `first`: minus
 * the rest, in tokens by the microseconds of the period.  So nothing is rounded, and a
 * first of 0 or less is no moment.  What is used is the level, rounded up.
 *
 * A clock that steps back grants nothing: what lies in the future counts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_COUNTER_WINDOW_H
#define THEMIS_COUNTER_WINDOW_H

#include "counter/limit.h"

#include <stdbool.h>

#define WINDOW_SPLIT 64 /* buckets to a period */
/* One more can still be there while its last charge is not a period old. */
#define WINDOW_BUCKETS_MAX (WINDOW_SPLIT + 1)

#define WINDOW_NEVER INT64_MAX

struct bucket {
	int64_t first, last; /* microseconds */
	uint64_t count;
};

/* When this bucket leaves the window of that limit; WINDOW_NEVER: a level of a limit of
 * 0, from which nothing drains. */
int64_t window_ends(const struct limit *limit, const struct bucket *b);

/* What is used at that moment. */
uint64_t window_used(
	const struct limit *limit, const struct bucket *b, size_t n, int64_t now);

/* When cost will fit: now if it does, WINDOW_NEVER if it alone exceeds the
 * limit.  At that moment it fits, a microsecond before it does not. */
int64_t window_free_at(const struct limit *limit, const struct bucket *b, size_t n,
	uint64_t cost, int64_t now);

/* Drops what has left the window, from the front; the number that stays. */
size_t window_expire(const struct limit *limit, struct bucket *b, size_t n, int64_t now);

/* A bucket charged later than a minute from now was so before the clock went back: moves
 * it to now, so that it counts, but for no longer than a period.  True: it was one.  (A
 * message that read its clock first may come a moment second.) */
bool window_clamp(const struct limit *limit, struct bucket *b, int64_t now);

/* Adds cost to a window that window_expire() has been through.  b has room for
 * one more than n, up to WINDOW_BUCKETS_MAX.  Returns the new number; the charge is
 * in the last bucket. */
size_t window_add(const struct limit *limit, struct bucket *b, size_t n, uint64_t cost,
	int64_t now);

/* By what window_refund() finds a charge that has just been added to this bucket. */
int64_t window_mark(const struct limit *limit, const struct bucket *b);

/* Takes a charge back, as far as it is still there, and nothing of the others.  Returns
 * the bucket that it was in, NULL if that has gone. */
struct bucket *window_refund(const struct limit *limit, struct bucket *b, size_t n,
	uint64_t cost, int64_t mark);

#endif
