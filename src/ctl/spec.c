/*
 * The table of commands and the judgement of a command's shape.  Used by the
 * daemon before it dispatches, by the shell for help and for words it knows to
 * be wrong without asking.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ctl/spec.h"

#include "base/near.h"
#include "base/str.h"

#include <string.h>

/* the arguments are macros that stand for initialisers */
/* clang-format off */
#define ONE(kind, word)	 { ARG_##kind, NUMBER_ONE, PAIRS_NONE, word }
#define OPT(kind, word)	 { ARG_##kind, NUMBER_OPTIONAL, PAIRS_NONE, word }
#define MANY(kind, word) { ARG_##kind, NUMBER_MANY, PAIRS_NONE, word }
#define ANY(kind, word)	 { ARG_##kind, NUMBER_ANY, PAIRS_NONE, word }
#define FORM(kind, word) { ARG_##kind, NUMBER_FORM, PAIRS_NONE, word }
#define MUTE(kind, word) { ARG_##kind, NUMBER_MUTE, PAIRS_NONE, word }
#define SAID(kind, word) { ARG_##kind, NUMBER_SAID, PAIRS_NONE, word }
#define NEED(kind, word) { ARG_##kind, NUMBER_NEED, PAIRS_NONE, word }
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
/* as it is stored, where they are not given */
#define ATTRIBUTE(id, name, old, kind, values, def, meaning)                             \
	{ PAIRS_TEST, name, old, ARG_##kind, values, NULL, meaning, false },
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

static const char *noun_of(size_t i)
{
	bool first = i == 0 || strcmp(commands[i].noun, commands[i - 1].noun) != 0;

	return first ? commands[i].noun : NULL;
}

static void list_word(char *buf, size_t size, const char *word, struct near *near)
{
	str_append(buf, size, "%s%s", *buf != '\0' ? ", " : "", word);
	near_offer(near, word, strlen(word));
}

static int refuse_noun(const char *word, struct err *err)
{
	char there[300] = "", guess[NEAR_TEXT_MAX], shown[100];
	struct near near;

	near_begin(&near, word);
	for (size_t i = 0; i < ncommands; i++)
		if (noun_of(i) != NULL)
			list_word(there, sizeof(there), noun_of(i), &near);
	return err_code(err, ERR_UNKNOWN, "no command \"%s\" (%sthere are: %s)",
		str_escape(shown, sizeof(shown), word), near_within(&near, guess), there);
}

/* verb NULL: there is none. */
static int refuse_verb(const char *noun, const char *verb, struct err *err)
{
	char there[300] = "", guess[NEAR_TEXT_MAX], shown[100];
	struct near near;

	near_begin(&near, verb != NULL ? verb : "");
	for (size_t i = 0; i < ncommands; i++)
		if (strcmp(commands[i].noun, noun) == 0 && *commands[i].verb != '\0')
			list_word(there, sizeof(there), commands[i].verb, &near);
	if (verb == NULL)
		return err_code(err, ERR_UNKNOWN, "\"%s\" needs a verb: %s", noun, there);
	return err_code(err, ERR_UNKNOWN, "no command \"%s %s\" (%s%s: %s)", noun,
		str_escape(shown, sizeof(shown), verb), near_within(&near, guess), noun,
		there);
}

const struct command *command_find(
	char *const *words, size_t n, size_t *used, struct err *err)
{
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
	if (noun_known)
		refuse_verb(words[0], n > 1 ? words[1] : NULL, err);
	else
		refuse_noun(n > 0 ? words[0] : "", err);
	return NULL;
}

static bool must_be_given(const struct argument *a)
{
	return a->number == NUMBER_ONE || a->number == NUMBER_MANY ||
	       a->number == NUMBER_FORM || a->number == NUMBER_NEED;
}

enum pair_set command_pairs(const struct command *c)
{
	for (size_t i = 0; i < COMMAND_ARGS_MAX && !argument_is_end(&c->args[i]); i++)
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

	for (size_t i = 0; i < COMMAND_ARGS_MAX && !argument_is_end(&c->args[i]); i++) {
		const struct argument *a = &c->args[i];

		if (argument_is_option(a) || taken == n)
			break;
		if (argument_is_list(a))
			return n;
		/* what may be left out is, where a pair stands in its place */
		if (a->number == NUMBER_OPTIONAL && command_pairs(c) != PAIRS_NONE &&
			is_like_pair(args[taken]))
			break;
		taken++;
	}
	return taken;
}

size_t command_option(
	const struct command *c, char *const *args, size_t n, struct option *option)
{
	size_t len, word_len = strlen(args[0]);
	const char *value;

	for (size_t i = 0; i < COMMAND_ARGS_MAX && !argument_is_end(&c->args[i]); i++) {
		const struct argument *a = &c->args[i];

		if (a->pairs != PAIRS_NONE && pair_split(args[0], &len, &value)) {
			*option = (struct option){ a, args[0], len, value };
			return 1;
		}
		if (argument_has_keyword(a) && strncmp(a->word, args[0], word_len) == 0 &&
			a->word[word_len] == ' ') {
			*option = (struct option){ a, args[0], word_len,
				n > 1 ? args[1] : NULL };
			return n > 1 ? 2 : 1;
		}
	}
	return 0;
}

void command_usage(const struct command *c, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s", c->noun, *c->verb != '\0' ? " " : "", c->verb);
	for (size_t i = 0; i < COMMAND_ARGS_MAX && !argument_is_end(&c->args[i]); i++) {
		const struct argument *a = &c->args[i];

		switch (a->number) {
		case NUMBER_ONE:
		case NUMBER_FORM:
		case NUMBER_NEED:
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
			break;
		case NUMBER_MUTE:
			break;
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

static int refuse_name(const struct command *c, enum pair_set set, const struct option *o,
	struct err *err)
{
	char name[81];

	snprintf(name, sizeof(name), "%.*s", (int)(o->len > 80 ? 80 : o->len), o->name);
	return pair_refuse_name(c, set, name, err);
}

/* Of the right shape (check_options()). */
static int check_pairs(const struct command *c, enum pair_set set, char *const *args,
	size_t n, struct err *err)
{
	bool given[sizeof(pairs) / sizeof(pairs[0])] = { false };
	struct option o;

	for (size_t i = 0; i < n;) {
		const struct pair *p;

		i += command_option(c, args + i, n - i, &o);
		if (o.argument->pairs == PAIRS_NONE)
			continue;
		p = pair_find(set, o.name, o.len);
		if (p == NULL)
			return refuse_name(c, set, &o, err);
		if (given[p - pairs] && !p->many)
			return err_set(err, "\"%s\" is given twice", p->name);
		given[p - pairs] = true;
	}
	return 0;
}

/* What is said of a word that is no option. */
static const char *say_no_option(const struct command *c)
{
	bool keywords = false;

	for (size_t i = 0; i < COMMAND_ARGS_MAX && !argument_is_end(&c->args[i]); i++)
		keywords |= argument_has_keyword(&c->args[i]);
	if (command_pairs(c) == PAIRS_NONE)
		return "one word too many:";
	return keywords ? "neither NAME=VALUE nor a keyword:" : "not NAME=VALUE:";
}

static bool has_verbs(const char *noun)
{
	for (size_t i = 0; i < ncommands; i++)
		if (strcmp(commands[i].noun, noun) == 0 && *commands[i].verb != '\0')
			return true;
	return false;
}

/* A word that stands where options do, as the first or not.  The first behind a noun
 * that has verbs, too, will have been meant for one of those. */
static int refuse_word(
	const struct command *c, const char *word, bool first, struct err *err)
{
	if (first && *c->verb == '\0' && has_verbs(c->noun))
		return refuse_verb(c->noun, word, err);
	return bad_shape(c, say_no_option(c), word, err);
}

/* In any order, each keyword once and with its value, and none missing. */
static int check_options(
	const struct command *c, char *const *args, size_t n, struct err *err)
{
	bool given[COMMAND_ARGS_MAX] = { false };
	struct option o;
	size_t used;

	for (size_t i = 0; i < n; i += used) {
		used = command_option(c, args + i, n - i, &o);
		if (used == 0)
			return refuse_word(c, args[i], i == 0, err);
		if (o.value == NULL)
			return bad_shape(c, "missing:", o.argument->word, err);
		if (argument_has_keyword(o.argument) && given[o.argument - c->args])
			return err_set(err, "\"%s\" is given twice", args[i]);
		given[o.argument - c->args] = true;
	}
	for (size_t i = 0; i < COMMAND_ARGS_MAX && !argument_is_end(&c->args[i]); i++)
		if (argument_is_option(&c->args[i]) && must_be_given(&c->args[i]) &&
			!given[i])
			return bad_shape(c, "missing:", c->args[i].word, err);
	return 0;
}

int command_check_words(
	const struct command *c, char *const *args, size_t n, struct err *err)
{
	size_t taken = command_words(c, args, n);
	const struct argument *a = c->args;

	for (size_t i = 0; i < COMMAND_ARGS_MAX && !argument_is_end(&a[i]) &&
			   !argument_is_option(&a[i]);
		i++)
		if (taken <= i && must_be_given(&a[i]))
			return bad_shape(c, "missing:", a[i].word, err);
	return check_options(c, args + taken, n - taken, err);
}

int command_check(const struct command *c, char *const *args, size_t n, struct err *err)
{
	size_t taken = command_words(c, args, n);

	if (command_check_words(c, args, n, err) < 0)
		return -1;
	return check_pairs(c, command_pairs(c), args + taken, n - taken, err);
}
