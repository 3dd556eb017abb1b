/*
 * The time that a report is about: since=DURATION or a moment, until= likewise.  A
 * duration goes back from now.  Pure, but for the time zone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_PERIOD_H
#define THEMIS_SHELL_PERIOD_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Seconds since 1970. */
struct period {
	int64_t since, until;
};

/* NULL: since 7 days before now, until now.  A duration of a day and more begins with the
 * full hour, a shorter one with the full minute, as clocks here show it: so that no bar
 * of a chart is about a piece of one.  0, or -1 and err. */
int period_parse(const char *since, const char *until, int64_t now, struct period *out,
	struct err *err);

/* Makes it one of whole steps of UTC, of that many seconds: those that since and until
 * are in are in it as a whole, as far as they are over.  Was it another one? */
bool period_widen(struct period *p, int64_t step, int64_t now);

#endif
