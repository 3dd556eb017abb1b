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

/* Reads up to the end of the line, of which no more is kept than a command may have, and
 * a little that says that it is too long.  The octets, -1 at the end of the file. */
static int read_line(struct reader *r)
{
	int c, n = 0;

	while ((c = getc_unlocked(r->in)) != EOF && c != '\n')
		if (n < READER_LINE_MAX)
			r->line[n++] = (char)c;
	if (c == EOF && n == 0)
		return -1;
	r->line[n] = '\0';
	return n;
}

enum reader_result reader_next(struct reader *r, struct err *err)
{
	int n = read_line(r), failed = errno;

	if (interrupt_take())
		return READER_INTERRUPTED;
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
		r->line[n - 1] = '\0';
	return READER_LINE;
}
