/*
 * Hits and counters.  Called by the stores.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "counter/meet.h"

#include "base/arena.h"

#include <string.h>

struct key *meet_keys(const struct counter_hit *hits, size_t n)
{
	size_t size = n * sizeof(struct key);
	struct key *keys;
	char *room;

	for (size_t i = 0; i < n; i++)
		size += KEY_SIZE(hits[i].key.object);
	keys = mem_calloc(1, size + 1);
	room = (char *)(keys + n);
	for (size_t i = 0; i < n; i++)
		room = key_make(&keys[i], room, hits[i].key.limit_id, hits[i].key.object);
	return keys;
}

/* Looking drops nothing: a message that read its clock first may come second. */
static void look(struct counter *c, struct counter_hit *hit, int64_t now)
{
	struct bucket *b = c != NULL ? counter_buckets(c) : NULL;
	/* what was over stays over, whatever has become of its period */
	size_t n = c != NULL && c->ends > now ? c->n : 0;

	if (n > 0)
		c->ends = window_ends(hit->limit, &b[n - 1]);
	hit->charged = false;
	hit->used = window_used(hit->limit, b, n, now);
	hit->free_at = window_free_at(hit->limit, b, n, hit->cost, now);
	hit->full = hit->cost > 0 && hit->free_at > now;
}

int meet_look(const struct key *keys, struct counter_hit *hits, size_t n, int64_t now)
{
	int room = 1;

	for (size_t i = 0; i < n; i++) {
		look(keys[i].counter, &hits[i], now);
		if (hits[i].full && !hits[i].soft)
			room = 0;
	}
	return room;
}

/* A soft group goes along if all of it has room. */
static bool group_has_room(const struct counter_hit *hits, size_t n, size_t i)
{
	size_t first = i;

	while (first > 0 && hits[first - 1].group == hits[i].group)
		first--;
	for (; first < n && hits[first].group == hits[i].group; first++)
		if (hits[first].full)
			return false;
	return true;
}

bool meet_charges(const struct counter_hit *hits, size_t n, size_t i)
{
	return hits[i].cost > 0 && !hits[i].look &&
	       (!hits[i].soft || group_has_room(hits, n, i));
}

void meet_add(struct counter *c, struct counter_hit *hit, int64_t now)
{
	hit->bucket = window_mark(hit->limit, counter_add(c, hit->limit, hit->cost, now));
	hit->used += hit->cost;
	hit->charged = true;
}

void meet_nothing(struct counter_hit *hits, size_t n, int64_t now)
{
	for (size_t i = 0; i < n; i++) {
		hits[i].charged = hits[i].full = false;
		hits[i].used = 0;
		hits[i].free_at = now;
	}
}
