/*
 * Running postconf(1).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_DOCTOR_POSTCONF_H
#define THEMIS_SHELL_DOCTOR_POSTCONF_H

#include "base/arena.h"
#include "base/err.h"

#include <stddef.h>

#define POSTCONF_WORDS_MAX 256 /* of its command line */

struct postconf {
	struct arena *arena;
	const char *directory; /* of main.cf and master.cf; NULL: the machine's own */
	const char *warnings;  /* of all that were run, each once, a line each; "" */
};

/* What it prints with these words; in the arena.  NULL: it cannot be run or fails, and
 * err says what with. */
char *postconf_ask(
	struct postconf *p, const char *const *words, size_t n, struct err *err);

/* A new directory with a copy of two files as its main.cf and master.cf, for those that
 * lie elsewhere; NULL and err if one cannot be read.  And away with it. */
const char *postconf_gather(
	struct arena *arena, const char *main, const char *master, struct err *err);
void postconf_scatter(struct arena *arena, const char *directory);

#endif
