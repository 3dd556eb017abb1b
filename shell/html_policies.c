/*
 * What policies did, and what monitor policies would have done, on the page of
 * `report html`.  Called by html_page.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "html.h"
#include "report.h"
#include "say.h"
#include "scale.h"
#include "svg.h"

#include <stdlib.h>
#include <string.h>

#define DAYS_MAX 400 /* bars of one policy */
#define SPARK	 26  /* pixels high */

#define MONITOR_FOUND "Monitor policies would have refused %s"

struct day {
	double messages, refused;
};

/* One policy, over the days of the period, which are those of UTC. */
struct line {
	const char *policy;
	struct day sum, *days;
};

struct lines {
	struct line *list;
	size_t n, cap;
	int64_t first; /* day, since 1970 */
	size_t days;
};

static struct line *line_of(struct arena *arena, struct lines *l, const char *policy)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->list[i].policy, policy) == 0)
			return &l->list[i];
	l->list = arena_grow(arena, l->list, l->n, &l->cap, sizeof(*l->list));
	l->list[l->n] = (struct line){ .policy = policy,
		.days = arena_alloc(arena, l->days * sizeof(struct day)) };
	return &l->list[l->n++];
}

/* "2026-11-15", or a moment. */
static int64_t day_of(const struct report *r, const json_t *row)
{
	const char *day = row_text(row, "day");
	json_t *moment = json_pack("{s:s}", "day",
		strlen(day) == 10 ? arena_printf(r->arena, "%sT00:00:00Z", day) : day);
	int64_t at = row_moment(moment, "day");

	json_decref(moment);
	return at / SCALE_DAY;
}

/* Mail that no policy matched is there, too. */
static const char *policy_of(const json_t *row)
{
	const char *policy = row_text(row, "policy");

	return *policy != '\0' ? policy : "(none)";
}

static void collect(const struct report *r, struct lines *l)
{
	const json_t *row;
	size_t i;

	*l = (struct lines){ .first = r->since / SCALE_DAY };
	l->days = (size_t)((r->until - 1) / SCALE_DAY - l->first + 1);
	if (l->days > DAYS_MAX) {
		l->first += (int64_t)(l->days - DAYS_MAX);
		l->days = DAYS_MAX;
	}
	json_array_foreach(r->rows[REPORT_POLICIES], i, row) {
		struct line *line = line_of(r->arena, l, policy_of(row));
		int64_t day = day_of(r, row) - l->first;
		double messages = row_number(row, "messages"),
		       refused = row_number(row, "refused");

		line->sum.messages += messages;
		line->sum.refused += refused;
		if (day < 0 || day >= (int64_t)l->days)
			continue;
		line->days[day].messages += messages;
		line->days[day].refused += refused;
	}
}

/* A bar a day: of those that passed, and upon them of those that were refused. */
static void put_bars(FILE *to, const struct lines *l, const struct line *line,
	double most, bool refused)
{
	double width = (double)SVG_WIDTH / (double)l->days;

	svg_bars_begin(to, refused ? "refused" : "accept");
	for (size_t i = 0; i < l->days; i++) {
		const double n[] = { line->days[i].messages - line->days[i].refused,
			line->days[i].refused };
		double low, high;

		svg_stack(n, refused, most, SPARK, &low, &high);
		if (high > low)
			svg_bar(to, width * (double)i, SPARK - high, width * 0.8,
				high - low);
	}
	svg_bars_end(to);
}

static void put_days(FILE *to, const struct lines *l, const struct line *line)
{
	double most = 1;

	for (size_t i = 0; i < l->days; i++)
		if (line->days[i].messages > most)
			most = line->days[i].messages;
	html_put(to, "<td class=\"pic\">");
	svg_alone_begin(to, SPARK);
	put_bars(to, l, line, most, false);
	if (line->sum.refused > 0)
		put_bars(to, l, line, most, true);
	svg_end(to);
	html_put(to, "</td>");
}

/* Those that refused most come first, then those that had most to say. */
static int compare(const void *one, const void *other)
{
	const struct day *a = &((const struct line *)one)->sum,
			 *b = &((const struct line *)other)->sum;

	if (a->refused != b->refused)
		return a->refused < b->refused ? 1 : -1;
	return a->messages < b->messages ? 1 : a->messages > b->messages ? -1 : 0;
}

