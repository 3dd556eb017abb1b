/*
 * The nearest right word to a wrong one: "did you mean ...?".  The distance is that of
 * Damerau and Levenshtein, over octets: how many are missing, too many, other ones, or
 * exchanged with their neighbour.  Pure; any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BASE_NEAR_H
#define THEMIS_BASE_NEAR_H

#include <stdbool.h>
#include <stddef.h>

#define NEAR_LENGTH_MAX 64 /* octets; a longer word is near to nothing */
#define NEAR_TEXT_MAX	(NEAR_LENGTH_MAX + 32)

/* The distance of two words of at most NEAR_LENGTH_MAX octets, or most + 1 if it is more
 * than `most`. */
size_t near_distance(const char *a, size_t na, const char *b, size_t nb, size_t most);

/* A search: begin, offer every right word, ask. */
struct near {
	const char *wanted; /* the caller's, until the end of the search */
	size_t len;
	size_t best;			/* nearer than this is better */
	char word[NEAR_LENGTH_MAX + 1]; /* "": none yet */
};

void near_begin(struct near *n, const char *wanted);

/* The first of those that are equally near stays; len octets of it. */
void near_offer(struct near *n, const char *word, size_t len);

/* The nearest, if it is near enough to be meant: not further than 1 and a quarter of the
 * wanted word's length, and never all of it.  NULL if there is none. */
const char *near_found(const struct near *n);

/* ' (did you mean "x"?)' to stand behind words, or 'did you mean "x"? ' to stand within
 * brackets; "" if there is none.  Returns buf. */
char *near_behind(const struct near *n, char buf[NEAR_TEXT_MAX]);
char *near_within(const struct near *n, char buf[NEAR_TEXT_MAX]);

#endif
