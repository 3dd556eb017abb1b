/*
 * Fuzz target: what words_join() writes, words_split() reads back as the same words.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz.h"

#include "ctl/words.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	char **words, **again;
	struct err err;
	int n = words_split(arena, fuzz_text(arena, data, size), &words, &err), m;

	if (n >= 0) {
		char *line = words_join(arena, words, (size_t)n);

		m = words_split(arena, line, &again, &err);
		MUST(m == n);
		for (int i = 0; i < n; i++)
			MUST(strcmp(words[i], again[i]) == 0);
		MUST(strcmp(words_join(arena, again, (size_t)m), line) == 0);
	}
	arena_free(arena);
	return 0;
}
