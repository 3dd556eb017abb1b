/*
 * What importers make: commands of tmsh that do what another program's file says, with
 * remarks on where each comes from.  What has no place here is named.  One thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_IMPORT_H
#define THEMIS_SHELL_IMPORT_H

#include "base/arena.h"
#include "reader.h"

#include <stddef.h>

enum import_kind {
	IMPORT_REMARK,
	IMPORT_LEFT_OUT,
	IMPORT_COMMAND,
};

struct import_line {
	enum import_kind kind;
	const char *text;
	int number; /* of the file's line, of what is left out */
};

/* Zero it to begin, but for the arena; what is added lives there. */
struct import {
	struct arena *arena;
	struct import_line *lines;
	size_t n, cap;
	size_t left_out; /* of them */
};

/* Strangers' words in it are made printable, and what is too long is cut; text "" is an
 * empty line. */
void import_remark(struct import *im, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* What the commands do not say of a line of the file. */
void import_leave_out(struct import *im, int number, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

void import_command(struct import *im, char *const *words, size_t n);

/* A file of commands: all but these are comments.  In the arena. */
const char *import_text(const struct import *im);

/* Makes commands of what the reader reads.  READER_END: they are made; what else
 * reader_next() says has ended it, READER_BAD also for a file that is none of that
 * program's, with err and r->where for what is wrong. */
typedef enum reader_result import_fn(
	struct import *im, struct reader *r, struct err *err);

#endif
