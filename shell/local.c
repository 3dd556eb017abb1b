/*
 * The table of the shell's own commands.  Called by shell/run.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "local.h"

/* One for each command; NULL for those of the daemon. */
static enum status (*const handlers[])(struct shell *s, char *const *args, size_t n,
	const char *line, const char *where) = {
#define COMMAND(noun, verb, handler, access, ...) COMMAND_SIDE(access, NULL, handler),
#include "ctl/commands.def"
#undef COMMAND
};

enum status local_run(struct shell *s, const struct command *c, char *const *args,
	size_t n, const char *line, const char *where)
{
	return handlers[c - commands](s, args, n, line, where);
}
