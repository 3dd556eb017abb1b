/*
 * Hours by weekday.  Called by shell/html_hours.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "hours.h"

#include "scale.h"
#include "series.h"

#include <stdlib.h>
#include <time.h>

static struct tm clock_of(int64_t at)
{
	time_t t = (time_t)at;
	struct tm tm = { 0 };

	localtime_r(&t, &tm);
	tm.tm_wday = (tm.tm_wday + 6) % 7;
	return tm;
}

static int64_t next_hour(int64_t at, int64_t until)
{
	int64_t next = scale_time_next(at, SCALE_HOUR, false);

	return next < until ? next : until;
}

/* An hour of UTC is one here, or pieces of two: each has its share by how long it is. */
static void add(struct hours *out, int64_t at, int64_t until, double messages)
{
	double share = messages / (double)(until - at);
	struct tm tm;

	for (int64_t next; at < until; at = next) {
		next = next_hour(at, until);
		tm = clock_of(at);
		out->messages[tm.tm_wday][tm.tm_hour] += share * (double)(next - at);
	}
}

void hours_make(const json_t *rows, int64_t since, int64_t until, struct hours *out)
{
	const json_t *row;
	struct tm tm;
	size_t i;

	*out = (struct hours){ 0 };
	for (int64_t at = since, next; at < until; at = next) {
		next = next_hour(at, until);
		tm = clock_of(at);
		out->seconds[tm.tm_wday][tm.tm_hour] += (double)(next - at);
	}
	json_array_foreach(rows, i, row) {
		int64_t at = row_moment(row, "time"), end = at + SCALE_HOUR;

		if (at < since && since < end)
			at = since;
		if (at < until && until < end)
			end = until;
		add(out, at, end, row_number(row, "messages"));
	}
}

double hours_rate(const struct hours *h, int day, int hour)
{
	double seconds = h->seconds[day][hour];

	if (seconds <= 0)
		return 0;
	/* the first and last one of a period are cut: a piece is not made more of */
	if (seconds < SCALE_HOUR)
		seconds = SCALE_HOUR;
	return h->messages[day][hour] * SCALE_HOUR / seconds;
}

double hours_peak(const struct hours *h, int *day, int *hour)
{
	double most = 0;

	*day = *hour = 0;
	for (int d = 0; d < 7; d++)
		for (int k = 0; k < 24; k++)
			if (hours_rate(h, d, k) > most) {
				most = hours_rate(h, d, k);
				*day = d;
				*hour = k;
			}
	return most;
}

static int compare(const void *one, const void *other)
{
	double a = *(const double *)one, b = *(const double *)other;

	return a < b ? 1 : a > b ? -1 : 0;
}

double hours_above(const struct hours *h, size_t most)
{
	double rates[7 * 24];

	for (int i = 0; i < 7 * 24; i++)
		rates[i] = hours_rate(h, i / 24, i % 24);
	qsort(rates, 7 * 24, sizeof(rates[0]), compare);
	return rates[most];
}
