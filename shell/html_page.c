/*
 * The page of `report html`: its head, the figures above all, the parts in their order.
 * Called by do_report.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "html.h"
#include "report.h"
#include "say.h"
#include "svg.h"

#include <math.h>
#include <string.h>

#define BINS 250 /* of traffic, at most, but for two */

const char *const report_commands[REPORT_PARTS] = {
	[REPORT_TRAFFIC] = "report traffic",
	[REPORT_BEFORE] = "report traffic",
	[REPORT_WEEKDAYS] = "report weekdays",
	[REPORT_TOP_OBJECTS] = "report top-objects",
	[REPORT_REFUSED] = "report refused",
	[REPORT_LIMITS] = "report limits",
	[REPORT_MONITOR] = "report monitor",
	[REPORT_POLICIES] = "report policies",
	[REPORT_TROUBLE] = "report trouble",
	[REPORT_SETTINGS] = "setting list",
};

double report_place(const struct report *r, int64_t at)
{
	if (at <= r->since)
		return 0;
	if (at >= r->until)
		return 100;
	return 100 * (double)(at - r->since) / (double)(r->until - r->since);
}

double report_sum(const struct report *r, enum report_part part, const char *column)
{
	const json_t *row;
	double sum = 0;
	size_t i;

	json_array_foreach(r->rows[part], i, row)
		sum += row_number(row, column);
	return sum;
}

double report_most(const struct report *r, enum report_part part, const char *column)
{
	const json_t *row;
	double most = 0;
	size_t i;

	json_array_foreach(r->rows[part], i, row)
		if (row_number(row, column) > most)
			most = row_number(row, column);
	return most > 0 ? most : 1;
}

void html_part_begin(FILE *to, const char *id, const char *found, const char *what)
{
	html_put(to, "<section id=\"%s\">\n<h2>%s</h2>\n", id, found);
	if (what != NULL)
		html_put(to, "<p class=\"what\">%s</p>\n", what);
}

void html_part_end(FILE *to)
{
	html_put(to, "</section>\n");
}

void html_nothing(
	FILE *to, const struct report *r, enum report_part part, const char *said)
{
	html_put(to, "<p class=\"none\">%s</p>\n",
		r->unasked[part] == NULL
			? said
			: arena_printf(r->arena, "This could not be asked for: %s",
				  r->unasked[part]));
}

void html_more(FILE *to, const struct report *r, size_t n, size_t shown)
{
	if (n > shown)
		html_put(to, "<p class=\"note\">And %s more.</p>\n",
			say_count(r->arena, (double)(n - shown)));
}

/* Nothing is loaded and nothing runs, whatever gets into the page. */
static void put_head(FILE *to, const struct report *r)
{
	html_put(to,
		"<!DOCTYPE html>\n"
		"<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n"
		"<meta charset=\"utf-8\"/>\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
		"'none'; style-src 'unsafe-inline'; base-uri 'none'; "
		"form-action 'none'\"/>\n"
		"<meta name=\"referrer\" content=\"no-referrer\"/>\n"
		"<meta name=\"robots\" content=\"noindex\"/>\n"
		"<meta name=\"viewport\" "
		"content=\"width=device-width, initial-scale=1\"/>\n"
		"<title>Mail of %s, %s to %s</title>\n<style>\n",
		r->host, say_date(r->arena, r->since), say_date(r->arena, r->until));
	fputs(html_style, to);
	html_put(to, "</style>\n</head>\n<body>\n");
}

/* What fills a bar of that class, beside its colour: the lines are of the ground's. */
static void put_pattern(FILE *to, const char *id, const char *colour, const char *lines)
{
	html_put(to,
		"<pattern id=\"%s\" width=\"6\" height=\"6\" "
		"patternUnits=\"userSpaceOnUse\"><path class=\"%s\" "
		"d=\"M0 0h6v6h-6z\"/><path class=\"cut\" d=\"%s\"/></pattern>\n",
		id, colour, lines);
}

