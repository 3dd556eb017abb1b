/*
 * Completion within readline.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tab.h"

#include "ctl/words.h"
#include "suggest.h"

#include <readline/readline.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* readline's callbacks have no argument of ours */
static struct {
	struct shell *shell;
	struct arena *arena;	  /* while matches are made */
	struct suggestions found; /* in it */
	size_t next;
	size_t before; /* octets that the matches begin with, up to their names */
	bool cut;      /* they are not all */
} tab;

/* For rl_completion_matches(), which frees what it is given: one match a call, as it is
 * to be typed. */
static char *next_match(const char *text, int state)
{
	(void)text;
	if (state == 0)
		tab.next = 0;
	if (tab.next == tab.found.n)
		return NULL;
	return mem_strdup(words_join(tab.arena, &tab.found.words[tab.next++], 1));
}

/* Matches for readline that are not all: it is to insert what is typed, not what the
 * first of them have in common. */
static char **keep_typed(const char *text)
{
	char **matches = mem_calloc(tab.found.n + 2, sizeof(*matches));

	matches[0] = mem_strdup(text);
	for (size_t i = 0; i < tab.found.n; i++)
		matches[i + 1] = next_match(text, i > 0);
	return matches;
}

static char **complete(const char *text, int start, int end)
{
	char **matches = NULL, *line;

	(void)start;
	tab.arena = arena_new();
	line = arena_memdup(tab.arena, rl_line_buffer, (size_t)end);
	suggest_line(tab.shell, tab.arena, line, &tab.found);
	tab.before = tab.found.before;
	tab.cut = tab.found.cut;
	rl_attempted_completion_over = 1; /* no file names where none are wanted */
	if (tab.found.n > 0)
		matches = tab.found.cut ? keep_typed(text)
					: rl_completion_matches(text, next_match);
	if (tab.found.n == 1 && !suggest_ends(tab.found.words[0]))
		rl_completion_suppress_append = 1;
	arena_free(tab.arena);
	return matches;
}

/* The names alone: "staff" and not "source=staff". */
static void list_matches(char **matches, int n, int longest)
{
	char **names = mem_calloc((size_t)n + 2, sizeof(*names));

	for (int i = 0; i <= n; i++)
		names[i] =
			matches[i] + (strlen(matches[i]) > tab.before ? tab.before : 0);
	fputc('\n', rl_outstream);
	rl_display_match_list(names, n, longest - (int)tab.before);
	if (tab.cut)
		fprintf(rl_outstream, "(there are more)\n");
	rl_forced_update_display();
	free(names);
}

/* ?? where a word begins lists what may stand there. */
static int question(int count, int key)
{
	int at = rl_point;

	if (at == 0 || rl_line_buffer[at - 1] != '?' ||
		(at > 1 && rl_line_buffer[at - 2] != ' '))
		return rl_insert(count, key);
	rl_delete_text(at - 1, at);
	rl_point = at - 1;
	return rl_possible_completions(count, key);
}

void tab_begin(struct shell *s)
{
	tab.shell = s;
	rl_attempted_completion_function = complete;
	rl_completion_display_matches_hook = list_matches;
	rl_completer_word_break_characters = " \t";
	rl_completer_quote_characters = NULL; /* quotes are read by ctl/words */
	rl_bind_key('?', question);
}
