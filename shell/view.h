/*
 * Where something is shown, and when: what the look of tables, cards and screens depends
 * on.  Filled in by shell/terminal, or by a test.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_VIEW_H
#define THEMIS_SHELL_VIEW_H

#include <stdbool.h>
#include <stdint.h>

struct view {
	bool terminal;
	int columns, lines; /* of the terminal; 0: it is none */
	int width;	    /* that may be used; 0: as much as it takes */
	bool colour, utf8;
	int64_t now; /* microseconds since 1970 */
};

/* What a piece of text stands out by. */
enum paint { PAINT_PLAIN, PAINT_HEADER, PAINT_GOOD, PAINT_WARN, PAINT_BAD, PAINTS };

#endif
