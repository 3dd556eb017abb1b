/*
 * The counter store in memory.  charge, peek and refund are called by the
 * engine on libmilter's threads; flush, settle and reset by the writer; sweep
 * by the main loop.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "counter/mem.h"

#include "base/arena.h"
#include "base/str.h"
#include "counter/window.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <uthash.h>

#define SHARDS		64 /* one bit each in a word */
#define SWEEP_MAX	2000
#define CLEAN		INT64_MAX
#define LAST_OF(c)	(&(c)->buckets[(c)->n - 1])
#define shard_of(hash)	((hash) >> 58)
#define KEY_OBJECT(key) ((key) + sizeof(int64_t))

struct counter {
	UT_hash_handle hh;
	STAILQ_ENTRY(counter) link; /* among the dirty ones, if it is dirty */
	int64_t ends;		    /* when the last bucket leaves the window */
	int64_t dirty_from; /* buckets from this first on are not stored; CLEAN: none */
	bool pruned;	    /* stored buckets have left the window */
	unsigned n, cap;
	struct bucket *buckets;
	char key[]; /* the limit's id, then the object with its NUL */
};

STAILQ_HEAD(counter_list, counter);

struct shard {
	pthread_mutex_t lock; /* guards the shard; taken in the order of shards */
	struct counter *counters;
	struct counter_list dirty;
};

/* What one dirty counter held when the writer took it along. */
struct flushed {
	struct flushed *next;
	int64_t limit_id, dirty_from, oldest;
	const char *object;
	bool pruned;
	unsigned n;
	struct bucket buckets[];
};

struct mem_store {
	struct counter_store base;
	struct shard shards[SHARDS];
	/* the writer's alone */
	struct arena *taken;
	struct flushed *batch;
};

/* The bytes are those of counter.key. */
struct key {
	const char *bytes;
	unsigned len;
	uint64_t hash;
	struct counter *counter; /* what was found, while the shard is locked */
};

#define KEY_SIZE(object) (sizeof(int64_t) + strlen(object) + 1)

static struct mem_store *of(struct counter_store *store)
{
	return (struct mem_store *)store;
}

/* room: KEY_SIZE(object) octets, which become the key's.  Returns what is behind. */
static char *key_make(struct key *key, char *room, int64_t limit_id, const char *object)
{
	size_t size = KEY_SIZE(object);

	memcpy(room, &limit_id, sizeof(limit_id));
	memcpy(KEY_OBJECT(room), object, size - sizeof(limit_id));
	*key = (struct key){
		.bytes = room, .len = (unsigned)size, .hash = str_hash(room, size)
	};
	return room + size;
}

static int64_t limit_id_of(const struct counter *c)
{
	int64_t id;

	memcpy(&id, c->key, sizeof(id));
	return id;
}

static struct counter *find(struct shard *s, const struct key *key)
{
	struct counter *c;

	HASH_FIND_BYHASHVALUE(
		hh, s->counters, key->bytes, key->len, (unsigned)key->hash, c);
	return c;
}

static struct counter *find_or_make(struct shard *s, const struct key *key)
{
	struct counter *c = find(s, key);

	if (c != NULL)
		return c;
	c = mem_calloc(1, sizeof(*c) + key->len);
	memcpy(c->key, key->bytes, key->len);
	c->dirty_from = CLEAN;
	HASH_ADD_KEYPTR_BYHASHVALUE(
		hh, s->counters, c->key, key->len, (unsigned)key->hash, c);
	return c;
}

/* One counter with its shard locked; NULL if there is none and none is to be made. */
static struct counter *find_locked(struct mem_store *m, int64_t limit_id,
	const char *object, bool make, struct shard **s)
{
	char *room = mem_calloc(1, KEY_SIZE(object));
	struct counter *c;
	struct key key;

	key_make(&key, room, limit_id, object);
	*s = &m->shards[shard_of(key.hash)];
	pthread_mutex_lock(&(*s)->lock);
	c = make ? find_or_make(*s, &key) : find(*s, &key);
	free(room);
	return c;
}

