/*
 * Rows that are shown as they come, each as a line of columns whose widths are known
 * before: what `tail` prints.  One that is cut to the terminal has room for the most
 * telling columns only; a wide one, or none, has them all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_STREAM_H
#define THEMIS_SHELL_STREAM_H

#include "view.h"

#include <jansson.h>
#include <stdio.h>

/* The names of the columns. */
void stream_header(FILE *to, const struct view *view);

/* A decision; or how many are not shown. */
void stream_row(FILE *to, const struct view *view, const json_t *row);

#endif
