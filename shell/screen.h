/*
 * A terminal that is drawn in place, again and again, and its keys, which come one by one
 * while it is.  One thread, one screen at a time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_SCREEN_H
#define THEMIS_SHELL_SCREEN_H

#include "view.h"

#include <signal.h>
#include <time.h>

struct screen {
	bool terminal; /* is standard output one?  Else nothing is drawn */
	bool keys;     /* is standard input one? */
	int resized;   /* readable when the size has changed; -1: it cannot */
	int stop;      /* readable after Ctrl-C; -1: never */
	sigset_t before;
};

enum screen_event { SCREEN_TIME, SCREEN_RESIZED, SCREEN_END };

/* Takes the terminal, if standard output is one: what is typed is not shown, the cursor
 * neither, and what is too wide is cut.  A signal that ends the program gives it back
 * first.  stop: as that of a client. */
void screen_begin(struct screen *s, int stop);

/* Gives it back as it was, below what was drawn. */
void screen_end(struct screen *s);

/* Draws the head and below it the text, in place of what was there and in one write, so
 * that nobody sees half of it.  Where there is not room for all, the last line says how
 * many lines more there are. */
void screen_draw(const struct view *view, const char *head, const char *text);

/* Waits until that moment of the monotonic clock, or the terminal has another size, or it
 * is enough: q, Ctrl-C, or nobody reads any more. */
enum screen_event screen_wait(struct screen *s, const struct timespec *until);

#endif
