/*
 * Numbers as pictures: a bar for what is used of something, a sparkline for what went on
 * over time.  Block characters in a UTF-8 locale, else ASCII.  Pure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_BAR_H
#define THEMIS_SHELL_BAR_H

#include "base/arena.h"
#include "view.h"

#include <stddef.h>

/* So many columns (1 at least), of which used/limit are filled, at least one where
 * anything is used, and all of them only where nothing is left; a limit of 0 is full.  In
 * the arena. */
const char *bar_of(struct arena *arena, double used, double limit, int width,
	const struct view *view);

/* A column a number, the greatest being the highest; 0 and what is below it have the
 * lowest to themselves.  In the arena. */
const char *bar_spark(
	struct arena *arena, const double *numbers, size_t n, const struct view *view);

#endif
