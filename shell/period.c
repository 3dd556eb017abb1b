/*
 * Periods.  Called by do_report.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "period.h"

#include "base/clock.h"
#include "base/str.h"
#include "scale.h"

#include <time.h>

#define LENGTH	(7 * SCALE_DAY) /* where none is given */
#define LONGEST (1000 * 365 * SCALE_DAY)

/* *length: of a duration; 0: it was a moment. */
static int parse(const char *name, const char *text, int64_t now, int64_t *at,
	int64_t *length, struct err *err)
{
	char shown[160];
	int64_t moment;

	*length = 0;
	if (clock_parse(text, &moment) == 0) {
		*at = moment / CLOCK_SECOND;
		return 0;
	}
	if (duration_parse(text, length) < 0 || *length == 0 || *length > LONGEST)
		return err_set(err,
			"%s: neither a duration nor a moment: \"%s\" (try 7d, or "
			"2027-01-31T12:00:00Z)",
			name, str_escape(shown, sizeof(shown), text));
	*at = now - *length;
	return 0;
}

static int64_t round_down(int64_t at, int64_t step)
{
	time_t t = (time_t)at;
	struct tm tm = { 0 };

	localtime_r(&t, &tm);
	return at - (at + tm.tm_gmtoff) % step;
}

int period_parse(const char *since, const char *until, int64_t now, struct period *out,
	struct err *err)
{
	int64_t length = 0;

	out->until = now;
	if (until != NULL && parse("until", until, now, &out->until, &length, err) < 0)
		return -1;
	if (out->until > now)
		return err_set(err, "until: %s is to come", until);
	if (since == NULL) {
		length = LENGTH;
		out->since = out->until - length;
	} else if (parse("since", since, now, &out->since, &length, err) < 0) {
		return -1;
	}
	if (length > 0)
		out->since = round_down(
			out->since, length >= SCALE_DAY ? SCALE_HOUR : SCALE_MINUTE);
	if (out->since < 1)
		out->since = 1;
	if (out->since >= out->until)
		return err_set(
			err, "since: not before %s", until != NULL ? "until" : "now");
	return 0;
}

bool period_widen(struct period *p, int64_t step, int64_t now)
{
	const struct period was = *p;

	if (step <= 0)
		return false;
	p->since -= p->since % step;
	if (p->since < 1)
		p->since = 1;
	p->until += (step - p->until % step) % step;
	if (p->until > now)
		p->until = was.until > now ? was.until : now;
	return p->since != was.since || p->until != was.until;
}
