/*
 * Fuzz target: limits that parse are within bounds, and their spelling reads back as
 * the same limits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz.h"

#include "base/str.h"
#include "counter/limit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char spelled[LIMITS_MAX * (LIMIT_TEXT_MAX + 1)] = "", one[LIMIT_TEXT_MAX];
	struct limit limits[LIMITS_MAX], again[LIMITS_MAX];
	struct arena *arena = arena_new();
	size_t n, m;
	struct err err;

	if (limits_parse(fuzz_text(arena, data, size), limits, &n, &err) == 0) {
		MUST(n <= LIMITS_MAX);
		for (size_t i = 0; i < n; i++) {
			MUST(limits[i].amount <= LIMIT_OCTETS_MAX);
			MUST(limits[i].period >= 1);
			MUST(limits[i].period <= LIMIT_PERIOD_MAX);
			str_append(spelled, sizeof(spelled), "%s%s", i > 0 ? "," : "",
				limit_format(one, &limits[i]));
		}
		MUST(limits_parse(n > 0 ? spelled : "none", again, &m, &err) == 0);
		MUST(m == n);
		for (size_t i = 0; i < n; i++) {
			MUST(again[i].amount == limits[i].amount);
			MUST(again[i].period == limits[i].period);
		}
	}
	arena_free(arena);
	return 0;
}
