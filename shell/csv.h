/*
 * Rows as CSV (RFC 4180), a line each and ending with a line feed, below one of the names
 * of the columns: for spreadsheets, and for programs that read no JSON.  Most of the text
 * in them is what strangers have called themselves.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_CSV_H
#define THEMIS_SHELL_CSV_H

#include "ctl/spec.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Is it asked for in that line of that command, by format=csv? */
bool csv_is_asked(const struct command *c, const char *line);

/* Nothing and null are empty, numbers as in JSON, lists and objects JSON.  Control
 * characters in text are shown as \xHH, so that a row is a line.  Text that a spreadsheet
 * would take for a formula has a ' before it. */
void csv_names(FILE *to, const json_t *row);
void csv_row(FILE *to, const json_t *row);

#endif
