/*
 * Mail by the hour of the day and the day of the week, as the clocks here show them: of
 * the rows of `report weekdays`, which are hours of UTC.  Pure, but for the time zone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_HOURS_H
#define THEMIS_SHELL_HOURS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* Day 0 is Monday. */
struct hours {
	double messages[7][24];
	double seconds[7][24]; /* of the period that are within that hour */
};

/* Rows: time and messages.  since to until, in seconds since 1970: the hours of it in
 * which there was no mail count, too. */
void hours_make(const json_t *rows, int64_t since, int64_t until, struct hours *out);

/* Messages an hour; 0 where the period has nothing of that hour.  Never more than there
 * were: where the period has but a piece of it, that many. */
double hours_rate(const struct hours *h, int day, int hour);

/* The highest of them, and where it is. */
double hours_peak(const struct hours *h, int *day, int *hour);

/* What at most so many hours of the week are above. */
double hours_above(const struct hours *h, size_t most);

#endif
