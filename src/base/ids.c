/*
 * Sets of ids.  Pure; called by everyone, on every thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/ids.h"

#include <stdlib.h>

static int compare_ids(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The most are short, or come from an index. */
static bool is_settled(const int64_t *ids, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (ids[i - 1] >= ids[i])
			return false;
	return true;
}

size_t ids_settle(int64_t *ids, size_t n)
{
	size_t kept = 0;

	if (is_settled(ids, n))
		return n;
	qsort(ids, n, sizeof(*ids), compare_ids);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || ids[kept - 1] != ids[i])
			ids[kept++] = ids[i];
	return kept;
}

bool ids_have(const int64_t *ids, size_t n, int64_t id)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ids[middle] == id)
			return true;
		if (ids[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}
