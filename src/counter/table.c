/*
 * The table of counters.  Used by the counter store on libmilter's threads, the
 * writer's and the main one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "counter/table.h"

#include "base/arena.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#define UNEVEN	       8  /* counters */
#define TRIM_LOOKS     32 /* of one message */
#define shard_of(hash) ((hash) >> 58)
#define LAST_OF(c)     (&counter_buckets(c)[(c)->n - 1])

char *key_make(struct key *key, char *room, int64_t limit_id, const char *object)
{
	size_t size = KEY_SIZE(object);

	memcpy(room, &limit_id, sizeof(limit_id));
	memcpy(room + sizeof(limit_id), object, size - sizeof(limit_id));
	*key = (struct key){
		.bytes = room, .len = (unsigned)size, .hash = str_hash(room, size)
	};
	return room + size;
}

int64_t key_limit_id(const char *bytes)
{
	int64_t id;

	memcpy(&id, bytes, sizeof(id));
	return id;
}

const char *key_object(const char *bytes)
{
	return bytes + sizeof(int64_t);
}

void table_init(struct table *t, size_t max)
{
	size_t share = max / SHARDS;

	/* some shards have a few more than others: max of them are to fit */
	t->max = max > 0 ? share + share / 32 + UNEVEN : 0;
	for (unsigned i = 0; i < SHARDS; i++) {
		pthread_mutex_init(&t->shards[i].lock, NULL);
		STAILQ_INIT(&t->shards[i].dirty);
	}
}

void table_clear(struct table *t)
{
	struct counter *c, *next;

	for (unsigned i = 0; i < SHARDS; i++) {
		HASH_ITER(hh, t->shards[i].counters, c, next)
			shard_forget(&t->shards[i], c);
		pthread_mutex_destroy(&t->shards[i].lock);
	}
}

struct shard *table_shard(struct table *t, const struct key *key)
{
	return &t->shards[shard_of(key->hash)];
}

uint64_t table_lock(struct table *t, const struct key *keys, size_t n)
{
	uint64_t which = 0;

	for (size_t i = 0; i < n; i++)
		which |= (uint64_t)1 << shard_of(keys[i].hash);
	for (unsigned i = 0; i < SHARDS; i++)
		if (which >> i & 1)
			pthread_mutex_lock(&t->shards[i].lock);
	return which;
}

void table_unlock(struct table *t, uint64_t which)
{
	for (unsigned i = 0; i < SHARDS; i++)
		if (which >> i & 1)
			pthread_mutex_unlock(&t->shards[i].lock);
}

struct counter *shard_find(struct shard *s, const struct key *key)
{
	struct counter *c;

	HASH_FIND_BYHASHVALUE(
		hh, s->counters, key->bytes, key->len, (unsigned)key->hash, c);
	if (c != NULL)
		c->recent = true;
	return c;
}

struct counter *shard_find_or_make(struct shard *s, const struct key *key)
{
	struct counter *c = shard_find(s, key);

	if (c != NULL)
		return c;
	c = mem_calloc(1, sizeof(*c) + key->len);
	memcpy(c->key, key->bytes, key->len);
	c->cap = 1;
	c->recent = true;
	HASH_ADD_KEYPTR_BYHASHVALUE(
		hh, s->counters, c->key, key->len, (unsigned)key->hash, c);
	return c;
}

void shard_remove(struct shard *s, struct counter *c)
{
	if (c->dirty)
		STAILQ_REMOVE(&s->dirty, c, counter, link);
	if (s->swept == c)
		s->swept = c->hh.next;
	if (s->hand == c)
		s->hand = c->hh.next;
	HASH_DEL(s->counters, c);

	if (c->cap > 1)
		free(c->held.many);
	free(c);
}

void shard_forget(struct shard *s, struct counter *c)
{
	s->left++;
	shard_remove(s, c);
}

void shard_mark_dirty(struct shard *s, struct counter *c, size_t bucket)
{
	if (!c->dirty)
		STAILQ_INSERT_TAIL(&s->dirty, c, link);
	c->dirty = true;
	if (bucket < c->stored)
		c->stored = (unsigned char)bucket;
}

void shard_empty(struct shard *s, struct counter *c)
{
	c->n = 0;
	c->pruned = true;
	shard_mark_dirty(s, c, 0);
}

