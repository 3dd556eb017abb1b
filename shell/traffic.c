/*
 * The screen of `stats`.  Called by shell/output.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "traffic.h"

#include "table.h"
#include "text.h"

#include <string.h>

/* Members of the answer as columns that fit side by side. */
static const struct column {
	const char *member, *header;
} lately[] = {
	{ "policy", "policy" },
	{ "now", "msg/s" },
	{ "minute", "msg/min" },
	{ "hour", "msg/h" },
	{ "day", "msg/day" },
	{ "refused_minute", "ref/min" },
	{ "refused_hour", "ref/h" },
	{ "refused_day", "ref/day" },
	{ "trend", "last hour" },
};

#define LATELY (sizeof(lately) / sizeof(lately[0]))

static json_t *lately_rows(const json_t *rows)
{
	json_t *out = json_array(), *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		json_t *columns = json_object();

		for (size_t k = 0; k < LATELY; k++)
			json_object_set(columns, lately[k].header,
				json_object_get(row, lately[k].member));
		json_array_append_new(out, columns);
	}
	return out;
}

static bool is_lately(const char *member)
{
	for (size_t k = 1; k < LATELY; k++)
		if (strcmp(lately[k].member, member) == 0)
			return true;
	return false;
}

static bool is_ever(const json_t *rows, const char *member)
{
	const json_t *row, *value;
	size_t i;

	json_array_foreach(rows, i, row) {
		value = json_object_get(row, member);
		if (!json_is_integer(value) || json_integer_value(value) != 0)
			return true;
	}
	return false;
}

/* What is left of the answer: how many there were, by verdict. */
static json_t *total_rows(const json_t *rows, bool whole)
{
	json_t *out = json_array(), *row, *value;
	const char *member;
	size_t i;

	json_array_foreach(rows, i, row) {
		json_t *columns = json_object();

		json_object_foreach(row, member, value)
			if (!is_lately(member) && (whole || is_ever(rows, member)))
				json_object_set(columns, member, value);
		json_array_append_new(out, columns);
	}
	return out;
}

void traffic_print(FILE *to, const struct view *view, const json_t *rows)
{
	json_t *now = lately_rows(rows), *totals = total_rows(rows, view->width == 0);

	table_print(to, view, now, 0, "");
	fputc('\n', to);
	text_paint(to, view, PAINT_HEADER, "since the start");
	fputc('\n', to);
	table_print(to, view, totals, 0, "");
	json_decref(now);
	json_decref(totals);
}
