/*
 * Numbers, shares and moments as a page says them to people: digits in groups of three,
 * moments by the clocks here.  In the arena.  Pure, but for the time zone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_SAY_H
#define THEMIS_SHELL_SAY_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

/* "12,418" */
const char *say_count(struct arena *arena, double n);

/* A name that has room in a heading: where it is too long, there is "..." for what is in
 * its middle, so that the domain is there as far as it can be. */
const char *say_name(struct arena *arena, const char *name);

/* "1 message", "12,418 messages": with an s behind all but one. */
const char *say_some(struct arena *arena, double n, const char *thing);

/* In three digits or less where there is little room: "312", "1.2k", "12k", "3.4M". */
const char *say_short(struct arena *arena, double n);

/* How many there are of something in an hour, say: "0.3", "12", "1.2k"; "< 0.1" of what
 * is not nothing. */
const char *say_rate(struct arena *arena, double n);

/* "0.8 %", "37 %"; "< 0.1 %" and "> 99.9 %" of what is something, or not all.  Of
 * nothing: "0 %". */
const char *say_share(struct arena *arena, double part, double whole);

/* How long, in its two largest units: "14 min", "2 h 5 min", "7 days". */
const char *say_length(struct arena *arena, int64_t seconds);

/* Moments, in seconds since 1970.  "Sat 15 Nov", "14:00", "Sat 15 Nov 2026, 14:00",
 * "Nov 2026". */
const char *say_day(struct arena *arena, int64_t at);
const char *say_clock(struct arena *arena, int64_t at);
const char *say_date(struct arena *arena, int64_t at);
const char *say_month(struct arena *arena, int64_t at);

/* What has to be said of moments of a time, so that none is taken for another one. */
struct say_need {
	bool year; /* there are two */
	bool zone; /* clocks are put forward or back */
};

struct say_need say_need(int64_t from, int64_t to);

/* "Sat 15 Nov, 14:00", "Sat 15 Nov 2026, 14:00 CET". */
const char *say_moment(struct arena *arena, int64_t at, struct say_need need);

/* From then to then, the day and the zone said once: "Sat 15 Nov, 14:00 to 15:00 CET". */
const char *say_span(struct arena *arena, int64_t from, int64_t to, struct say_need need);

/* The time zone there: "CET (UTC+1)". */
const char *say_zone(struct arena *arena, int64_t at);

#endif
