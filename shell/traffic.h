/*
 * The screen of `stats`: what there was lately, and since the start.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_TRAFFIC_H
#define THEMIS_SHELL_TRAFFIC_H

#include "view.h"

#include <jansson.h>
#include <stdio.h>

/* Prints the rows of `stats` as two tables.  In the second, verdicts that were never
 * given are left out, unless all is to be shown (a view without a width). */
void traffic_print(FILE *to, const struct view *view, const json_t *rows);

#endif
