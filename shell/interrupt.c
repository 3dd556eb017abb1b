/*
 * Ctrl-C, on an eventfd: so that who waits for a socket waits for both, and none is
 * missed between a look and the wait.  On a signalfd while it is held, since a library
 * with a handler of its own has such a gap.
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
#include <sys/signalfd.h>
#include <unistd.h>

/* the signal's handler has nothing else to know it by; set once, before that */
static int event = -1;

/* readable while one is pending, which it can only be while it is held */
static int held = -1;

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

static sigset_t only_sigint(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	return set;
}

int interrupt_begin(void)
{
	/* no SA_RESTART: whoever is in a slow call comes back and asks */
	struct sigaction now, action = { .sa_handler = remember };
	sigset_t set = only_sigint();

	if (event >= 0 || sigaction(SIGINT, NULL, &now) < 0 || now.sa_handler == SIG_IGN)
		return event;
	held = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	event = held >= 0 ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1;
	if (event >= 0)
		sigaction(SIGINT, &action, NULL);
	return event;
}

int interrupt_hold(void)
{
	sigset_t set = only_sigint();

	if (event < 0)
		return -1;
	sigprocmask(SIG_BLOCK, &set, NULL);
	return held;
}

void interrupt_release(void)
{
	sigset_t set = only_sigint();

	if (event >= 0)
		sigprocmask(SIG_UNBLOCK, &set, NULL);
}

bool interrupt_take(void)
{
	struct signalfd_siginfo told;
	uint64_t n;
	bool was;

	if (event < 0)
		return false;
	was = read(event, &n, sizeof(n)) == (ssize_t)sizeof(n);
	return read(held, &told, sizeof(told)) == (ssize_t)sizeof(told) || was;
}

_Noreturn void interrupt_die(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	sigaction(SIGINT, &action, NULL);
	raise(SIGINT);
	_exit(128 + SIGINT); /* the signal is blocked */
}
