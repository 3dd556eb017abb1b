/*
 * What goes by itself: counters that have left their windows; history and refusals
 * older than history_days, traffic older than stats_days; flags that are over.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_HOUSEKEEP_H
#define THEMIS_ENGINE_HOUSEKEEP_H

#include "engine/engine.h"

/* One round, in small writes between which mail is written.  From the main
 * loop, every minute or so. */
void housekeep(struct engine *engine, int64_t now);

#endif
