/*
 * The screen of one object.  Called by shell/output.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "object.h"

#include "bar.h"
#include "base/arena.h"
#include "table.h"
#include "text.h"
#include "value.h"

#define INDENT 10 /* what stands behind the labels */
#define BAR    10

struct screen {
	FILE *to;
	const struct view *view;
	struct arena *arena;
	json_t *row;
	int lines; /* printed until now */
};

/* What a member says, "-" if it is not there. */
static const char *say(struct screen *s, const json_t *row, const char *name)
{
	return value_text(s->arena, name, json_object_get(row, name), s->view);
}

static bool has(const json_t *row, const char *name)
{
	return !value_is_empty(json_object_get(row, name));
}

/* A label, and words behind it. */
static void print_words(
	struct screen *s, const char *label, enum paint paint, const char *text)
{
	int room = s->view->width - INDENT;

	text_paint(s->to, s->view, PAINT_HEADER, label);
	text_pad(s->to, INDENT - text_width(label));
	text_wrap(s->to, s->view, paint, text, INDENT);
	fputc('\n', s->to);
	s->lines += 1 + (room > 0 ? text_width(text) / room : 0);
}

/* "first 3 d ago, last 2 min ago" */
static void print_seen(struct screen *s)
{
	if (has(s->row, "first_seen"))
		print_words(s, "seen", PAINT_PLAIN,
			arena_printf(s->arena, "first %s, last %s",
				say(s, s->row, "first_seen"),
				say(s, s->row, "last_seen")));
}

/* What there was of it lately, whatever that was counted for.  None may also be that
 * there is no history. */
static void print_lately(struct screen *s)
{
	const char *text;

	if (json_integer_value(json_object_get(s->row, "messages_day")) == 0)
		return;
	text = arena_printf(s->arena,
		"%s messages, %s refused, whatever they were counted for",
		say(s, s->row, "messages_day"), say(s, s->row, "refused_day"));
	if (has(s->row, "day_from"))
		text = arena_printf(
			s->arena, "%s (since %s)", text, say(s, s->row, "day_from"));
	print_words(s, "last day", PAINT_PLAIN, text);
}

/* What was refused for it at any time.  How many messages were counted for it is not
 * shown: beside the refusals it would be taken for all that it sent. */
static void print_so_far(struct screen *s)
{
	const char *text;

	if (!has(s->row, "refused"))
		return;
	text = arena_printf(
		s->arena, "%s refused for this object", say(s, s->row, "refused"));
	if (has(s->row, "last_refused"))
		text = arena_printf(s->arena, "%s, the last %s", text,
			say(s, s->row, "last_refused"));
	print_words(s, "so far", PAINT_PLAIN, text);
}

/* "5 min ago by root, ends in 2 h: his password is known", behind what was said. */
static const char *said(struct screen *s, const json_t *row, const char *what)
{
	const char *text = what;

	if (has(row, "since"))
		text = arena_printf(s->arena, "%s%s by %s, ", text, say(s, row, "since"),
			say(s, row, "user"));
	text = has(row, "until")
		       ? arena_printf(s->arena, "%sends %s", text, say(s, row, "until"))
		       : arena_printf(s->arena, "%sfor good", text);
	if (has(row, "because"))
		text = arena_printf(s->arena, "%s: %s", text, say(s, row, "because"));
	return text;
}

/* How many there are beside those that a list of the row has. */
static size_t count_more(struct screen *s, const char *list)
{
	const char *name = arena_printf(s->arena, "%s_more", list);

	return (size_t)json_integer_value(json_object_get(s->row, name));
}

static void print_more(struct screen *s, const char *label, const char *list)
{
	size_t more = count_more(s, list);

	if (more > 0)
		print_words(s, label, PAINT_PLAIN,
			arena_printf(s->arena, "... and %zu more", more));
}

/* What an administrator has said, and the penalties. */
static void print_said(struct screen *s)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(s->row, "flags"), i, row)
		print_words(s, say(s, row, "flag"), value_paint(row, "flag"),
			said(s, row, ""));
	json_array_foreach(json_object_get(s->row, "grants"), i, row)
		print_words(s, "grant", PAINT_GOOD,
			said(s, row,
				arena_printf(s->arena, "%s more in %s, ",
					say(s, row, "amount"),
					has(row, "policy") ? say(s, row, "policy")
							   : "every policy")));
	print_more(s, "grant", "grants");
	json_array_foreach(json_object_get(s->row, "penalties"), i, row)
		print_words(s, "penalty", PAINT_BAD,
			arena_printf(s->arena, "%s, ends %s", say(s, row, "policy"),
				say(s, row, "until")));
	print_more(s, "penalty", "penalties");
}

