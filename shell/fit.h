/*
 * How wide the columns of a table are where they do not all fit (shell/table.h).  Pure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_FIT_H
#define THEMIS_SHELL_FIT_H

#include <stdbool.h>
#include <stddef.h>

#define FIT_GAP 2 /* blanks between columns */

struct fit {
	int header,
		cells; /* columns of the terminal: its name, the widest of its cells */
	bool names;    /* cut after the others */
	bool empty;    /* nothing stands in it, or only 0 */
	bool same;     /* the same stands in each row */
	int width;     /* out; 0: left out */
};

/* Sets the widths so that all columns with their gaps take at most `room`; 0: whole.  The
 * first column is never left out, however little room there is. */
void fit_columns(struct fit *columns, size_t n, int room);

/* Columns of the terminal that these take with their gaps. */
int fit_taken(const struct fit *columns, size_t n);

#endif
