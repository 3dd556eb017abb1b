/*
 * A file of commands, line by line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_READER_H
#define THEMIS_SHELL_READER_H

#include "base/err.h"
#include "ctl/wire.h"

#include <stdio.h>

#define READER_LINE_MAX (WIRE_LINE_MAX + 2)

struct reader {
	FILE *in;
	const char *name;
	char where[300]; /* "NAME:LINE" of the last line, as run_complain() puts it */
	/* the last one, without its end; what is longer than a command is cut, and longer
	 * than a command still */
	char line[READER_LINE_MAX + 1];
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
