/*
 * What a member of a row says to people.  Exact values are for -j.  Pure.
 *
 *	a moment			"in 3 min", "2 h ago", "now"
 *	uptime, *_seconds		"3 d 4 h", "5 min 6 s"
 *	bytes, *_bytes, size		"512 B", "12.3 MiB"
 *	a number with a fraction	rounded: "0.33", "1234.6"
 *	numbers in a list		a sparkline (shell/bar.h)
 *	null, "", an empty list		"-"
 *	anything else			text as it stands, escaped; other lists and
 *objects as JSON
 *
 * A moment is a text of the form that clock_format() gives.  What is to come is rounded
 * up, so that nobody comes too early, and what is past rounded down; up to 120 seconds,
 * 120 minutes, 48 hours and 730 days it is told in that unit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_VALUE_H
#define THEMIS_SHELL_VALUE_H

#include "base/arena.h"
#include "view.h"

#include <jansson.h>

/* In the arena, one line; value may be NULL (there is none). */
const char *value_text(struct arena *arena, const char *name, const json_t *value,
	const struct view *view);

/* What this member of the row stands out by: verdicts that refuse, flags and full limits
 * red, warnings yellow, what is well green. */
enum paint value_paint(const json_t *row, const char *name);

/* Is it null, "" or an empty list? */
bool value_is_empty(const json_t *value);

#endif
