/*
 * Totals since the daemon started, by verdict and by result of SPF, and rates
 * (engine/rates.h): for all mail and for each policy.  Any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_STATS_H
#define THEMIS_ENGINE_STATS_H

#include "engine/rates.h"
#include "engine/verdict.h"
#include "spf/spf.h"

struct stats;

struct stats *stats_new(void);
void stats_free(struct stats *stats);

/* One message (policy 0), or what one policy said of it; now in microseconds. */
void stats_count(
	struct stats *stats, int64_t policy_id, enum verdict_kind kind, int64_t now);

/* What was counted as one kind is another one by now. */
void stats_recount(struct stats *stats, int64_t policy_id, enum verdict_kind from,
	enum verdict_kind to, int64_t now);

/* A header rule ran into a limit of matching. */
void stats_count_header_limit(struct stats *stats);
uint64_t stats_header_limits(const struct stats *stats);

/* How many messages have come to each verdict so far, each message as one; zeros for a
 * policy never met. */
void stats_read(struct stats *stats, int64_t policy_id, uint64_t out[VERDICTS]);

/* The same as two numbers that only grow: how often a verdict was given, and how often
 * another one of the same message has taken its place since (stats_recount()). */
struct stats_verdicts {
	uint64_t given[VERDICTS], revised[VERDICTS];
};
void stats_read_all(struct stats *stats, int64_t policy_id, struct stats_verdicts *out);

/* What SPF of one message came to (policy 0), or of one that the policy looked at. */
void stats_count_spf(struct stats *stats, int64_t policy_id, enum spf_result result);

/* How often each result came out so far; likewise. */
void stats_read_spf(struct stats *stats, int64_t policy_id, uint64_t out[SPF_RESULTS]);

/* Its rates, as they were counted until now; likewise. */
void stats_rates(struct stats *stats, int64_t policy_id, struct rates *out);

/* Forgets the policies that were in the set neither this time nor the last: a message in
 * hand may still count for one that has just gone, and a new one may not be in the set of
 * the caller yet.  For the housekeeping, now and then. */
void stats_forget(struct stats *stats, const struct policy_set *set);

#endif
