/*
 * What a watch is asked for.  Pure; the command itself is do_watch()
 * (shell/local.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_WATCH_H
#define THEMIS_SHELL_WATCH_H

#include "base/clock.h"
#include "base/err.h"

/* Microseconds between one look and the next. */
#define WATCH_PERIOD_MIN     (CLOCK_SECOND / 10)
#define WATCH_PERIOD_MAX     (86400 * CLOCK_SECOND)
#define WATCH_PERIOD_DEFAULT (2 * CLOCK_SECOND)

struct watch {
	int64_t period;	    /* microseconds */
	char *const *words; /* of the command; the caller's */
	size_t n;
};

/* The arguments of watch: perhaps "every PERIOD", then a command that looks, with its
 * own arguments.  0, or -1 and err. */
int watch_read(struct watch *w, char *const *args, size_t n, struct err *err);

#endif
