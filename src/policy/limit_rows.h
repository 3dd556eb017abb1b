/*
 * The limits of a policy as rows of the database.  A row's id is the identity of its
 * counters: it stays while policy, period, strategy, count and key stay; that of a
 * penalty with any period.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_LIMIT_ROWS_H
#define THEMIS_POLICY_LIMIT_ROWS_H

#include "policy/policy.h"
#include "policy/pool.h"
#include "policy/rows.h"

/* Adds its limits to a policy that has none yet: its own, those that it inherits, and
 * those that count apart for a pool.  rows: of SQL_LIMIT_LOAD.  0, or -1 and err. */
int limit_rows_read(struct policy_rows *rows, struct policy *p, struct err *err);

/* What policies are granted that say nothing of their own, and for which pools they count
 * apart: the settings and pools that the transaction has. */
struct limit_terms {
	struct settings settings;
	struct pool_table pools;
};

/* 0, or -1 and err; limit_terms_clear() is the caller's duty either way. */
int limit_terms_load(struct limit_terms *terms, struct db *db, struct err *err);
void limit_terms_clear(struct limit_terms *terms);

/* Stores what applies by the policy (p->id 0: the row stored last) and the terms; drops
 * what does not, with its counters.  before: what the policy was, NULL if it is new.  1,
 * 0 if all was as it is to be, or -1 and err. */
int limit_rows_write(struct db *db, const struct limit_terms *terms,
	const struct policy *p, const struct policy *before, struct err *err);

/* Before a policy moves to another pool (0: it becomes a general one): what it counted
 * for the MTAs of that pool, or its own one, goes on.  What general policies count apart
 * is settled by limit_rows_write() afterwards. */
int limit_rows_move(struct db *db, const struct limit_terms *terms,
	const struct policy *p, int64_t pool_id, struct err *err);

/* Drops all of them, with their counters. */
int limit_rows_drop(struct db *db, int64_t policy_id, struct err *err);

#endif
