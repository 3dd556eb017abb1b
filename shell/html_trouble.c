/*
 * When something was degraded, on the page of `report html`.  Called by html_page.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "html.h"
#include "report.h"
#include "say.h"

/* Marks that are so near each other, in percent, are one to the eye. */
#define APART 0.2

/* Rows come in the order of their beginnings, the newest first. */
int64_t report_trouble_seconds(const struct report *r)
{
	const json_t *rows = r->rows[REPORT_TROUBLE], *row;
	int64_t sum = 0, from = r->since, begun, ended;

	for (size_t i = json_array_size(rows); i > 0; i--) {
		row = json_array_get(rows, i - 1);
		begun = row_moment(row, "begun");
		ended = row_moment(row, "ended");
		if (ended == 0 || ended > r->until)
			ended = r->until;
		if (begun > from)
			from = begun;
		if (ended > from) {
			sum += ended - from;
			from = ended;
		}
	}
	return sum;
}

/* It may have begun long before the period. */
const char *report_trouble_span(const struct report *r, int64_t begun, int64_t ended)
{
	struct say_need need = say_need(
		begun < r->since ? begun : r->since, ended > r->until ? ended : r->until);

	return ended != 0 ? say_span(r->arena, begun, ended, need)
			  : arena_printf(r->arena, "since %s",
				    say_moment(r->arena, begun, need));
}

static const char *or_more(const struct report *r)
{
	return json_array_size(r->rows[REPORT_TROUBLE]) >= REPORT_TROUBLES ? " or more"
									   : "";
}

const char *report_trouble_length(const struct report *r)
{
	return arena_printf(r->arena, "%s%s",
		say_length(r->arena, report_trouble_seconds(r)), or_more(r));
}

const char *report_trouble_times(const struct report *r)
{
	size_t n = json_array_size(r->rows[REPORT_TROUBLE]);

	return n == 1 ? "once"
		      : arena_printf(r->arena, "%s times%s",
				say_count(r->arena, (double)n), or_more(r));
}

/* A mark as wide as it lasted, and never too thin to see. */
static void put_mark(FILE *to, const struct report *r, int y, int height, size_t n,
	const char *state, int64_t begun, int64_t ended)
{
	double x = report_place(r, begun), end = report_place(r, ended);

	html_put(to,
		"<g><title>%s: %s</title><line class=\"degraded-mark\" "
		"x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%d\" y2=\"%d\"/>"
		"<rect class=\"degraded\" x=\"%.2f%%\" y=\"%d\" "
		"width=\"%.2f%%\" height=\"%d\"/></g>\n",
		report_trouble_span(r, begun, ended),
		n == 1 ? state : arena_printf(r->arena, "%zu times", n), x, x, y,
		y + height, x, y, end - x, height);
}

/* From the oldest row, which is the last. */
static void put_marks(FILE *to, const struct report *r, int y, int height)
{
	const json_t *rows = r->rows[REPORT_TROUBLE], *row;
	int64_t first = 0, last = 0, begun, ended;
	const char *state = "";
	size_t n = 0;

	for (size_t i = json_array_size(rows); i > 0; i--) {
		row = json_array_get(rows, i - 1);
		begun = row_moment(row, "begun");
		ended = row_moment(row, "ended");
		if (n > 0 && report_place(r, begun) - report_place(r, last) > APART) {
			put_mark(to, r, y, height, n, state, first, last);
			n = 0;
		}
		if (n++ == 0) {
			first = last = begun;
			state = row_text(row, "state");
		}
		if (ended == 0 || ended > last)
			last = ended != 0 ? ended : r->until;
	}
	if (n > 0)
		put_mark(to, r, y, height, n, state, first, last);
}

void html_trouble_strip(FILE *to, const struct report *r, int y, int height)
{
	html_put(to,
		"<text class=\"over\" x=\"0\" y=\"%d\">Degraded for %s</text>\n"
		"<rect class=\"track\" x=\"0\" y=\"%d\" width=\"100%%\" "
		"height=\"%d\"/>\n",
		y - 8, report_trouble_length(r), y, height);
	put_marks(to, r, y, height);
}

static void put_row(FILE *to, const struct report *r, const json_t *row)
{
	int64_t begun = row_moment(row, "begun"), ended = row_moment(row, "ended");
	int64_t end = ended != 0 ? ended : r->until;

	html_put(to,
		"<tr><th scope=\"row\" class=\"when\">%s</th><td "
		"class=\"n\">%s%s</td><td "
		"class=\"who\">%s"
		"<small class=\"under\">%s</small></td></tr>\n",
		report_trouble_span(r, begun, ended), say_length(r->arena, end - begun),
		ended != 0 ? "" : ", and still is", row_text(row, "state"),
		row_text(row, "said"));
}

void html_trouble(FILE *to, const struct report *r)
{
	const json_t *rows = r->rows[REPORT_TROUBLE], *row;
	const char *unkept = report_unkept(r, REPORT_TROUBLE);
	size_t n = json_array_size(rows), i;

	if (n == 0) {
		html_part_begin(to, "trouble",
			r->unasked[REPORT_TROUBLE] == NULL && unkept == NULL
				? "No degraded time was recorded"
				: "Degraded times",
			NULL);
		html_nothing(to, r, REPORT_TROUBLE,
			report_none(r, REPORT_TROUBLE, "When something was degraded",
				"Whenever themisd ran, it had all that it needs, as far "
				"as it has noticed."));
		html_part_end(to);
		return;
	}
	html_part_begin(to, "trouble",
		arena_printf(r->arena, "Degraded for %s, %s", report_trouble_length(r),
			report_trouble_times(r)),
		"When something that Themis needs was not as it should be.");
	html_table_begin(to, "Degraded times");
	html_table_column(to, "", "when");
	html_table_column(to, "n", "how long");
	html_table_column(to, "", "what");
	html_table_rows(to);
	json_array_foreach(rows, i, row)
		if (i < REPORT_ROWS)
			put_row(to, r, row);
	html_table_end(to);
	html_more(to, r, n, REPORT_ROWS);
	html_part_end(to);
}
