/*
 * Completion: what may stand where the cursor is, from the tables of commands, the
 * daemon, and for a file from the disk.  One thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_SUGGEST_H
#define THEMIS_SHELL_SUGGEST_H

#include "base/arena.h"
#include "run.h"

struct suggestions {
	char *const *words; /* whole, as they are meant: not quoted */
	size_t n;
	bool cut; /* there are more: what these have in common, others may not have */
	size_t before; /* octets that all of them begin with, up to the name: "source=" */
};

/* Those for the last word of a line that is typed up to there.  A daemon that does not
 * answer at once, or is not there, has none to add: its answer is waited for no longer
 * than is noticed, and passed over when it comes. */
void suggest_line(
	struct shell *s, struct arena *arena, const char *line, struct suggestions *out);

/* The same for words, of which the last one is begun. */
void suggest_words(struct shell *s, struct arena *arena, char *const *words, size_t n,
	struct suggestions *out);

/* May a blank stand behind it?  Not where its value, or a file in it, comes next. */
bool suggest_ends(const char *word);

#endif
