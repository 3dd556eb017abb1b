/*
 * The default counter store: the counters in sharded memory, every charge also
 * in SQLite.  Charges mark their counter dirty; the writer takes the dirty ones
 * along with each batch (writer_hook) and stores what they hold by then, so a
 * counter that many messages of one batch charge is written once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_COUNTER_MEM_H
#define THEMIS_COUNTER_MEM_H

#include "counter/store.h"
#include "db/writer.h"

struct counter_store *mem_store_new(void);

/* Fills an empty store with what the database holds.  Before the threads. */
int mem_store_load(
	struct counter_store *store, struct db *db, int64_t now, struct err *err);

/* What the writer calls for each batch. */
struct writer_hook mem_store_hook(struct counter_store *store);

#endif
