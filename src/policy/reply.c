/*
 * Reply texts.  Checked when a policy is set, expanded when it refuses.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/reply.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *spelling;
	enum reply_word word;
} placeholders[] = {
	{ "{wait}", REPLY_WAIT },
	{ "%s", REPLY_WAIT },
	{ "{limit}", REPLY_LIMIT },
	{ "{object}", REPLY_OBJECT },
	{ "{policy}", REPLY_POLICY },
	{ "{queue_id}", REPLY_QUEUE_ID },
};

#define PLACEHOLDERS (sizeof(placeholders) / sizeof(placeholders[0]))

/* The placeholder that stands at text, -1 if none does. */
static int placeholder_at(const char *text)
{
	for (size_t i = 0; i < PLACEHOLDERS; i++)
		if (strncmp(text, placeholders[i].spelling,
			    strlen(placeholders[i].spelling)) == 0)
			return (int)i;
	return -1;
}

int reply_check(const char *text, struct err *err)
{
	if (!str_is_utf8(text, strlen(text)))
		return err_set(err, "the text is not UTF-8");
	if (str_has_control(text))
		return err_set(err, "a line break or control character in the text");
	if (str_utf8_length(text) > REPLY_CHARS_MAX)
		return err_set(err, "the text has %zu characters (at most %d)",
			str_utf8_length(text), REPLY_CHARS_MAX);
	for (const char *p = text; (p = strchr(p, '{')) != NULL; p++) {
		size_t n = strspn(p + 1, "abcdefghijklmnopqrstuvwxyz_");

		if (n > 0 && p[n + 1] == '}' && placeholder_at(p) < 0)
			return err_set(err,
				"not a placeholder: %.*s (try {wait}, {limit}, "
				"{object}, {policy} or {queue_id})",
				(int)n + 2, p);
	}
	return 0;
}

char *reply_expand(
	struct arena *arena, const char *text, const char *const words[REPLY_WORDS])
{
	size_t size = strlen(text) + 1, used = 0;
	char *out;

	for (const char *p = text; *p != '\0'; p++) {
		int i = placeholder_at(p);

		if (i >= 0)
			size += strlen(words[placeholders[i].word]);
	}
	out = arena_alloc(arena, size);
	while (*text != '\0') {
		int i = placeholder_at(text);

		if (i < 0) {
			out[used++] = *text++;
			continue;
		}
		used += (size_t)snprintf(
			out + used, size - used, "%s", words[placeholders[i].word]);
		text += strlen(placeholders[i].spelling);
	}
	out[used] = '\0';
	str_utf8_cut(out, REPLY_TEXT_MAX);
	return out;
}
