/*
 * Commands from a terminal, line by line.  One thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_PROMPT_H
#define THEMIS_SHELL_PROMPT_H

#include "run.h"

/* Asks for commands until there are no more. */
enum status prompt_run(struct shell *s);

#endif
