/*
 * Writing commands.  Any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/script.h"

#include "ctl/wire.h"
#include "ctl/words.h"

static void drop(struct script *s)
{
	arena_free(s->arena);
	s->arena = NULL;
	s->words = NULL;
	s->n = s->cap = s->length = 0;
}

void script_fail(struct script *s)
{
	s->result = -1;
	drop(s);
}

void script_word(struct script *s, const char *word)
{
	if (s->result < 0)
		return;
	s->words = arena_grow(s->arena, s->words, s->n, &s->cap, sizeof(*s->words));
	s->length += word_length(word) + (s->n > 0);
	s->words[s->n++] = arena_strdup(s->arena, word);
}

void script_begin(struct script *s, const char *noun, const char *verb, const char *name)
{
	if (s->result < 0)
		return;
	s->arena = arena_new();
	script_word(s, noun);
	script_word(s, verb);
	script_word(s, name);
	s->stem = s->n;
}

void script_pair(struct script *s, const char *name, const char *value)
{
	if (s->result == 0)
		script_word(s, arena_printf(s->arena, "%s=%s", name, value));
}

/* Ends the command in hand, and begins another with its first words. */
static void turn_over(struct script *s)
{
	struct arena *arena = s->arena;
	char **words = s->words;
	size_t stem = s->stem;

	s->result = s->emit(s->arg, s->words, s->n, s->err);
	s->arena = NULL;
	drop(s);
	if (s->result == 0) {
		s->arena = arena_new();
		for (size_t i = 0; i < stem; i++)
			script_word(s, words[i]);
	}
	arena_free(arena);
}

void script_item(struct script *s, const char *word)
{
	if (s->result == 0 && s->n > s->stem &&
		s->length + 1 + word_length(word) > WIRE_LINE_MAX)
		turn_over(s);
	script_word(s, word);
}

void script_end(struct script *s)
{
	if (s->arena != NULL)
		s->result = s->emit(s->arg, s->words, s->n, s->err);
	drop(s);
}
