/*
 * Times of messages.  All of them are kept, so that what is told is no estimate.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "samples.h"

#include "base/arena.h"
#include "base/clock.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define VALUE_MAX (3600 * CLOCK_SECOND)

void samples_add(struct samples *s, int64_t value)
{
	if (s->n == s->cap) {
		s->cap = s->cap == 0 ? 4096 : 2 * s->cap;
		s->values = mem_realloc(s->values, s->cap, sizeof(*s->values));
	}
	s->values[s->n++] = (uint32_t)(value < 0	   ? 0
				       : value > VALUE_MAX ? VALUE_MAX
							   : value);
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

uintmax_t samples_part(struct samples *s, double part)
{
	size_t at;

	if (s->n == 0)
		return 0;
	qsort(s->values, s->n, sizeof(*s->values), compare);
	at = (size_t)ceil(part * (double)s->n);
	return s->values[at > 0 ? at - 1 : 0];
}

void samples_print(struct samples *s, const char *prefix)
{
	printf("%sp50 %ju\n%sp99 %ju\n%smax %ju\n", prefix, samples_part(s, 0.50), prefix,
		samples_part(s, 0.99), prefix, samples_part(s, 1));
}

void samples_free(struct samples *s)
{
	free(s->values);
	*s = (struct samples){ 0 };
}
