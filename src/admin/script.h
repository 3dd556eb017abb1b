/*
 * Commands as they are written down by the daemon: to be shown, kept, or run.  One that
 * has a list in it is split where its line would become longer than the control protocol
 * takes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_SCRIPT_H
#define THEMIS_ADMIN_SCRIPT_H

#include "base/arena.h"
#include "base/err.h"

struct script {
	/* Takes a command's words (noun and verb too), good until it returns;
	 * words_join() makes a line of them.  0, or -1 and err: no more are wanted. */
	int (*emit)(void *arg, char *const *words, size_t n, struct err *err);
	void *arg;
	struct err *err;

	int result;	     /* 0 to begin; -1: it has failed, and is silent since then */
	struct arena *arena; /* of the command in hand; NULL: there is none */
	char **words;
	size_t n, cap;
	size_t stem;   /* words before its list */
	size_t length; /* octets of its line */
};

/* "policy set outbound": what follows are words, pairs, or a list of items.  All texts
 * are copied. */
void script_begin(struct script *s, const char *noun, const char *verb, const char *name);
void script_word(struct script *s, const char *word);
void script_pair(struct script *s, const char *name, const char *value);

/* One of a list; where the line would become too long, it is ended and another one begun
 * with the same words before the list. */
void script_item(struct script *s, const char *word);

/* Hands the command on; nothing happens if none was begun. */
void script_end(struct script *s);

/* Whoever was asked for words has failed, and filled the script's err. */
void script_fail(struct script *s);

#endif
