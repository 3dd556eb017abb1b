/*
 * What standard output and standard error are: a terminal, how large, whether colours may
 * be shown.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_TERMINAL_H
#define THEMIS_SHELL_TERMINAL_H

#include "view.h"

/* How standard output is at this moment: asked anew for each command, since a terminal
 * may be resized.  What is no terminal takes any width, and no colour.  whole: nothing is
 * to be cut. */
struct view terminal_view(bool whole);

/* Is that descriptor a terminal that may be given colours?  Not with TERM=dumb, or with
 * NO_COLOR (no-color.org) set to anything. */
bool terminal_colours(int fd);

/* How many columns a terminal has. */
int terminal_columns(int fd);

/* Now by the system's clock, in microseconds since 1970. */
int64_t terminal_now(void);

#endif