static void forget(struct shard *s, struct counter *c)
{
	if (c->dirty_from != CLEAN)
		STAILQ_REMOVE(&s->dirty, c, counter, link);
	HASH_DEL(s->counters, c);
	free(c->buckets);
	free(c);
}

static void mark_dirty(struct shard *s, struct counter *c, int64_t from)
{
	if (c->dirty_from == CLEAN)
		STAILQ_INSERT_TAIL(&s->dirty, c, link);
	if (from < c->dirty_from)
		c->dirty_from = from;
}

static void expire(const struct limit *limit, struct counter *c, int64_t now)
{
	size_t left = window_expire(limit, c->buckets, c->n, now);

	c->pruned |= left < c->n;
	c->n = (unsigned)left;
}

/* Room for one bucket more.  Most counters of strangers never need a second; more
 * than WINDOW_BUCKETS_MAX come only from rows of another's making. */
static void grow(struct counter *c)
{
	if (c->n < c->cap)
		return;
	c->cap = c->cap == 0 ? 1 : c->cap < 8 ? 8 : c->cap + WINDOW_BUCKETS_MAX;
	c->buckets = mem_realloc(c->buckets, c->cap, sizeof(*c->buckets));
}

static void add(struct shard *s, struct counter *c, struct counter_hit *hit, int64_t now)
{
	expire(hit->limit, c, now);
	grow(c);
	c->n = (unsigned)window_add(hit->limit, c->buckets, c->n, hit->cost, now);
	c->ends = window_ends(hit->limit, LAST_OF(c));
	hit->bucket = LAST_OF(c)->first;
	hit->used += hit->cost;
	hit->charged = true;
	mark_dirty(s, c, hit->bucket);
}

/* Fills in what the hit sees now; under the lock of its shard.  Looking drops
 * nothing: a message that read its clock first may come second. */
static void look(struct shard *s, struct key *key, struct counter_hit *hit, int64_t now)
{
	struct counter *c = key->counter = find(s, key);
	const struct bucket *b = c != NULL ? c->buckets : NULL;
	/* what was over stays over, whatever has become of its period */
	size_t n = c != NULL && c->ends > now ? c->n : 0;

	if (n > 0)
		c->ends = window_ends(hit->limit, LAST_OF(c));
	hit->charged = false;
	hit->used = window_used(hit->limit, b, n, now);
	hit->free_at = window_free_at(hit->limit, b, n, hit->cost, now);
	hit->full = hit->cost > 0 && hit->free_at > now;
}

static uint64_t lock_shards(struct mem_store *m, const struct key *keys, size_t n)
{
	uint64_t which = 0;

	for (size_t i = 0; i < n; i++)
		which |= (uint64_t)1 << shard_of(keys[i].hash);
	for (unsigned i = 0; i < SHARDS; i++)
		if (which >> i & 1)
			pthread_mutex_lock(&m->shards[i].lock);
	return which;
}

static void unlock_shards(struct mem_store *m, uint64_t which)
{
	for (unsigned i = 0; i < SHARDS; i++)
		if (which >> i & 1)
			pthread_mutex_unlock(&m->shards[i].lock);
}

/* A soft group goes along if all of it has room. */
static bool group_has_room(const struct counter_hit *hit, size_t n, size_t i)
{
	size_t first = i;

	while (first > 0 && hit[first - 1].group == hit[i].group)
		first--;
	for (; first < n && hit[first].group == hit[i].group; first++)
		if (hit[first].full)
			return false;
	return true;
}

/* The keys of all hits; one block of memory, the caller's to free. */
static struct key *keys_of(const struct counter_hit *hit, size_t n)
{
	size_t size = n * sizeof(struct key);
	struct key *keys;
	char *room;

	for (size_t i = 0; i < n; i++)
		size += KEY_SIZE(hit[i].key.object);
	keys = mem_calloc(1, size + 1);
	room = (char *)(keys + n);
	for (size_t i = 0; i < n; i++)
		room = key_make(&keys[i], room, hit[i].key.limit_id, hit[i].key.object);
	return keys;
}

