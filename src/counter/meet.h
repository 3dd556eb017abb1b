/*
 * A message and the counters that it meets: whether all of its hits have room, and what a
 * charge does to one.  What the stores have in common (counter/mem.h, counter/scratch.h):
 * they find the counters and keep them, each in its own way.
 *
 * All of these are called while the counters cannot change: under the locks of their
 * shards, where there are any.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_COUNTER_MEET_H
#define THEMIS_COUNTER_MEET_H

#include "counter/table.h"

/* The keys of all hits, whose counters are not found yet; one block of memory, the
 * caller's to free. */
struct key *meet_keys(const struct counter_hit *hits, size_t n);

/* Fills in what each hit sees now, by the counter that its key has found (NULL: there is
 * none).  1: every hard hit has room; 0: they have not. */
int meet_look(const struct key *keys, struct counter_hit *hits, size_t n, int64_t now);

/* Is the i-th hit charged, if every hard one has room? */
bool meet_charges(const struct counter_hit *hits, size_t n, size_t i);

/* Charges one. */
void meet_add(struct counter *c, struct counter_hit *hit, int64_t now);

/* What the hits say when nothing is known. */
void meet_nothing(struct counter_hit *hits, size_t n, int64_t now);

#endif
