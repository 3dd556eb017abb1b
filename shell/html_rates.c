/*
 * Messages over time on the page of `report html`: all of them by verdict, below that
 * what did not pass, which is so little of it as a rule that it needs a scale of its own,
 * and below that when things were degraded; all on one axis.  Called by html_page.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "html.h"
#include "report.h"
#include "say.h"
#include "scale.h"
#include "svg.h"

#include <string.h>

/* Pixels from the top; widths are percent, so that a chart is as wide as there is room
 * and its letters stay as they are. */
#define PASS_TOP    26
#define PASS_HEIGHT 180
#define STOP_TOP    (PASS_TOP + PASS_HEIGHT + 40)
#define STOP_HEIGHT 84
#define STRIP_ROOM  46 /* with its caption */
#define STRIP	    12
#define LABELS	    22

#define GAP	  0.16 /* of a bar's place */
#define TIMES	  8    /* labels, on a wide screen */
#define WIDE_ROOM 92   /* percent: behind that no label has room */
#define ROOM	  74   /* the same on a narrow screen */

/* What this chart has, and where. */
struct plan {
	struct scale passed, stopped;
	bool stops, troubles; /* are these there? */
	int strip, bottom, height;
};

static const char *const said[SERIES_VERDICTS] = { "accepted", "freed from limits",
	"passed, but monitored", "deferred", "blocked", "held", "discarded",
	"not judged for an error" };

static double peak_of(
	const struct series *s, enum series_verdict from, enum series_verdict to)
{
	const struct series_bin *peak = series_peak(s, from, to);

	return peak != NULL ? series_sum(peak->n, from, to) : 0;
}

static struct plan plan_of(const struct report *r)
{
	struct plan p = { .passed = scale_of(
				  peak_of(&r->traffic, SERIES_ACCEPT, SERIES_MONITOR), 5),
		.stopped = scale_of(peak_of(&r->traffic, SERIES_DEFER, SERIES_ERROR), 3),
		.stops = series_stopped(r->traffic.total) > 0,
		.troubles = json_array_size(r->rows[REPORT_TROUBLE]) > 0 };

	p.bottom = p.stops ? STOP_TOP + STOP_HEIGHT : PASS_TOP + PASS_HEIGHT;
	p.strip = p.bottom + STRIP_ROOM - STRIP;
	if (p.troubles)
		p.bottom = p.strip + STRIP;
	p.height = p.bottom + LABELS;
	return p;
}

static void put_legend(FILE *to, const struct report *r)
{
	double all = series_all(r->traffic.total);

	html_put(to, "<ul class=\"legend\">\n");
	for (int v = 0; v < SERIES_VERDICTS; v++) {
		double n = r->traffic.total[v];

		if (n > 0) {
			html_put(to, "<li>");
			svg_swatch(to, series_names[v]);
			html_put(to, "%s <span>%s, %s</span></li>\n", said[v],
				say_count(r->arena, n), say_share(r->arena, n, all));
		}
	}
	html_put(to, "</ul>\n");
}

/* The names of a scale's numbers, in the column at the left. */
static void put_numbers(
	FILE *to, const struct report *r, const struct scale *s, int top, int height)
{
	for (int k = 0; k <= s->steps; k++)
		html_put(to,
			"<text x=\"100%%\" dx=\"-8\" y=\"%.1f\" "
			"text-anchor=\"end\">%s</text>\n",
			top + height - (double)height * k / s->steps + 4,
			say_short(r->arena, s->step * k));
}

static void put_lines(FILE *to, const struct scale *s, int top, int height)
{
	for (int k = 0; k <= s->steps; k++) {
		double y = top + height - (double)height * k / s->steps;

		html_put(to,
			"<line class=\"%s\" x1=\"0\" x2=\"100%%\" y1=\"%.1f\" "
			"y2=\"%.1f\"/>\n",
			k == 0 ? "base" : "grid", y, y);
	}
}

static const char *say_bin(const struct report *r, const struct series_bin *bin)
{
	const char *text = arena_printf(r->arena, "%s: %s",
		say_span(r->arena, bin->start, bin->end, r->need),
		say_some(r->arena, series_all(bin->n), "message"));

	for (int v = 0; v < SERIES_VERDICTS; v++)
		if (bin->n[v] > 0)
			text = arena_printf(r->arena, "%s, %s %s", text,
				say_count(r->arena, bin->n[v]), said[v]);
	return text;
}