static int meet(struct counter_store *store, struct counter_hit *hit, size_t n,
	int64_t now, bool charge)
{
	struct mem_store *m = of(store);
	struct key *keys = keys_of(hit, n);
	uint64_t locked = lock_shards(m, keys, n);
	int room = 1;

	for (size_t i = 0; i < n; i++) {
		look(&m->shards[shard_of(keys[i].hash)], &keys[i], &hit[i], now);
		if (hit[i].full && !hit[i].soft)
			room = 0;
	}
	for (size_t i = 0; charge && room && i < n; i++) {
		struct shard *s = &m->shards[shard_of(keys[i].hash)];

		if (hit[i].cost == 0 || hit[i].look ||
			(hit[i].soft && !group_has_room(hit, n, i)))
			continue;
		if (keys[i].counter == NULL)
			keys[i].counter = find_or_make(s, &keys[i]);
		add(s, keys[i].counter, &hit[i], now);
	}
	unlock_shards(m, locked);
	free(keys);
	return room;
}

static int mem_charge(
	struct counter_store *store, struct counter_hit *hit, size_t n, int64_t now)
{
	return meet(store, hit, n, now, true);
}

static int mem_peek(
	struct counter_store *store, struct counter_hit *hit, size_t n, int64_t now)
{
	return meet(store, hit, n, now, false);
}

static void refund_one(struct shard *s, struct counter *c, const struct counter_hit *hit)
{
	for (unsigned i = 0; i < c->n; i++)
		if (c->buckets[i].first == hit->bucket &&
			c->buckets[i].count >= hit->cost) {
			c->buckets[i].count -= hit->cost;
			mark_dirty(s, c, hit->bucket);
			return;
		}
}

static void mem_refund(
	struct counter_store *store, const struct counter_hit *hit, size_t n)
{
	struct shard *s;
	struct counter *c;

	for (size_t i = 0; i < n; i++) {
		if (!hit[i].charged)
			continue;
		c = find_locked(
			of(store), hit[i].key.limit_id, hit[i].key.object, false, &s);
		if (c != NULL)
			refund_one(s, c, &hit[i]);
		pthread_mutex_unlock(&s->lock);
	}
}

static void mem_reset(struct counter_store *store, counter_match *match, void *arg)
{
	struct mem_store *m = of(store);
	struct counter *c, *next;

	for (unsigned i = 0; i < SHARDS; i++) {
		struct shard *s = &m->shards[i];

		pthread_mutex_lock(&s->lock);
		HASH_ITER(hh, s->counters, c, next)
			if (match == NULL ||
				match(arg, limit_id_of(c), KEY_OBJECT(c->key)))
				forget(s, c);
		pthread_mutex_unlock(&s->lock);
	}
}

/* Empties at most SWEEP_MAX counters a call, so that the batch that removes
 * their rows stays short.  They leave the memory once that is committed. */
static size_t mem_sweep(struct counter_store *store, int64_t now)
{
	struct mem_store *m = of(store);
	struct counter *c, *next;
	size_t emptied = 0;

	for (unsigned i = 0; i < SHARDS; i++) {
		struct shard *s = &m->shards[i];

		pthread_mutex_lock(&s->lock);
		HASH_ITER(hh, s->counters, c, next) {
			if (emptied == SWEEP_MAX)
				break;
			if (c->ends > now)
				continue;
			emptied++;
			c->n = 0;
			c->pruned = true;
			mark_dirty(s, c, CLEAN - 1);
		}
		pthread_mutex_unlock(&s->lock);
	}
	return emptied;
}

static void mem_close(struct counter_store *store)
{
	struct mem_store *m = of(store);

	mem_reset(store, NULL, NULL);
	for (unsigned i = 0; i < SHARDS; i++)
		pthread_mutex_destroy(&m->shards[i].lock);
	arena_free(m->taken);
	free(m);
}

struct counter_store *mem_store_new(void)
{
	struct mem_store *m = mem_calloc(1, sizeof(*m));

	m->base = (struct counter_store){
		.charge = mem_charge,
		.peek = mem_peek,
		.refund = mem_refund,
		.reset = mem_reset,
		.sweep = mem_sweep,
		.close = mem_close,
	};
	for (unsigned i = 0; i < SHARDS; i++) {
		pthread_mutex_init(&m->shards[i].lock, NULL);
		STAILQ_INIT(&m->shards[i].dirty);
	}
	return &m->base;
}

