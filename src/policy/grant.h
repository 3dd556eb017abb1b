/*
 * Grants: more room for an object, for a while, in a policy or in all of them
 * (behaviour.md, "Objects and grants").  A table never changes, and is shared by every
 * policy set for which it is true.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_GRANT_H
#define THEMIS_POLICY_GRANT_H

#include "db/db.h"

#include <stdint.h>

#define GRANT_AMOUNT_MAX 2000000000 /* messages; from 1 */

struct grant {
	uint64_t amount; /* messages; 0: none */
	int64_t until;	 /* microseconds */
};

struct grant_table;

/* Those of the database; one reference for the caller.  NULL with err. */
struct grant_table *grant_table_load(struct db *db, struct err *err);

/* Any thread. */
struct grant_table *grant_table_acquire(struct grant_table *t);
void grant_table_release(struct grant_table *t); /* NULL is fine */

/* How much more the object (in its one spelling) has at that moment in each limit of the
 * policy that counts messages: what is granted there and what is granted in every policy
 * come together, until the first of them ends. */
struct grant grant_of(
	const struct grant_table *t, const char *object, int64_t policy_id, int64_t now);

/* When the last one ends; 0: there is none. */
int64_t grant_last(const struct grant_table *t);

#endif
