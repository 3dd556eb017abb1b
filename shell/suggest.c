/*
 * Completion.  Called by the prompt, and by main for the shells' own completion.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "suggest.h"

#include "base/str.h"
#include "complete.h"
#include "ctl/wire.h"
#include "ctl/words.h"

#include <jansson.h>
#include <readline/readline.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATIENCE 300 /* milliseconds for the daemon's answer */

static int take_word(void *arg, const char *json)
{
	struct wanted *w = arg;
	json_t *row = json_loads(json, 0, NULL);
	const char *word = json_string_value(json_object_get(row, "word"));

	/* an object may be spelled in another case than it was begun; what no terminal
	 * can show is no name */
	if (word != NULL && !str_has_control(word))
		complete_take(w, word);
	json_decref(row);
	return row != NULL ? 0 : -1;
}

/* A connection for a question that may be left open.  One that has ended under an open
 * transaction is for the next command to tell. */
static bool connect_soon(struct shell *s)
{
	struct err err;

	if (client_is_alive(&s->client))
		return true;
	if (s->staged)
		return false;
	s->lost |= s->client.fd >= 0;
	client_close(&s->client);
	return client_connect(&s->client, s->socket, PATIENCE, &err) == OUTCOME_DONE;
}

static void ask_daemon(struct shell *s, struct wanted *w)
{
	char *const words[] = { (char *)"complete", (char *)w->kind, (char *)w->prefix,
		(char *)w->of };
	struct err err;
	char done[100];

	if (w->kind == NULL || !connect_soon(s))
		return;
	if (client_command(&s->client, words_join(w->arena, words, w->of != NULL ? 4 : 3),
		    PATIENCE, take_word, w, done, sizeof(done), &err) == OUTCOME_DONE)
		w->cut = wire_is_cut(done);
}

static void offer_files(struct wanted *w)
{
	struct stat st;
	char *name;

	for (int more = 0;
		(name = rl_filename_completion_function(w->begun, more)) != NULL;
		more = 1) {
		bool directory = stat(name, &st) == 0 && S_ISDIR(st.st_mode);

		complete_offer(w, directory ? arena_printf(w->arena, "%s/", name) : name);
		free(name);
	}
}

void suggest_words(struct shell *s, struct arena *arena, char *const *words, size_t n,
	struct suggestions *out)
{
	struct wanted w;

	*out = (struct suggestions){ 0 };
	if (n == 0)
		return;
	complete_want(arena, words, n - 1, words[n - 1], &w);
	ask_daemon(s, &w);
	if (w.files)
		offer_files(&w);
	out->words = w.words;
	out->n = w.n;
	out->before = w.before;
	out->cut = w.cut;
}

void suggest_line(
	struct shell *s, struct arena *arena, const char *line, struct suggestions *out)
{
	struct words found;
	char **words;
	size_t n;

	words_scan(arena, line, &found);
	*out = (struct suggestions){ 0 };
	if (line[found.end] == '#')
		return;
	words = arena_alloc(arena, (found.n + 1) * sizeof(*words));
	for (n = 0; n < found.n; n++)
		words[n] = found.list[n].text;
	/* behind a blank another word begins */
	if (n == 0 || (found.open == '\0' && found.list[n - 1].end < strlen(line)))
		words[n++] = arena_strdup(arena, "");
	suggest_words(s, arena, words, n, out);
}

bool suggest_ends(const char *word)
{
	size_t n = strlen(word);

	return n > 0 && word[n - 1] != '=' && word[n - 1] != '/';
}
