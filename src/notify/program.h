/*
 * A program that is given something to read, and has to end in time: it is started
 * without a shell, with PATH and LANG=C alone, its standard output goes nowhere, and what
 * it says on standard error is kept for when it fails.  It has a process group of its
 * own, which is killed when it has ended, or has not ended in time.  One thread; SIGPIPE
 * is ignored.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_NOTIFY_PROGRAM_H
#define THEMIS_NOTIFY_PROGRAM_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROGRAM_SAID_MAX 500 /* octets of standard error that are kept */
#define PROGRAM_LEFT_MAX 8

/* Who could not be killed (it had become somebody else), and is waited for later.  All 0:
 * nobody. */
struct program_left {
	pid_t pids[PROGRAM_LEFT_MAX];
	size_t n;
};

/* Starts argv[0], a path, with that input, and waits for its end, at most until that
 * moment or, if another thread sets that earlier, until *stop (clock_monotonic()).  0: it
 * has ended with status 0, whether it has read its input or not; -1 and err says how it
 * failed. */
int program_run(struct program_left *left, char *const *argv, const char *input,
	int64_t until, const _Atomic int64_t *stop, struct err *err);

#endif
