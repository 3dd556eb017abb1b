/*
 * Policies as rows of the database.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_RECORD_H
#define THEMIS_POLICY_RECORD_H

#include "policy/policy.h"
#include "policy/rows.h"

/* Calls fn with each policy of the range in the order of evaluation, but without its
 * rules.  The policy is fn's: policy_clear() is its duty.  Stops when fn returns -1.  The
 * number of policies, or -1. */
int policy_records_read(struct db *db, struct policy_range range,
	int (*fn)(void *arg, struct policy *p, struct err *err), void *arg,
	struct err *err);

/* The policy of that name; a refusal with ERR_NO_SUCH if there is none. */
int policy_record_find(
	struct db *db, const char *name, struct policy *p, struct err *err);

/* Which policies a change has touched, by their ids; in the arena. */
struct policy_edits {
	struct arena *arena;
	int64_t *ids;
	size_t n, cap;
};

void policy_edits_add(struct policy_edits *edits, int64_t policy_id);

/* Stores a policy, new (p->id 0) or changed; in the writer's transaction.  The
 * ids of its limits, and so their counters, stay where period, strategy, count
 * and key stay; the counters of the others go.  `before` is what it was. */
int policy_record_write(struct db *db, const struct policy *p,
	const struct policy *before, struct err *err);

/* Another name, perhaps of another pool, for a policy that is stored; counters stay. */
int policy_record_rename(
	struct db *db, const struct policy *p, const char *name, struct err *err);

/* Brings the limits of all policies in line with the settings (default_limit,
 * default_penalty, pool_counters) and the pools as they are in the transaction; counters
 * stay and go as above.  Those that were not are added to the edits (NULL is fine). */
int policy_records_settle(struct db *db, struct policy_edits *edits, struct err *err);

/* The id of the pool in a policy's name; 0 for a general policy. */
int policy_record_pool(
	struct db *db, const char *policy, int64_t *pool_id, struct err *err);

/* Deletes it with its limits and counters. */
int policy_record_delete(struct db *db, const struct policy *p, struct err *err);

#endif
