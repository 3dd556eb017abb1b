/*
 * Bars and sparklines.  Called by whatever prints in tmsh.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bar.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>

/* From empty to full. */
static const char *const levels_utf8[] = { "\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83",
	"\xe2\x96\x84", "\xe2\x96\x85", "\xe2\x96\x86", "\xe2\x96\x87", "\xe2\x96\x88" };
static const char *const levels_ascii[] = { ".", ":", "-", "=", "+", "*", "#", "@" };

#define LEVELS (sizeof(levels_utf8) / sizeof(levels_utf8[0]))

_Static_assert(sizeof(levels_ascii) == sizeof(levels_utf8), "as many levels");

static int filled(double used, double limit, int width)
{
	int n;

	if (limit <= 0 || used >= limit)
		return width;
	n = (int)(used / limit * width + 0.5);
	if (n == width)
		n--;
	return n < 1 && used > 0 && width > 1 ? 1 : n;
}

const char *bar_of(struct arena *arena, double used, double limit, int width,
	const struct view *view)
{
	const char *full = view->utf8 ? "\xe2\x96\x88" : "#",
		   *rest = view->utf8 ? "\xe2\x96\x91" : ".";
	size_t size = (size_t)width * strlen("\xe2\x96\x88") + 1;
	char *bar = arena_alloc(arena, size);
	int n = filled(used, limit, width);

	for (int i = 0; i < width; i++)
		str_append(bar, size, "%s", i < n ? full : rest);
	return bar;
}

const char *bar_spark(
	struct arena *arena, const double *numbers, size_t n, const struct view *view)
{
	size_t size = n * strlen(levels_utf8[0]) + 1, used = 0;
	char *spark = arena_alloc(arena, size);
	double most = 0;

	for (size_t i = 0; i < n; i++)
		most = numbers[i] > most ? numbers[i] : most;
	for (size_t i = 0; i < n; i++) {
		double height = numbers[i] > 0 ? numbers[i] / most * (LEVELS - 1) : 0;
		size_t level = (size_t)height;

		level += (double)level < height; /* little is more than nothing */
		used += (size_t)snprintf(spark + used, size - used, "%s",
			view->utf8 ? levels_utf8[level] : levels_ascii[level]);
	}
	return spark;
}
