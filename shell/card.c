/*
 * Cards.  Called by shell/output.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "card.h"

#include "fit.h"
#include "table.h"
#include "text.h"
#include "value.h"

#define INDENT 2

static bool is_rows(const json_t *value)
{
	return json_is_array(value) && json_is_object(json_array_get(value, 0));
}

void card_print(FILE *to, const struct view *view, json_t *row)
{
	struct arena *arena = arena_new();
	const char *name;
	json_t *value;
	int width = 0;

	json_object_foreach(row, name, value) {
		int n = text_width(text_printable(arena, name));

		width = n > width ? n : width;
	}
	json_object_foreach(row, name, value) {
		const char *title = text_printable(arena, name);

		fputs(title, to);
		if (is_rows(value)) {
			fputc('\n', to);
			table_print(to, view, value, INDENT, "");
			continue;
		}
		text_pad(to, width - text_width(title) + FIT_GAP);
		text_wrap(to, view, value_paint(row, name),
			value_text(arena, name, value, view), width + FIT_GAP);
		fputc('\n', to);
	}
	arena_free(arena);
}