/* One upon the other, from the foot: a path for each verdict. */
static void put_stacks(FILE *to, const struct report *r, enum series_verdict from,
	enum series_verdict last, const struct scale *scale, int top, int height)
{
	const struct series *s = &r->traffic;

	svg_stretch_begin(to, top, height);
	for (int v = (int)from; v <= (int)last; v++) {
		if (s->total[v] <= 0)
			continue;
		svg_bars_begin(to, series_names[v]);
		for (size_t i = 0; i < s->count; i++) {
			const struct series_bin *bin = &s->bins[i];
			double x = report_place(r, bin->start) * SVG_WIDTH / 100,
			       width = report_place(r, bin->end) * SVG_WIDTH / 100 - x,
			       low, high;

			svg_stack(bin->n + from, (size_t)v - from, scale_top(scale),
				height, &low, &high);
			if (bin->n[v] > 0)
				svg_bar(to, x + width * GAP / 2, height - high,
					width * (1 - GAP), high - low);
		}
		svg_bars_end(to);
	}
	svg_end(to);
}

/* What is said of a bin where the pointer is, over all of its height. */
static void put_hit(FILE *to, const struct report *r, const struct plan *p,
	const struct series_bin *bin)
{
	double x = report_place(r, bin->start);

	html_put(to,
		"<rect class=\"hit\" x=\"%.2f%%\" y=\"%d\" width=\"%.2f%%\" "
		"height=\"%d\"><title>%s</title></rect>\n",
		x, PASS_TOP, report_place(r, bin->end) - x,
		(p->stops ? STOP_TOP + STOP_HEIGHT : PASS_TOP + PASS_HEIGHT) - PASS_TOP,
		say_bin(r, bin));
}

static const char *say_tick(const struct report *r, int64_t at, int64_t step)
{
	const char *clock = say_clock(r->arena, at);

	if (step >= 30 * SCALE_DAY)
		return say_month(r->arena, at);
	return step < SCALE_DAY && strcmp(clock, "00:00") != 0 ? clock
							       : say_day(r->arena, at);
}

/* Every second one is for wide screens alone. */
static void put_times(FILE *to, const struct report *r, const struct plan *p)
{
	int64_t step = scale_time_step(r->until - r->since, 0, TIMES), at;
	int n = 0;

	for (at = scale_time_next(r->since - 1, step, false); at < r->until;
		at = scale_time_next(at, step, false), n++) {
		double x = report_place(r, at);

		html_put(to,
			"<line class=\"tick\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%d\" "
			"y2=\"%d\"/>\n",
			x, x, p->bottom, p->bottom + LABELS - 6);
		if (x < WIDE_ROOM)
			html_put(to,
				"<text class=\"%s\" x=\"%.2f%%\" dx=\"5\" "
				"y=\"%d\">%s</text>\n",
				n % 2 != 0 || x > ROOM ? "wide" : "", x, p->bottom + 16,
				say_tick(r, at, step));
	}
}

static void put_chart(FILE *to, const struct report *r, const struct plan *p)
{
	const struct series *s = &r->traffic;

	html_put(to,
		"<svg " SVG_XMLNS " width=\"100%%\" "
		"height=\"%d\" role=\"img\" aria-labelledby=\"rates-title rates-desc\">\n"
		"<title id=\"rates-title\">Messages over time</title>\n"
		"<desc id=\"rates-desc\">%s, of which %s did not pass; the numbers are "
		"in "
		"the table below.</desc>\n",
		p->height, say_some(r->arena, series_all(s->total), "message"),
		say_count(r->arena, series_stopped(s->total)));
	put_lines(to, &p->passed, PASS_TOP, PASS_HEIGHT);
	html_put(to, "<text class=\"over\" x=\"0\" y=\"%d\">Those that passed</text>\n",
		PASS_TOP - 12);
	if (p->stops) {
		put_lines(to, &p->stopped, STOP_TOP, STOP_HEIGHT);
		html_put(to,
			"<text class=\"over\" x=\"0\" y=\"%d\">Those that did not pass"
			"</text>\n",
			STOP_TOP - 12);
	}
	put_stacks(
		to, r, SERIES_ACCEPT, SERIES_MONITOR, &p->passed, PASS_TOP, PASS_HEIGHT);
	if (p->stops)
		put_stacks(to, r, SERIES_DEFER, SERIES_ERROR, &p->stopped, STOP_TOP,
			STOP_HEIGHT);
	for (size_t i = 0; i < s->count; i++)
		if (series_all(s->bins[i].n) > 0)
			put_hit(to, r, p, &s->bins[i]);
	if (p->troubles)
		html_trouble_strip(to, r, p->strip, STRIP);
	put_times(to, r, p);
	html_put(to, "</svg>\n");
}

