/*
 * Commands from a terminal.  The lines that were typed are kept in the user's state
 * directory (XDG_STATE_HOME), in a file that only he can read.  One thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_PROMPT_H
#define THEMIS_SHELL_PROMPT_H

#include "run.h"

/* Asks for commands until there are no more. */
enum status prompt_run(struct shell *s);

#endif