int mem_store_load(
	struct counter_store *store, struct db *db, int64_t now, struct err *err)
{
	struct mem_store *m = of(store);
	sqlite3_stmt *q = db_query(db, SQL_BUCKET_LOAD, err, "");
	int more = -1;

	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		struct limit limit = { .id = sqlite3_column_int64(q, 0),
			.period = sqlite3_column_int64(q, 5) };
		struct bucket b = { sqlite3_column_int64(q, 2),
			sqlite3_column_int64(q, 3),
			(uint64_t)sqlite3_column_int64(q, 4) };
		struct counter *c;
		struct shard *s;

		if (strategy_parse(db_text(q, 6), &limit.strategy) < 0)
			return err_set(err, "database: a policy has the strategy \"%s\"",
				db_text(q, 6));
		c = find_locked(m, limit.id, db_text(q, 1), true, &s);
		c->ends = window_ends(&limit, &b);
		/* rows that have ended are left to the sweep */
		expire(&limit, c, now);
		grow(c);
		c->buckets[c->n++] = b;
		pthread_mutex_unlock(&s->lock);
	}
	return more;
}

/* Copies one dirty counter out and calls it clean; under its shard's lock. */
static void take(struct mem_store *m, struct counter *c)
{
	struct flushed *f =
		arena_alloc(m->taken, sizeof(*f) + c->n * sizeof(f->buckets[0]));

	f->limit_id = limit_id_of(c);
	f->object = arena_strdup(m->taken, KEY_OBJECT(c->key));
	f->dirty_from = c->dirty_from;
	f->pruned = c->pruned;
	f->oldest = c->n > 0 ? c->buckets[0].first : INT64_MAX;
	for (unsigned i = 0; i < c->n; i++)
		if (c->buckets[i].first >= c->dirty_from)
			f->buckets[f->n++] = c->buckets[i];
	f->next = m->batch;
	m->batch = f;
	c->dirty_from = CLEAN;
	c->pruned = false;
}

static int mem_flush(void *arg, struct db *db, struct err *err)
{
	struct mem_store *m = arg;
	struct counter *c;

	m->taken = arena_new();
	for (unsigned i = 0; i < SHARDS; i++) {
		struct shard *s = &m->shards[i];

		pthread_mutex_lock(&s->lock);
		while ((c = STAILQ_FIRST(&s->dirty)) != NULL) {
			STAILQ_REMOVE_HEAD(&s->dirty, link);
			take(m, c);
		}
		pthread_mutex_unlock(&s->lock);
	}
	for (struct flushed *f = m->batch; f != NULL; f = f->next) {
		if (f->pruned && db_run(db, SQL_BUCKET_PRUNE, err, "iti", f->limit_id,
					 f->object, f->oldest) < 0)
			return -1;
		for (unsigned i = 0; i < f->n; i++)
			if (db_run(db, SQL_BUCKET_PUT, err, "itiii", f->limit_id,
				    f->object, f->buckets[i].first, f->buckets[i].last,
				    (int64_t)f->buckets[i].count) < 0)
				return -1;
	}
	return 0;
}

/* Not committed: what was taken is dirty again, with what came since.
 * Committed: a counter that is empty and stored as such can go. */
static void mem_settle(void *arg, bool committed)
{
	struct mem_store *m = arg;
	struct counter *c;
	struct shard *s;

	for (struct flushed *f = m->batch; f != NULL; f = f->next) {
		if (committed && f->oldest != INT64_MAX)
			continue;
		c = find_locked(m, f->limit_id, f->object, false, &s);
		if (c != NULL && !committed) {
			c->pruned |= f->pruned;
			mark_dirty(s, c, f->dirty_from);
		} else if (c != NULL && c->n == 0 && c->dirty_from == CLEAN) {
			forget(s, c);
		}
		pthread_mutex_unlock(&s->lock);
	}
	m->batch = NULL;
	arena_free(m->taken);
	m->taken = NULL;
}

struct writer_hook mem_store_hook(struct counter_store *store)
{
	return (struct writer_hook){ mem_flush, mem_settle, of(store) };
}
