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

/* A word, and where it stands in the line: octets from start to before end, quotes and
 * all. */
struct word {
	char *text;
	size_t start, end;
};

struct words {
	struct word *list;
	size_t n;
	char open;  /* what the last word ends within: a quote, a backslash, or \0 */
	size_t end; /* of what was read: the line's, or where a comment begins */
};

/* The words of a line that may still be typed; in the arena. */
void words_scan(struct arena *arena, const char *line, struct words *out);

/* The line that words_split() reads back as these words, and a POSIX shell too; each
 * quoted the shorter way.  In the arena. */
char *words_join(struct arena *arena, char *const *words, size_t n);

/* The octets that a word takes in such a line. */
size_t word_length(const char *word);

#endif
