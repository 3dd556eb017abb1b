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

struct cell {
	const char *text;
	int width;
	enum paint paint;
};

struct column {
	const char *name, *title; /* of the member, and as it is shown */
	bool number, text;	  /* what its cells are, but for the empty ones */
};

struct table {
	FILE *to;
	const struct view *view;
	int indent;
	const char *label;
	struct arena *arena;
	struct column *columns;
	struct fit *fit; /* of each column */
	size_t n;
	struct cell *cells; /* row by row */
	size_t nrows;
};

/* Columns that say what a row is about. */
static bool is_name(const char *name)
{
	static const char *const names[] = { "name", "policy", "object", "member", "host",
		"client", "login", "sender", "command", "user" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Numbers stand on the right. */
static bool on_right(const struct column *c)
{
	return c->number && !c->text;
}

static void find_columns(struct table *t, const json_t *rows)
{
	size_t cap = 0, fit_cap = 0, i, k;
	json_t *row, *value;
	const char *name, *title;

	json_array_foreach(rows, i, row) {
		json_object_foreach(row, name, value) {
			for (k = 0; k < t->n; k++)
				if (strcmp(t->columns[k].name, name) == 0)
					break;
			if (k < t->n)
				continue;
			t->columns = arena_grow(
				t->arena, t->columns, t->n, &cap, sizeof(*t->columns));
			t->fit = arena_grow(
				t->arena, t->fit, t->n, &fit_cap, sizeof(*t->fit));
			title = text_printable(t->arena, name);
			t->columns[t->n] =
				(struct column){ .name = name, .title = title };
			t->fit[t->n++] = (struct fit){ .header = text_width(title),
				.names = is_name(name),
				.empty = true };
		}
	}
}

static struct cell make_cell(struct table *t, const json_t *row, size_t k)
{
	const char *name = t->columns[k].name;
	const json_t *value = json_object_get(row, name);
	struct cell cell = { .text = value_text(t->arena, name, value, t->view),
		.paint = value_paint(row, name) };

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
		struct cell header = { t->columns[k].title, t->fit[k].header,
			PAINT_HEADER };

		if (t->fit[k].width > 0)
			print_cell(t, &t->columns[k], cells != NULL ? cells[k] : header,
				t->fit[k].width, &blanks);
	}
	fputc('\n', t->to);
}

static void print_left_out(struct table *t)
{
	const char *names = "";

	for (size_t k = 0; k < t->n; k++)
		if (t->fit[k].width == 0)
			names = arena_printf(t->arena, "%s%s%s", names,
				*names != '\0' ? ", " : "", t->columns[k].title);
	if (*names == '\0')
		return;
	text_pad(t->to, t->indent);
	names = arena_printf(t->arena, "(-w shows too: %s)", names);
	text_wrap(t->to, t->view, PAINT_PLAIN, names, t->indent);
	fputc('\n', t->to);
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
	fit_columns(t.fit, t.n, view->width > indent ? view->width - indent : 0);
	if (t.n > 0) {
		if (t.n > 1 || indent == 0 || *label != '\0')
			print_line(&t, NULL);
		for (size_t i = 0; i < t.nrows; i++)
			print_line(&t, t.cells + i * t.n);
		print_left_out(&t);
	}
	arena_free(t.arena);
}
