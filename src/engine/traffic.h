/*
 * Traffic: how many messages came to which verdict, in all and for each policy with
 * rate-stats, by the second, the minute, the hour and the day.  What is recorded of a
 * message takes its part along in the same transaction; what has no record goes with the
 * next one, a second later at most.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_TRAFFIC_H
#define THEMIS_ENGINE_TRAFFIC_H

#include "db/writer.h"
#include "engine/tally.h"

/* While nothing can be stored, so many seconds of policies wait at most; what comes then
 * is not counted, and a line of the log says so. */
#define TRAFFIC_WAITS_MOST 100000

struct traffic;

/* slot: whose settings say which steps are kept; outlives it. */
struct traffic *traffic_new(struct policy_slot *slot);
void traffic_free(struct traffic *t); /* NULL is fine */

/* A hook that does what `charges` does, and writes the traffic of its batch. */
struct writer_hook traffic_hook(struct traffic *t, const struct writer_hook *charges);

/* From a record's run(), in the writer's batch.  second: since 1970. */
void traffic_note(struct traffic *t, int64_t second, const struct tally *tally);

/* A message of which no record tells.  Any thread; does not wait. */
void traffic_count(struct traffic *t, struct writer *writer, int64_t second,
	const struct tally *list, size_t n);

#endif
