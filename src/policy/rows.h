/*
 * Rows that belong to policies, read along with these: one query for what all of them
 * have, in their order, instead of one query for each.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_ROWS_H
#define THEMIS_POLICY_ROWS_H

#include "db/db.h"

/* Policies by their ids. */
struct policy_range {
	int64_t first, last;
};

static inline struct policy_range policy_all(void)
{
	return (struct policy_range){ 1, INT64_MAX };
}

static inline struct policy_range policy_one(int64_t id)
{
	return (struct policy_range){ id, id };
}

struct policy_rows {
	struct db *db;
	sqlite3_stmt *q; /* its first column is the policy's id */
	bool pending;	 /* it stands at a row that nobody has had yet */
	bool ended;
};

/* The statement takes the first and the last id.  0, or -1 and err. */
int policy_rows_open(struct policy_rows *rows, struct db *db, enum sql statement,
	struct policy_range range, struct err *err);

/* 1: q stands at the next row of that policy; 0: it has no more; -1 and err.  For each
 * policy of the range in the order of evaluation, until it has no more. */
int policy_rows_next(struct policy_rows *rows, int64_t policy_id, struct err *err);

/* Whether or not all of them were read, or any. */
void policy_rows_close(struct policy_rows *rows);

#endif
