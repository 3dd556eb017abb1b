/*
 * Rows on their way to whoever asked.  Called by shell/run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "output.h"

#include "base/arena.h"
#include "card.h"
#include "csv.h"
#include "ctl/wire.h"
#include "glossary.h"
#include "object.h"
#include "stream.h"
#include "table.h"
#include "text.h"
#include "traffic.h"
#include "tried.h"

#include <stdlib.h>

struct output {
	FILE *to;
	enum command_layout layout;
	bool json, csv;
	const struct view *view;
	json_t *rows;
	bool begun; /* a stream, CSV: its header is printed */
};

struct output *output_new(
	FILE *to, enum command_layout layout, bool json, const struct view *view)
{
	struct output *o = mem_calloc(1, sizeof(*o));

	o->to = to;
	o->layout = layout;
	o->json = json;
	o->view = view;
	o->rows = json_array();
	return o;
}

void output_as_csv(struct output *o)
{
	o->csv = true;
}

/* The one text of a row, as it stands: a good one has no control characters. */
static void print_line(FILE *to, json_t *row)
{
	struct arena *arena = arena_new();
	const char *name, *text;
	json_t *value;

	json_object_foreach(row, name, value)
		if ((text = json_string_value(value)) != NULL)
			fprintf(to, "%s\n", text_printable(arena, text));
	arena_free(arena);
}

/* A line of a stream, below the names of its columns. */
static void print_streamed(struct output *o, const json_t *row)
{
	if (!o->begun)
		stream_header(o->to, o->view);
	o->begun = true;
	stream_row(o->to, o->view, row);
}

static void print_csv(struct output *o, const json_t *row)
{
	if (!o->begun)
		csv_names(o->to, row);
	o->begun = true;
	csv_row(o->to, row);
}

static void show_row(struct output *o, json_t *row)
{
	if (o->csv)
		print_csv(o, row);
	else if (o->layout == LAYOUT_LINES)
		print_line(o->to, row);
	else if (o->layout == LAYOUT_STREAM)
		print_streamed(o, row);
	else
		json_array_append(o->rows, row);
}

int output_row(struct output *o, const char *json)
{
	json_t *row = json_loads(json, 0, NULL);
	bool good = json_is_object(row);

	if (good && o->json && !o->csv)
		fprintf(o->to, "%s\n", json);
	else if (good)
		show_row(o, row);
	json_decref(row);
	/* nobody knows when the next one comes */
	if (o->layout == LAYOUT_STREAM)
		fflush(o->to);
	return good ? 0 : -1;
}

/* The daemon's words, which on a terminal are not broken in the middle of one. */
static void print_done(const struct output *o, const char *done)
{
	if (o->view->terminal)
		text_wrap(o->to, o->view, PAINT_PLAIN, done, 0);
	else
		fputs(done, o->to);
	fputc('\n', o->to);
}

void output_end(struct output *o, const char *done)
{
	json_t *row;
	size_t i;

	if (o->layout == LAYOUT_CARD || o->layout == LAYOUT_OBJECT) {
		json_array_foreach(o->rows, i, row)
			(o->layout == LAYOUT_CARD ? card_print : object_print)(
				o->to, o->view, row);
	} else if (o->layout == LAYOUT_TEST) {
		json_array_foreach(o->rows, i, row)
			tried_print(o->to, o->view, row);
	} else if (o->layout == LAYOUT_SUGGEST && json_array_size(o->rows) > 0) {
		tried_print_limits(o->to, o->view, o->rows);
	} else if (o->layout == LAYOUT_TRAFFIC && o->view->terminal) {
		traffic_print(o->to, o->view, o->rows);
	} else if (o->layout == LAYOUT_GLOSSARY && o->view->terminal) {
		glossary_print(o->to, o->view, o->rows);
	} else if (json_array_size(o->rows) > 0) {
		table_print(o->to, o->view, o->rows, 0, "");
	}
	/* "3 rows" is told by three rows, unless there are more */
	if (done != NULL && !o->json && !o->csv &&
		(o->layout == LAYOUT_NONE || o->layout == LAYOUT_SUGGEST ||
			(o->layout == LAYOUT_TABLE &&
				(json_array_size(o->rows) == 0 || wire_is_cut(done)))))
		print_done(o, done);
	json_decref(o->rows);
	free(o);
}
