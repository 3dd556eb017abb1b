/*
 * How full the limits are, on the page of `report html`.  Called by html_page.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "html.h"
#include "report.h"
#include "say.h"
#include "svg.h"

#define FEW 5

/* How full the fullest one is, in percent. */
static double fill_of(const json_t *row)
{
	return row_number(row, "fullest");
}

size_t report_limits_at(const struct report *r, double percent)
{
	const json_t *row;
	size_t i, n = 0;

	json_array_foreach(r->rows[REPORT_LIMITS], i, row)
		n += fill_of(row) >= percent;
	return n;
}

static const char *level_of(double fill)
{
	return fill >= 100  ? "from-100"
	       : fill >= 80 ? "from-80"
	       : fill >= 50 ? "from-50"
			    : "under-50";
}

/* Marks at 50 and 80 percent cut through it, so that it is read without its colour. */
static void put_fill(FILE *to, double fill)
{
	html_put(to,
		"<svg " SVG_XMLNS " width=\"100%%\" height=\"10\" "
		"aria-hidden=\"true\">"
		"<rect class=\"track\" width=\"100%%\" height=\"10\"/>"
		"<rect class=\"%s\" width=\"%.1f%%\" height=\"10\"/>"
		"<line class=\"at\" x1=\"50%%\" x2=\"50%%\" y1=\"0\" y2=\"10\"/>"
		"<line class=\"at\" x1=\"80%%\" x2=\"80%%\" y1=\"0\" y2=\"10\"/>"
		"</svg>",
		level_of(fill), fill > 100 ? 100.0 : fill);
}

static void put_row(FILE *to, const struct report *r, const json_t *row)
{
	static const struct {
		const char *name, *extra;
	} columns[] = { { "objects", " extra" }, { "at_50", " extra" }, { "at_80", "" },
		{ "at_100", "" } };
	double fill = fill_of(row);

	html_put(to, "<tr><th scope=\"row\" class=\"who\">%s <small>%s%s%s</small>",
		row_text(row, "policy"), row_text(row, "limit"),
		*row_text(row, "pool") != '\0' ? ", pool " : "", row_text(row, "pool"));
	put_fill(to, fill);
	html_put(to, "</th><td class=\"n%s\">%s</td>",
		fill >= 100  ? " bad"
		: fill >= 80 ? " warn"
			     : "",
		say_share(r->arena, fill, 100));
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		html_put(to, "<td class=\"n%s\">%s</td>", columns[i].extra,
			say_count(r->arena, row_number(row, columns[i].name)));
	html_put(to, "</tr>\n");
}

/* The fullest come first: those with news, and else a few. */
static size_t shown_of(const struct report *r)
{
	size_t n = report_limits_at(r, 50);

	return n < FEW ? FEW : n > REPORT_ROWS ? REPORT_ROWS : n;
}

void html_limits(FILE *to, const struct report *r)
{
	const json_t *rows = r->rows[REPORT_LIMITS], *row;
	size_t n = json_array_size(rows), near = report_limits_at(r, 80),
	       shown = shown_of(r), i;
	const char *found;

	if (n == 0) {
		html_part_begin(to, "limits", "How full the limits are", NULL);
		html_nothing(to, r, REPORT_LIMITS, "Nothing is used of any limit.");
		html_part_end(to);
		return;
	}
	if (near == 0)
		found = "No limit is used to 80 %";
	else if (n == 1)
		found = "The limit is used to 80 % or more";
	else
		found = arena_printf(r->arena,
			"%zu of %zu limits %s used to 80 %% or more", near, n,
			near == 1 ? "is" : "are");
	html_part_begin(to, "limits", found,
		"How full the fullest counter of each limit is when this is made, with "
		"marks at 50 and 80 %; how many objects use it, and are that full.");
	html_table_begin(to, "How full the limits are");
	html_table_column(to, "", "policy and limit");
	html_table_column(to, "n", "fullest");
	html_table_column(to, "n extra", "objects");
	html_table_column(to, "n extra", "50 %");
	html_table_column(to, "n", "80 %");
	html_table_column(to, "n", "full");
	html_table_rows(to);
	json_array_foreach(rows, i, row)
		if (i < shown)
			put_row(to, r, row);
	html_table_end(to);
	html_more(to, r, n, shown);
	html_part_end(to);
}
