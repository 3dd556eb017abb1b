/*
 * Fuzz target: whatever the configuration of postfixlimit says, it becomes lines that are
 * comments, or commands that the daemon's own parsers take.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz.h"

#include "counter/limit.h"
#include "ctl/spec.h"
#include "ctl/words.h"
#include "policy/name.h"
#include "policy/reply.h"

#include "../unit/shell/imported.h"
#include "postfixlimit.h"

#include <string.h>

static const char *value_of(const char *word, const char *name)
{
	size_t len = strlen(name);

	return strncmp(word, name, len) == 0 && word[len] == '=' ? word + len + 1 : NULL;
}

static void judge_attribute(const char *word)
{
	struct limit limits[LIMITS_MAX];
	const char *value;
	struct err err;
	size_t n;

	if ((value = value_of(word, "limit")) != NULL)
		MUST(limits_parse(value, limits, &n, &err) == 0 && n == 1 &&
			limits_check_unsized(limits, n, &err) == 0);
	if ((value = value_of(word, "reply")) != NULL)
		MUST(reply_check(value, &err) == 0);
}

static void judge(struct arena *arena, char **words, size_t n)
{
	const struct command *c;
	struct cidr network;
	struct err err;
	size_t used;

	c = command_find(words, n, &used, &err);
	MUST(c != NULL && command_check(c, words + used, n - used, &err) == 0);
	MUST(name_check(c->noun, words[used], &err) == 0);
	if (strcmp(c->noun, "group") == 0)
		MUST(member_parse(arena, words[used + 1], &network, &err) != NULL);
	for (size_t i = used + 1; i < n; i++)
		judge_attribute(words[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct imported got;
	char *line, *rest;
	struct err err;
	char **words;

	import_octets(&got, arena, postfixlimit_import, data, size);
	if (got.result == READER_END)
		line = arena_strdup(arena, import_text(&got.im));
	else
		line = arena_strdup(arena, "");
	while ((rest = strchr(line, '\n')) != NULL) {
		int n;

		*rest = '\0';
		MUST(strlen(line) <= WIRE_LINE_MAX);
		n = words_split(arena, line, &words, &err);
		MUST(n >= 0);
		if (n > 0)
			judge(arena, words, (size_t)n);
		line = rest + 1;
	}
	arena_free(arena);
	return 0;
}