static void put_table(FILE *to, const struct report *r)
{
	const struct series *s = &r->traffic;

	html_put(to, "<details><summary>The numbers</summary><div class=\"scroll\">");
	html_table_begin(to, "Messages over time");
	html_table_column(to, "", "from");
	html_table_column(to, "", "messages");
	for (int v = 0; v < SERIES_VERDICTS; v++)
		if (s->total[v] > 0)
			html_table_column(to, "", series_names[v]);
	html_table_rows(to);
	for (size_t i = 0; i < s->count; i++) {
		const struct series_bin *bin = &s->bins[i];

		html_put(to, "<tr><th scope=\"row\">%s</th><td>%s</td>",
			say_moment(r->arena, bin->start, r->need),
			say_count(r->arena, series_all(bin->n)));
		for (int v = 0; v < SERIES_VERDICTS; v++)
			if (s->total[v] > 0)
				html_put(to, "<td>%s</td>",
					say_count(r->arena, bin->n[v]));
		html_put(to, "</tr>\n");
	}
	html_table_end(to);
	html_put(to, "</div></details>\n");
}

/* "hour", "6 hours": what a bar is of. */
static const char *say_step(struct arena *arena, int64_t step)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = { { 360 * SCALE_DAY, "year" }, { 30 * SCALE_DAY, "month" },
		{ 7 * SCALE_DAY, "week" }, { SCALE_DAY, "day" }, { SCALE_HOUR, "hour" },
		{ SCALE_MINUTE, "minute" } };
	size_t i = 0;

	while (step < units[i].seconds || step % units[i].seconds != 0)
		i++;
	if (step == units[i].seconds)
		return units[i].name;
	return arena_printf(
		arena, "%lld %ss", (long long)(step / units[i].seconds), units[i].name);
}

/* "The busiest hour had 801 messages, 800 of which did not pass: Sat 21 Nov, ..." */
static const char *say_peak(
	const struct report *r, const struct series_bin *peak, const char *step)
{
	double all = series_all(peak->n), stopped = series_stopped(peak->n);

	return arena_printf(r->arena, "The busiest %s had %s%s: %s", step,
		say_some(r->arena, all, "message"),
		10 * stopped < all ? ""
				   : arena_printf(r->arena, ", %s of which did not pass",
					     say_count(r->arena, stopped)),
		say_span(r->arena, peak->start, peak->end, r->need));
}

void html_rates(FILE *to, const struct report *r)
{
	const struct series *s = &r->traffic;
	const struct series_bin *peak = series_peak(s, SERIES_ACCEPT, SERIES_ERROR);
	struct plan p = plan_of(r);
	const char *step = say_step(r->arena, s->step);

	if (peak == NULL) {
		html_part_begin(to, "rates", "Messages over time", NULL);
		html_nothing(to, r, REPORT_TRAFFIC,
			report_none(r, REPORT_TRAFFIC, "How much mail there was",
				"No mail was counted."));
		html_part_end(to);
		return;
	}
	html_part_begin(to, "rates", say_peak(r, peak, step),
		arena_printf(r->arena,
			"Messages by what became of them, one upon the other in the "
			"order of this list; a bar is %s%s.",
			strchr(step, ' ') != NULL ? "" : "one ",
			s->utc && strcmp(step, "day") == 0 ? "day of UTC" : step));
	put_legend(to, r);
	html_put(to,
		"<div class=\"plot\"><svg " SVG_XMLNS " "
		"width=\"100%%\" height=\"%d\" aria-hidden=\"true\">\n",
		p.height);
	put_numbers(to, r, &p.passed, PASS_TOP, PASS_HEIGHT);
	if (p.stops)
		put_numbers(to, r, &p.stopped, STOP_TOP, STOP_HEIGHT);
	html_put(to, "</svg>\n");
	put_chart(to, r, &p);
	html_put(to, "</div>\n");
	put_table(to, r);
	html_part_end(to);
}
