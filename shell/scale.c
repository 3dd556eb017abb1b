/*
 * Scales.  Called by shell/series and the parts of the page of `report html`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "scale.h"

#include <math.h>
#include <time.h>

#define WEEK  (7 * SCALE_DAY)
#define MONTH (30 * SCALE_DAY)
#define YEAR  (360 * SCALE_DAY) /* twelve of these */

struct scale scale_of(double max, int steps)
{
	static const double round[] = { 1, 2, 5 };
	struct scale s = { 1, 1 };

	if (steps < 1)
		steps = 1;
	for (double power = 1;; power *= 10)
		for (size_t i = 0; i < sizeof(round) / sizeof(round[0]); i++) {
			s.step = power * round[i];
			if (!(s.step * steps < max)) {
				s.steps = (int)ceil(max / s.step);
				s.steps = s.steps > 0 ? s.steps : 1;
				return s;
			}
		}
}

int64_t scale_time_step(int64_t seconds, int64_t of, int64_t most)
{
	static const int64_t round[] = { SCALE_MINUTE, 2 * SCALE_MINUTE, 5 * SCALE_MINUTE,
		10 * SCALE_MINUTE, 15 * SCALE_MINUTE, 30 * SCALE_MINUTE, SCALE_HOUR,
		2 * SCALE_HOUR, 3 * SCALE_HOUR, 6 * SCALE_HOUR, 12 * SCALE_HOUR,
		SCALE_DAY, 2 * SCALE_DAY, WEEK, 2 * WEEK, MONTH, 3 * MONTH, YEAR };
	size_t i = 0, last = sizeof(round) / sizeof(round[0]) - 1;

	while (i < last && (seconds > round[i] * most || (of > 0 && round[i] % of != 0)))
		i++;
	return round[i];
}

/* The clock there, and what it is ahead of UTC by. */
static struct tm clock_of(int64_t at, bool utc)
{
	time_t t = (time_t)at;
	struct tm tm = { 0 };

	if (utc)
		gmtime_r(&t, &tm);
	else
		localtime_r(&t, &tm);
	return tm;
}

static int64_t moment_of(struct tm *tm, bool utc)
{
	tm->tm_isdst = -1;
	return utc ? timegm(tm) : mktime(tm);
}

static int next_multiple(int n, int64_t of)
{
	return (int)((n / of + 1) * of);
}

int64_t scale_time_next(int64_t at, int64_t step, bool utc)
{
	struct tm tm = clock_of(at, utc);
	int64_t local = at + tm.tm_gmtoff, next, days;

	/* an hour that comes twice in autumn is there twice */
	if (step <= SCALE_HOUR)
		return (local / step + 1) * step - tm.tm_gmtoff;
	tm.tm_sec = tm.tm_min = 0;
	if (step < SCALE_DAY) {
		tm.tm_hour = next_multiple(tm.tm_hour, step / SCALE_HOUR);
	} else if (step < MONTH) {
		/* the first day of 1970 was a Thursday */
		days = step / SCALE_DAY;
		tm.tm_hour = 0;
		tm.tm_mday += (int)(days - (local / SCALE_DAY + 3) % days);
	} else {
		tm.tm_hour = 0;
		tm.tm_mday = 1;
		tm.tm_mon = next_multiple(tm.tm_mon, step / MONTH);
	}
	next = moment_of(&tm, utc);
	return next > at ? next : at + step;
}
