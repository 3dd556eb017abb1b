/*
 * Reading files of commands.  Called by shell/run and shell/do_load.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "reader.h"

#include "interrupt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void reader_begin(struct reader *r, FILE *in, const char *name)
{
	*r = (struct reader){ .in = in, .name = name };
}

void reader_end(struct reader *r)
{
	free(r->line);
}

enum reader_result reader_next(struct reader *r, struct err *err)
{
	int failed;
	ssize_t n;

	n = getline(&r->line, &r->cap, r->in);
	failed = errno;
	if (interrupt_take())
		return READER_INTERRUPTED;
	if (n < 0 && feof(r->in) && !ferror(r->in))
		return READER_END;
	snprintf(r->where, sizeof(r->where), "%s:%d", r->name, ++r->number);
	if (n < 0) {
		err_set(err, "cannot be read: %s", strerror(failed));
		return READER_FAILED;
	}
	if (memchr(r->line, '\0', (size_t)n) != NULL) {
		err_set(err, "a line with a NUL octet in it");
		return READER_BAD;
	}
	r->line[strcspn(r->line, "\r\n")] = '\0';
	return READER_LINE;
}
