/*
 * The command help, all of it from the tables of commands: the nouns, the verbs of one,
 * or one command with what it takes and an example.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/request.h"

#include <string.h>

#define USAGE_MAX 300

static int say(struct request *rq, const char *what, const char *help, struct err *err)
{
	return request_row(
		rq, json_pack("{s:s, s:s}", "command", what, "help", help), err);
}

/* The verbs of a noun, with commas between; NULL: it has none. */
static const char *verbs_of(struct request *rq, const char *noun)
{
	const char *verbs = NULL;

	for (size_t i = 0; i < ncommands; i++)
		if (strcmp(commands[i].noun, noun) == 0 && *commands[i].verb != '\0')
			verbs = verbs == NULL ? commands[i].verb
					      : arena_printf(rq->arena, "%s, %s", verbs,
							commands[i].verb);
	return verbs;
}

/* What the noun does by itself; NULL: it is no command. */
static const char *help_alone(const char *noun)
{
	for (size_t i = 0; i < ncommands; i++)
		if (strcmp(commands[i].noun, noun) == 0 && *commands[i].verb == '\0')
			return commands[i].help;
	return NULL;
}

/* Noun by noun: their verbs, and what they do by themselves. */
static int help_nouns(struct request *rq, struct err *err)
{
	for (size_t i = 0; i < ncommands; i++) {
		const char *noun = commands[i].noun, *help = verbs_of(rq, noun),
			   *alone = help_alone(noun);

		if (i > 0 && strcmp(noun, commands[i - 1].noun) == 0)
			continue;
		if (help != NULL && alone != NULL)
			help = arena_printf(rq->arena, "%s; by itself: %s", help, alone);
		if (say(rq, noun, help != NULL ? help : alone, err) < 0)
			return -1;
	}
	return 0;
}

/* How values of some kinds are spelled, wherever they stand. */
static const struct {
	enum argument_kind kind;
	const char *spelling;
} spellings[] = {
	{ ARG_DURATION, "30m, 2h, 7d, hour, 10minutes ..." },
	{ ARG_MOMENT, "2027-01-31T12:00:00Z" },
};

/* What stands behind keywords, where that is not said by its name. */
static int help_keywords(struct request *rq, const struct command *c, struct err *err)
{
	for (const struct argument *a = c->args;
		a < c->args + COMMAND_ARGS_MAX && !argument_is_end(a); a++)
		for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++)
			if (argument_has_keyword(a) && a->kind == spellings[i].kind &&
				say(rq, arena_printf(rq->arena, "  %s", a->word),
					spellings[i].spelling, err) < 0)
				return -1;
	return 0;
}

static int help_usage(struct request *rq, const struct command *c, struct err *err)
{
	char usage[USAGE_MAX];

	command_usage(c, usage, sizeof(usage));
	return say(rq, usage, c->help, err);
}

/* Is there a default that the meaning does not tell?  It tells what "default" is. */
static bool has_default(const struct pair *p)
{
	return p->default_value != NULL && *p->default_value != '\0' &&
	       strcmp(p->default_value, "default") != 0;
}

static int help_pairs(struct request *rq, enum pair_set set, struct err *err)
{
	for (const struct pair *p = pairs; p->name != NULL; p++) {
		const char *of = arena_printf(rq->arena, "  %s%s%s", p->name,
			set == PAIRS_SITE ? " " : "=", p->values);
		const char *help = p->meaning;

		if (p->set != set)
			continue;
		if (set == PAIRS_POLICY && p->default_value == NULL)
			help = arena_printf(rq->arena, "%s (required)", help);
		else if (has_default(p))
			help = arena_printf(
				rq->arena, "%s (default %s)", help, p->default_value);
		if (say(rq, of, help, err) < 0)
			return -1;
	}
	return 0;
}

/* What the command takes: its NAME=VALUE, or the settings that it is about. */
static enum pair_set about(const struct command *c)
{
	return c->args[0].kind == ARG_SETTING ? PAIRS_SITE : command_pairs(c);
}

static int help_command(struct request *rq, const struct command *c, struct err *err)
{
	if (help_usage(rq, c, err) < 0)
		return -1;
	if (about(c) != PAIRS_NONE && help_pairs(rq, about(c), err) < 0)
		return -1;
	if (help_keywords(rq, c, err) < 0)
		return -1;
	return say(rq, "  example", c->example, err);
}

/* A line a verb; and of the noun by itself, which has no other page, all. */
static int help_verbs(struct request *rq, const char *noun, struct err *err)
{
	for (size_t i = 0; i < ncommands; i++) {
		const struct command *c = &commands[i];

		if (strcmp(c->noun, noun) == 0 &&
			(*c->verb != '\0' ? help_usage : help_command)(rq, c, err) < 0)
			return -1;
	}
	return 0;
}

int do_help(struct request *rq, struct err *err)
{
	const struct command *c;
	size_t used;

	if (rq->nargs == 0)
		return help_nouns(rq, err);
	if (rq->nargs == 1 && verbs_of(rq, rq->args[0]) != NULL)
		return help_verbs(rq, rq->args[0], err);
	c = command_find(rq->args, rq->nargs, &used, err);
	if (c == NULL)
		return -1;
	if (used < rq->nargs)
		return err_code(err, ERR_NO_SUCH, "no help for \"%.80s %.80s\"",
			rq->args[0], rq->args[1]);
	return help_command(rq, c, err);
}
