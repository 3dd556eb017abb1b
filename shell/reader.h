/*
 * A file of commands, line by line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_READER_H
#define THEMIS_SHELL_READER_H

#include "base/err.h"
#include "ctl/wire.h"

#include <stdbool.h>
#include <stdio.h>

/* of a command with CR, and one that says that it is too long */
#define READER_LINE_MAX (WIRE_LINE_MAX + 2)

#define READER_WHERE_MAX 300

struct reader {
	FILE *in;
	const char *name;
	char where[READER_WHERE_MAX];	/* "NAME:LINE" of the last line, as run_complain()
					   puts it */
	char line[READER_LINE_MAX + 1]; /* the last one, without its end */
	bool cut;			/* more of it is still to be read */
	int number;
};

enum reader_result {
	READER_LINE,
	READER_BAD,    /* a line that is none: err says why; the next one can be read */
	READER_END,    /* of the file */
	READER_FAILED, /* err: the file cannot be read to its end */
	READER_INTERRUPTED, /* by Ctrl-C */
};

/* Begins at line 1.  The file stays its caller's. */
void reader_begin(struct reader *r, FILE *in, const char *name);

enum reader_result reader_next(struct reader *r, struct err *err);

#endif
