/*
 * The header rules of policies as rows of the database.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_RULE_ROWS_H
#define THEMIS_POLICY_RULE_ROWS_H

#include "policy/policy.h"
#include "policy/rows.h"

/* Rules that a policy may have: a message looks at all of them. */
#define RULES_MAX 500

/* The rules of the policies of that range, each of a policy in the order in which they
 * were added; above: those alone whose rows have a greater id than that (0: each).  0, or
 * -1 and err. */
int rule_rows_open(struct policy_rows *rows, struct db *db, struct policy_range range,
	int64_t above, struct err *err);

/* Which rules a change of the rules for that header and pattern (NULL: any) leaves as and
 * where they are: the id of the row of the last of them, for rule_rows_open(); 0: none.
 * Whatever is added comes behind it.  0, or -1 and err. */
int rule_rows_untouched(struct db *db, int64_t policy_id, const char *header,
	const char *regex, int64_t *above, struct err *err);

/* Compiles the rules of a policy that has none yet, in the order in which they were
 * added; they are the policy's.  0, or -1 and err. */
int rule_rows_read(struct policy_rows *rows, struct policy *p, struct err *err);

/* Adds a rule to the policy with that id, in the writer's transaction; refused if the
 * policy has one with that header and pattern, or RULES_MAX of them.  0, or -1 and err.
 */
int rule_rows_add(
	struct db *db, int64_t policy_id, const struct rule *rule, struct err *err);

/* The same, but the one with that header and pattern stays where it is, with what this
 * one adds. */
int rule_rows_put(
	struct db *db, int64_t policy_id, const struct rule *rule, struct err *err);

#endif
