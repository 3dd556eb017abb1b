/*
 * Words of a line, quoted as in a POSIX shell: '...' as it stands, "..." with \"
 * and \\, \x outside of quotes; a # at the start of a word begins a comment.
 * Nothing is expanded.  Pure; any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_CTL_WORDS_H
#define THEMIS_CTL_WORDS_H

#include "base/arena.h"
#include "base/err.h"

/* The words of a line, in the arena; their number, or -1 if a quote is open. */
int words_split(struct arena *arena, const char *line, char ***words, struct err *err);

/* The line that words_split() reads back as these words; in the arena. */
char *words_join(struct arena *arena, char *const *words, size_t n);

/* The octets that a word takes in such a line. */
size_t word_length(const char *word);

#endif
