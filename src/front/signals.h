/*
 * Signals, which are the main thread's alone: libmilter's own thread for them, which
 * would stop it without waiting for messages in hand, is given none.  A signal that comes
 * while the process is stopped, or frozen, goes to whichever thread wakes first and takes
 * it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_FRONT_SIGNALS_H
#define THEMIS_FRONT_SIGNALS_H

#include <signal.h>

/* What libmilter's thread calls as sigwait(3); nobody else in the process does.  It never
 * returns. */
int sigwait(const sigset_t *set, int *signal_number)
	__attribute__((visibility("default"), used));

#endif
