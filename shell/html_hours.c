/*
 * When there is mail, on the page of `report html`: the hours of a day by the days of a
 * week, by the clocks here.  Called by html_page.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "hours.h"
#include "html.h"
#include "report.h"
#include "say.h"
#include "svg.h"

#include <math.h>

#define LEVELS 5 /* of colour, beside that of nothing */
#define FEW    8
#define FAR    3
#define CELL   27
#define GAP    2
#define LABELS 20

static const char *const days[] = { "Monday", "Tuesday", "Wednesday", "Thursday",
	"Friday", "Saturday", "Sunday" };

/* The colours: each is for so many more, about a round number; and a few hours that are
 * far above all others, as those of an attack, do not make these look the same. */
static double level_step(const struct hours *h, double most)
{
	double usual = hours_above(h, FEW);
	double unit;

	if (usual > 0 && most > FAR * usual)
		most = usual;
	unit = pow(10, floor(log10(most / LEVELS))) / 2;
	return ceil(most / LEVELS / unit - 1e-9) * unit;
}

static int level_of(double n, double step)
{
	int level = n > 0 ? (int)ceil(n / step - 1e-9) : 0;

	return level > LEVELS ? LEVELS : level;
}

static void put_cells(
	FILE *to, const struct report *r, const struct hours *h, int day, double step)
{
	int y = day * (CELL + GAP);

	for (int hour = 0; hour < 24; hour++) {
		double rate = hours_rate(h, day, hour), x = hour * 100.0 / 24;
		int level = level_of(rate, step);

		html_put(to,
			"<g><title>%s, %d:00 to %d:00: %s an hour</title>"
			"<rect class=\"heat%d\" x=\"%.2f%%\" y=\"%d\" width=\"4.05%%\" "
			"height=\"%d\" rx=\"3\"/>",
			days[day], hour, hour + 1, say_rate(r->arena, rate), level, x, y,
			CELL);
		if (rate > 0)
			html_put(to,
				"<text class=\"wide %s\" x=\"%.2f%%\" y=\"%d\" "
				"text-anchor=\"middle\">%s</text>",
				level > LEVELS - 2 ? "on-full" : "on", x + 2.025,
				y + CELL / 2 + 4, say_rate(r->arena, rate));
		html_put(to, "</g>\n");
	}
}

static void put_map(FILE *to, const struct report *r, const struct hours *h, double step)
{
	int height = 7 * (CELL + GAP);

	html_put(to,
		"<div class=\"plot\"><svg " SVG_XMLNS " "
		"width=\"100%%\" height=\"%d\" aria-hidden=\"true\">\n",
		height + LABELS);
	for (int day = 0; day < 7; day++)
		html_put(to,
			"<text x=\"100%%\" dx=\"-8\" y=\"%d\" "
			"text-anchor=\"end\">%s</text>\n",
			day * (CELL + GAP) + CELL / 2 + 4,
			arena_printf(r->arena, "%.3s", days[day]));
	html_put(to,
		"</svg>\n<svg " SVG_XMLNS " width=\"100%%\" "
		"height=\"%d\" role=\"img\" aria-labelledby=\"hours-title "
		"hours-desc\">\n"
		"<title id=\"hours-title\">Messages by weekday and hour</title>\n"
		"<desc id=\"hours-desc\">A row for each weekday, from Monday, and a cell "
		"for each hour; the numbers are in the table below.</desc>\n",
		height + LABELS);
	for (int day = 0; day < 7; day++)
		put_cells(to, r, h, day, step);
	for (int hour = 0; hour < 24; hour += 3)
		html_put(to, "<text class=\"%s\" x=\"%.2f%%\" y=\"%d\">%d:00</text>\n",
			hour % 6 != 0 ? "wide" : "", hour * 100.0 / 24, height + 14,
			hour);
	html_put(to, "</svg></div>\n");
}

static const char *say_level(const struct report *r, int level, double most, double step)
{
	if (level == 0)
		return "none";
	if (level == LEVELS && most > LEVELS * step * 1.001)
		return arena_printf(r->arena, "more than %s",
			say_rate(r->arena, (LEVELS - 1) * step));
	return arena_printf(r->arena, "up to %s", say_rate(r->arena, level * step));
}

static void put_legend(FILE *to, const struct report *r, double most, double step)
{
	html_put(to, "<ul class=\"legend\">\n");
	for (int level = 0; level <= LEVELS; level++) {
		if (level > 1 && (level - 1) * step >= most)
			break;
		html_put(to, "<li>");
		svg_swatch(to, arena_printf(r->arena, "heat%d", level));
		html_put(to, "<span>%s</span></li>\n", say_level(r, level, most, step));
	}
	html_put(to, "</ul>\n");
}

static void put_table(FILE *to, const struct report *r, const struct hours *h)
{
	html_put(to, "<details><summary>The numbers</summary><div class=\"scroll\">");
	html_table_begin(to, "Messages an hour by weekday and hour");
	html_table_column(to, "", "weekday");
	for (int hour = 0; hour < 24; hour++)
		html_table_column(to, "", arena_printf(r->arena, "%d:00", hour));
	html_table_rows(to);
	for (int day = 0; day < 7; day++) {
		html_put(to, "<tr><th scope=\"row\">%s</th>", days[day]);
		for (int hour = 0; hour < 24; hour++)
			html_put(to, "<td>%s</td>",
				say_rate(r->arena, hours_rate(h, day, hour)));
		html_put(to, "</tr>\n");
	}
	html_table_end(to);
	html_put(to, "</div></details>\n");
}

void html_hours(FILE *to, const struct report *r)
{
	struct hours h;
	int day, hour;
	double most, step;

	hours_make(r->rows[REPORT_WEEKDAYS], report_kept_since(r, REPORT_WEEKDAYS),
		r->until, &h);
	most = hours_peak(&h, &day, &hour);
	if (most <= 0) {
		html_part_begin(to, "hours", "Messages by weekday and hour", NULL);
		html_nothing(to, r, REPORT_WEEKDAYS,
			report_none(r, REPORT_WEEKDAYS, "When there was mail",
				"No mail was counted."));
		html_part_end(to);
		return;
	}
	html_part_begin(to, "hours",
		arena_printf(r->arena,
			"Most mail comes on %ss from %d:00 to %d:00: %s "
			"messages an hour",
			days[day], hour, hour + 1, say_rate(r->arena, most)),
		"Messages an hour, by the hour of the day and the day of the week; the "
		"mean "
		"of those that the period has.");
	step = level_step(&h, most);
	put_legend(to, r, most, step);
	put_map(to, r, &h, step);
	put_table(to, r, &h);
	html_part_end(to);
}
