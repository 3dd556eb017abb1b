/*
 * The default counter store: the counters in sharded memory, every charge also
 * in SQLite; and those that were not asked for lately in SQLite alone, so that memory is
 * bounded.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_COUNTER_MEM_H
#define THEMIS_COUNTER_MEM_H

#include "counter/store.h"
#include "db/writer.h"

/* Opens the store with what the database holds; before the threads.  reader (DB_READER)
 * is taken over: through it counters come back that are not in memory.  max: about so
 * many of them are.  NULL with err. */
struct counter_store *mem_store_open(
	struct db *db, struct db *reader, size_t max, int64_t now, struct err *err);

/* Closes the reader: from now on nothing comes back.  The store stays valid, since a
 * callback of a session may still hold it. */
void mem_store_stop(struct counter_store *store);

/* What the writer calls for each batch. */
struct writer_hook mem_store_hook(struct counter_store *store);

#endif
