/*
 * The members of all groups: a table from the spelling of a member to the groups that
 * have it.  A table never changes; an edit makes another one, which shares with the one
 * before all that it does not touch, so that a member more in a group of a million costs
 * as little as in a group of ten.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_MEMBER_H
#define THEMIS_POLICY_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct member_table;

/* A member that comes to a group or leaves it. */
struct membership {
	const char *name;
	int64_t group_id;
	bool gone;
};

/* The table before (NULL: an empty one) with the edits made to it in their order.  What
 * is there already does not come twice, what is not there does not go.  The names are
 * copied.  The caller's own; any thread, while no other frees the one before. */
struct member_table *member_table_edit(
	const struct member_table *before, const struct membership *edits, size_t n);

/* Those that share with it stay whole.  Any thread. */
void member_table_free(struct member_table *t); /* NULL is fine */

/* How many memberships it holds; a walk over all leaves. */
size_t member_table_count(const struct member_table *t);

/* Calls fn for each group that has the member of that name (len octets, no NUL
 * needed).  Any thread. */
void member_table_find(const struct member_table *t, const char *name, size_t len,
	void (*fn)(void *arg, int64_t group_id), void *arg);

#endif
