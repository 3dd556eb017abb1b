/*
 * How rows are shown: as their command's layout says, as JSON, or as CSV.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_OUTPUT_H
#define THEMIS_SHELL_OUTPUT_H

#include "ctl/spec.h"
#include "view.h"

#include <stdio.h>

struct output;

/* json: rows are printed as they come; else they are kept until the end, since
 * the widths of a table depend on all of them.  The view must outlive it. */
struct output *output_new(
	FILE *to, enum command_layout layout, bool json, const struct view *view);

/* The rows to come are printed as CSV, whatever the layout (shell/csv.h). */
void output_as_csv(struct output *o);

/* One row, the JSON text of an object; -1 if it is none, and nothing is shown. */
int output_row(struct output *o, const char *json);

/* Prints what was kept and frees.  done: the daemon's closing words, for people;
 * NULL after a refusal. */
void output_end(struct output *o, const char *done);

#endif
