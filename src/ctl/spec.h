/*
 * The commands, from ctl/commands.def: what there is, who may, which arguments,
 * and how that is said.  Shared by daemon and shell; constant.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_CTL_SPEC_H
#define THEMIS_CTL_SPEC_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Who may, and how it is run: ctl/commands.def says what each of them means. */
enum command_access {
	ACCESS_READ,
	ACCESS_SEARCH,
	ACCESS_REPORT,
	ACCESS_ASK,
	ACCESS_LOCAL,
	ACCESS_WRITE, /* this one and those behind it are for who may write */
	ACCESS_FLAG,
	ACCESS_ACT,
	ACCESS_STAGE,
	ACCESS_COPY,
	ACCESS_SEND,
};

/* For tables of handlers: what stands in the daemon's and in the shell's, each of which
 * has the handlers of some commands. */
#define COMMAND_SIDE(access, daemon, shell) SIDE_##access(daemon, shell)
#define SIDE_READ(daemon, shell)	    daemon
#define SIDE_SEARCH(daemon, shell)	    daemon
#define SIDE_REPORT(daemon, shell)	    daemon
#define SIDE_ASK(daemon, shell)		    daemon
#define SIDE_LOCAL(daemon, shell)	    shell
#define SIDE_WRITE(daemon, shell)	    daemon
#define SIDE_FLAG(daemon, shell)	    daemon
#define SIDE_ACT(daemon, shell)		    daemon
#define SIDE_STAGE(daemon, shell)	    daemon
#define SIDE_COPY(daemon, shell)	    daemon
#define SIDE_SEND(daemon, shell)	    daemon

enum command_layout {
	LAYOUT_NONE,
	LAYOUT_TABLE,
	LAYOUT_CARD,
	LAYOUT_LINES,
	LAYOUT_GLOSSARY,
	LAYOUT_STREAM,
	LAYOUT_OBJECT,
	LAYOUT_TRAFFIC,
	LAYOUT_TEST,
	LAYOUT_SUGGEST,
};

/* What an argument names: for help and completion; the daemon's handlers judge. */
enum argument_kind {
	ARG_END,
	ARG_GROUP,
	ARG_GROUPS, /* several of them, with commas between */
	ARG_NEW_GROUP,
	ARG_POLICY,
	ARG_NEW_POLICY,
	ARG_MEMBER,
	ARG_OBJECT,
	ARG_OBJECT_OR_ALL,
	ARG_POOL,
	ARG_NEW_POOL,
	ARG_HOST,
	ARG_CHANGE,    /* by its number in the trail */
	ARG_CHOICE,    /* one of some words */
	ARG_CHOICES,   /* several of them, with commas between */
	ARG_CRITERION, /* GROUP, !GROUP or any */
	ARG_HEADER,    /* of the policy before it */
	ARG_HEADER_OR_ALL,
	ARG_REPORT,
	ARG_USER, /* who has changed something */
	ARG_NOUN,
	ARG_VERB,
	ARG_COMMAND, /* with NUMBER_MANY: one with its arguments */
	ARG_PATTERN,
	ARG_LIMIT,
	ARG_DURATION,
	ARG_PENALTY, /* a duration, or default */
	ARG_MOMENT,  /* RFC 3339, in UTC */
	ARG_TEXT,
	ARG_SETTING,
	ARG_VALUE,
	ARG_FILE,
	ARG_WORD,
};

enum argument_number {
	NUMBER_ONE,
	NUMBER_OPTIONAL,
	NUMBER_MANY, /* one at least */
	NUMBER_ANY,
	NUMBER_FORM, /* one at least, of a form that word says as a whole */
	NUMBER_MUTE, /* may be left out, and is said nowhere: it is for programs */
	NUMBER_SAID, /* behind a keyword, or left out: word is "for DURATION" */
	NUMBER_NEED, /* behind a keyword, which must not be left out */
};

enum pair_set {
	PAIRS_NONE,
	PAIRS_POLICY,
	PAIRS_COUNTER,
	PAIRS_RESET,
	PAIRS_GRANT,
	PAIRS_OBJECT,
	PAIRS_AUDIT,
	PAIRS_TEST, /* with the attributes of a policy */
	PAIRS_SUGGEST,
	PAIRS_SETTING,
	PAIRS_EXPLAIN,
	PAIRS_SPF,
	PAIRS_TOP_OBJECT,
	PAIRS_TOP_POLICY,
	PAIRS_REPORT,
	PAIRS_REPORT_HTML,
	PAIRS_TAIL,
	PAIRS_DOCTOR,
	PAIRS_SITE, /* no command's: the settings themselves */
};

#define COMMAND_ARGS_MAX 5

