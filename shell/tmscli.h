/*
 * tmscli, the command line of the Python Themis: what it said, in the commands of
 * today.  Pure; the same program as tmsh runs them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_TMSCLI_H
#define THEMIS_SHELL_TMSCLI_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct tmscli_command {
	char **words;
	size_t n;
};

/* What an old command line comes to. */
struct tmscli {
	const char *socket; /* of -s; NULL: not given */
	bool json;
	const char *say; /* for standard output, no daemon is asked; or NULL */
	struct tmscli_command *commands; /* to run in order, up to the first refusal */
	size_t n;
};

/* The words behind the program's name.  0, or -1 and err: a sentence that names the
 * word and the usage, or what to do instead.  All of it in the arena, or of the
 * caller's words. */
int tmscli_translate(struct arena *arena, char *const *words, size_t n,
	struct tmscli *out, struct err *err);

/* What --help says. */
const char *tmscli_usage(struct arena *arena);

#endif
