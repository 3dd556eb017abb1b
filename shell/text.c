/*
 * Text in columns.  Called by whatever prints in tmsh.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

const char *text_printable(struct arena *arena, const char *text)
{
	size_t size = 4 * strlen(text) + 4;

	return str_printable(arena_alloc(arena, size), size, text);
}

/* Columns and octets of the first character. */
struct step {
	int width;
	size_t octets;
};

/* A character that the locale does not know is one column an octet. */
static struct step step_of(const char *text, mbstate_t *state)
{
	wchar_t wide;
	size_t n;
	int width;

	if (*text >= ' ' && *text <= '~')
		return (struct step){ 1, 1 };
	n = mbrtowc(&wide, text, MB_CUR_MAX, state);
	width = n > 0 && n <= MB_CUR_MAX ? wcwidth(wide) : -1;
	if (width >= 0)
		return (struct step){ width, n };
	*state = (mbstate_t){ 0 };
	return (struct step){ 1, 1 };
}

/* The octets at the beginning of the text that take at most max columns; *width: how
 * many they take. */
static size_t fit(const char *text, int max, int *width)
{
	mbstate_t state = { 0 };
	size_t used = 0;

	*width = 0;
	while (text[used] != '\0') {
		struct step s = step_of(text + used, &state);

		if (*width + s.width > max)
			break;
		*width += s.width;
		used += s.octets;
	}
	return used;
}

int text_width(const char *text)
{
	int width;

	fit(text, INT32_MAX, &width);
	return width;
}

const char *text_cut_mark(const struct view *view)
{
	return view->utf8 ? "\xe2\x80\xa6" : "~";
}

const char *text_cut(
	struct arena *arena, const char *text, int width, const struct view *view)
{
	int taken;

	if (text[fit(text, width, &taken)] == '\0')
		return text;
	return arena_printf(arena, "%.*s%s", (int)fit(text, width - 1, &taken), text,
		text_cut_mark(view));
}

void text_pad(FILE *to, int n)
{
	fprintf(to, "%*s", n > 0 ? n : 0, "");
}

void text_paint(FILE *to, const struct view *view, enum paint paint, const char *text)
{
	/* ECMA-48, "Select graphic rendition" */
	static const char *const begin[] = {
		[PAINT_PLAIN] = "",
		[PAINT_HEADER] = "\033[1m",
		[PAINT_GOOD] = "\033[32m",
		[PAINT_WARN] = "\033[33m",
		[PAINT_BAD] = "\033[31m",
	};

	_Static_assert(sizeof(begin) / sizeof(begin[0]) == PAINTS, "a paint is missing");
	if (view->colour && paint != PAINT_PLAIN && *text != '\0')
		fprintf(to, "%s%s\033[m", begin[paint], text);
	else
		fputs(text, to);
}

/* Of a character that has no room anywhere. */
static size_t first_octets(const char *text)
{
	mbstate_t state = { 0 };

	return step_of(text, &state).octets;
}

/* The octets of the next line, and in *skip those of the blanks behind it. */
static size_t line_of(const char *text, int room, size_t *skip)
{
	int width;
	size_t n = fit(text, room, &width), broken = n;

	*skip = 0;
	if (text[n] == '\0')
		return n;
	while (broken > 0 && text[broken] != ' ')
		broken--;
	if (broken == 0)
		return n > 0 ? n : first_octets(text);
	*skip = strspn(text + broken, " ");
	return broken;
}

void text_wrap(
	FILE *to, const struct view *view, enum paint paint, const char *text, int indent)
{
	int room = view->width > 0 ? view->width - indent : INT32_MAX;
	struct arena *arena = arena_new();
	size_t n, skip;

	/* too narrow for that: the terminal breaks it */
	if (room < 1)
		room = INT32_MAX;
	for (n = line_of(text, room, &skip); text[n] != '\0';
		n = line_of(text, room, &skip)) {
		text_paint(to, view, paint, arena_memdup(arena, text, n));
		fputc('\n', to);
		text_pad(to, indent);
		text += n + skip;
	}
	text_paint(to, view, paint, text);
	arena_free(arena);
}
