/*
 * The table of members: leaves under one root, chosen by the first bits of a name's
 * hash.  A leaf is one block of memory: its entries in the order of their hashes, then
 * their names.  Edited by the writer's thread (or at start), read by all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/member.h"

#include "base/arena.h"
#include "base/str.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define LEAVES	      4096
#define leaf_of(hash) ((hash) >> 52)

struct entry {
	uint64_t hash;
	int64_t group_id;
	uint32_t name, len; /* where the name stands in the leaf */
};

struct leaf {
	atomic_uint references; /* of tables */
	unsigned n;
	struct entry entries[]; /* then the names, without NULs */
};

struct member_table {
	struct leaf *leaves[LEAVES]; /* NULL: empty */
};

/* An entry on its way into a leaf, from the leaf before or from an edit. */
struct item {
	uint64_t hash;
	int64_t group_id;
	const char *name;
	size_t len, turn; /* turn: its place among the edits; 0: it was there */
	bool gone;
};

struct items {
	struct item *items;
	size_t n, cap;
};

static const char *name_of(const struct leaf *leaf, const struct entry *e)
{
	return (const char *)leaf + e->name;
}

static void leaf_release(struct leaf *leaf)
{
	if (leaf != NULL && atomic_fetch_sub_explicit(
				    &leaf->references, 1, memory_order_acq_rel) == 1)
		free(leaf);
}

static int compare_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* By hash, name and group; what is the same membership by turn. */
static int compare_item(const void *left, const void *right)
{
	const struct item *a = left, *b = right;
	int order = compare_number(a->hash, b->hash);

	if (order == 0)
		order = compare_number(a->len, b->len);
	if (order == 0)
		order = memcmp(a->name, b->name, a->len);
	if (order == 0)
		order = compare_number((uint64_t)a->group_id, (uint64_t)b->group_id);
	return order != 0 ? order : compare_number(a->turn, b->turn);
}

static bool is_same(const struct item *a, const struct item *b)
{
	return a->hash == b->hash && a->group_id == b->group_id && a->len == b->len &&
	       memcmp(a->name, b->name, a->len) == 0;
}

static void push(struct items *to, const struct item *item)
{
	if (to->n == to->cap) {
		to->cap = to->cap != 0 ? to->cap * 2 : 64;
		to->items = mem_realloc(to->items, to->cap, sizeof(*to->items));
	}
	to->items[to->n++] = *item;
}

/* One block with all of them; NULL if there are none. */
static struct leaf *leaf_new(const struct items *from)
{
	size_t at = sizeof(struct leaf) + from->n * sizeof(struct entry), size = at;
	struct leaf *leaf;

	if (from->n == 0)
		return NULL;
	for (size_t i = 0; i < from->n; i++)
		size += from->items[i].len;
	leaf = mem_calloc(1, size);
	atomic_init(&leaf->references, 1);
	leaf->n = (unsigned)from->n;
	for (size_t i = 0; i < from->n; i++) {
		const struct item *item = &from->items[i];

		leaf->entries[i] = (struct entry){ item->hash, item->group_id,
			(uint32_t)at, (uint32_t)item->len };
		memcpy((char *)leaf + at, item->name, item->len);
		at += item->len;
	}
	return leaf;
}

/* The leaf before with n edits of its own, which are sorted. */
static struct leaf *leaf_edit(
	const struct leaf *before, const struct item *edits, size_t n)
{
	struct items all = { 0 };
	struct leaf *leaf;
	size_t kept = 0;

	for (unsigned i = 0; before != NULL && i < before->n; i++) {
		const struct entry *e = &before->entries[i];

		push(&all, &(struct item){ .hash = e->hash,
				   .group_id = e->group_id,
				   .name = name_of(before, e),
				   .len = e->len });
	}
	for (size_t i = 0; i < n; i++)
		push(&all, &edits[i]);
	if (before != NULL)
		qsort(all.items, all.n, sizeof(*all.items), compare_item);
	/* of the same membership the last word counts */
	for (size_t i = 0; i < all.n; i++) {
		bool last = i + 1 == all.n || !is_same(&all.items[i], &all.items[i + 1]);

		if (last && !all.items[i].gone)
			all.items[kept++] = all.items[i];
	}
	all.n = kept;
	leaf = leaf_new(&all);
	free(all.items);
	return leaf;
}

static struct items sorted_edits(const struct membership *edits, size_t n)
{
	struct items sorted = { .items = mem_calloc(n + 1, sizeof(struct item)), .n = n };

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(edits[i].name);

		sorted.items[i] = (struct item){ .hash = str_hash(edits[i].name, len),
			.group_id = edits[i].group_id,
			.name = edits[i].name,
			.len = len,
			.turn = i + 1,
			.gone = edits[i].gone };
	}
	qsort(sorted.items, n, sizeof(*sorted.items), compare_item);
	return sorted;
}

struct member_table *member_table_edit(
	const struct member_table *before, const struct membership *edits, size_t n)
{
	struct member_table *t = mem_calloc(1, sizeof(*t));
	struct items sorted = sorted_edits(edits, n);
	const struct item *next = sorted.items, *end = sorted.items + n;

	for (size_t i = 0; i < LEAVES; i++) {
		struct leaf *old = before != NULL ? before->leaves[i] : NULL;
		const struct item *first = next;

		while (next < end && leaf_of(next->hash) == i)
			next++;
		if (next > first)
			t->leaves[i] = leaf_edit(old, first, (size_t)(next - first));
		else if ((t->leaves[i] = old) != NULL)
			atomic_fetch_add_explicit(
				&old->references, 1, memory_order_relaxed);
	}
	free(sorted.items);
	return t;
}

void member_table_free(struct member_table *t)
{
	for (size_t i = 0; t != NULL && i < LEAVES; i++)
		leaf_release(t->leaves[i]);
	free(t);
}

size_t member_table_count(const struct member_table *t)
{
	size_t count = 0;

	for (size_t i = 0; i < LEAVES; i++)
		count += t->leaves[i] != NULL ? t->leaves[i]->n : 0;
	return count;
}

/* The place of the first entry whose hash is not smaller. */
static unsigned first_with(const struct leaf *leaf, uint64_t hash)
{
	unsigned low = 0, high = leaf->n;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (leaf->entries[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void member_table_find(const struct member_table *t, const char *name, size_t len,
	void (*fn)(void *arg, int64_t group_id), void *arg)
{
	uint64_t hash = str_hash(name, len);
	const struct leaf *leaf = t->leaves[leaf_of(hash)];

	if (leaf == NULL)
		return;
	for (unsigned i = first_with(leaf, hash);
		i < leaf->n && leaf->entries[i].hash == hash; i++) {
		const struct entry *e = &leaf->entries[i];

		if (e->len == len && memcmp(name_of(leaf, e), name, len) == 0)
			fn(arg, e->group_id);
	}
}
