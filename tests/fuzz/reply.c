/*
 * Fuzz target: a text that was accepted expands to one clean line that fits a reply.
 * The first line of the input is the text; those behind it are the words, made
 * printable as the engine's are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz.h"

#include "base/str.h"
#include "policy/reply.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	char *text = fuzz_text(arena, data, size), *rest = text, *out;
	const char *words[REPLY_WORDS];
	struct err err;

	text = strsep(&rest, "\n");
	for (size_t i = 0; i < REPLY_WORDS; i++) {
		const char *word = rest != NULL ? strsep(&rest, "\n") : "";

		words[i] = str_printable(arena_alloc(arena, 400), 400, word);
	}
	if (reply_check(text, &err) == 0) {
		out = reply_expand(arena, text, words);
		MUST(strlen(out) <= REPLY_TEXT_MAX);
		MUST(str_is_utf8(out, strlen(out)));
		MUST(!str_has_control(out));
	} else {
		MUST(err.text[0] != '\0');
	}
	arena_free(arena);
	return 0;
}
