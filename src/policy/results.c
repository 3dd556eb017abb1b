/*
 * Results of SPF that are acted on.  Called by the commands and by the loading of
 * policies.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/results.h"

#include "ctl/spec.h"
#include "spf/spf.h"

#include <string.h>

#define BIT(result) (1u << SPF_##result)

/* The words that stand alone; old: those of the Python Themis. */
static const struct {
	const char *name, *old;
	unsigned results;
} words[] = {
	{ "off", "FALSE", 0 },
	{ "check", "TRUE", BIT(FAIL) },
	{ "strict", NULL, BIT(FAIL) | BIT(SOFTFAIL) },
};

#define WORDS (sizeof(words) / sizeof(words[0]))

/* Why no policy can act on these. */
static const char *const refusals[SPF_RESULTS] = {
	[SPF_PASS] = "nothing is done about pass, which is as it should be",
	[SPF_TEMPERROR] = "what becomes of temperror says the setting spf_temperror",
};

/* The place of the word, WORDS if it is none. */
static size_t find_word(const char *text)
{
	size_t i = 0;

	while (i < WORDS && strcmp(text, words[i].name) != 0 &&
		(words[i].old == NULL || strcmp(text, words[i].old) != 0))
		i++;
	return i;
}

/* One of a list. */
static int read_result(const char *name, unsigned *results, struct err *err)
{
	int r = spf_result_find(name);

	if (*name == '\0')
		return err_set(err, "a result is missing beside a comma");
	if (find_word(name) < WORDS)
		return err_set(err, "%s stands alone, and in no list", name);
	if (r < 0)
		return pair_refuse_value(PAIRS_POLICY, "spf", name, err);
	if (refusals[r] != NULL)
		return err_set(err, "%s", refusals[r]);
	*results |= 1u << r;
	return 0;
}

int results_parse(const char *text, unsigned *results, struct err *err)
{
	size_t word = find_word(text);
	struct arena *arena;
	char *list, *name;
	unsigned all = 0;
	int rc = 0;

	if (word < WORDS) {
		*results = words[word].results;
		return 0;
	}
	if (*text == '\0')
		return pair_refuse_value(PAIRS_POLICY, "spf", text, err);
	arena = arena_new();
	list = arena_strdup(arena, text);
	while (rc == 0 && (name = strsep(&list, ",")) != NULL)
		rc = read_result(name, &all, err);
	if (rc == 0)
		*results = all;
	arena_free(arena);
	return rc;
}

const char *results_format(unsigned results, struct arena *arena)
{
	const char *list = "";

	for (size_t i = 0; i < WORDS; i++)
		if (results == words[i].results)
			return words[i].name;
	for (int r = 0; r < SPF_RESULTS; r++)
		if (results & 1u << r)
			list = arena_printf(arena, "%s%s%s", list,
				*list != '\0' ? "," : "",
				spf_result_name((enum spf_result)r));
	return list;
}
