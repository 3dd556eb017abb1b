/*
 * How far a command is that takes long: a bar on standard error, drawn in place, if that
 * is a terminal; gone when the answer comes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_PROGRESS_H
#define THEMIS_SHELL_PROGRESS_H

#include "base/arena.h"
#include "ctl/spec.h"
#include "view.h"

struct progress {
	const struct view *view;
	int width; /* that is drawn by now; 0: nothing is */
};

/* The line to be sent, so that the daemon tells how far it is, in the arena; the same
 * line where it would not, or nobody would see it. */
const char *progress_line(struct arena *arena, const struct command *c, const char *line);

/* What a client calls (client.progress), with the JSON text that the daemon has sent, or
 * NULL when there is something else.  arg: a struct progress. */
void progress_tell(void *arg, const char *json);

#endif
