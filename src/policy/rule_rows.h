/*
 * The header rules of policies as rows of the database.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_RULE_ROWS_H
#define THEMIS_POLICY_RULE_ROWS_H

#include "policy/policy.h"
#include "policy/rows.h"

/* Compiles the rules of a policy that has none yet, in the order in which they were
 * added; they are the policy's.  rows: of SQL_HEADER_LOAD.  0, or -1 and err. */
int rule_rows_read(struct policy_rows *rows, struct policy *p, struct err *err);

/* Adds a rule to the policy with that id, in the writer's transaction; refused if the
 * policy has one with that header and pattern.  0, or -1 and err. */
int rule_rows_add(
	struct db *db, int64_t policy_id, const struct rule *rule, struct err *err);

#endif
