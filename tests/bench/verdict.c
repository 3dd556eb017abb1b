/*
 * See verdict.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "verdict.h"

#include <stdio.h>

void verdicts_print(const uint64_t counts[VERDICTS])
{
	static const char *const names[] = { "accepted", "held", "discarded", "deferred",
		"refused" };

	_Static_assert(
		sizeof(names) / sizeof(names[0]) == VERDICTS, "a verdict has no name");
	for (unsigned i = 0; i < VERDICTS; i++)
		printf("%s %ju\n", names[i], (uintmax_t)counts[i]);
}