struct argument {
	enum argument_kind kind;
	enum argument_number number;
	enum pair_set pairs; /* instead of the above */
	const char *word;
};

struct command {
	const char *noun, *verb; /* verb "" where the noun is the command */
	enum command_access access;
	enum command_layout layout;
	const char *help, *example;
	struct argument args[COMMAND_ARGS_MAX]; /* ends with ARG_END and no pairs */
};

struct pair {
	enum pair_set set;
	const char *name, *old; /* old: the name it had in the Python Themis, or "" */
	enum argument_kind kind;
	const char *values;
	const char *default_value; /* NULL: required, or (not a policy's) none */
	const char *meaning;
	bool many; /* may be given more than once */
};

/* The list of a command's arguments is over. */
static inline bool argument_is_end(const struct argument *a)
{
	return a->kind == ARG_END && a->pairs == PAIRS_NONE;
}

/* One that takes all words that are left. */
static inline bool argument_is_list(const struct argument *a)
{
	return a->number == NUMBER_MANY || a->number == NUMBER_ANY ||
	       a->number == NUMBER_FORM;
}

/* Behind a keyword. */
static inline bool argument_has_keyword(const struct argument *a)
{
	return a->number == NUMBER_SAID || a->number == NUMBER_NEED;
}

/* One that stands behind the words, in any order: NAME=VALUE, or behind a keyword. */
static inline bool argument_is_option(const struct argument *a)
{
	return a->pairs != PAIRS_NONE || argument_has_keyword(a);
}

static inline bool command_looks(const struct command *c)
{
	return c->access == ACCESS_READ || c->access == ACCESS_SEARCH ||
	       c->access == ACCESS_REPORT || c->access == ACCESS_ASK;
}

static inline bool command_writes(const struct command *c)
{
	return c->access >= ACCESS_WRITE;
}

/* Does it change what mail is judged by, now or when its transaction is committed? */
static inline bool command_changes(const struct command *c)
{
	return c->access == ACCESS_WRITE || c->access == ACCESS_FLAG ||
	       c->access == ACCESS_ACT;
}

/* Can it be watched?  It has to look only, to show something, and to come to an end. */
static inline bool command_is_watched(const struct command *c)
{
	return command_looks(c) && c->layout != LAYOUT_NONE && c->layout != LAYOUT_STREAM;
}

extern const struct command commands[];
extern const size_t ncommands;

/* Ends with a name of NULL. */
extern const struct pair pairs[];

/* The command that the first words name, and how many words that is (1 or 2).
 * NULL with err, which says what there is instead. */
const struct command *command_find(
	char *const *words, size_t n, size_t *used, struct err *err);

/* How many of these arguments stand before NAME=VALUE or keywords. */
size_t command_words(const struct command *c, char *const *args, size_t n);

/* What stands behind those, in any order: NAME=VALUE, or a keyword and its value. */
struct option {
	const struct argument *argument; /* that it is one of */
	const char *name;		 /* of the pair, or the keyword; len octets */
	size_t len;
	const char *value; /* NULL: the keyword is the last word */
};

/* The option that these arguments, behind the words, begin with; by how many of them it
 * is given, 0: what stands there is none. */
size_t command_option(
	const struct command *c, char *const *args, size_t n, struct option *option);

/* Are these arguments (behind noun and verb) as many as the command takes, and those at
 * the end options where it takes some, with every keyword that it needs?  0, or -1 and
 * err, with the usage. */
int command_check_words(
	const struct command *c, char *const *args, size_t n, struct err *err);

/* The same, and: is each name of NAME=VALUE one that the command knows, and given
 * once? */
int command_check(const struct command *c, char *const *args, size_t n, struct err *err);

/* The set of pairs that a command takes, PAIRS_NONE if none. */
enum pair_set command_pairs(const struct command *c);

/* The name and value of a word "name=value" for that set: false if the word is
 * of another shape.  *len is the length of the name. */
bool pair_split(const char *word, size_t *len, const char **value);

/* The pair of that name, or old name (len octets), in a set; NULL if there is none. */
const struct pair *pair_find(enum pair_set set, const char *word, size_t len);

/* The next of the words in the values of a CHOICE ("a, b or c"), with its length; NULL
 * behind the last.  Begins at the values, and goes on where the last word ended. */
const char *choice_next(const char *at, size_t *len);

/* Refusals, with the nearest right word.  Always -1. */
int pair_refuse_name(
	const struct command *c, enum pair_set set, const char *name, struct err *err);
int pair_refuse_value(/* of a name in that set */
	enum pair_set set, const char *name, const char *value, struct err *err);

/* "policy add POLICY NAME=VALUE ..." */
void command_usage(const struct command *c, char *buf, size_t size);

#endif
