/*
 * Totals since the daemon started: by verdict, for all mail and for each
 * policy.  Any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_STATS_H
#define THEMIS_ENGINE_STATS_H

#include "engine/verdict.h"

struct stats;

struct stats *stats_new(void);
void stats_free(struct stats *stats);

/* One message (policy 0), or what one policy said of it. */
void stats_count(struct stats *stats, int64_t policy_id, enum verdict_kind kind);

/* A header rule ran into a limit of matching. */
void stats_count_header_limit(struct stats *stats);
uint64_t stats_header_limits(const struct stats *stats);

/* How often each verdict was given so far; zeros for a policy never met. */
void stats_read(struct stats *stats, int64_t policy_id, uint64_t out[VERDICTS]);

#endif
