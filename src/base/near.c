/*
 * The nearest word.  Called where a name is refused, in daemon and shell.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/near.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: three rows of the table of distances are enough, and who is
 * too far away by its length alone needs none. */
size_t near_distance(const char *a, size_t na, const char *b, size_t nb, size_t most)
{
	uint8_t rows[3][NEAR_LENGTH_MAX + 1], *before = rows[0], *above = rows[1],
					      *row = rows[2], *free_row;
	size_t lowest;

	if (na > NEAR_LENGTH_MAX || nb > NEAR_LENGTH_MAX ||
		(na > nb ? na - nb : nb - na) > most)
		return most + 1;
	for (size_t k = 0; k <= nb; k++)
		above[k] = (uint8_t)k;
	for (size_t i = 1; i <= na; i++) {
		lowest = row[0] = (uint8_t)i;
		for (size_t k = 1; k <= nb; k++) {
			size_t d = least(above[k], row[k - 1]) + 1u;

			d = least(d, above[k - 1] + (size_t)(a[i - 1] != b[k - 1]));
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] &&
				a[i - 2] == b[k - 1])
				d = least(d, before[k - 2] + 1u);
			row[k] = (uint8_t)d;
			lowest = least(lowest, d);
		}
		if (lowest > most)
			return most + 1;
		free_row = before;
		before = above;
		above = row;
		row = free_row;
	}
	return least(above[nb], most + 1);
}

void near_begin(struct near *n, const char *wanted)
{
	size_t len = strlen(wanted);

	*n = (struct near){ .wanted = wanted, .len = len };
	/* what has nothing of the word left is no guess at it */
	n->best = len > NEAR_LENGTH_MAX ? 0 : least(2 + len / 4, len);
}

void near_offer(struct near *n, const char *word, size_t len)
{
	size_t distance;

	if (n->best == 0 || len == 0 || len > NEAR_LENGTH_MAX)
		return;
	distance = near_distance(n->wanted, n->len, word, len, n->best - 1);
	if (distance >= n->best)
		return;
	n->best = distance;
	memcpy(n->word, word, len);
	n->word[len] = '\0';
}

const char *near_found(const struct near *n)
{
	return n->word[0] != '\0' ? n->word : NULL;
}

static char *text(const struct near *n, const char *before, const char *after, char *buf)
{
	*buf = '\0';
	if (near_found(n) != NULL)
		snprintf(buf, NEAR_TEXT_MAX, "%sdid you mean \"%s\"?%s", before, n->word,
			after);
	return buf;
}

char *near_behind(const struct near *n, char buf[NEAR_TEXT_MAX])
{
	return text(n, " (", ")", buf);
}

char *near_within(const struct near *n, char buf[NEAR_TEXT_MAX])
{
	return text(n, "", " ", buf);
}
