/*
 * Fuzz target: a rule that was accepted is stored as it was given, and whatever it adds
 * is one printable line that fits.  The lines of the input are the header, the pattern
 * and the value to add; what is behind them is the header's value that came.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz.h"

#include "base/str.h"
#include "policy/rule.h"

#include <string.h>

static const char *line(char **rest)
{
	return *rest != NULL ? strsep(rest, "\n") : "";
}

static void check_again(struct rule *r, const char *value)
{
	struct rule *again = rule_new(rule_header(r), rule_regex(r), NULL);
	const struct rule_addition *all;
	size_t n;

	MUST(again != NULL);
	all = rule_additions(r, &n);
	MUST(n == 1 && strcmp(all[0].value, value) == 0);
	MUST(rule_add(again, all[0].name, all[0].value, NULL) == 0);
	rule_free(again);
}

static void check_match(struct arena *arena, const struct rule *r, char *value)
{
	const struct rule_addition *added = NULL;
	struct rule_budget budget = { 0 };
	size_t before = strlen(value), len = rule_unfold(value, value);

	MUST(len <= before && strlen(value) == len);
	if (rule_match(r, value, len, &budget, arena, &added) != RULE_YES) {
		MUST(added == NULL);
		return;
	}
	MUST(strcmp(added[0].name, "X-Fuzz") == 0);
	MUST(strlen(added[0].value) <= RULE_EXPANDED_MAX);
	MUST(str_is_utf8(added[0].value, strlen(added[0].value)));
	MUST(!str_has_control(added[0].value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	char *rest = fuzz_text(arena, data, size);
	const char *header = line(&rest), *regex = line(&rest), *value = line(&rest);
	struct err err = { ERR_BAD, "" };
	struct rule *r = rule_new(header, regex, &err);

	MUST(r != NULL || err.text[0] != '\0');
	if (r != NULL && rule_add(r, "X-Fuzz", value, &err) == 0) {
		check_again(r, value);
		check_match(arena, r, rest != NULL ? rest : arena_strdup(arena, ""));
	}
	MUST(str_is_utf8(err.text, strlen(err.text)));
	rule_free(r);
	arena_free(arena);
	return 0;
}