void html_policies(FILE *to, const struct report *r)
{
	const struct day *most;
	struct lines l;

	collect(r, &l);
	if (l.n == 0) {
		html_part_begin(to, "policies", "What policies did", NULL);
		html_nothing(to, r, REPORT_POLICIES,
			series_all(r->traffic.total) > 0 ||
					report_unkept(r, REPORT_TRAFFIC) != NULL
				? "Nothing was recorded of what policies decided (the "
				  "setting history says what is)."
				: "No policy decided anything.");
		html_part_end(to);
		return;
	}
	qsort(l.list, l.n, sizeof(*l.list), compare);
	most = &l.list[0].sum;
	html_part_begin(to, "policies",
		most->refused <= 0
			? series_refused(r->traffic.total) > 0
				  ? "What policies did"
				  : "No policy refused anything"
			: arena_printf(r->arena, "Policy %s refused most: %s",
				  l.list[0].policy,
				  say_some(r->arena, most->refused, "message")),
		"What each policy decided, by whole days of UTC.");
	html_table_begin(to, "What policies did");
	html_table_column(to, "", "policy");
	html_table_column(to, "pic", "by day");
	html_table_column(to, "n", "messages");
	html_table_column(to, "n", "refused");
	html_table_column(to, "n extra", "of these");
	html_table_rows(to);
	for (size_t i = 0; i < l.n && i < REPORT_ROWS; i++) {
		const struct day *sum = &l.list[i].sum;

		html_put(to, "<tr><th scope=\"row\" class=\"who beside\">%s</th>",
			l.list[i].policy);
		put_days(to, &l, &l.list[i]);
		html_put(to,
			"<td class=\"n\">%s</td><td class=\"n%s\">%s</td>"
			"<td class=\"n extra\">%s</td></tr>\n",
			say_count(r->arena, sum->messages),
			sum->refused > 0 ? " bad" : "", say_count(r->arena, sum->refused),
			say_share(r->arena, sum->refused, sum->messages));
	}
	html_table_end(to);
	html_more(to, r, l.n, REPORT_ROWS);
	html_part_end(to);
}

/* Without a history it is known how many there were, and not whose. */
static void put_no_monitor(FILE *to, const struct report *r)
{
	double would = r->traffic.total[SERIES_MONITOR];
	bool unknown = would > 0 || (series_all(r->traffic.total) <= 0 &&
					    report_unkept(r, REPORT_TRAFFIC) != NULL);

	html_part_begin(to, "monitor",
		would > 0 ? arena_printf(r->arena, MONITOR_FOUND,
				    say_some(r->arena, would, "message"))
			  : "What monitor policies would have done",
		NULL);
	html_nothing(to, r, REPORT_MONITOR,
		unknown ? REPORT_NOT_RECORDED
			: "No policy that only monitors would have refused a message.");
	html_part_end(to);
}

void html_monitor(FILE *to, const struct report *r)
{
	const json_t *rows = r->rows[REPORT_MONITOR], *row;
	double sum = report_sum(r, REPORT_MONITOR, "refused"),
	       more = r->traffic.total[SERIES_MONITOR] - sum,
	       most = report_most(r, REPORT_MONITOR, "refused");
	size_t i;

	if (json_array_size(rows) == 0) {
		put_no_monitor(to, r);
		return;
	}
	html_part_begin(to, "monitor",
		arena_printf(r->arena, MONITOR_FOUND,
			say_some(r->arena, sum + (more > 0 ? more : 0), "message")),
		"What policies that only watch so far would have refused, had they been "
		"in "
		"force.");
	html_table_begin(to, "What monitor policies would have done");
	html_table_column(to, "", "policy");
	html_table_column(to, "pic", "compared");
	html_table_column(to, "n", "refused");
	html_table_column(to, "n", "objects");
	html_table_rows(to);
	json_array_foreach(rows, i, row) {
		double refused = row_number(row, "refused");

		if (i >= REPORT_ROWS)
			break;
		html_put(to,
			"<tr><th scope=\"row\" class=\"who beside\">%s</th><td "
			"class=\"pic\">"
			"<svg " SVG_XMLNS " width=\"100%%\" "
			"height=\"12\" aria-hidden=\"true\"><rect class=\"would\" "
			"width=\"%.2f%%\" height=\"12\"/></svg></td>"
			"<td class=\"n\">%s</td><td class=\"n\">%s</td></tr>\n",
			row_text(row, "policy"), 100 * refused / most,
			say_count(r->arena, refused),
			say_count(r->arena, row_number(row, "objects")));
	}
	html_table_end(to);
	html_more(to, r, json_array_size(rows), REPORT_ROWS);
	if (more > 0)
		html_put(to,
			"<p class=\"note\">Of %s of them nothing was recorded "
			"(the setting history says what is).</p>\n",
			say_count(r->arena, more));
	html_part_end(to);
}
