/*
 * Which texts were there already: so that the same name is not taken twice.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_ONCE_H
#define THEMIS_SHELL_ONCE_H

#include "base/arena.h"

#include <stdbool.h>

struct taken;

/* Zero it to begin. */
struct once {
	struct taken *taken;
};

/* Takes the text, which must live as long; false if it was taken before. */
bool once_take(struct once *o, const char *text);

void once_end(struct once *o);

#endif
