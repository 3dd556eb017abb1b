/*
 * Text in columns of a terminal: how many it takes, cut and filled up to so many, and in
 * which colour.  Text is what str_printable() makes; pure, but for the locale.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_TEXT_H
#define THEMIS_SHELL_TEXT_H

#include "base/arena.h"
#include "view.h"

#include <stdio.h>

/* What str_printable() makes of it, whole; in the arena. */
const char *text_printable(struct arena *arena, const char *text);

/* Columns that the text takes, East Asian characters being two of them. */
int text_width(const char *text);

/* The text if it takes no more than that many columns (1 at least), else its beginning
 * with the mark of a cut behind it; in the arena. */
const char *text_cut(
	struct arena *arena, const char *text, int width, const struct view *view);

/* What stands where something was cut, one column wide: … or ~. */
const char *text_cut_mark(const struct view *view);

/* Prints the text in as many lines as the view's width asks for, broken at blanks if
 * there are any; the first begins at the column `indent`, where the others are put too.
 * Without a line end behind the last. */
void text_wrap(FILE *to, const struct view *view, enum paint paint, const char *text,
	int indent);

/* Prints so many blanks; none if n is less than 1. */
void text_pad(FILE *to, int n);

/* Prints the text, in colour if the view has any. */
void text_paint(FILE *to, const struct view *view, enum paint paint, const char *text);

#endif
