/*
 * The screen of `stats`.  Called by shell/output.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "traffic.h"

#include "table.h"
#include "text.h"
#include "value.h"

#include <string.h>

/* Members of the answer as columns that fit side by side. */
static const struct column {
	const char *member, *header;
	int seconds; /* that it is about; 0: none */
} lately[] = {
	{ "policy", "policy", 0 },
	{ "now", "msg/s", 10 },
	{ "minute", "msg/min", 60 },
	{ "hour", "msg/h", 3600 },
	{ "day", "msg/day", 86400 },
	{ "refused_minute", "ref/min", 60 },
	{ "refused_hour", "ref/h", 3600 },
	{ "refused_day", "ref/day", 86400 },
	{ "trend", "last hour", 3600 },
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

/* Does it belong to the upper table, or to none? */
static bool is_lately(const char *member)
{
	for (size_t k = 1; k < LATELY; k++)
		if (strcmp(lately[k].member, member) == 0)
			return true;
	return strcmp(member, "uptime") == 0;
}

/* How many there were is told, even if there were none. */
static bool is_told(const json_t *rows, const char *member)
{
	const json_t *row, *value;
	size_t i;

	if (strcmp(member, "messages") == 0)
		return true;
	json_array_foreach(rows, i, row) {
		value = json_object_get(row, member);
		if (!json_is_integer(value) || json_integer_value(value) != 0)
			return true;
	}
	return false;
}

/* What the result of SPF is called, if the member counts one; NULL: it does not. */
static const char *result_of(const char *member)
{
	static const char prefix[] = "spf_";

	return strncmp(member, prefix, sizeof(prefix) - 1) == 0
		       ? member + sizeof(prefix) - 1
		       : NULL;
}

/* How many there were with each result of SPF, where there were any. */
static json_t *spf_rows(const json_t *rows, bool whole)
{
	json_t *out = json_array(), *row, *value;
	const char *member;
	size_t i;

	json_array_foreach(rows, i, row) {
		json_t *columns = json_object();
		json_int_t n = 0;

		json_object_set(columns, "policy", json_object_get(row, "policy"));
		json_object_foreach(row, member, value) {
			if (result_of(member) == NULL)
				continue;
			n += json_integer_value(value);
			if (whole || is_told(rows, member))
				json_object_set(columns, result_of(member), value);
		}
		if (n > 0)
			json_array_append(out, columns);
		json_decref(columns);
	}
	return out;
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
			if (!is_lately(member) && result_of(member) == NULL &&
				(whole || is_told(rows, member)))
				json_object_set(columns, member, value);
		json_array_append_new(out, columns);
	}
	return out;
}

/* "since the start, 40 min ago"; without a moment if the answer has none. */
static const char *since_start(
	struct arena *arena, const struct view *view, const json_t *uptime)
{
	if (value_is_empty(uptime))
		return "since the start";
	return arena_printf(arena, "since the start, %s ago",
		value_text(arena, "uptime", uptime, view));
}

/* Names the columns that are about more time than there was since the start. */
static void print_short(FILE *to, const struct view *view, struct arena *arena,
	int64_t uptime, const char *since)
{
	const char *names = "";

	for (size_t k = 0; k < LATELY; k++)
		if (lately[k].seconds > uptime)
			names = arena_printf(arena, "%s%s%s", names,
				*names != '\0' ? ", " : "", lately[k].header);
	if (*names == '\0')
		return;
	text_wrap(to, view, PAINT_PLAIN,
		arena_printf(arena, "(only %s: %s)", since, names), 0);
	fputc('\n', to);
}

void traffic_print(FILE *to, const struct view *view, const json_t *rows)
{
	json_t *now = lately_rows(rows), *totals = total_rows(rows, view->width == 0),
	       *spf = spf_rows(rows, view->width == 0);
	const json_t *uptime = json_object_get(json_array_get(rows, 0), "uptime");
	struct arena *arena = arena_new();
	const char *since = since_start(arena, view, uptime);

	table_print(to, view, now, 0, "");
	if (!value_is_empty(uptime))
		print_short(to, view, arena, json_integer_value(uptime), since);
	fputc('\n', to);
	text_paint(to, view, PAINT_HEADER, since);
	fputc('\n', to);
	table_print(to, view, totals, 0, "");
	if (json_array_size(spf) > 0) {
		fputc('\n', to);
		text_paint(to, view, PAINT_HEADER, "results of SPF");
		fputc('\n', to);
		table_print(to, view, spf, 0, "");
	}
	arena_free(arena);
	json_decref(now);
	json_decref(totals);
	json_decref(spf);
}
