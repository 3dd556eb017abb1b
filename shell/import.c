/*
 * The lines that importers make.  Called by them and by shell/do_import.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "import.h"

#include "base/str.h"
#include "ctl/words.h"

#include <string.h>

#define REMARK_MAX 400 /* octets: a line of commands has no more than WIRE_LINE_MAX */

static void add(struct import *im, enum import_kind kind, const char *text, int number)
{
	im->lines = arena_grow(im->arena, im->lines, im->n, &im->cap, sizeof(*im->lines));
	im->lines[im->n++] = (struct import_line){ kind, text, number };
}

__attribute__((format(printf, 4, 0))) static void add_words(struct import *im,
	enum import_kind kind, int number, const char *fmt, va_list args)
{
	char text[REMARK_MAX], shown[REMARK_MAX];

	vsnprintf(text, sizeof(text), fmt, args);
	str_printable(shown, sizeof(shown), text);
	add(im, kind, arena_strdup(im->arena, shown), number);
}

void import_remark(struct import *im, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_words(im, IMPORT_REMARK, 0, fmt, args);
	va_end(args);
}

void import_leave_out(struct import *im, int number, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_words(im, IMPORT_LEFT_OUT, number, fmt, args);
	va_end(args);
	im->left_out++;
}

void import_command(struct import *im, char *const *words, size_t n)
{
	add(im, IMPORT_COMMAND, words_join(im->arena, words, n), 0);
}

static const char *line_text(const struct import *im, const struct import_line *line)
{
	if (line->kind == IMPORT_LEFT_OUT)
		return arena_printf(im->arena, "# NOT IMPORTED, line %d, %s",
			line->number, line->text);
	if (line->kind == IMPORT_COMMAND || *line->text == '\0')
		return line->text;
	return arena_printf(im->arena, "# %s", line->text);
}

const char *import_text(const struct import *im)
{
	const char **lines = arena_alloc(im->arena, im->n * sizeof(*lines));
	size_t size = 1, used = 0;
	char *text;

	for (size_t i = 0; i < im->n; i++) {
		lines[i] = line_text(im, &im->lines[i]);
		size += strlen(lines[i]) + 1;
	}
	text = arena_alloc(im->arena, size);
	for (size_t i = 0; i < im->n; i++)
		used += (size_t)snprintf(text + used, size - used, "%s\n", lines[i]);
	return text;
}
