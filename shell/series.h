/*
 * Traffic over time: the rows of `report traffic` put into bins that are round by the
 * clocks here, as many as a chart has room for.  Pure, but for the time zone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_SERIES_H
#define THEMIS_SHELL_SERIES_H

#include "base/arena.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order in which they are stacked, from the bottom: what passed, what was refused,
 * what could not be judged. */
enum series_verdict {
	SERIES_ACCEPT,
	SERIES_BYPASS,
	SERIES_MONITOR,
	SERIES_DEFER, /* the first of those that did not pass */
	SERIES_BLOCK,
	SERIES_HOLD,
	SERIES_DISCARD, /* the last that was refused */
	SERIES_ERROR,
	SERIES_VERDICTS
};

/* As columns are named. */
extern const char *const series_names[SERIES_VERDICTS];

struct series_bin {
	int64_t start, end; /* seconds since 1970 */
	double n[SERIES_VERDICTS];
};

struct series {
	struct series_bin *bins; /* one behind the other, from since to until */
	size_t count;
	int64_t step; /* seconds, of a whole one */
	bool utc;     /* they are round in UTC, as the rows are, and not here */
	double total[SERIES_VERDICTS];
};

/* The rows (time, seconds, which all rows have the same, and a column for each verdict)
 * of since to until, in seconds since 1970, in at most so many bins and two.  A row that
 * is earlier than since belongs to the first bin: it began before. */
void series_make(struct arena *arena, const json_t *rows, int64_t since, int64_t until,
	int64_t most, struct series *out);

/* What the ends of their period were rounded to, in seconds: minutes, hours or days.  0:
 * there are no rows. */
int64_t series_base(const json_t *rows);

/* The sum of these verdicts, from the one to the other. */
double series_sum(const double n[SERIES_VERDICTS], enum series_verdict from,
	enum series_verdict to);

static inline double series_all(const double n[SERIES_VERDICTS])
{
	return series_sum(n, SERIES_ACCEPT, SERIES_ERROR);
}

static inline double series_refused(const double n[SERIES_VERDICTS])
{
	return series_sum(n, SERIES_DEFER, SERIES_DISCARD);
}

/* Refused, or not judged. */
static inline double series_stopped(const double n[SERIES_VERDICTS])
{
	return series_sum(n, SERIES_DEFER, SERIES_ERROR);
}

/* The bin with the greatest such sum; NULL where it is 0 in all. */
const struct series_bin *series_peak(
	const struct series *s, enum series_verdict from, enum series_verdict to);

/* A column of a row as a number, 0 where there is none, and as a text, "" likewise; and
 * its moment in seconds since 1970, 0 where it is none. */
double row_number(const json_t *row, const char *name);
const char *row_text(const json_t *row, const char *name);
int64_t row_moment(const json_t *row, const char *name);

#endif
