/*
 * The screens of `policy test` and `policy suggest`: what a policy would have done, and
 * what limits it might have.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_TRIED_H
#define THEMIS_SHELL_TRIED_H

#include "view.h"

#include <jansson.h>
#include <stdio.h>

/* The row of `policy test`. */
void tried_print(FILE *to, const struct view *view, json_t *row);

/* The rows of `policy suggest`. */
void tried_print_limits(FILE *to, const struct view *view, const json_t *rows);

#endif
