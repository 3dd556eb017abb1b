/*
 * What a command prints: on a terminal through the pager, if it is longer than the
 * screen; else straight to standard output.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_PAGE_H
#define THEMIS_SHELL_PAGE_H

#include "view.h"

#include <stdio.h>

struct page {
	FILE *to; /* print here */
	char *text;
	size_t size;
	struct view view;
};

/* On a terminal what is printed is kept until the end, since its length decides; not if
 * it is not to be paged whatever its length. */
void page_begin(struct page *p, const struct view *view, bool paged);

/* Shows what was kept, and waits for the pager.  That is the program that $PAGER names,
 * else less (with LESS=FRX, if that is not set) or more; none if PAGER is empty or "cat",
 * or there is none.  Whoever leaves it early misses the rest, and Ctrl-C is the pager's:
 * neither is an error here. */
void page_end(struct page *p);

/* The command line of the pager; NULL: none is wanted, or there is none. */
const char *page_pager(void);

/* The lines that the text takes on a terminal of that width (0: each line is one). */
int page_lines(const char *text, int width);

#endif