/* A list, as a table. */
struct list {
	const char *label, *name; /* on the screen, in the row */
	/* what of the member is shown; NULL: all of it */
	json_t *(*make)(struct screen *s, const json_t *member);
	json_t *rows;	    /* owned */
	size_t shown, more; /* more: that the daemon has counted and left out */
};

/* Limits with a bar in place of their amount. */
static json_t *limit_rows(struct screen *s, const json_t *counters)
{
	json_t *rows = json_array(), *counter;
	size_t i;

	json_array_foreach(counters, i, counter) {
		const json_t *used = json_object_get(counter, "used"),
			     *amount = json_object_get(counter, "amount");
		json_t *row = json_object();

		json_object_set(row, "policy", json_object_get(counter, "policy"));
		if (has(counter, "pool"))
			json_object_set(row, "pool", json_object_get(counter, "pool"));
		json_object_set(row, "limit", json_object_get(counter, "limit"));
		json_object_set(row, "used", json_object_get(counter, "used"));
		if (json_is_number(used) && json_is_number(amount))
			json_object_set_new(row, "",
				json_string(bar_of(s->arena, json_number_value(used),
					json_number_value(amount), BAR, s->view)));
		json_object_set(row, "free_at", json_object_get(counter, "free_at"));
		json_array_append_new(rows, row);
	}
	return rows;
}

/* The lines that a list takes: its header, its rows, and if some are left out, here or by
 * the daemon, a word about these. */
static size_t lines_of(const struct list *l)
{
	size_t n = json_array_size(l->rows);

	return n == 0 ? 0 : 1 + l->shown + (l->shown < n || l->more > 0);
}

/* Cuts the longest until all have room, or none has more than one row. */
static void fit_lists(struct list *lists, size_t n, int room)
{
	for (;;) {
		struct list *longest = &lists[0];
		size_t lines = 0;

		for (size_t i = 0; i < n; i++) {
			lines += lines_of(&lists[i]);
			if (lists[i].shown > longest->shown)
				longest = &lists[i];
		}
		if ((int)lines <= room || longest->shown <= 1)
			return;
		/* the first that goes makes room for the word about it */
		longest->shown -= longest->shown == json_array_size(longest->rows) &&
						  longest->more == 0 && longest->shown > 2
					  ? 2
					  : 1;
	}
}

static void print_list(struct screen *s, struct list *l)
{
	size_t n = json_array_size(l->rows);

	if (n == 0)
		return;
	while (json_array_size(l->rows) > l->shown)
		json_array_remove(l->rows, json_array_size(l->rows) - 1);
	table_print(s->to, s->view, l->rows, INDENT, l->label);
	if (l->shown == n && l->more == 0)
		return;
	text_pad(s->to, INDENT);
	if (l->shown < n)
		fprintf(s->to, "(-w shows %zu more)%s", n - l->shown,
			l->more > 0 ? " " : "");
	if (l->more > 0)
		fprintf(s->to, "... and %zu more", l->more);
	fputc('\n', s->to);
}

static void read_list(struct screen *s, struct list *l)
{
	json_t *member = json_object_get(s->row, l->name);

	l->rows = l->make != NULL ? l->make(s, member) : json_copy(member);
	l->shown = json_array_size(l->rows);
	l->more = count_more(s, l->name);
}

static void print_lists(struct screen *s)
{
	struct list lists[] = {
		{ .label = "limits", .name = "counters", .make = limit_rows },
		{ .label = "refused", .name = "refusals" },
		{ .label = "lately", .name = "refused_lately" },
		{ .label = "from", .name = "clients" },
		{ .label = "policies", .name = "policies" },
	};
	size_t n = sizeof(lists) / sizeof(lists[0]);

	for (size_t i = 0; i < n; i++)
		read_list(s, &lists[i]);
	/* the last line of the screen is the prompt's */
	if (s->view->width > 0)
		fit_lists(lists, n, s->view->lines - 1 - s->lines);
	for (size_t i = 0; i < n; i++) {
		print_list(s, &lists[i]);
		json_decref(lists[i].rows);
	}
}

void object_print(FILE *to, const struct view *view, json_t *row)
{
	struct screen s = { .to = to, .view = view, .arena = arena_new(), .row = row };

	print_words(&s, "object", PAINT_PLAIN, say(&s, row, "object"));
	print_seen(&s);
	print_lately(&s);
	print_so_far(&s);
	print_said(&s);
	print_lists(&s);
	arena_free(s.arena);
}
