/*
 * Tables and cards out of JSON rows.  The columns are the members of the rows,
 * in their order; a member that is itself a list of objects becomes a table of
 * its own below a card.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "output.h"

#include "base/arena.h"
#include "base/str.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

struct output {
	FILE *to;
	enum command_layout layout;
	bool json;
	json_t *rows;
};

struct output *output_new(FILE *to, enum command_layout layout, bool json)
{
	struct output *o = mem_calloc(1, sizeof(*o));

	o->to = to;
	o->layout = layout;
	o->json = json;
	o->rows = json_array();
	return o;
}

/* The one text of a row, as it stands. */
static void print_line(FILE *to, json_t *row)
{
	const char *name, *text;
	json_t *value;

	json_object_foreach(row, name, value)
		if ((text = json_string_value(value)) != NULL)
			fprintf(to, "%s\n", text);
}

void output_row(struct output *o, const char *json)
{
	json_t *row;

	if (o->json) {
		fprintf(o->to, "%s\n", json);
		return;
	}
	row = json_loads(json, 0, NULL);
	if (o->layout == LAYOUT_LINES)
		print_line(o->to, row);
	if (o->layout != LAYOUT_LINES && json_is_object(row))
		json_array_append_new(o->rows, row);
	else
		json_decref(row);
}

/* What a cell shows; from mem_calloc(). */
static char *cell_text(const json_t *value)
{
	char *dumped, *text;
	size_t size;

	if (value == NULL || json_is_null(value))
		return mem_strdup("-");
	if (json_is_string(value) && *json_string_value(value) == '\0')
		return mem_strdup("-");
	dumped = json_is_string(value)
			 ? mem_strdup(json_string_value(value))
			 : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	size = 4 * strlen(dumped) + 4;
	text = str_printable(mem_calloc(size, 1), size, dumped);
	free(dumped);
	return text;
}

/* Columns that the text takes on a terminal. */
static int text_width(const char *text)
{
	size_t room = strlen(text) + 1;
	wchar_t *wide = mem_calloc(room, sizeof(*wide));
	size_t n = mbstowcs(wide, text, room);
	int width = n == (size_t)-1 ? -1 : wcswidth(wide, n);

	free(wide);
	return width >= 0 ? width : (int)strlen(text);
}

static void pad(FILE *to, int n)
{
	fprintf(to, "%*s", n > 0 ? n : 0, "");
}

static void print_cell(FILE *to, const char *text, int width, bool right, bool last)
{
	int spare = width - text_width(text);

	if (right)
		pad(to, spare);
	fputs(text, to);
	if (!right && !last)
		pad(to, spare);
	fputs(last ? "\n" : "  ", to);
}

struct column {
	const char *name;
	int width;
	bool number, text; /* what its cells are, but for the empty ones */
};

/* Numbers stand on the right. */
static bool on_right(const struct column *c)
{
	return c->number && !c->text;
}

/* The columns of all rows: what the first has, then what others add. */
static size_t find_columns(json_t *rows, struct column **out)
{
	struct column *columns = NULL;
	const char *name;
	json_t *row, *value;
	size_t n = 0, i, k;
	char *text;

	json_array_foreach(rows, i, row) {
		json_object_foreach(row, name, value) {
			for (k = 0; k < n && strcmp(columns[k].name, name) != 0; k++)
				continue;
			if (k == n) {
				columns = mem_realloc(columns, ++n, sizeof(*columns));
				columns[k] = (struct column){ .name = name,
					.width = text_width(name) };
			}
			text = cell_text(value);
			if (text_width(text) > columns[k].width)
				columns[k].width = text_width(text);
			if (json_is_number(value))
				columns[k].number = true;
			else if (!json_is_null(value))
				columns[k].text = true;
			free(text);
		}
	}
	*out = columns;
	return n;
}

static void print_table(FILE *to, json_t *rows, int indent)
{
	struct column *columns;
	size_t n = find_columns(rows, &columns), i;
	json_t *row;

	if (n > 0)
		pad(to, indent);
	for (size_t k = 0; k < n; k++)
		print_cell(to, columns[k].name, columns[k].width, on_right(&columns[k]),
			k == n - 1);
	json_array_foreach(rows, i, row) {
		pad(to, indent);
		for (size_t k = 0; k < n; k++) {
			char *text = cell_text(json_object_get(row, columns[k].name));

			print_cell(to, text, columns[k].width, on_right(&columns[k]),
				k == n - 1);
			free(text);
		}
	}
	free(columns);
}

static bool is_rows(const json_t *value)
{
	return json_is_array(value) && json_is_object(json_array_get(value, 0));
}

static void print_card(FILE *to, json_t *row)
{
	const char *name;
	json_t *value;
	int width = 0;

	json_object_foreach(row, name, value)
		if (text_width(name) > width)
			width = text_width(name);
	json_object_foreach(row, name, value) {
		char *text;

		print_cell(to, name, width, false, is_rows(value));
		if (is_rows(value)) {
			print_table(to, value, 2);
			continue;
		}
		text = json_is_array(value) && json_array_size(value) == 0
			       ? mem_strdup("-")
			       : cell_text(value);
		fprintf(to, "%s\n", text);
		free(text);
	}
}

void output_end(struct output *o, const char *done)
{
	json_t *row;
	size_t i;

	if (o->layout == LAYOUT_CARD) {
		json_array_foreach(o->rows, i, row)
			print_card(o->to, row);
	} else if (json_array_size(o->rows) > 0) {
		print_table(o->to, o->rows, 0);
	}
	/* "3 rows" is told by three rows */
	if (done != NULL && !o->json &&
		(o->layout == LAYOUT_NONE ||
			(o->layout == LAYOUT_TABLE && json_array_size(o->rows) == 0)))
		fprintf(o->to, "%s\n", done);
	json_decref(o->rows);
	free(o);
}
