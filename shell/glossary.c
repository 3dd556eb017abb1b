/*
 * Terms and their meanings.  Called by shell/output.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "glossary.h"

#include "base/arena.h"
#include "text.h"

#include <string.h>

#define GAP	 2
#define BESIDE	 18 /* columns of a term that has its meaning beside it */
#define BELOW	 6  /* the indent of a meaning below its term */
#define CONTINUE 8  /* the indent of a term's second line */

/* The n-th member of a row as text that can be shown; in the arena. */
static const char *member(struct arena *arena, json_t *row, int n)
{
	void *at = json_object_iter(row);
	const char *text;

	for (; n > 0 && at != NULL; n--)
		at = json_object_iter_next(row, at);
	text = json_string_value(json_object_iter_value(at));
	return text != NULL ? text_printable(arena, text) : "";
}

static int widest(struct arena *arena, json_t *rows)
{
	int width = 0;
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		int w = text_width(member(arena, row, 0));

		width = w > width ? w : width;
	}
	return width;
}

void glossary_print(FILE *to, const struct view *view, json_t *rows)
{
	struct arena *arena = arena_new();
	int width = widest(arena, rows);
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		const char *term = member(arena, row, 0);

		text_wrap(to, view, PAINT_HEADER, term, CONTINUE);
		if (width <= BESIDE) {
			text_pad(to, width - text_width(term) + GAP);
			text_wrap(to, view, PAINT_PLAIN, member(arena, row, 1),
				width + GAP);
		} else {
			fputc('\n', to);
			text_pad(to, BELOW);
			text_wrap(to, view, PAINT_PLAIN, member(arena, row, 1), BELOW);
		}
		fputc('\n', to);
	}
	arena_free(arena);
}
