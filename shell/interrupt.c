/*
 * Ctrl-C, on an eventfd: so that who waits for a socket waits for both, and none is
 * missed between a look and the wait.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* the signal's handler has nothing else to know it by; set once, before that */
static int event = -1;

static void remember(int signal)
{
	uint64_t one = 1;
	int saved = errno;

	(void)signal;
	/* it can only fail when there have been 2^64 interrupts that nobody took */
	if (write(event, &one, sizeof(one)) < 0)
		abort();
	errno = saved;
}

int interrupt_begin(void)
{
	/* no SA_RESTART: whoever is in a slow call comes back and asks */
	struct sigaction now, action = { .sa_handler = remember };

	if (event >= 0 || sigaction(SIGINT, NULL, &now) < 0 || now.sa_handler == SIG_IGN)
		return event;
	event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (event >= 0)
		sigaction(SIGINT, &action, NULL);
	return event;
}

bool interrupt_take(void)
{
	uint64_t n;

	return event >= 0 && read(event, &n, sizeof(n)) == (ssize_t)sizeof(n);
}

_Noreturn void interrupt_die(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	sigaction(SIGINT, &action, NULL);
	raise(SIGINT);
	_exit(128 + SIGINT); /* the signal is blocked */
}
