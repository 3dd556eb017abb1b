/*
 * A counter store to try something with: it begins empty, is in memory alone, and is
 * forgotten afterwards.  It has the same counters and the same arithmetic as the one that
 * mail is judged by (counter/table.h, counter/meet.h), so that what is tried comes to
 * what mail would have come to.
 *
 * One thread.  Its moments must not go back: as they go on, what has left its windows
 * goes, too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_COUNTER_SCRATCH_H
#define THEMIS_COUNTER_SCRATCH_H

#include "counter/store.h"

/* At most max counters are in it at a time: a charge that needs more is -1, and nothing
 * is charged.  Of its methods there are charge, peek, count and close.  Never NULL. */
struct counter_store *scratch_store_new(size_t max);

/* Was there ever a charge for which there was no place? */
bool scratch_store_is_full(const struct counter_store *store);

#endif
