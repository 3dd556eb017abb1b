/*
 * Reads an old command line: options and values in any order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tmscli.h"

#include "base/str.h"
#include "tmscli_form.h"
#include "tmscli_value.h"

#include <ctype.h>
#include <string.h>

/* A number below zero, a dash alone and a text with blanks are values. */
static bool is_option(const char *word)
{
	char end = word[strcspn(word, " \t=")];

	return word[0] == '-' && (word[1] == '-' || isalpha((unsigned char)word[1])) &&
	       end != ' ' && end != '\t';
}

static void take_value(struct line *l, char *word)
{
	if (l->want_name) {
		l->name = word;
		l->want_name = false;
		return;
	}
	l->values = arena_grow(l->arena, l->values, l->n, &l->cap, sizeof(*l->values));
	l->values[l->n++] = word;
}

static void take_option(struct line *l, const struct option *o)
{
	switch (o->role) {
	case IS_VERB:
		if (l->verb == NULL)
			l->verb = o;
		else
			l->verb_again = o;
		break;
	case IS_NOUN:
		l->want_name = l->noun == NULL;
		if (l->noun == NULL)
			l->noun = o;
		else
			l->noun_again = o;
		break;
	case IS_FLAG:
		l->flags |= o->value;
		break;
	case IS_JSON:
		l->out->json = true;
		break;
	case IS_HELP:
		l->help = true;
		break;
	}
}

/* A word that looks like an option: "--policy", "--policy=P". */
static int take_word(struct line *l, char *word)
{
	size_t len = strcspn(word, "=");
	const struct option *o = option_find(word, len);
	char *text = arena_memdup(l->arena, word, len);
	const char *instead = tmscli_instead(TMSCLI_OPTION, text);

	if (instead != NULL)
		return form_gone(l, text, instead);
	if (o == NULL || (word[len] == '=' && o->role != IS_NOUN)) {
		l->unknown = word;
		return 0;
	}
	take_option(l, o);
	if (word[len] == '=')
		take_value(l, word + len + 1);
	return 0;
}

static int read_words(struct line *l, char *const *words, size_t n)
{
	bool options = true;

	for (size_t i = 0; i < n; i++) {
		if (!options || !is_option(words[i])) {
			take_value(l, words[i]);
		} else if (strcmp(words[i], "--") == 0) {
			options = false;
		} else if (strcmp(words[i], "-s") == 0) {
			if (++i == n)
				return err_set(l->err, "-s needs the path of a socket");
			l->out->socket = words[i];
		} else if (take_word(l, words[i]) < 0) {
			return -1;
		}
	}
	/* the name stood before its noun */
	if (l->name == NULL && l->n > 0) {
		l->name = *l->values++;
		l->n--;
	}
	return 0;
}

static int both(struct line *l, const struct option *o, const struct option *again)
{
	if (o == again)
		return form_wrong(l, "%s is given twice", o->text);
	return form_wrong(l, "%s and %s exclude each other", o->text, again->text);
}

static int none_of(struct line *l, enum role role)
{
	char list[200] = "";

	form_list(role, list, sizeof(list));
	return form_wrong(l, "one of these has to be given: %s", list);
}

static int check(struct line *l)
{
	if (l->noun_again != NULL)
		return both(l, l->noun, l->noun_again);
	if (l->verb_again != NULL)
		return both(l, l->verb, l->verb_again);
	if (l->unknown != NULL)
		return form_wrong(l,
			"no option \"%s\"; a value that begins like one stands behind --",
			form_shown(l, l->unknown));
	if (l->noun == NULL)
		return none_of(l, IS_NOUN);
	if (l->verb == NULL)
		return none_of(l, IS_VERB);
	return 0;
}

/* The noun is that of the line, or a word without dashes. */
static int say_help(struct line *l)
{
	const struct option *noun = l->noun;

	if (noun == NULL && l->name != NULL) {
		noun = option_noun(l->name);
		if (noun == NULL)
			return form_wrong(l, "no help on \"%s\"", form_shown(l, l->name));
	}
	l->out->say = form_usage(l->arena, noun);
	return 0;
}

int tmscli_translate(struct arena *arena, char *const *words, size_t n,
	struct tmscli *out, struct err *err)
{
	struct line l = { .arena = arena, .out = out, .err = err };

	*out = (struct tmscli){ .n = 0 };
	if (read_words(&l, words, n) < 0)
		return -1;
	if (l.help)
		return say_help(&l);
	if (check(&l) < 0 || form_find(&l) < 0)
		return -1;
	return l.form->build(&l);
}

const char *tmscli_usage(struct arena *arena)
{
	return form_usage(arena, NULL);
}
