/*
 * The commands of access LOCAL (ctl/commands.def), which the daemon does not have: each
 * has its handler in the shell.  One thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_LOCAL_H
#define THEMIS_SHELL_LOCAL_H

#include "ctl/spec.h"
#include "run.h"

/* Runs a command of that access.  Its arguments (n, behind noun and verb) are of the
 * shape that command_check_words() asks for; line: as it was typed, and where: what
 * stands before words about what is wrong with it (run_refuse()). */
enum status local_run(struct shell *s, const struct command *c, char *const *args,
	size_t n, const char *line, const char *where);

/* The handlers, with those arguments. */
#define COMMAND(noun, verb, handler, access, ...)                                        \
	COMMAND_SIDE(access, ,                                                           \
		     enum status handler(struct shell *s, char *const *args, size_t n,   \
			     const char *line, const char *where);)
#include "ctl/commands.def"
#undef COMMAND

#endif
