/*
 * The forms of the old command line (tmscli.def): which one a line has, what is said
 * if it has none, and what each becomes.  For shell/tmscli; pure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_TMSCLI_FORM_H
#define THEMIS_SHELL_TMSCLI_FORM_H

#include "tmscli.h"

/* Of verbs, and of flags. */
enum { ADD = 1, MODIFY = 2, DELETE = 4, GET = 8, REMOVE = 16, CLEAR = 32 };

enum noun { POLICY, GROUP, POOL, HEADERS, FEATURES, METADATA, SEARCH, LOOKUP, RESYNC };

/* -s, which has a word behind it, and -- are the reader's. */
enum role { IS_VERB, IS_NOUN, IS_FLAG, IS_JSON, IS_HELP };

struct option {
	const char *text;
	enum role role;
	unsigned value; /* one of the enums above */
};

/* A command line as it was read, and what is made of it. */
struct line {
	struct arena *arena;
	const struct option *verb, *noun;
	const struct option *verb_again, *noun_again;
	const char *unknown;
	unsigned flags;
	bool help, want_name; /* the next value is the name */
	char *name;	      /* behind the noun */
	char **values;
	size_t n, cap;
	const struct form *form;
	struct tmscli *out;
	size_t commands_cap, words_cap;
	struct err *err;
};

/* A row of tmscli.def, which says what each member is. */
struct form {
	unsigned verbs;
	enum noun noun;
	unsigned flag;
	const char *name;
	size_t least, most;
	const char *usage, *command;
	int (*build)(struct line *l);
};

/* len octets of text; NULL if that is no option. */
const struct option *option_find(const char *text, size_t len);

/* The noun of this name, without its dashes; NULL if there is none. */
const struct option *option_noun(const char *text);

/* Sets l->form, where verb and noun are there; 0, or -1 and err. */
int form_find(struct line *l);

/* What --help says, of one noun or (NULL) of all. */
char *form_usage(struct arena *arena, const struct option *noun);

/* The texts of the options of a role: "--policy, --group". */
void form_list(enum role role, char *buf, size_t size);

/* Wrong usage: the sentence and the forms that come near.  -1, as the next two. */
int form_wrong(struct line *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The name (0) or a value (from 1) of l->form is not there. */
int form_missing(struct line *l, size_t i);

/* It was taken away. */
int form_gone(struct line *l, const char *name, const char *instead);

/* A word of the user's for a sentence: escaped and cut. */
const char *form_shown(struct line *l, const char *word);

/* The commands of a line that has its form; 0, or -1 and err. */
int build_bare(struct line *l);	      /* no name */
int build_words(struct line *l);      /* name and values as they stand */
int build_each(struct line *l);	      /* a command for each name */
int build_members(struct line *l);    /* each value holds some */
int build_attributes(struct line *l); /* ATTRIBUTE VALUE */
int build_rule(struct line *l);	      /* HEADER REGEX NEW VALUE */
int build_clear(struct line *l);      /* all of the name's */
int build_setting(struct line *l);    /* FEATURE VALUE, of a pool or of all */
int build_flag(struct line *l);	      /* KEY TRUE|FALSE of an object */
int build_object(struct line *l);     /* an object */
int build_live(struct line *l);	      /* no command: a sentence */

#endif
