/*
 * The table of episodes.  Called for alerts, under their lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/lately.h"

#include "base/arena.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct bout {
	UT_hash_handle hh;
	int64_t last;  /* event */
	int64_t again; /* from then on it begins anew; 0: it does not */
	size_t len;
	char key[]; /* the ids, and the object behind them */
};

/* In the order of their last events: uthash keeps that of adding. */
struct lately {
	struct bout *all;
};

struct lately *lately_new(void)
{
	return mem_calloc(1, sizeof(struct lately));
}

static void drop(struct lately *l, struct bout *b)
{
	HASH_DEL(l->all, b);
	free(b);
}

void lately_free(struct lately *l)
{
	while (l != NULL && l->all != NULL)
		drop(l, l->all);
	free(l);
}

static struct bout *bout_new(const struct lately_what *what)
{
	const int64_t ids[] = { what->kind, what->policy, what->limit };
	size_t len = strlen(what->object);
	struct bout *b = mem_calloc(1, sizeof(*b) + sizeof(ids) + len);

	b->len = sizeof(ids) + len;
	memcpy(b->key, ids, sizeof(ids));
	memcpy(b->key + sizeof(ids), what->object, len);
	return b;
}

static unsigned hash_of(const struct bout *b)
{
	return (unsigned)str_hash(b->key, b->len);
}

/* Threads read their clocks before they come here: one may bring the earlier moment, but
 * none that is as early as that unless the clock was set back. */
static bool is_over(const struct bout *b, int64_t now)
{
	return now - b->last >= LATELY_APART || b->last - now >= LATELY_LATE;
}

bool lately_begins(struct lately *l, const struct lately_what *what, int64_t now)
{
	struct bout *b = bout_new(what), *before;
	unsigned hash = hash_of(b);
	bool begins = true;

	b->last = now;
	HASH_FIND_BYHASHVALUE(hh, l->all, b->key, b->len, hash, before);
	if (before != NULL) {
		begins = is_over(before, now) ||
			 (before->again != 0 && now >= before->again);
		b->again = begins ? 0 : before->again;
		if (!begins && before->last > now)
			b->last = before->last;
		drop(l, before);
	}
	while (l->all != NULL &&
		(is_over(l->all, now) || HASH_COUNT(l->all) >= LATELY_MAX))
		drop(l, l->all);
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, l->all, b->key, b->len, hash, b);
	return begins;
}

void lately_again(struct lately *l, const struct lately_what *what, int64_t from)
{
	struct bout *b = bout_new(what), *known;

	HASH_FIND_BYHASHVALUE(hh, l->all, b->key, b->len, hash_of(b), known);
	if (known != NULL)
		known->again = from;
	free(b);
}

size_t lately_count(const struct lately *l)
{
	return HASH_COUNT(l->all);
}
