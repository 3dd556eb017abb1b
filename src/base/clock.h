/*
 * Time.  A moment is an int64_t: microseconds since 1970 in UTC.  Inside the
 * process the clock never steps: it is tied to the wall clock by clock_start(),
 * runs on the monotonic clock from there, and where the wall clock steps it
 * follows slowly (clock_follow()).  Functions that decide take `now` as an
 * argument; only the edges (front ends, the control socket, the main loop) ask
 * clock_now().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BASE_CLOCK_H
#define THEMIS_BASE_CLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define CLOCK_SECOND ((int64_t)1000000)

#define CLOCK_TEXT_MAX	  32
#define DURATION_TEXT_MAX 32

/* Ties the clock to the wall clock.  Call once, before the threads. */
void clock_start(void);

/* Now, in microseconds since 1970; never smaller than an earlier answer, whichever
 * thread had it.  Any thread. */
int64_t clock_now(void);

/* A clock that makes up what it is off by runs this much faster or slower: what a
 * moving window is allowed to err by (counter/window.h). */
#define CLOCK_SLEW 64

/* From here on the clock makes up, bit by bit, what the wall clock is ahead of it
 * (negative: behind); that, in microseconds, is the answer.  For the main loop, once a
 * second or so; one thread. */
int64_t clock_follow(void);

/* The arithmetic of it, pure.  All in microseconds. */
struct clock_slew {
	int64_t since;	/* of the monotonic clock */
	int64_t offset; /* of the clock from the monotonic clock, at that moment */
	int64_t left;	/* to be made up from there on; negative: it is ahead */
};

/* What the clock shows when the monotonic clock shows that (since or later). */
int64_t clock_slew_at(const struct clock_slew *slew, int64_t monotonic);

/* The clock that shows the same at that moment, and is on its way to the wall clock. */
struct clock_slew clock_slew_to(
	const struct clock_slew *slew, int64_t monotonic, int64_t wall);

/* CLOCK_MONOTONIC in microseconds, which all processes of a host share, and such a moment
 * as pthread_cond_timedwait() has it. */
int64_t clock_monotonic(void);
struct timespec clock_at(int64_t monotonic);

/* For waiting, by CLOCK_MONOTONIC: so long from now, and whether that has come. */
struct timespec clock_in(int64_t milliseconds);
bool clock_is_past(const struct timespec *when);
void clock_cond_init(pthread_cond_t *cond); /* that waits by it */

/* RFC 3339 in UTC with milliseconds, rounded up so that a moment to wait for is
 * never told too early: 2026-11-21T07:32:51.123Z.  Returns buf. */
char *clock_format(char buf[CLOCK_TEXT_MAX], int64_t when);

/* Reads what clock_format() writes, with or without a fraction of up to six digits, in
 * the years 1970 to 9999; 0 or -1. */
int clock_parse(const char *text, int64_t *when);

/* Reads a number with a unit ("10 minutes", "90s", "2h") or a unit alone
 * ("hour"): second, minute, hour, day, week, month (30 days), year (365 days),
 * their plurals and s, sec, m, min, h, d, w, y.  A plain number is seconds.
 * Writes 0 to 1,000 years in seconds; 0 or -1. */
int duration_parse(const char *text, int64_t *seconds);

/* The spelling that duration_parse() reads back, in the largest unit that
 * divides it: "hour", "10minutes", "90seconds".  Returns buf. */
char *duration_format(char buf[DURATION_TEXT_MAX], int64_t seconds);

/* For people: one rounded-up figure in days, hours, minutes or seconds, as in
 * "59 minutes" or "30 days".  Returns buf. */
char *duration_say(char buf[DURATION_TEXT_MAX], int64_t seconds);

#endif
