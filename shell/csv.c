/*
 * CSV.  Called by shell/output.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "csv.h"

#include "base/arena.h"
#include "ctl/words.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

bool csv_is_asked(const struct command *c, const char *line)
{
	struct arena *arena = arena_new();
	bool asked = false;
	char **words;
	struct err err;
	int n = words_split(arena, line, &words, &err);

	for (int i = 0; i < n; i++)
		asked |= strcmp(words[i], "format=csv") == 0 &&
			 pair_find(command_pairs(c), "format", strlen("format")) != NULL;
	arena_free(arena);
	return asked;
}

/* Where formulas begin, in full width, too, and behind blanks and tabs, over which some
 * pass. */
static bool is_formula(const char *text)
{
	static const char *const begins[] = { "=", "+", "-", "@", "\xef\xbc\x9d",
		"\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0" };

	text += strspn(text, " ");
	if (strncmp(text, "\\x", 2) == 0) /* a control character */
		return true;
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (strncmp(text, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

/* A field: in quotes, which are doubled in it, if it cannot stand without; nor can it
 * where spreadsheets split at semicolons: what is behind one could be a formula. */
static void put(FILE *to, const char *text)
{
	bool quoted = strpbrk(text, ",;\"") != NULL || *text == ' ' ||
		      (*text != '\0' && text[strlen(text) - 1] == ' ');

	if (quoted)
		fputc('"', to);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			fputc('"', to);
		fputc(*text, to);
	}
	if (quoted)
		fputc('"', to);
}

static void put_text(FILE *to, struct arena *arena, const char *text)
{
	text = text_printable(arena, text);
	put(to, is_formula(text) ? arena_printf(arena, "'%s", text) : text);
}

static void put_value(FILE *to, struct arena *arena, const json_t *value)
{
	char *dumped;

	if (json_is_string(value)) {
		put_text(to, arena, json_string_value(value));
	} else if (!json_is_null(value)) {
		dumped = json_dumps(
			value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
		if (dumped != NULL)
			put(to, dumped);
		free(dumped);
	}
}

static void put_line(FILE *to, const json_t *row, bool names)
{
	struct arena *arena = arena_new();
	const char *name, *between = "";
	json_t *value;

	json_object_foreach((json_t *)row, name, value) {
		fputs(between, to);
		if (names)
			put_text(to, arena, name);
		else
			put_value(to, arena, value);
		between = ",";
	}
	fputc('\n', to);
	arena_free(arena);
}

void csv_names(FILE *to, const json_t *row)
{
	put_line(to, row, true);
}

void csv_row(FILE *to, const json_t *row)
{
	put_line(to, row, false);
}
