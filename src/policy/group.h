/*
 * Groups: what a sender, a login, a recipient or a client address belongs to,
 * as a set of bits, one bit a group.  An index holds all groups of one moment;
 * it never changes and is shared by every policy set of that moment.
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

/* The index before, with the edits, and with the groups that the database has now.
 * NULL with err. */
struct group_index *group_index_edit(const struct group_index *before, struct db *db,
	const struct group_edits *edits, struct err *err);

/* Any thread. */
struct group_index *group_index_acquire(struct group_index *index);
void group_index_release(struct group_index *index); /* NULL is fine */

/* The bit of the group with that id in the database, or -1. */
int group_index_bit(const struct group_index *index, int64_t group_id);

/* How many groups there are. */
size_t group_index_count(const struct group_index *index);

/* An empty set of bits, for all groups, in the arena. */
uint64_t *group_bits_new(const struct group_index *index, struct arena *arena);

/* Adds the groups that have the address, its local part (user@), its domain, or a
 * domain above that (@.example.org); of an invalid address, by its domain alone. */
void group_match_address(
	const struct group_index *index, const struct addr *address, uint64_t *bits);

/* Adds the groups that have the login as it is without a domain. */
void group_match_login(
	const struct group_index *index, const char *bare, size_t len, uint64_t *bits);

/* Adds the groups with a network (or address) that holds the client address. */
void group_match_client(
	const struct group_index *index, const struct cidr *client, uint64_t *bits);

static inline int group_bit_test(const uint64_t *bits, int bit)
{
	return (int)(bits[bit / 64] >> (bit % 64) & 1);
}

#endif
