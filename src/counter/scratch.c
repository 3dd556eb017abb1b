/*
 * The store to try something with.  Used by a replay (engine/replay.h), on its thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "counter/scratch.h"

#include "base/arena.h"
#include "counter/meet.h"

#include <stdlib.h>

/* Counters looked at for each that is made: there are never many more of those that are
 * over than of those that are not. */
#define SWEEP_LOOKS 4

struct scratch {
	struct counter_store base; /* first */
	struct shard shard;	   /* one of them, whose lock nobody needs */
	size_t max;
	bool full;
};

static struct scratch *of(struct counter_store *store)
{
	return (struct scratch *)store;
}

/* So many counters behind those that were looked at; false: that was the last of them. */
static bool sweep(struct shard *s, size_t looks, int64_t now)
{
	struct counter *c = s->swept != NULL ? s->swept : s->counters;

	for (; c != NULL && looks > 0; looks--) {
		struct counter *next = c->hh.next;

		if (c->ends <= now)
			shard_remove(s, c);
		c = next;
	}
	s->swept = c;
	return c != NULL;
}

/* Room for so many more; there is none either if looking for it would be all there is to
 * do from now on. */
static bool make_room(struct scratch *s, size_t n, int64_t now)
{
	if (HASH_COUNT(s->shard.counters) + n <= s->max)
		return true;
	s->shard.swept = NULL;
	while (sweep(&s->shard, s->max, now))
		continue;
	s->full = HASH_COUNT(s->shard.counters) + n > s->max - s->max / 16;
	return !s->full;
}

static void find_all(struct scratch *s, struct key *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		keys[i].counter = shard_find(&s->shard, &keys[i]);
}

static void add_all(struct scratch *s, struct counter_hit *hits, const struct key *keys,
	size_t n, int64_t now)
{
	for (size_t i = 0; i < n; i++)
		if (meet_charges(hits, n, i))
			meet_add(shard_find_or_make(&s->shard, &keys[i]), &hits[i], now);
}

static int scratch_charge(
	struct counter_store *store, struct counter_hit *hits, size_t n, int64_t now)
{
	struct scratch *s = of(store);
	struct key *keys = meet_keys(hits, n);
	size_t before;
	int room = -1;

	if (make_room(s, n, now)) {
		find_all(s, keys, n);
		room = meet_look(keys, hits, n, now);
	} else {
		meet_nothing(hits, n, now);
	}
	before = HASH_COUNT(s->shard.counters);
	if (room == 1)
		add_all(s, hits, keys, n, now);
	sweep(&s->shard, SWEEP_LOOKS * (HASH_COUNT(s->shard.counters) - before), now);
	free(keys);
	return room;
}

static int scratch_peek(
	struct counter_store *store, struct counter_hit *hits, size_t n, int64_t now)
{
	struct key *keys = meet_keys(hits, n);
	int room;

	find_all(of(store), keys, n);
	room = meet_look(keys, hits, n, now);
	free(keys);
	return room;
}

static size_t scratch_count(struct counter_store *store)
{
	return HASH_COUNT(of(store)->shard.counters);
}

static void scratch_close(struct counter_store *store)
{
	struct scratch *s = of(store);
	struct counter *c, *next;

	HASH_ITER(hh, s->shard.counters, c, next)
		shard_remove(&s->shard, c);
	free(s);
}

struct counter_store *scratch_store_new(size_t max)
{
	struct scratch *s = mem_calloc(1, sizeof(*s));

	s->base = (struct counter_store){
		.charge = scratch_charge,
		.peek = scratch_peek,
		.count = scratch_count,
		.close = scratch_close,
	};
	s->max = max;
	STAILQ_INIT(&s->shard.dirty);
	return &s->base;
}

bool scratch_store_is_full(const struct counter_store *store)
{
	return ((const struct scratch *)store)->full;
}
