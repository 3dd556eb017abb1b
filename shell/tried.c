/*
 * The screens of what was tried on the history.  Called by shell/output.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tried.h"

#include "base/arena.h"
#include "base/clock.h"
#include "table.h"
#include "text.h"
#include "value.h"

#include <string.h>

#define INDENT 10 /* what stands behind the labels */

struct screen {
	FILE *to;
	const struct view *view;
	struct arena *arena;
	json_t *row;
};

static const char *say(struct screen *s, const char *name)
{
	return value_text(s->arena, name, json_object_get(s->row, name), s->view);
}

/* As it was when the daemon began, not when somebody asked for the last 30 days. */
static const char *say_since(struct screen *s)
{
	const char *until = json_string_value(json_object_get(s->row, "until"));
	struct view then = *s->view;

	if (until != NULL)
		clock_parse(until, &then.now);
	return value_text(s->arena, "since", json_object_get(s->row, "since"), &then);
}

static json_int_t number(struct screen *s, const char *name)
{
	return json_integer_value(json_object_get(s->row, name));
}

/* A label, and words behind it. */
static void print_words(
	struct screen *s, const char *label, enum paint paint, const char *text)
{
	text_paint(s->to, s->view, PAINT_HEADER, label);
	text_pad(s->to, INDENT - text_width(label));
	text_wrap(s->to, s->view, paint, text, INDENT);
	fputc('\n', s->to);
}

/* "12.3 %" */
static const char *percent(struct screen *s, const char *part, const char *whole)
{
	double of = (double)number(s, whole);

	return arena_printf(
		s->arena, "%.3g %%", of > 0 ? 100 * (double)number(s, part) / of : 0);
}

static void print_head(struct screen *s)
{
	json_t *policy = json_object_get(s->row, "policy");

	print_words(s, "policy", PAINT_PLAIN,
		json_is_null(policy) ? "one that is not stored" : say(s, "policy"));
	print_words(s, "mail", PAINT_PLAIN,
		arena_printf(s->arena,
			"%s messages since %s; of these it would have been asked about "
			"%s, "
			"and matched %s",
			say(s, "rows"), say_since(s), say(s, "messages"),
			say(s, "judged")));
}

static void print_refused(struct screen *s)
{
	if (number(s, "refused") == 0)
		print_words(s, "refused", PAINT_GOOD, "none");
	else
		print_words(s, "refused", PAINT_BAD,
			arena_printf(s->arena, "%s (%s of %s), of %s objects, first %s",
				say(s, "refused"), percent(s, "refused", "messages"),
				say(s, "messages"), say(s, "objects"), say(s, "first")));
	if (!value_is_empty(json_object_get(s->row, "policy")))
		print_words(s, "then", PAINT_PLAIN,
			arena_printf(s->arena,
				"%s were refused by a policy of that name, or would have "
				"been",
				say(s, "was_refused")));
}

/* What could not be judged, and what to do so that it can be from now on. */
static void print_unknown(struct screen *s)
{
	static const struct {
		const char *member, *what;
	} lacks[] = {
		{ "not_judged_recipients",
			"were not judged: nobody knows their recipients (setting set "
			"history recipients)" },
		{ "not_judged_size", "were not judged: nobody knows their size (setting "
				     "set history_size yes)" },
		{ "not_judged_spf", "were judged by limits alone: SPF was not checked" },
	};

	for (size_t i = 0; i < sizeof(lacks) / sizeof(lacks[0]); i++)
		if (number(s, lacks[i].member) > 0)
			print_words(s, "unknown", PAINT_WARN,
				arena_printf(s->arena, "%s %s", say(s, lacks[i].member),
					lacks[i].what));
}

static void print_list(struct screen *s, const char *name)
{
	json_t *rows = json_object_get(s->row, name);

	if (json_array_size(rows) == 0)
		return;
	fputc('\n', s->to);
	table_print(s->to, s->view, rows, 0, "");
}

void tried_print(FILE *to, const struct view *view, json_t *row)
{
	struct screen s = { to, view, arena_new(), row };

	print_head(&s);
	print_refused(&s);
	print_unknown(&s);
	print_list(&s, "days");
	print_list(&s, "who");
	arena_free(s.arena);
}

/* Of the rows that have the first of these members, those members. */
static json_t *select_rows(
	const json_t *rows, const char *const *members, const char *const *headers)
{
	json_t *out = json_array(), *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		json_t *columns = json_object();

		for (size_t k = 0; members[k] != NULL; k++)
			json_object_set(
				columns, headers[k], json_object_get(row, members[k]));
		if (json_object_get(row, members[0]) != NULL)
			json_array_append(out, columns);
		json_decref(columns);
	}
	return out;
}

static void print_selected(struct screen *s, const json_t *rows,
	const char *const *members, const char *const *headers)
{
	json_t *selected = select_rows(rows, members, headers);

	if (json_array_size(selected) > 0) {
		fputc('\n', s->to);
		table_print(s->to, s->view, selected, 0, "");
	}
	json_decref(selected);
}

void tried_print_limits(FILE *to, const struct view *view, const json_t *rows)
{
	static const char *const limits[] = { "period", "limit", "exact", "touched",
		NULL },
				 *const objects[] = { "object", "hour", "hour_share",
					 "day", "day_share", "messages", "last", NULL },
				 *const headers[] = { "object", "hour", "% of limit",
					 "day", "% of it", "messages", "last", NULL };
	struct screen s = { to, view, arena_new(), json_array_get(rows, 0) };

	print_words(&s, "mail", PAINT_PLAIN,
		arena_printf(s.arena, "%s messages of %s objects since %s",
			say(&s, "messages"), say(&s, "objects"), say_since(&s)));
	print_words(&s, "limits", PAINT_PLAIN,
		arena_printf(s.arena, "at most %.4g %% of the objects have come over",
			100 - 100 * json_number_value(
					    json_object_get(s.row, "quantile"))));
	print_unknown(&s);
	print_selected(&s, rows, limits, limits);
	print_selected(&s, rows, objects, headers);
	arena_free(s.arena);
}
