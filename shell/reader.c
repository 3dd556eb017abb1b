/*
 * Reading files of commands.  Called by shell/run and shell/do_load.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "reader.h"

#include "interrupt.h"

#include <errno.h>
#include <string.h>

void reader_begin(struct reader *r, FILE *in, const char *name)
{
	*r = (struct reader){ .in = in, .name = name };
}

/* Reads up to the end of the line, or as much of it as says that it is too long.  The
 * octets, -1 at the end of the file. */
static int read_piece(struct reader *r)
{
	int c = '\0', n = 0;

	while (n < READER_LINE_MAX && (c = getc_unlocked(r->in)) != EOF && c != '\n')
		r->line[n++] = (char)c;
	r->line[n] = '\0';
	r->cut = n == READER_LINE_MAX;
	return c == EOF && n == 0 ? -1 : n;
}

enum reader_result reader_next(struct reader *r, struct err *err)
{
	int n, failed;
	bool rest;

	/* the rest of a line that was told is passed over only now: it may have no end */
	do {
		rest = r->cut;
		n = read_piece(r);
		failed = errno;
		if (interrupt_take())
			return READER_INTERRUPTED;
	} while (rest && n >= 0);
	if (n < 0 && !ferror(r->in))
		return READER_END;
	snprintf(r->where, sizeof(r->where), "%s:%d", r->name, ++r->number);
	if (ferror(r->in)) {
		err_set(err, "cannot be read: %s", strerror(failed));
		return READER_FAILED;
	}
	if (strlen(r->line) < (size_t)n) {
		err_set(err, "a line with a NUL octet in it");
		return READER_BAD;
	}
	if (n > 0 && r->line[n - 1] == '\r')
		r->line[--n] = '\0';
	if (n > WIRE_LINE_MAX) {
		err_set(err, "a line has at most %d octets", WIRE_LINE_MAX);
		return READER_BAD;
	}
	return READER_LINE;
}
