/*
 * Who sends most, and who was refused most, on the page of `report html`.  Called by
 * html_page.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "html.h"
#include "report.h"
#include "say.h"
#include "svg.h"

#define ROUNDED 0.01 /* percent: a share that was rounded to 0 is less than 0.1 */

/* What passed, and what was refused of it, as parts of the widest one. */
static void put_bar(FILE *to, double passed, double refused, double most)
{
	html_put(to, "<svg " SVG_XMLNS " width=\"100%%\" "
		     "height=\"8\" aria-hidden=\"true\">");
	if (passed > 0)
		html_put(to, "<rect class=\"accept\" width=\"%.2f%%\" height=\"8\"/>",
			100 * passed / most);
	if (refused > 0)
		html_put(to,
			"<rect class=\"refused\" x=\"%.2f%%\" width=\"%.2f%%\" "
			"height=\"8\"/>",
			100 * passed / most, 100 * refused / most);
	html_put(to, "</svg>");
}

static void put_top(FILE *to, const struct report *r)
{
	double most = report_most(r, REPORT_TOP_OBJECTS, "messages");
	const json_t *row;
	size_t i;

	html_table_begin(to, "Who sends most");
	html_table_column(to, "", "object");
	html_table_column(to, "n", "messages");
	html_table_column(to, "n", "refused");
	html_table_column(to, "n extra", "of these");
	html_table_rows(to);
	json_array_foreach(r->rows[REPORT_TOP_OBJECTS], i, row) {
		double messages = row_number(row, "messages"),
		       refused = row_number(row, "refused");

		html_put(to,
			"<tr><th scope=\"row\" class=\"who\"><bdi dir=\"ltr\">%s</bdi>",
			row_text(row, "object"));
		put_bar(to, messages - refused, refused, most);
		html_put(to,
			"</th><td class=\"n\">%s</td><td class=\"n%s\">%s</td>"
			"<td class=\"n extra\">%s</td></tr>\n",
			say_count(r->arena, messages), refused > 0 ? " bad" : "",
			say_count(r->arena, refused),
			say_share(r->arena, refused, messages));
	}
	html_table_end(to);
}

void html_top_objects(FILE *to, const struct report *r)
{
	const json_t *first = json_array_get(r->rows[REPORT_TOP_OBJECTS], 0);
	double all = series_all(r->traffic.total), messages;

	if (first == NULL) {
		html_part_begin(to, "objects", "Who sends most", NULL);
		html_nothing(to, r, REPORT_TOP_OBJECTS, REPORT_NOT_RECORDED);
		html_part_end(to);
		return;
	}
	messages = row_number(first, "messages");
	html_part_begin(to, "objects",
		arena_printf(r->arena, "Most mail counted for %s: %s%s",
			say_name(r->arena, row_text(first, "object")),
			say_some(r->arena, messages, "message"),
			all > messages ? arena_printf(r->arena, ", %s of all",
						 say_share(r->arena, messages, all))
				       : ""),
		"A message counts for the object of that one policy that gave its "
		"verdict, be it a sender, a login, a client address or a domain; what "
		"stands out at the end of a bar was refused.");
	put_top(to, r);
	html_part_end(to);
}

/* A message of nobody that a policy counts has no object. */
static const char *object_of(const json_t *row)
{
	const char *object = row_text(row, "object");

	return *object != '\0' ? object : "(nobody)";
}

static void put_refused(FILE *to, const struct report *r)
{
	double most = report_most(r, REPORT_REFUSED, "refused");
	const json_t *row;
	size_t i;

	html_table_begin(to, "Who is refused most");
	html_table_column(to, "", "object");
	html_table_column(to, "n", "refused");
	html_table_column(to, "n", "of all");
	html_table_column(to, "n extra", "addresses");
	html_table_rows(to);
	json_array_foreach(r->rows[REPORT_REFUSED], i, row) {
		double refused = row_number(row, "refused"),
		       share = row_number(row, "share");

		html_put(to,
			"<tr><th scope=\"row\" class=\"who\"><bdi dir=\"ltr\">%s</bdi>",
			object_of(row));
		if (*row_text(row, "policies") != '\0')
			html_put(to, " <small>by %s</small>", row_text(row, "policies"));
		put_bar(to, 0, refused, most);
		html_put(to,
			"</th><td class=\"n bad\">%s</td><td class=\"n\">%s</td>"
			"<td class=\"n extra\">%s</td></tr>\n",
			say_count(r->arena, refused),
			say_share(r->arena, share > 0 ? share : ROUNDED, 100),
			say_count(r->arena, row_number(row, "clients")));
	}
	html_table_end(to);
}

void html_refused(FILE *to, const struct report *r)
{
	const json_t *first = json_array_get(r->rows[REPORT_REFUSED], 0);
	bool some = series_refused(r->traffic.total) > 0 ||
		    (series_all(r->traffic.total) <= 0 &&
			    report_unkept(r, REPORT_TRAFFIC) != NULL);

	if (first == NULL) {
		html_part_begin(to, "refused",
			some || r->unasked[REPORT_REFUSED] != NULL ? "Who is refused most"
								   : "Nobody was refused",
			NULL);
		html_nothing(to, r, REPORT_REFUSED,
			some ? REPORT_NOT_RECORDED : "No message was refused.");
		html_part_end(to);
		return;
	}
	html_part_begin(to, "refused",
		arena_printf(r->arena, "%s was refused most: %s",
			say_name(r->arena, object_of(first)),
			say_some(r->arena, row_number(first, "refused"), "message")),
		"Whose mail was deferred, blocked, held or discarded, and from how many "
		"client addresses it came.");
	put_refused(to, r);
	html_part_end(to);
}
