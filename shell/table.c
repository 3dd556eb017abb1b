/*
 * Tables.  Called by shell/output, shell/card and the screens.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "table.h"

#include "fit.h"
#include "text.h"
#include "value.h"

#include <string.h>

/* Of what stands below a row: blanks before it, those that go on with it, and the least
 * room in which that is worth them. */
enum { BELOW = 2, HANG = 4, ROOM = 20 };

struct cell {
	const char *text;
	int width;
	enum paint paint;
	bool empty;
};

struct column {
	const char *name, *title; /* of the member, and as it is shown */
	bool number, text;	  /* what its cells are, but for the empty ones */
	bool sentence;		  /* may stand below the row */
	bool below;		  /* does */
};

struct table {
	FILE *to;
	const struct view *view;
	int indent;
	const char *label;
	struct arena *arena;
	struct column *columns;
	struct fit *fit; /* of each column */
	size_t n, cap, fit_cap;
	struct cell *cells; /* row by row */
	size_t nrows;
};

/* Columns that say what a row is about. */
static bool is_name(const char *name)
{
	static const char *const names[] = { "name", "policy", "object", "member", "host",
		"client", "login", "sender", "command", "user", "at" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Columns of whole sentences. */
static bool is_sentence(const char *name)
{
	return strcmp(name, "reply") == 0 || strcmp(name, "why") == 0;
}

/* Numbers stand on the right. */
static bool on_right(const struct column *c)
{
	return c->number && !c->text;
}

static void add_column(struct table *t, const char *name, bool sentence)
{
	const char *title = text_printable(t->arena, name);

	t->columns = arena_grow(t->arena, t->columns, t->n, &t->cap, sizeof(*t->columns));
	t->fit = arena_grow(t->arena, t->fit, t->n, &t->fit_cap, sizeof(*t->fit));
	t->columns[t->n] = (struct column){
		.name = name, .title = title, .sentence = t->n > 0 && sentence
	};
	t->fit[t->n++] = (struct fit){
		.header = text_width(title), .names = is_name(name), .empty = true
	};
}

static void find_columns(struct table *t, const json_t *rows)
{
	json_t *row, *value;
	const char *name;
	size_t i, k;

	json_array_foreach(rows, i, row) {
		/* beside what all rows begin with it has but one that those above lack */
		bool own = i > 0 && json_object_size(row) == 2;

		json_object_foreach(row, name, value) {
			for (k = 0; k < t->n; k++)
				if (strcmp(t->columns[k].name, name) == 0)
					break;
			if (k == t->n)
				add_column(t, name, own || is_sentence(name));
		}
	}
}

static struct cell make_cell(struct table *t, const json_t *row, size_t k)
{
	const char *name = t->columns[k].name;
	const json_t *value = json_object_get(row, name);
	struct cell cell = { .text = value_text(t->arena, name, value, t->view),
		.paint = value_paint(row, name),
		.empty = value_is_empty(value) };

	cell.width = text_width(cell.text);
	if (cell.width > t->fit[k].cells)
		t->fit[k].cells = cell.width;
	if (json_is_number(value))
		t->columns[k].number = true;
	else if (value != NULL && !json_is_null(value))
		t->columns[k].text = true;
	t->fit[k].empty &= value_is_empty(value) ||
			   (json_is_number(value) && json_number_value(value) == 0);
	return cell;
}

/* In several rows, that is. */
static bool is_same(const struct table *t, size_t k)
{
	for (size_t i = 1; i < t->nrows; i++)
		if (strcmp(t->cells[i * t->n + k].text, t->cells[k].text) != 0)
			return false;
	return t->nrows > 1;
}

static void make_cells(struct table *t, const json_t *rows)
{
	json_t *row;
	size_t i;

	t->nrows = json_array_size(rows);
	t->cells = arena_alloc(t->arena, t->nrows * t->n * sizeof(*t->cells));
	json_array_foreach(rows, i, row)
		for (size_t k = 0; k < t->n; k++)
			t->cells[i * t->n + k] = make_cell(t, row, k);
	for (size_t k = 0; k < t->n; k++)
		t->fit[k].same = !t->fit[k].names && is_same(t, k);
}

/* The blanks before the cell are what those before it have left. */
static void print_cell(
	struct table *t, const struct column *c, struct cell cell, int width, int *blanks)
{
	if (cell.width > width) {
		cell.text = text_cut(t->arena, cell.text, width, t->view);
		cell.width = text_width(cell.text);
	}
	if (on_right(c))
		*blanks += width - cell.width;
	text_pad(t->to, *blanks);
	text_paint(t->to, t->view, cell.paint, cell.text);
	*blanks = FIT_GAP + (on_right(c) ? 0 : width - cell.width);
}

static void print_line(struct table *t, const struct cell *cells)
{
	int blanks = t->indent;

	if (cells == NULL) {
		text_paint(t->to, t->view, PAINT_HEADER, t->label);
		blanks -= text_width(t->label);
	}

	for (size_t k = 0; k < t->n; k++) {
		struct cell header = { .text = t->columns[k].title,
			.width = t->fit[k].header,
			.paint = PAINT_HEADER };

		if (t->fit[k].width > 0)
			print_cell(t, &t->columns[k], cells != NULL ? cells[k] : header,
				t->fit[k].width, &blanks);
	}
	fputc('\n', t->to);
}

/* Prints a text where the line has come to, at that column: it goes on below, deeper. */
static void print_text(struct table *t, enum paint paint, const char *text, int at)
{
	int depth = (int)strspn(text, " "), room = t->view->width - at - depth,
	    hang = text_width(text + depth) > room ? HANG : 0;

	text += depth;
	if (room - hang < ROOM)
		depth = hang = 0;
	text_pad(t->to, depth);
	text_wrap(t->to, t->view, paint, text, at + depth + hang);
	fputc('\n', t->to);
}

/* The names stand below each other, and so do the texts, if there is room for that. */
static void print_below(struct table *t, const struct column *c, const struct cell *cell)
{
	int at = t->indent, room = t->view->width - at, width = 0;

	for (size_t k = 0; k < t->n; k++)
		if (t->columns[k].below && text_width(t->columns[k].title) > width)
			width = text_width(t->columns[k].title);
	if (room >= BELOW + ROOM)
		at += BELOW;
	text_pad(t->to, at);
	if (room >= BELOW + width + FIT_GAP + ROOM) {
		text_paint(t->to, t->view, PAINT_HEADER, c->title);
		text_pad(t->to, width - text_width(c->title) + FIT_GAP);
		at += width + FIT_GAP;
	}
	print_text(t, cell->paint, cell->text, at);
}

/* A single column behind blanks alone has none. */
static bool has_header(const struct table *t)
{
	return t->n > 1 || t->indent == 0 || *t->label != '\0';
}

/* In the row's line nothing would stand but what the row above begins with, too. */
static bool is_below_only(const struct table *t, size_t i)
{
	const struct cell *cells = t->cells + i * t->n;
	bool below = false;

	if (i == 0 || strcmp(cells[0].text, t->cells[(i - 1) * t->n].text) != 0)
		return false;
	for (size_t k = 1; k < t->n; k++) {
		if (!cells[k].empty && !t->columns[k].below)
			return false;
		below |= !cells[k].empty;
	}
	return below;
}

static void print_row(struct table *t, size_t i)
{
	const struct cell *cells = t->cells + i * t->n;

	if (!has_header(t) && cells->width > t->fit->width) {
		text_pad(t->to, t->indent);
		print_text(t, cells->paint, cells->text, t->indent);
		return;
	}
	if (!is_below_only(t, i))
		print_line(t, cells);
	for (size_t k = 0; k < t->n; k++)
		if (t->columns[k].below && !cells[k].empty)
			print_below(t, &t->columns[k], &cells[k]);
}

static void print_left_out(struct table *t)
{
	const char *names = "";

	for (size_t k = 0; k < t->n; k++)
		if (t->fit[k].width == 0 && !t->columns[k].below)
			names = arena_printf(t->arena, "%s%s%s", names,
				*names != '\0' ? ", " : "", t->columns[k].title);
	if (*names == '\0')
		return;
	text_pad(t->to, t->indent);
	names = arena_printf(t->arena, "(-w shows too: %s)", names);
	text_wrap(t->to, t->view, PAINT_PLAIN, names, t->indent);
	fputc('\n', t->to);
}

/* What may stand below makes room, if there is too little. */
static void make_fit(struct table *t)
{
	int room = t->view->width > t->indent ? t->view->width - t->indent : 0;

	fit_columns(t->fit, t->n, 0);
	if (room == 0 || fit_taken(t->fit, t->n) <= room)
		return;
	for (size_t k = 0; k < t->n; k++) {
		t->columns[k].below = t->columns[k].sentence && !t->fit[k].empty;
		if (t->columns[k].below)
			t->fit[k].header = t->fit[k].cells = 0;
	}
	fit_columns(t->fit, t->n, room);
}

void table_print(FILE *to, const struct view *view, const json_t *rows, int indent,
	const char *label)
{
	struct table t = { .to = to,
		.view = view,
		.indent = indent,
		.label = label,
		.arena = arena_new() };

	find_columns(&t, rows);
	make_cells(&t, rows);
	make_fit(&t);
	if (t.n > 0) {
		if (has_header(&t))
			print_line(&t, NULL);
		for (size_t i = 0; i < t.nrows; i++)
			print_row(&t, i);
		print_left_out(&t);
	}
	arena_free(t.arena);
}
