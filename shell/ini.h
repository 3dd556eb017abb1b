/*
 * Files of [sections] with options in them, as Python's configparser reads them with its
 * defaults: an option is "name = value" or "name: value", whatever stands first, its name
 * without regard to case; an indented line goes on with the value before; a comment is a
 * line of its own, behind # or ;.  No library says on which line an option stands, which
 * whoever has to change it wants to know.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_INI_H
#define THEMIS_SHELL_INI_H

#include "base/arena.h"
#include "reader.h"

#include <stddef.h>

/* An option, or with name NULL the head of a section. */
struct ini_item {
	const char *section, *name, *value; /* name in lower case */
	int line;
};

/* As they stand in the file; in the arena. */
struct ini {
	struct ini_item *items;
	size_t n, cap;
};

/* Reads all of it.  READER_END: it is read; what else reader_next() says has ended it,
 * READER_BAD also for what is no line of such a file: err says why, r->where where.
 *
 * Refused though configparser takes it: a section DEFAULT, which is part of all others,
 * and a value that has another option's in it, %(name)s. */
enum reader_result ini_read(
	struct arena *arena, struct reader *r, struct ini *ini, struct err *err);

#endif
