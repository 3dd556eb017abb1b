/*
 * SplitMix64: random numbers that are the same in each run.  For the property tests;
 * included after <cmocka.h>.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TESTS_RANDOM_H
#define THEMIS_TESTS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t next_random(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* One of 0 to n - 1. */
static inline size_t dice(uint64_t *seed, size_t n)
{
	return (size_t)(next_random(seed) % n);
}

#endif
