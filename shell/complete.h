/*
 * What may stand where the cursor is: decided from the table of commands by the words
 * before it.  Pure; names of what is configured are the daemon's to say
 * (shell/suggest.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_COMPLETE_H
#define THEMIS_SHELL_COMPLETE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct wanted {
	struct arena *arena;
	const char *begun; /* what is typed of the word: everything begins with it */
	/* words that the tables know, whole; one that ends in = has no blank behind it */
	char **words;
	size_t n, cap;
	size_t before; /* octets of them up to the name or value: "source=!" */
	/* what to ask the daemon for: the command `complete KIND PREFIX [OF]`; NULL:
	 * nothing */
	const char *kind, *prefix, *of;
	/* not to be offered again; the caller's */
	char *const *given;
	size_t ngiven;
	bool files; /* the name of a file */
	bool cut;   /* the daemon has more than it has said; the caller's */
};

/* words: those before the one that is begun ("": nothing of it is typed). */
void complete_want(struct arena *arena, char *const *words, size_t n, const char *begun,
	struct wanted *out);

/* Adds a word, if it begins as it should and was not given. */
void complete_offer(struct wanted *w, const char *word);

/* Adds an answer of the daemon's, whose letters may be of another case than those typed.
 */
void complete_take(struct wanted *w, const char *name);

#endif
