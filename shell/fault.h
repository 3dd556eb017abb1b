/*
 * The caret under what is wrong.  Words about a line say by themselves which part of it
 * they mean, by this convention of all refusals:
 *
 *	NAME: ...	begins those about the value of NAME=VALUE, of a keyword NAME, or
 *			behind the word NAME
 *	"WORD"		the first that is quoted is the word, name or value that is meant,
 *			or with NAME: the part of that value
 *	missing: ...	something that should stand at the end
 *	... is given twice	of the option that is quoted: the second
 *
 * Pure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_FAULT_H
#define THEMIS_SHELL_FAULT_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

/* A part of a line: octets from start to before end.  Empty: the place behind its end. */
struct fault {
	size_t start, end;
};

/* Which part of the line these words are about; false if they do not say. */
bool fault_find(struct arena *arena, const char *line, const char *text, struct fault *f);

/* What to type where the text refuses -j or -w, options of the shell, as a word behind
 * the command; NULL: it does not.  In the arena. */
const char *fault_advice(struct arena *arena, const char *line, const char *text);

/* The line and below it a caret with tildes, each ended with a line feed, in at most so
 * many columns of a terminal: of a line that is longer the part around the fault, with
 * "..." for what is left out.  In the arena. */
char *fault_picture(
	struct arena *arena, const char *line, const struct fault *f, size_t columns);

#endif
