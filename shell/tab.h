/*
 * What Tab and ?? do at the prompt.  One thread, one prompt.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_TAB_H
#define THEMIS_SHELL_TAB_H

#include "run.h"

/* From here on readline completes with what suggest_line() finds; the shell has to stay.
 */
void tab_begin(struct shell *s);

#endif
