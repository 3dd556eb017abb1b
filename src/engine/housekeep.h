/*
 * What goes by itself: counters that have left their windows; history and refusals
 * older than history_days, traffic older than stats_days; flags that are over.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_HOUSEKEEP_H
#define THEMIS_ENGINE_HOUSEKEEP_H

#include "engine/engine.h"

#define HOUSEKEEPING_EVERY (60 * CLOCK_SECOND)

/* When it may begin: a minute from now; in an hour, with a warning, where the clock is
 * more than a day ahead of all that is stored.  That may be true, after a pause; if it is
 * not, somebody has time to set the clock before everything is over by it.  0, or -1 and
 * err. */
int housekeep_begin(struct db *db, int64_t now, int64_t *when, struct err *err);

/* A step of it, one small write.  From the main loop, every HOUSEKEEPING_EVERY: again and
 * again, with a little time between for mail, until it says false: nothing is left to
 * do, or nothing can be written. */
bool housekeep(struct engine *engine, int64_t now);

#endif
