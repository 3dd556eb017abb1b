/*
 * The scales of charts: round numbers and round times, so that people can read between
 * them.  Pure, but for the time zone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_SCALE_H
#define THEMIS_SHELL_SCALE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCALE_MINUTE ((int64_t)60)
#define SCALE_HOUR   ((int64_t)3600)
#define SCALE_DAY    ((int64_t)86400)

/* From 0 in so many steps of 1, 2 or 5 times a power of ten, 1 at least: what is counted
 * are whole things. */
struct scale {
	double step;
	int steps;
};

/* The finest one that reaches max (not negative) in at most so many steps, and has one.
 */
struct scale scale_of(double max, int steps);

/* Its greatest number. */
static inline double scale_top(const struct scale *s)
{
	return s->step * s->steps;
}

/* The smallest step of time that is round to people, a multiple of `of` (0: any will do),
 * and of which there are at most `most` in so many seconds. */
int64_t scale_time_step(int64_t seconds, int64_t of, int64_t most);

/* The first moment behind `at` that is a multiple of the step as clocks and calendars
 * show it: a full hour, midnight, Monday (7 days), the first of a month (30 days).
 * Seconds since 1970; utc: not as the clocks here show it. */
int64_t scale_time_next(int64_t at, int64_t step, bool utc);

#endif
