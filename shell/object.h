/*
 * The screen of `object show`: everything about one user where an administrator with him
 * on the phone finds it.  What he is called and when he was seen, what was said of him by
 * hand, what he has used of his limits, what was refused to him, where he came from, and
 * which policies are for him.
 *
 * On a terminal the lists are cut so that all of it fits on the screen; a line says how
 * many more there are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_OBJECT_H
#define THEMIS_SHELL_OBJECT_H

#include "view.h"

#include <jansson.h>
#include <stdio.h>

/* The row of `object show`; what it lacks is left out. */
void object_print(FILE *to, const struct view *view, json_t *row);

#endif
