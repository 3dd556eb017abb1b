/*
 * Cards: one thing, a member a line; a member that is a list of objects becomes a table
 * below its name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_CARD_H
#define THEMIS_SHELL_CARD_H

#include "view.h"

#include <jansson.h>
#include <stdio.h>

void card_print(FILE *to, const struct view *view, json_t *row);

#endif
