/*
 * What goes by itself: counters that have left their windows; history and refusals
 * older than history_days, traffic older than stats_days; flags that are over.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_HOUSEKEEP_H
#define THEMIS_ENGINE_HOUSEKEEP_H

#include "engine/engine.h"

/* A step of it, one small write.  From the main loop, every minute or so: again and
 * again, with a little time between for mail, until it says false: nothing is left to
 * do, or nothing can be written. */
bool housekeep(struct engine *engine, int64_t now);

#endif
