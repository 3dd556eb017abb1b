/*
 * The index of groups: one hash table over addresses and domains, one prefix
 * trie over networks.  Built by the writer's thread (or at start), read by all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/group.h"

#include "base/str.h"
#include "policy/name.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* Which groups have a member: most members are in one group only. */
struct member_groups {
	unsigned n;
	unsigned *bits;
};

struct member {
	UT_hash_handle hh;
	size_t groups; /* in group_index.lists */
	char name[];
};

struct group_index {
	atomic_uint references;
	size_t ngroups;
	int64_t *ids; /* by bit, ascending */
	struct member *members;
	struct cidr_trie *networks;  /* values as member.groups */
	struct member_groups *lists; /* 0 is never used */
	size_t nlists, lists_cap;
};

static size_t list_new(struct group_index *index)
{
	if (index->nlists >= index->lists_cap) {
		index->lists_cap = index->lists_cap ? index->lists_cap * 2 : 16;
		index->lists = mem_realloc(
			index->lists, index->lists_cap, sizeof(*index->lists));
	}
	index->lists[index->nlists] = (struct member_groups){ 0, NULL };
	return index->nlists++;
}

static void list_add(struct group_index *index, size_t list, unsigned bit)
{
	struct member_groups *g = &index->lists[list];

	g->bits = mem_realloc(g->bits, g->n + 1, sizeof(*g->bits));
	g->bits[g->n++] = bit;
}

static void list_match(const struct group_index *index, size_t list, uint64_t *bits)
{
	const struct member_groups *g = &index->lists[list];

	for (unsigned i = 0; i < g->n; i++)
		bits[g->bits[i] / 64] |= (uint64_t)1 << (g->bits[i] % 64);
}

static struct member *member_find(const struct group_index *index, const char *name)
{
	size_t len = strlen(name);
	struct member *m;

	HASH_FIND_BYHASHVALUE(
		hh, index->members, name, len, (unsigned)str_hash(name, len), m);
	return m;
}

static struct member *member_make(struct group_index *index, const char *name)
{
	struct member *m = member_find(index, name);
	size_t len = strlen(name);

	if (m != NULL)
		return m;
	m = mem_calloc(1, sizeof(*m) + len + 1);
	memcpy(m->name, name, len + 1);
	m->groups = list_new(index);
	HASH_ADD_KEYPTR_BYHASHVALUE(
		hh, index->members, m->name, len, (unsigned)str_hash(name, len), m);
	return m;
}

int group_index_bit(const struct group_index *index, int64_t group_id)
{
	size_t low = 0, high = index->ngroups;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (index->ids[middle] == group_id)
			return (int)middle;
		if (index->ids[middle] < group_id)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

size_t group_index_count(const struct group_index *index)
{
	return index->ngroups;
}

static int load_groups(struct group_index *index, struct db *db, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_GROUP_IDS, err, "");
	size_t cap = 0;
	int more = -1;

	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		if (index->ngroups == cap) {
			cap = cap ? cap * 2 : 16;
			index->ids = mem_realloc(index->ids, cap, sizeof(*index->ids));
		}
		index->ids[index->ngroups++] = sqlite3_column_int64(q, 0);
	}
	return more;
}

static int load_members(struct group_index *index, struct db *db, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_GROUP_MEMBERS, err, "");
	struct cidr network;
	size_t *slot, list;
	int more = -1, bit;

	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		struct arena *arena = arena_new();
		const char *name = member_parse(arena, db_text(q, 1), &network, err);

		bit = group_index_bit(index, sqlite3_column_int64(q, 0));
		if (name == NULL || bit < 0) {
			arena_free(arena);
			sqlite3_reset(q);
			return name == NULL
				       ? -1
				       : err_set(err,
						 "database: a member without a group");
		}
		if (network.family != 0) {
			slot = cidr_trie_slot(index->networks, &network);
			list = *slot != 0 ? *slot : (*slot = list_new(index));
		} else {
			list = member_make(index, name)->groups;
		}
		list_add(index, list, (unsigned)bit);
		arena_free(arena);
	}
	return more;
}

struct group_index *group_index_load(struct db *db, struct err *err)
{
	struct group_index *index = mem_calloc(1, sizeof(*index));

	atomic_init(&index->references, 1);
	index->networks = cidr_trie_new();
	list_new(index);
	if (load_groups(index, db, err) < 0 || load_members(index, db, err) < 0) {
		group_index_release(index);
		return NULL;
	}
	return index;
}

struct group_index *group_index_acquire(struct group_index *index)
{
	atomic_fetch_add_explicit(&index->references, 1, memory_order_relaxed);
	return index;
}

void group_index_release(struct group_index *index)
{
	struct member *m, *next;

	if (index == NULL || atomic_fetch_sub_explicit(
				     &index->references, 1, memory_order_acq_rel) != 1)
		return;
	HASH_ITER(hh, index->members, m, next) {
		HASH_DEL(index->members, m);
		free(m);
	}
	for (size_t i = 0; i < index->nlists; i++)
		free(index->lists[i].bits);
	free(index->lists);
	free(index->ids);
	cidr_trie_free(index->networks);
	free(index);
}

uint64_t *group_bits_new(const struct group_index *index, struct arena *arena)
{
	return arena_alloc(arena, (index->ngroups + 63) / 64 * sizeof(uint64_t));
}

void group_match_address(
	const struct group_index *index, const struct addr *address, uint64_t *bits)
{
	const struct member *m;

	if (address->domain == NULL)
		return;
	if (address->kind == ADDR_MAILBOX) {
		m = member_find(index, address->text);
		if (m != NULL)
			list_match(index, m->groups, bits);
	}
	/* the domain with its "@" */
	m = member_find(index, address->domain - 1);
	if (m != NULL)
		list_match(index, m->groups, bits);
}

struct client_match {
	const struct group_index *index;
	uint64_t *bits;
};

static void match_network(void *arg, size_t list)
{
	struct client_match *match = arg;

	list_match(match->index, list, match->bits);
}

void group_match_client(
	const struct group_index *index, const struct cidr *client, uint64_t *bits)
{
	struct client_match match = { index, bits };

	cidr_trie_match(index->networks, client, match_network, &match);
}
