/*
 * The index of groups: the table of members, and one prefix trie over the networks
 * among them.  Built by the writer's thread (or at start), read by all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/group.h"

#include "base/ids.h"
#include "policy/name.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOAD_STEP 10000 /* members to an arena, while loading */

/* Networks are in the table too, where no login can be taken for one. */
#define NETWORK_MARK	"/"
#define NETWORK_KEY_MAX (sizeof(NETWORK_MARK) + CIDR_TEXT_MAX)

/* Shared by the indexes whose networks are the same. */
struct networks {
	atomic_uint references;
	struct cidr_trie *trie; /* what has gone from the table may still be here */
};

struct group_index {
	atomic_uint references;
	size_t ngroups;
	int64_t *ids; /* ascending */
	struct member_table *members;
	struct networks *networks;
};

bool group_index_has(const struct group_index *index, int64_t group_id)
{
	return ids_have(index->ids, index->ngroups, group_id);
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

static struct networks *networks_new(struct cidr_trie *trie)
{
	struct networks *networks = mem_calloc(1, sizeof(*networks));

	atomic_init(&networks->references, 1);
	networks->trie = trie;
	return networks;
}

static void networks_release(struct networks *networks)
{
	if (networks == NULL || atomic_fetch_sub_explicit(&networks->references, 1,
					memory_order_acq_rel) != 1)
		return;
	cidr_trie_free(networks->trie);
	free(networks);
}

static const char *network_key(char key[NETWORK_KEY_MAX], const struct cidr *network)
{
	char text[CIDR_TEXT_MAX];

	snprintf(key, NETWORK_KEY_MAX, NETWORK_MARK "%s", cidr_format(text, network));
	return key;
}

static void add_network(struct group_edits *edits, const struct cidr *network)
{
	edits->networks = arena_grow(edits->arena, edits->networks, edits->nnetworks,
		&edits->networks_cap, sizeof(*edits->networks));
	edits->networks[edits->nnetworks++] = *network;
}

static void add_edit(struct group_edits *edits, struct membership edit)
{
	edits->edits = arena_grow(
		edits->arena, edits->edits, edits->n, &edits->cap, sizeof(*edits->edits));
	edits->edits[edits->n++] = edit;
}

void group_edits_add(
	struct group_edits *edits, int64_t group_id, const char *member, bool gone)
{
	char key[NETWORK_KEY_MAX];
	struct cidr network;

	/* only a network can be read as one: the spelling says what it is */
	if (cidr_parse(member, &network, NULL) == 0) {
		member = arena_strdup(edits->arena, network_key(key, &network));
		if (!gone)
			add_network(edits, &network);
	}
	add_edit(edits, (struct membership){ member, group_id, gone });
}

const char *membership_member(const struct membership *edit)
{
	const char *network = edit->name + strlen(NETWORK_MARK);
	struct cidr cidr;

	if (strncmp(edit->name, NETWORK_MARK, strlen(NETWORK_MARK)) == 0 &&
		cidr_parse(network, &cidr, NULL) == 0)
		return network;
	return edit->name;
}

void group_edits_join(struct group_edits *edits, const struct group_edits *other)
{
	for (size_t i = 0; i < other->n; i++)
		add_edit(edits, other->edits[i]);
	for (size_t i = 0; i < other->nnetworks; i++)
		add_network(edits, &other->networks[i]);
}

/* The trie of before with the networks that come; that one itself if none does. */
static struct networks *edit_networks(
	struct networks *before, const struct group_edits *edits)
{
	struct cidr_trie *trie;

	if (edits->nnetworks == 0) {
		atomic_fetch_add_explicit(&before->references, 1, memory_order_relaxed);
		return before;
	}
	trie = cidr_trie_copy(before->trie);
	for (size_t i = 0; i < edits->nnetworks; i++)
		cidr_trie_add(trie, &edits->networks[i]);
	return networks_new(trie);
}

/* An index without groups, with the members of before and the edits. */
static struct group_index *index_new(struct member_table *members,
	struct networks *networks, const struct group_edits *edits)
{
	struct group_index *index = mem_calloc(1, sizeof(*index));

	atomic_init(&index->references, 1);
	index->members = member_table_edit(members, edits->edits, edits->n);
	index->networks = edit_networks(networks, edits);
	return index;
}

struct group_index *group_index_edit(const struct group_index *before, struct db *db,
	const struct group_edits *edits, struct err *err)
{
	struct group_index *index = index_new(before->members, before->networks, edits);

	if (load_groups(index, db, err) == 0)
		return index;
	group_index_release(index);
	return NULL;
}

/* Every member as it is stored, into edits: a row that is none of ours is refused. */
static int read_members(struct db *db, struct group_edits *edits, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_GROUP_MEMBERS, err, "");
	struct arena *scratch = arena_new();
	struct cidr network;
	int more = -1;

	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		const char *name = member_parse(scratch, db_text(q, 1), &network, err);

		if (name == NULL) {
			err_prefix(err, "database");
			sqlite3_reset(q);
			more = -1;
			break;
		}
		group_edits_add(edits, sqlite3_column_int64(q, 0),
			arena_strdup(edits->arena, name), false);
		if (edits->n % LOAD_STEP == 0) {
			arena_free(scratch);
			scratch = arena_new();
		}
	}
	arena_free(scratch);
	return more;
}

