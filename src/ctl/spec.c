/*
 * The table of commands and the judgement of a command's shape.  Used by the
 * daemon before it dispatches, by the shell for help and for words it knows to
 * be wrong without asking.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ctl/spec.h"

#include "base/str.h"

#include <string.h>

/* the arguments are macros that stand for initialisers */
/* clang-format off */
#define ONE(kind, word)	 { ARG_##kind, NUMBER_ONE, PAIRS_NONE, word }
#define OPT(kind, word)	 { ARG_##kind, NUMBER_OPTIONAL, PAIRS_NONE, word }
#define MANY(kind, word) { ARG_##kind, NUMBER_MANY, PAIRS_NONE, word }
#define ANY(kind, word)	 { ARG_##kind, NUMBER_ANY, PAIRS_NONE, word }
#define SAID(kind, word) { ARG_##kind, NUMBER_SAID, PAIRS_NONE, word }
#define PAIRS(set)	 { ARG_END, NUMBER_OPTIONAL, PAIRS_##set, "NAME=VALUE" }
#define SOME(set)	 { ARG_END, NUMBER_MANY, PAIRS_##set, "NAME=VALUE" }
#define COMMAND(noun, verb, handler, access, layout, help, example, ...) \
	{ noun, verb, ACCESS_##access, LAYOUT_##layout, help, example, { __VA_ARGS__ } },
/* clang-format on */

const struct command commands[] = {
#include "ctl/commands.def"
};

const size_t ncommands = sizeof(commands) / sizeof(commands[0]);

const struct pair pairs[] = {
#define ATTRIBUTE(id, name, old, kind, values, def, meaning)                             \
	{ PAIRS_POLICY, name, old, ARG_##kind, values, def, meaning, false },
#include "ctl/attributes.def"
#undef ATTRIBUTE
#define PAIR(set, name, kind, values, meaning)                                           \
	{ PAIRS_##set, name, "", ARG_##kind, values, NULL, meaning, false },
#define LIST(set, name, kind, values, meaning)                                           \
	{ PAIRS_##set, name, "", ARG_##kind, values, NULL, meaning, true },
#include "ctl/pairs.def"
#undef LIST
#undef PAIR
#define SETTING(id, name, old, kind, values, def, meaning, scope)                        \
	{ PAIRS_SITE, name, old, ARG_##kind, values, def, meaning, false },
#include "ctl/settings.def"
#undef SETTING
	{ PAIRS_NONE, NULL, NULL, ARG_END, NULL, NULL, NULL, false },
};

static void list_nouns(char *buf, size_t size)
{
	for (size_t i = 0; i < ncommands; i++)
		if (i == 0 || strcmp(commands[i].noun, commands[i - 1].noun) != 0)
			str_append(
				buf, size, "%s%s", i > 0 ? ", " : "", commands[i].noun);
}

static void list_verbs(const char *noun, char *buf, size_t size)
{
	for (size_t i = 0; i < ncommands; i++)
		if (strcmp(commands[i].noun, noun) == 0)
			str_append(buf, size, "%s%s", *buf != '\0' ? ", " : "",
				commands[i].verb);
}

const struct command *command_find(
	char *const *words, size_t n, size_t *used, struct err *err)
{
	char there[300] = "", shown[100];
	bool noun_known = false;

	for (size_t i = 0; n > 0 && i < ncommands; i++) {
		const struct command *c = &commands[i];

		if (strcmp(c->noun, words[0]) != 0)
			continue;
		noun_known = true;
		*used = *c->verb == '\0' ? 1 : 2;
		if (*used == 1 || (n > 1 && strcmp(c->verb, words[1]) == 0))
			return c;
	}
	if (!noun_known) {
		list_nouns(there, sizeof(there));
		err_code(err, ERR_UNKNOWN, "no command \"%s\" (there are: %s)",
			n > 0 ? str_escape(shown, sizeof(shown), words[0]) : "", there);
		return NULL;
	}
	list_verbs(words[0], there, sizeof(there));
	if (n > 1)
		err_code(err, ERR_UNKNOWN, "no command \"%s %s\" (%s: %s)", words[0],
			str_escape(shown, sizeof(shown), words[1]), words[0], there);
	else
		err_code(err, ERR_UNKNOWN, "\"%s\" needs a verb: %s", words[0], there);
	return NULL;
}

static bool is_end(const struct argument *a)
{
	return a->kind == ARG_END && a->pairs == PAIRS_NONE;
}

enum pair_set command_pairs(const struct command *c)
{
	for (size_t i = 0; i < COMMAND_ARGS_MAX && !is_end(&c->args[i]); i++)
		if (c->args[i].pairs != PAIRS_NONE)
			return c->args[i].pairs;
	return PAIRS_NONE;
}

bool pair_split(const char *word, size_t *len, const char **value)
{
	*len = strcspn(word, "=");
	*value = word + *len + 1;
	return *len > 0 && word[*len] == '=';
}

/* An address can have a = too, but then it has an @, and a pattern a * or ?. */
static bool is_like_pair(const char *word)
{
	const char *value;
	size_t len;

	return pair_split(word, &len, &value) && strpbrk(word, "@*?") == NULL;
}

size_t command_words(const struct command *c, char *const *args, size_t n)
{
	size_t taken = 0;

	for (size_t i = 0; i < COMMAND_ARGS_MAX && !is_end(&c->args[i]); i++) {
		const struct argument *a = &c->args[i];

		if (a->pairs != PAIRS_NONE || a->number == NUMBER_SAID || taken == n)
			break;
		if (a->number == NUMBER_MANY || a->number == NUMBER_ANY)
			return n;
		/* what may be left out is, where a pair stands in its place */
		if (a->number == NUMBER_OPTIONAL && command_pairs(c) != PAIRS_NONE &&
			is_like_pair(args[taken]))
			break;
		taken++;
	}
	return taken;
}

void command_usage(const struct command *c, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s", c->noun, *c->verb != '\0' ? " " : "", c->verb);
	for (size_t i = 0; i < COMMAND_ARGS_MAX && !is_end(&c->args[i]); i++) {
		const struct argument *a = &c->args[i];

		switch (a->number) {
		case NUMBER_ONE:
			str_append(buf, size, " %s", a->word);
			break;
		case NUMBER_OPTIONAL:
			str_append(buf, size,
				a->pairs == PAIRS_NONE ? " [%s]" : " [%s ...]", a->word);
			break;
		case NUMBER_MANY:
			str_append(buf, size, " %s ...", a->word);
			break;
		case NUMBER_ANY:
			str_append(buf, size, " [%s ...]", a->word);
			break;
		case NUMBER_SAID:
			str_append(buf, size, " [%s]", a->word);
		}
	}
}

static int bad_shape(
	const struct command *c, const char *what, const char *word, struct err *err)
{
	char usage[200], shown[100];

	command_usage(c, usage, sizeof(usage));
	return err_set(err, "%s%s%s%s (usage: %s)", what, word != NULL ? " \"" : "",
		word != NULL ? str_escape(shown, sizeof(shown), word) : "",
		word != NULL ? "\"" : "", usage);
}

static const struct pair *pair_find(enum pair_set set, const char *word, size_t len)
{
	for (const struct pair *p = pairs; p->name != NULL; p++)
		if (p->set == set && str_is_named(word, len, p->name, p->old))
			return p;
	return NULL;
}

static int no_such_pair(const struct command *c, enum pair_set set, const char *word,
	size_t len, struct err *err)
{
	char there[200] = "", name[81], shown[100];

	for (const struct pair *p = pairs; p->name != NULL; p++)
		if (p->set == set)
			str_append(there, sizeof(there), "%s%s",
				*there != '\0' ? ", " : "", p->name);
	snprintf(name, sizeof(name), "%.*s", (int)(len > 80 ? 80 : len), word);
	return err_set(err, "%s has no attribute \"%s\" (it has: %s)",
		set == PAIRS_POLICY ? "a policy" : c->noun,
		str_escape(shown, sizeof(shown), name), there);
}

/* Of the right shape (check_shapes()). */
static int check_pairs(const struct command *c, enum pair_set set, char *const *args,
	size_t n, struct err *err)
{
	bool given[sizeof(pairs) / sizeof(pairs[0])] = { false };
	const char *value;
	size_t len;

	for (size_t i = 0; i < n; i++) {
		const struct pair *p;

		pair_split(args[i], &len, &value);
		p = pair_find(set, args[i], len);
		if (p == NULL)
			return no_such_pair(c, set, args[i], len, err);
		if (given[p - pairs] && !p->many)
			return err_set(err, "\"%s\" is given twice", p->name);
		given[p - pairs] = true;
	}
	return 0;
}

static int check_shapes(
	const struct command *c, char *const *args, size_t n, struct err *err)
{
	const char *value;
	size_t len;

	for (size_t i = 0; i < n; i++)
		if (!pair_split(args[i], &len, &value))
			return bad_shape(c, "not NAME=VALUE:", args[i], err);
	return 0;
}

/* The argument that begins with that keyword, NULL if none does. */
static const struct argument *find_said(const struct command *c, const char *keyword)
{
	size_t n = strlen(keyword);

	for (size_t i = 0; i < COMMAND_ARGS_MAX && !is_end(&c->args[i]); i++)
		if (c->args[i].number == NUMBER_SAID &&
			strncmp(c->args[i].word, keyword, n) == 0 &&
			c->args[i].word[n] == ' ')
			return &c->args[i];
	return NULL;
}

/* Keywords and their values, in any order, each once. */
static int check_said(
	const struct command *c, char *const *args, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i += 2) {
		const struct argument *a = find_said(c, args[i]);

		if (a == NULL)
			return bad_shape(c, "one word too many:", args[i], err);
		if (i + 1 == n)
			return bad_shape(c, "missing:", a->word, err);
		for (size_t k = 0; k < i; k += 2)
			if (strcmp(args[k], args[i]) == 0)
				return err_set(err, "\"%s\" is given twice", args[i]);
	}
	return 0;
}

int command_check_words(
	const struct command *c, char *const *args, size_t n, struct err *err)
{
	size_t taken = command_words(c, args, n);
	const struct argument *a = c->args;

	for (size_t i = 0; i < COMMAND_ARGS_MAX && !is_end(&a[i]); i++) {
		bool missing = a[i].pairs != PAIRS_NONE ? taken == n : taken <= i;

		if (missing && (a[i].number == NUMBER_ONE || a[i].number == NUMBER_MANY))
			return bad_shape(c, "missing:", a[i].word, err);
		if (a[i].pairs != PAIRS_NONE)
			return check_shapes(c, args + taken, n - taken, err);
		if (a[i].number == NUMBER_SAID)
			return check_said(c, args + taken, n - taken, err);
	}
	return taken == n ? 0 : bad_shape(c, "one word too many:", args[taken], err);
}

int command_check(const struct command *c, char *const *args, size_t n, struct err *err)
{
	size_t taken = command_words(c, args, n);

	if (command_check_words(c, args, n, err) < 0)
		return -1;
	if (command_pairs(c) == PAIRS_NONE)
		return 0;
	return check_pairs(c, command_pairs(c), args + taken, n - taken, err);
}
