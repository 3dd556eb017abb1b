/*
 * Groups: what a sender, a login, a recipient or a client address belongs to.  An
 * index holds all groups of one moment; it never changes and is shared by every
 * policy set of that moment.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_GROUP_H
#define THEMIS_POLICY_GROUP_H

#include "base/addr.h"
#include "base/cidr.h"
#include "db/db.h"
#include "policy/member.h"

struct group_index;

/* All groups of the database; one reference for the caller.  NULL with err. */
struct group_index *group_index_load(struct db *db, struct err *err);

/* What one transaction did to members; all in the arena. */
struct group_edits {
	struct arena *arena;
	struct membership *edits;
	size_t n, cap;
	struct cidr *networks; /* of the members that come */
	size_t nnetworks, networks_cap;
};

/* member: in its one spelling (member_parse()). */
void group_edits_add(
	struct group_edits *edits, int64_t group_id, const char *member, bool gone);

/* Adds what the other did, after what is there; its names are not copied. */
void group_edits_join(struct group_edits *edits, const struct group_edits *other);

/* The member of an edit, in its one spelling. */
const char *membership_member(const struct membership *edit);

/* The index before, with the edits, and with the groups that the database has now.
 * NULL with err. */
struct group_index *group_index_edit(const struct group_index *before, struct db *db,
	const struct group_edits *edits, struct err *err);

/* Any thread. */
struct group_index *group_index_acquire(struct group_index *index);
void group_index_release(struct group_index *index); /* NULL is fine */

/* Is there a group with that id? */
bool group_index_has(const struct group_index *index, int64_t group_id);

/* How many groups there are. */
size_t group_index_count(const struct group_index *index);

/* What somebody belongs to: the groups' ids, as base/ids.h has them.  Few, whatever the
 * number of groups.  An arena alone to begin; the
 * ids are in that. */
struct group_list {
	struct arena *arena;
	int64_t *ids;
	size_t n, cap;
};

bool group_list_has(const struct group_list *groups, int64_t group_id);

/* Adds the groups that have the address, its local part (user@), its domain, or a
 * domain above that (@.example.org); of an invalid address, by its domain alone. */
void group_match_address(const struct group_index *index, const struct addr *address,
	struct group_list *to);

/* Adds the groups that have the login as it is without a domain. */
void group_match_login(const struct group_index *index, const char *bare, size_t len,
	struct group_list *to);

/* Adds the groups with a network (or address) that holds the client address. */
void group_match_client(const struct group_index *index, const struct cidr *client,
	struct group_list *to);

#endif