struct group_index *group_index_load(struct db *db, struct err *err)
{
	struct group_edits edits = { .arena = arena_new() };
	struct networks *none = networks_new(cidr_trie_new());
	struct group_index *index = NULL;

	if (read_members(db, &edits, err) == 0) {
		index = index_new(NULL, none, &edits);
		if (load_groups(index, db, err) < 0) {
			group_index_release(index);
			index = NULL;
		}
	}
	networks_release(none);
	arena_free(edits.arena);
	return index;
}

struct group_index *group_index_acquire(struct group_index *index)
{
	atomic_fetch_add_explicit(&index->references, 1, memory_order_relaxed);
	return index;
}

void group_index_release(struct group_index *index)
{
	if (index == NULL || atomic_fetch_sub_explicit(
				     &index->references, 1, memory_order_acq_rel) != 1)
		return;
	member_table_free(index->members);
	networks_release(index->networks);
	free(index->ids);
	free(index);
}

bool group_list_has(const struct group_list *groups, int64_t group_id)
{
	return ids_have(groups->ids, groups->n, group_id);
}

/* Who is looked for: what is found goes to the list, which is settled at the end. */
struct match {
	const struct group_index *index;
	struct group_list *to;
};

static void match_group(void *arg, int64_t group_id)
{
	struct group_list *to = ((struct match *)arg)->to;

	to->ids = arena_grow(to->arena, to->ids, to->n, &to->cap, sizeof(*to->ids));
	to->ids[to->n++] = group_id;
}

static void match_name(struct match *match, const char *name, size_t len)
{
	member_table_find(match->index->members, name, len, match_group, match);
}

static void settle(struct group_list *groups)
{
	groups->n = ids_settle(groups->ids, groups->n);
}

/* "@.example.org" for the domain itself and for each one above it. */
static void match_domains(struct match *match, const char *domain)
{
	char name[ADDR_DOMAIN_MAX + 3] = "@.";
	size_t len = strlen(domain);

	match_name(match, domain - 1, len + 1); /* with its "@" */
	if (domain[0] == '[' || len > ADDR_DOMAIN_MAX)
		return;
	memcpy(name + 2, domain, len + 1);
	for (;;) {
		const char *dot;

		match_name(match, name, len + 2);
		dot = strchr(name + 2, '.');
		if (dot == NULL)
			return;
		len -= (size_t)(dot + 1 - (name + 2));
		memmove(name + 2, dot + 1, len + 1);
	}
}

void group_match_address(const struct group_index *index, const struct addr *address,
	struct group_list *to)
{
	struct match match = { index, to };

	if (address->domain == NULL)
		return;
	if (address->kind == ADDR_MAILBOX) {
		match_name(&match, address->text, strlen(address->text));
		match_name(&match, address->text,
			(size_t)(address->domain - address->text)); /* "user@" */
	}
	match_domains(&match, address->domain);
	settle(to);
}

void group_match_login(const struct group_index *index, const char *bare, size_t len,
	struct group_list *to)
{
	/* what begins like a network's key is no name of a login */
	if (len > 0 && bare[0] != NETWORK_MARK[0])
		match_name(&(struct match){ index, to }, bare, len);
	settle(to);
}

static void match_network(void *arg, const struct cidr *prefix)
{
	struct match *match = arg;
	char key[NETWORK_KEY_MAX];

	network_key(key, prefix);
	match_name(match, key, strlen(key));
}

void group_match_client(
	const struct group_index *index, const struct cidr *client, struct group_list *to)
{
	struct match match = { index, to };

	cidr_trie_match(index->networks->trie, client, match_network, &match);
	settle(to);
}
