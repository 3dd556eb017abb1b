/*
 * Tables out of rows: a line a row, a column a member.
 *
 * One that is wider than the view is made to fit.  Sentences (reply, why, and columns
 * that have rows of their own, beside what all rows begin with) are put below their row,
 * whole, in as many lines as it takes; so are the cells of a single column without a
 * header. Columns in which nothing stands, or only 0, are left out; then the widest
 * columns are cut, cell by cell and visibly, those that name things (policy, object ...)
 * after the others.  If that would leave too little of them, more columns are left out:
 * those that say the same in each of several rows, then the last ones.  A line below says
 * which.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_TABLE_H
#define THEMIS_SHELL_TABLE_H

#include "view.h"

#include <jansson.h>
#include <stdio.h>

/* Prints the rows (a list of objects), each line behind `indent` blanks; the label, which
 * is shorter than that, stands in those of the first.  The columns are the members of the
 * first row, in their order, then what others add.  They are in the first line, but for a
 * single one behind blanks alone: what stands above it has said what it is. */
void table_print(FILE *to, const struct view *view, const json_t *rows, int indent,
	const char *label);

#endif
