/*
 * What the fuzz targets share.  A target is one function that takes any octets and
 * aborts when something does not hold that always must; libFuzzer calls it
 * (`./bootstrap fuzz`), or drive.c does, where there is none (`make check`).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TESTS_FUZZ_H
#define THEMIS_TESTS_FUZZ_H

#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* assert() that stays in every build. */
#define MUST(holds)                                                                      \
	do {                                                                             \
		if (!(holds)) {                                                          \
			fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, \
				#holds);                                                 \
			abort();                                                         \
		}                                                                        \
	} while (0)

/* The input as text of the arena, up to its first NUL. */
static inline char *fuzz_text(struct arena *arena, const uint8_t *data, size_t size)
{
	return arena_memdup(arena, (const char *)data, size);
}

#endif
