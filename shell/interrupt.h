/*
 * Ctrl-C.  From interrupt_begin() on SIGINT does not end the program: it is remembered
 * until somebody asks.  One thread asks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_INTERRUPT_H
#define THEMIS_SHELL_INTERRUPT_H

#include <stdbool.h>

/* The descriptor that is readable while there is an interrupt, for poll(); -1 if SIGINT
 * is ignored, as that of a job in the background: then there is none ever. */
int interrupt_begin(void);

/* While a library has a handler of its own: from here on SIGINT is blocked, and this
 * descriptor is readable while there is an interrupt; -1 as above. */
int interrupt_hold(void);

/* As before. */
void interrupt_release(void);

/* Was there one since it was last asked? */
bool interrupt_take(void);

/* Ends the program as SIGINT would have done, once all is put in order. */
_Noreturn void interrupt_die(void);

#endif