static void put_patterns(FILE *to)
{
	static const char rising[] = "M-1 1l2-2M-1 7l8-8M5 7l2-2",
			  falling[] = "M-1 5l2 2M-1-1l8 8M5-1l2 2";

	html_put(to, "<svg " SVG_XMLNS " width=\"0\" "
		     "height=\"0\" aria-hidden=\"true\"><defs>\n");
	put_pattern(to, "refused", "block", rising);
	put_pattern(to, "would", "monitor", falling);
	html_put(to, "</defs></svg>\n");
}

static void put_figure(FILE *to, const char *name, const char *paint, const char *number,
	const char *more)
{
	html_put(to,
		"<li><span class=\"name\">%s</span><b class=\"%s\">%s</b>"
		"<span>%s</span></li>\n",
		name, paint, number, more);
}

/* What traffic says of messages, unless it is not kept. */
static void put_counts(FILE *to, const struct report *r)
{
	struct arena *a = r->arena;
	const double *total = r->traffic.total;
	double all = series_all(total), refused = series_refused(total),
	       errors = total[SERIES_ERROR], would = total[SERIES_MONITOR],
	       hours = (double)(r->until - r->since) / 3600;

	if (all <= 0 && report_unkept(r, REPORT_TRAFFIC) != NULL) {
		put_figure(to, "Messages", "", "-", "not kept");
		put_figure(to, "Refused", "", "-", "not kept");
		put_figure(to, "Not judged", "", "-", "not kept");
		put_figure(to, "Monitored", "", "-", "not kept");
		return;
	}
	put_figure(to, "Messages", "", say_count(a, all),
		arena_printf(a, "%s an hour",
			all < 9.95 * hours ? say_rate(a, all / hours)
					   : say_count(a, all / hours)));
	put_figure(to, "Refused", refused > 0 ? "bad" : "", say_count(a, refused),
		arena_printf(a, "%s of all", say_share(a, refused, all)));
	put_figure(to, "Not judged", errors > 0 ? "bad" : "", say_count(a, errors),
		"for an error");
	put_figure(to, "Monitored", "", say_count(a, would), "would have been refused");
}

static void put_degraded(FILE *to, const struct report *r)
{
	size_t n = json_array_size(r->rows[REPORT_TROUBLE]);

	if (n > 0)
		put_figure(to, "Degraded", "bad",
			say_length(r->arena, report_trouble_seconds(r)),
			report_trouble_times(r));
	else if (report_unkept(r, REPORT_TROUBLE) != NULL)
		put_figure(to, "Degraded", "", "-", "not kept");
	else
		put_figure(to, "Degraded", "good", "none", "was recorded");
}

static void put_figures(FILE *to, const struct report *r)
{
	html_put(to, "<ul class=\"figures\">\n");
	put_counts(to, r);
	put_figure(to, "Limits near full", report_limits_at(r, 80) > 0 ? "warn" : "",
		arena_printf(r->arena, "%zu of %zu", report_limits_at(r, 80),
			json_array_size(r->rows[REPORT_LIMITS])),
		"used to 80 % or more");
	put_degraded(to, r);
	html_put(to, "</ul>\n");
}

/* ", 3 % more than in the 7 days before"; "" where that is not known, as when not all of
 * that time was counted. */
static const char *say_compared(const struct report *r, double all)
{
	const json_t *first = json_array_get(r->rows[REPORT_BEFORE], 0);
	int64_t length = r->until - r->since, base = series_base(r->rows[REPORT_BEFORE]),
		rest = base > 0 ? (r->since - length) % base : 0;
	double before = report_sum(r, REPORT_BEFORE, "messages"), percent;
	const char *time = say_length(r->arena, length);

	if (strncmp(time, "1 ", 2) == 0)
		time = "time";
	if (before <= 0 || row_moment(first, "time") > r->since - length + length / 10)
		return "";
	/* its first step was counted as a whole, and this time may end within one */
	percent =
		100 * (all * (double)(length + rest) / (double)length - before) / before;
	if (fabs(percent) < 0.5)
		return arena_printf(r->arena, ", as many as in the %s before", time);
	if (percent > 900)
		return arena_printf(r->arena, ", after %s in the %s before",
			say_count(r->arena, before), time);
	return arena_printf(r->arena, ", %.0f %% %s than in the %s before", fabs(percent),
		percent > 0 ? "more" : "less", time);
}

