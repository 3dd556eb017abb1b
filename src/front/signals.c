/*
 * sigwait(3) for libmilter's thread: what a program defines, the dynamic linker prefers
 * to what the C library has.  The thread has SIGTERM, SIGINT and SIGHUP blocked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/signals.h"

#include <unistd.h>

int sigwait(const sigset_t *set, int *signal_number)
{
	(void)set;
	(void)signal_number;
	for (;;)
		pause();
}
