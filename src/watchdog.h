/*
 * The watchdog: signs of life to a service manager that wants them (WatchdogSec= of
 * systemd), as long as no thread that mail depends on is stuck (base/pulse.h).  A thread
 * of its own, since the main loop may wait for the writer, which is whom it watches.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_WATCHDOG_H
#define THEMIS_WATCHDOG_H

#include "base/err.h"
#include "base/pulse.h"

struct watchdog {
	int64_t within; /* a sign each so many microseconds is what the manager wants */
	bool silent;	/* it has none at the moment */
	enum pulse stuck;
	struct pulse_watch watch;
};

/* How often to look, in microseconds: so that there are signs enough, but ten a second at
 * the most, and one an hour at the least. */
int64_t watchdog_interval(const struct watchdog *dog);

/* Looks around, and gives a sign unless somebody is stuck; a line of the log says so when
 * that begins, and when it is over.  now: of the monotonic clock. */
void watchdog_look(struct watchdog *dog, int64_t now);

/* Starts the thread, if the manager wants signs.  With all signals blocked that are for
 * others. */
int watchdog_start(struct err *err);

/* Ends it; nothing if there is none. */
void watchdog_stop(void);

#endif