/* " 2,058 of them were of olga@example.org." where that is most of them. */
static const char *say_culprit(const struct report *r, double refused)
{
	const json_t *first = json_array_get(r->rows[REPORT_REFUSED], 0);
	double n = row_number(first, "refused");

	if (n < 10 || 2 * n < refused || *row_text(first, "object") == '\0')
		return "";
	return arena_printf(r->arena, " %s of them were of %s.",
		n < refused ? say_count(r->arena, n) : "All",
		say_name(r->arena, row_text(first, "object")));
}

/* All in two sentences. */
static const char *say_lead(const struct report *r)
{
	struct arena *a = r->arena;
	double all = series_all(r->traffic.total),
	       refused = series_refused(r->traffic.total);
	const char *time = say_length(a, r->until - r->since),
		   *unkept = report_unkept(r, REPORT_TRAFFIC);

	if (r->unasked[REPORT_TRAFFIC] != NULL)
		return "";
	if (all <= 0)
		return unkept != NULL
			       ? arena_printf(a, "How much mail there was in %s is %s.",
					 time, unkept)
			       : arena_printf(a, "No mail was counted in %s.", time);
	unkept = unkept != NULL ? arena_printf(a, " Some of that time is %s.", unkept)
				: "";
	if (refused <= 0)
		return arena_printf(a, "%s in %s%s. None was refused.%s",
			say_some(a, all, "message"), time, say_compared(r, all), unkept);
	return arena_printf(a, "%s in %s%s. %s (%s) %s refused.%s%s",
		say_some(a, all, "message"), time, say_compared(r, all),
		say_count(a, refused), say_share(a, refused, all),
		refused == 1 ? "was" : "were", say_culprit(r, refused), unkept);
}

/* The zone of its beginning, too, where that is another one. */
static const char *say_period(const struct report *r)
{
	const char *from = say_date(r->arena, r->since),
		   *zone = say_zone(r->arena, r->since),
		   *last = say_zone(r->arena, r->until);

	if (strcmp(zone, last) != 0)
		from = arena_printf(r->arena, "%s, %s,", from, zone);
	return arena_printf(
		r->arena, "%s to %s, %s", from, say_date(r->arena, r->until), last);
}

/* Beside each other, unless one has nothing: it would be an empty card, as high as the
 * other one. */
static void put_two(FILE *to, const struct report *r, enum report_part left,
	void (*put_left)(FILE *to, const struct report *r), enum report_part right,
	void (*put_right)(FILE *to, const struct report *r))
{
	bool both =
		json_array_size(r->rows[left]) > 0 && json_array_size(r->rows[right]) > 0;

	if (both)
		html_put(to, "<div class=\"two\">\n");
	put_left(to, r);
	put_right(to, r);
	if (both)
		html_put(to, "</div>\n");
}

static void put_body(FILE *to, const struct report *r)
{
	html_put(to,
		"<header>\n<h1>Mail of %s</h1>\n"
		"<p class=\"period\">%s. Made %s.</p>\n"
		"<p class=\"lead\">%s</p>\n",
		r->host, say_period(r), say_date(r->arena, r->made), say_lead(r));
	put_figures(to, r);
	html_put(to, "</header>\n<main>\n");
	html_rates(to, r);
	put_two(to, r, REPORT_TOP_OBJECTS, html_top_objects, REPORT_REFUSED,
		html_refused);
	html_hours(to, r);
	put_two(to, r, REPORT_LIMITS, html_limits, REPORT_MONITOR, html_monitor);
	html_policies(to, r);
	html_trouble(to, r);
	html_put(to,
		"</main>\n<footer>\n<p>Refused is what was deferred, blocked, held or "
		"discarded. Names are those of senders and users: keep this page as you "
		"would keep a log of mail.</p>\n<p>Themis %s</p>\n</footer>\n"
		"</body>\n</html>\n",
		r->version);
}

void html_page(FILE *to, struct report *r)
{
	r->need = say_need(r->since, r->until);
	series_make(
		r->arena, r->rows[REPORT_TRAFFIC], r->since, r->until, BINS, &r->traffic);
	put_head(to, r);
	put_patterns(to);
	put_body(to, r);
}
