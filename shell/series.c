/*
 * Traffic in bins.  Called by shell/html_rates.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "series.h"

#include "base/clock.h"
#include "scale.h"

#include <time.h>

const char *const series_names[SERIES_VERDICTS] = { "accept", "bypass", "monitor",
	"defer", "block", "hold", "discard", "error" };

double row_number(const json_t *row, const char *name)
{
	return json_number_value(json_object_get(row, name));
}

const char *row_text(const json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));

	return text != NULL ? text : "";
}

int64_t row_moment(const json_t *row, const char *name)
{
	int64_t at;

	return clock_parse(row_text(row, name), &at) == 0 ? at / CLOCK_SECOND : 0;
}

/* Rows are steps of UTC.  Is their grid that of the clocks here, too? */
static bool is_local(int64_t step, int64_t at)
{
	time_t t = (time_t)at;
	struct tm tm = { 0 };

	localtime_r(&t, &tm);
	return step == 0 || tm.tm_gmtoff % step == 0;
}

static void make_bins(struct arena *arena, int64_t since, int64_t until, struct series *s)
{
	size_t cap = 0;

	for (int64_t at = since; at < until; s->count++) {
		struct series_bin *bin;
		int64_t next = scale_time_next(at, s->step, s->utc);

		s->bins = arena_grow(arena, s->bins, s->count, &cap, sizeof(*s->bins));
		bin = &s->bins[s->count];
		*bin = (struct series_bin){ .start = at,
			.end = next < until ? next : until };
		at = next;
	}
}

/* The bin that it belongs to: rows come in the order of time, so it is the last one's or
 * behind it. */
static struct series_bin *bin_of(struct series *s, struct series_bin *last, int64_t at)
{
	while (last + 1 < s->bins + s->count && last->end <= at)
		last++;
	return last;
}

int64_t series_base(const json_t *rows)
{
	int64_t step = (int64_t)row_number(json_array_get(rows, 0), "seconds");

	return step <= 0	   ? 0
	       : step < SCALE_HOUR ? SCALE_MINUTE
	       : step < SCALE_DAY  ? SCALE_HOUR
				   : SCALE_DAY;
}

void series_make(struct arena *arena, const json_t *rows, int64_t since, int64_t until,
	int64_t most, struct series *out)
{
	int64_t step = (int64_t)row_number(json_array_get(rows, 0), "seconds");
	struct series_bin *bin;
	const json_t *row;
	size_t i;

	*out = (struct series){ .utc = !is_local(step, since) || !is_local(step, until) };
	out->step = scale_time_step(until - since, step, most);
	make_bins(arena, since, until, out);
	bin = out->bins;
	json_array_foreach(rows, i, row) {
		if (bin == NULL)
			break;
		bin = bin_of(out, bin, row_moment(row, "time"));
		for (int v = 0; v < SERIES_VERDICTS; v++) {
			double n = row_number(row, series_names[v]);

			bin->n[v] += n;
			out->total[v] += n;
		}
	}
}

double series_sum(
	const double n[SERIES_VERDICTS], enum series_verdict from, enum series_verdict to)
{
	double sum = 0;

	for (int v = (int)from; v <= (int)to; v++)
		sum += n[v];
	return sum;
}

const struct series_bin *series_peak(
	const struct series *s, enum series_verdict from, enum series_verdict to)
{
	const struct series_bin *peak = NULL;
	double most = 0, sum;

	for (size_t i = 0; i < s->count; i++) {
		sum = series_sum(s->bins[i].n, from, to);
		if (sum > most) {
			most = sum;
			peak = &s->bins[i];
		}
	}
	return peak;
}
