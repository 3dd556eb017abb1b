/*
 * What there was of each object in a look through the history.  Bounded by who asks for a
 * place in it; one thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_ROLL_H
#define THEMIS_ADMIN_ROLL_H

#include "base/hash.h"

#include <stddef.h>
#include <stdint.h>

#define ROLL_HIGHS 2

struct enrolled {
	UT_hash_handle hh;
	uint64_t messages, refused;
	int64_t seen;		   /* the message that was counted last, by its number */
	int64_t struck;		   /* and that was counted as refused */
	int64_t first, last;	   /* when it was refused, else when it was seen */
	uint64_t high[ROLL_HIGHS]; /* the most that was used of something */
	double rank;		   /* whatever they are to be sorted by */
	char name[];
};

struct roll {
	struct enrolled *all;
};

/* The object's place, made if there is none yet.  Never NULL. */
struct enrolled *roll_of(struct roll *t, const char *name);

size_t roll_count(const struct roll *t);

/* All of them in that order, as qsort() has it of pointers; the caller's to free(). */
struct enrolled **roll_sorted(
	const struct roll *t, int (*compare)(const void *a, const void *b));

void roll_clear(struct roll *t);

#endif