/* A counter that was busy gives its room back. */
static void shrink(struct counter *c)
{
	struct bucket *many = c->held.many;

	if (c->cap == 1 || c->n > 1)
		return;
	c->held.one = many[0];
	c->cap = 1;
	free(many);
}

void counter_expire(struct counter *c, const struct limit *limit, int64_t now)
{
	/* what was over stays over, whatever has become of its limit */
	size_t left =
		c->ends > now ? window_expire(limit, counter_buckets(c), c->n, now) : 0;
	size_t gone = c->n - left;

	c->pruned |= gone > 0;
	c->stored -= (unsigned char)(c->stored < gone ? c->stored : gone);
	c->n = (unsigned char)left;
	if (gone > 0)
		shrink(c);
}

/* Room for one bucket more, up to WINDOW_BUCKETS_MAX. */
static void grow(struct counter *c)
{
	struct bucket *many;
	unsigned cap = c->cap == 1 ? 8 : WINDOW_BUCKETS_MAX;

	if (c->n < c->cap || c->cap == WINDOW_BUCKETS_MAX)
		return;
	many = mem_realloc(c->cap > 1 ? c->held.many : NULL, cap, sizeof(*many));
	if (c->cap == 1)
		many[0] = c->held.one;
	c->held.many = many;
	c->cap = (unsigned char)cap;
}

static void add(struct counter *c, const struct limit *limit, uint64_t cost, int64_t now)
{
	struct bucket two[2] = { c->held.one };

	if (c->cap > 1 || c->n == 0) {
		grow(c);
		c->n = (unsigned char)window_add(
			limit, counter_buckets(c), c->n, cost, now);
		return;
	}
	/* as a rule a second charge joins the first, and takes no room of its own */
	c->n = (unsigned char)window_add(limit, two, 1, cost, now);
	if (c->n == 2) {
		c->n = 1;
		grow(c);
		c->held.many[1] = two[1];
		c->n = 2;
	}
	counter_buckets(c)[0] = two[0];
}

const struct bucket *counter_add(
	struct counter *c, const struct limit *limit, uint64_t cost, int64_t now)
{
	counter_expire(c, limit, now);
	add(c, limit, cost, now);
	c->ends = window_ends(limit, LAST_OF(c));
	return LAST_OF(c);
}

/* More than WINDOW_BUCKETS_MAX come only from rows of another's making; of the same
 * moment they are if they come from the future (window_clamp()). */
void counter_append(struct counter *c, const struct limit *limit, struct bucket b)
{
	struct bucket *last = c->n > 0 ? LAST_OF(c) : NULL;

	if (last != NULL && (c->n == WINDOW_BUCKETS_MAX || b.first <= last->first)) {
		last->last = b.last;
		last->count += b.count;
	} else {
		grow(c);
		counter_buckets(c)[c->n++] = b;
	}
	c->ends = window_ends(limit, LAST_OF(c));
}

/* What was taken along is clean, but not committed yet. */
static bool is_stored(const struct table *t, const struct counter *c)
{
	return !c->dirty && (c->batch == 0 || c->batch != t->batch);
}

bool table_is_unused(const struct table *t, const struct counter *c)
{
	return c->n == 0 && !c->pruned && is_stored(t, c);
}

void table_trim(struct table *t, struct shard *s)
{
	unsigned looks = 0;

	while (!t->stay && HASH_COUNT(s->counters) > t->max && looks++ < TRIM_LOOKS) {
		struct counter *c = s->hand != NULL ? s->hand : s->counters;

		s->hand = c->hh.next;
		if (!is_stored(t, c))
			continue;
		if (c->recent) {
			c->recent = false;
			continue;
		}
		t->away = true;
		shard_forget(s, c);
	}
}

void table_relieve(struct table *t)
{
	for (unsigned i = 0; i < SHARDS; i++) {
		struct shard *s = &t->shards[i];
		size_t rounds;

		pthread_mutex_lock(&s->lock);
		/* every one may have to be come by twice */
		rounds = 2 * HASH_COUNT(s->counters) / TRIM_LOOKS + 1;
		while (HASH_COUNT(s->counters) > 2 * t->max && rounds-- > 0)
			table_trim(t, s);
		pthread_mutex_unlock(&s->lock);
	}
}

bool table_is_full(const struct table *t, const struct shard *s)
{
	return HASH_COUNT(s->counters) > 2 * t->max + TRIM_LOOKS;
}
