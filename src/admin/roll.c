/*
 * Rolls.  Used by the commands that try a policy on the history.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/roll.h"

#include <stdlib.h>
#include <string.h>

struct enrolled *roll_of(struct roll *t, const char *name)
{
	size_t len = strlen(name);
	struct enrolled *one;

	HASH_FIND(hh, t->all, name, len, one);
	if (one != NULL)
		return one;
	one = mem_calloc(1, sizeof(*one) + len + 1);
	memcpy(one->name, name, len + 1);
	HASH_ADD_KEYPTR(hh, t->all, one->name, len, one);
	return one;
}

size_t roll_count(const struct roll *t)
{
	return HASH_COUNT(t->all);
}

struct enrolled **roll_sorted(
	const struct roll *t, int (*compare)(const void *a, const void *b))
{
	struct enrolled **sorted = mem_calloc(roll_count(t), sizeof(struct enrolled *));
	size_t n = 0;

	for (struct enrolled *one = t->all; one != NULL; one = one->hh.next)
		sorted[n++] = one;
	if (n > 1)
		qsort(sorted, n, sizeof(struct enrolled *), compare);
	return sorted;
}

void roll_clear(struct roll *t)
{
	struct enrolled *one, *next;

	HASH_ITER(hh, t->all, one, next) {
		HASH_DEL(t->all, one);
		free(one);
	}
}
