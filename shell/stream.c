/*
 * Rows as they come.  Called by shell/output.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "stream.h"

#include "fit.h"
#include "text.h"
#include "value.h"

#include <string.h>

struct column {
	const char *name;
	int width; /* 0: what is left of the line */
	int from;  /* the width of a terminal that has room for it */
	/* what stands in the row, or this one, to look for when there is nothing */
	const char *also[2];
	const char *(*text)(
		struct arena *arena, const char *value); /* NULL: as it stands */
};

/* Of a moment the time of day, which is in UTC: the day is today. */
static const char *time_of_day(struct arena *arena, const char *moment)
{
	static const char shape[] = "2026-11-21T22:35:54.123Z";

	if (strlen(moment) != strlen(shape))
		return moment;
	return arena_printf(arena, "%.8sZ", strchr(moment, 'T') + 1);
}

static const struct column columns[] = {
	{ "time", 9, 0, { NULL, NULL }, time_of_day },
	{ "verdict", 7, 0, { NULL, NULL }, NULL },
	{ "policy", 12, 0, { NULL, NULL }, NULL },
	{ "object", 24, 0, { "login", "sender" }, NULL },
	{ "client", 15, 100, { NULL, NULL }, NULL },
	{ "sender", 24, 140, { NULL, NULL }, NULL },
	{ "recipients", 10, 160, { NULL, NULL }, NULL },
	{ "queue_id", 11, 160, { NULL, NULL }, NULL },
	{ "reason", 0, 0, { NULL, NULL }, NULL },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static bool is_shown(const struct column *c, const struct view *view)
{
	return view->width == 0 || view->width >= c->from;
}

/* Columns of the terminal that it may take, `at` being taken; 0: as many as it likes. */
static int room_of(const struct column *c, const struct view *view, int at)
{
	if (view->width == 0)
		return 0;
	if (c->width > 0 && at + c->width <= view->width)
		return c->width;
	return view->width > at ? view->width - at : 1;
}

/* Prints a line of cells, each cut to its column and filled up to it. */
static void print_line(FILE *to, const struct view *view, struct arena *arena,
	const char *const cells[COLUMNS], const enum paint paints[COLUMNS])
{
	int at = 0, blanks = 0;

	for (size_t i = 0; i < COLUMNS; i++) {
		const char *text = cells[i];
		int room = room_of(&columns[i], view, at + blanks), width;

		if (!is_shown(&columns[i], view) ||
			(view->width > 0 && at + blanks >= view->width))
			continue;
		if (room > 0)
			text = text_cut(arena, text, room, view);
		width = text_width(text);
		text_pad(to, blanks);
		text_paint(to, view, paints[i], text);
		at += blanks + width;
		blanks = FIT_GAP;
		if (columns[i].width > width)
			blanks += columns[i].width - width;
	}
	fputc('\n', to);
}

void stream_header(FILE *to, const struct view *view)
{
	struct arena *arena = arena_new();
	const char *cells[COLUMNS];
	enum paint paints[COLUMNS];

	for (size_t i = 0; i < COLUMNS; i++) {
		cells[i] = columns[i].name;
		paints[i] = PAINT_HEADER;
	}
	print_line(to, view, arena, cells, paints);
	arena_free(arena);
}

static const char *cell_of(struct arena *arena, const struct column *c, const json_t *row,
	const struct view *view)
{
	const json_t *value = json_object_get(row, c->name);

	for (size_t i = 0; i < 2 && c->also[i] != NULL && value_is_empty(value); i++)
		value = json_object_get(row, c->also[i]);
	if (c->text != NULL && json_is_string(value))
		return c->text(arena, json_string_value(value));
	return value_text(arena, c->name, value, view);
}

static void print_not_shown(FILE *to, const struct view *view, const json_t *number)
{
	struct arena *arena = arena_new();

	text_paint(to, view, PAINT_WARN,
		arena_printf(arena, "%lld decisions are not shown",
			(long long)json_integer_value(number)));
	fputc('\n', to);
	arena_free(arena);
}

void stream_row(FILE *to, const struct view *view, const json_t *row)
{
	const json_t *not_shown = json_object_get(row, "not_shown");
	struct arena *arena;
	const char *cells[COLUMNS];
	enum paint paints[COLUMNS];

	if (not_shown != NULL) {
		print_not_shown(to, view, not_shown);
		return;
	}
	arena = arena_new();
	for (size_t i = 0; i < COLUMNS; i++) {
		cells[i] = cell_of(arena, &columns[i], row, view);
		paints[i] = value_paint(row, columns[i].name);
	}
	print_line(to, view, arena, cells, paints);
	arena_free(arena);
}
