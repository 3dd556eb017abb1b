/*
 * Times, to ask afterwards below which of them so many stay.  One thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BENCH_SAMPLES_H
#define THEMIS_BENCH_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

struct samples {
	uint32_t *values;
	size_t n, cap;
};

/* Microseconds; below 0 is 0, beyond an hour an hour. */
void samples_add(struct samples *s, int64_t value);

/* The least value that a part of them (0 to 1) does not exceed; 0 if there are none. */
uintmax_t samples_part(struct samples *s, double part);

/* "PREFIXp50 N", p99 and max, a line each. */
void samples_print(struct samples *s, const char *prefix);

void samples_free(struct samples *s);

#endif
