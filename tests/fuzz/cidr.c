/*
 * Fuzz target: a prefix that parses has no bits behind its length and is no mapped
 * IPv4 address, and its spelling reads back as the same prefix.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz.h"

#include "base/cidr.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct arena *arena = arena_new();
	char text[CIDR_TEXT_MAX];
	struct cidr c, again, whole;
	struct err err;

	if (cidr_parse(fuzz_text(arena, data, size), &c, &err) == 0) {
		MUST(c.family == 4 || c.family == 6);
		MUST(c.bits <= (c.family == 4 ? 32 : 128));
		MUST(c.family == 4 || c.bits < 96 || memcmp(c.addr, mapped, 12) != 0);
		whole = c;
		whole.bits = 128;
		cidr_truncate(&whole, c.bits);
		MUST(memcmp(whole.addr, c.addr, sizeof(c.addr)) == 0);
		MUST(cidr_contains(&c, &c));
		MUST(cidr_parse(cidr_format(text, &c), &again, &err) == 0);
		MUST(memcmp(&c, &again, sizeof(c)) == 0);
	}
	arena_free(arena);
	return 0;
}
