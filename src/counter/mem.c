/*
 * The counter store in memory.  charge, peek and refund are called by the
 * engine on libmilter's threads, peek by the control server's, too; reset and amend by
 * the writer and the changer; sweep by the main loop.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "counter/mem.h"

#include "base/arena.h"
#include "counter/meet.h"
#include "counter/stored.h"

#include <stdlib.h>

#define SWEEP_LOOKS 2000 /* of one step: counters looked at */
#define SWEEP_MAX   200	 /* and emptied: mail waits while their rows go */

struct mem_store {
	struct counter_store base;
	struct table table;
	struct stored stored;
	unsigned sweeping; /* the shard where the sweep is; the main loop's alone */
	/* taken before shards, by a message that needs those to stay which it brings */
	pthread_mutex_t crowd;
};

static struct mem_store *of(struct counter_store *store)
{
	return (struct mem_store *)store;
}

/* Finds the counters of all keys; false: of some that may be in the database alone. */
static bool find_all(struct mem_store *m, struct key *keys, size_t n)
{
	bool all = true;

	for (size_t i = 0; i < n; i++) {
		struct shard *s = table_shard(&m->table, &keys[i]);

		keys[i].counter = shard_find(s, &keys[i]);
		keys[i].left = s->left;
		all &= keys[i].counter != NULL || !m->table.away;
	}
	return all;
}

static int bring_back(struct mem_store *m, const struct counter_hit *hit,
	const struct key *keys, size_t n, int64_t now)
{
	for (size_t i = 0; i < n; i++)
		if (keys[i].counter == NULL &&
			stored_bring_back(&m->stored, &keys[i], hit[i].limit, now) < 0)
			return -1;
	return 0;
}

/* Locks the shards of all keys when every counter that there is has come into memory;
 * -1: the database cannot be read, and nothing is locked.  Other messages may make those
 * leave again that this one has brought: at the second time they must not, for as long as
 * it takes; one message at a time. */
static int lock_all(struct mem_store *m, const struct counter_hit *hit, struct key *keys,
	size_t n, int64_t now, uint64_t *locked)
{
	bool alone = false;
	int rc = 0;

	for (unsigned round = 0;; round++) {
		*locked = table_lock(&m->table, keys, n);
		if (find_all(m, keys, n))
			break;
		table_unlock(&m->table, *locked);
		if (round == 1) {
			pthread_mutex_lock(&m->crowd);
			m->table.stay = alone = true;
		}
		rc = bring_back(m, hit, keys, n, now);
		if (rc < 0)
			break;
	}
	if (alone) {
		m->table.stay = false;
		pthread_mutex_unlock(&m->crowd);
	}
	return rc;
}

/* Gives the locks back.  What came into memory may have to make room; what was not there
 * and was not charged needs none. */
static void unlock_all(
	struct mem_store *m, const struct key *keys, size_t n, uint64_t locked)
{
	for (size_t i = 0; i < n; i++) {
		struct shard *s = table_shard(&m->table, &keys[i]);
		struct counter *c =
			m->table.away && !m->table.stay ? shard_find(s, &keys[i]) : NULL;

		if (c != NULL && table_is_unused(&m->table, c))
			shard_remove(s, c);
		table_trim(&m->table, s);
	}
	table_unlock(&m->table, locked);
}

/* A flood can fill the table only while nothing can be stored: then those go on that have
 * a place. */
static bool has_places(struct mem_store *m, const struct counter_hit *hit,
	const struct key *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((keys[i].counter == NULL ||
			    table_is_unused(&m->table, keys[i].counter)) &&
			meet_charges(hit, n, i) &&
			table_is_full(&m->table, table_shard(&m->table, &keys[i])))
			return false;
	return true;
}

static void add_all(struct mem_store *m, struct counter_hit *hit, const struct key *keys,
	size_t n, int64_t now)
{
	for (size_t i = 0; i < n; i++) {
		struct shard *s = table_shard(&m->table, &keys[i]);
		struct counter *c;

		if (!meet_charges(hit, n, i))
			continue;
		c = shard_find_or_make(s, &keys[i]);
		meet_add(c, &hit[i], now);
		shard_mark_dirty(s, c, c->n - 1u);
	}
}

static int meet(struct counter_store *store, struct counter_hit *hit, size_t n,
	int64_t now, bool charge)
{
	struct mem_store *m = of(store);
	struct key *keys = meet_keys(hit, n);
	uint64_t locked;
	int room;

	if (lock_all(m, hit, keys, n, now, &locked) < 0) {
		meet_nothing(hit, n, now);
		free(keys);
		return -1;
	}
	room = meet_look(keys, hit, n, now);
	if (charge && room && !has_places(m, hit, keys, n)) {
		meet_nothing(hit, n, now);
		room = -1;
	} else if (charge && room) {
		add_all(m, hit, keys, n, now);
	}
	unlock_all(m, keys, n, locked);
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
	struct bucket *buckets = counter_buckets(c);
	const struct bucket *b =
		window_refund(hit->limit, buckets, c->n, hit->cost, hit->bucket);

	if (b != NULL)
		shard_mark_dirty(s, c, (size_t)(b - buckets));
}

static void mem_refund(
	struct counter_store *store, const struct counter_hit *hit, size_t n, int64_t now)
{
	struct mem_store *m = of(store);
	struct key *keys = meet_keys(hit, n);
	uint64_t locked;

	/* what cannot be read back stays charged */
	if (lock_all(m, hit, keys, n, now, &locked) == 0) {
		for (size_t i = 0; i < n; i++)
			if (hit[i].charged && keys[i].counter != NULL)
				refund_one(table_shard(&m->table, &keys[i]),
					keys[i].counter, &hit[i]);
		unlock_all(m, keys, n, locked);
	}
	free(keys);
}

static void mem_reset(struct counter_store *store, counter_match *match, void *arg)
{
	struct mem_store *m = of(store);
	struct counter *c, *next;

	for (unsigned i = 0; i < SHARDS; i++) {
		struct shard *s = &m->table.shards[i];

		pthread_mutex_lock(&s->lock);
		/* also what somebody is reading back just now */
		s->left++;
		HASH_ITER(hh, s->counters, c, next)
			if (match == NULL ||
				match(arg, key_limit_id(c->key), key_object(c->key)))
				shard_forget(s, c);
		pthread_mutex_unlock(&s->lock);
	}
}

static int compare_change(const void *key, const void *change)
{
	const int64_t *id = key;
	const struct limit_change *c = change;

	return (*id > c->before.id) - (*id < c->before.id);
}

/* What was over before the change does not come back. */
static void amend_counter(struct shard *s, struct counter *c,
	const struct limit_change *change, int64_t now)
{
	const struct bucket *last = c->n > 0 ? &counter_buckets(c)[c->n - 1] : NULL;

	if (change->gone)
		shard_forget(s, c);
	else if (last != NULL && window_ends(&change->before, last) <= now)
		shard_empty(s, c);
	else if (last != NULL)
		c->ends = window_ends(&change->after, last);
}

static void mem_amend(struct counter_store *store, const struct limit_change *changes,
	size_t n, int64_t now)
{
	struct mem_store *m = of(store);
	struct counter *c, *next;

	for (unsigned i = 0; i < SHARDS; i++) {
		struct shard *s = &m->table.shards[i];

		pthread_mutex_lock(&s->lock);
		s->left++; /* also what somebody is reading back just now */
		HASH_ITER(hh, s->counters, c, next) {
			int64_t id = key_limit_id(c->key);
			const struct limit_change *change = bsearch(
				&id, changes, n, sizeof(*changes), compare_change);

			if (change != NULL)
				amend_counter(s, c, change, now);
		}
		pthread_mutex_unlock(&s->lock);
	}
}

/* Looks at one shard's counters behind those that were looked at, until it has looked at
 * so many, or emptied so many; false: that was the last of them. */
static bool sweep_shard(struct shard *s, int64_t now, size_t *looks, size_t *emptied)
{
	struct counter *c = s->swept != NULL ? s->swept : s->counters;

	for (; c != NULL && *looks < SWEEP_LOOKS && *emptied < SWEEP_MAX;
		c = c->hh.next, ++*looks) {
		if (c->ends > now || (c->n == 0 && !c->pruned))
			continue;
		shard_empty(s, c);
		++*emptied;
	}
	s->swept = c;
	return c != NULL;
}

static bool mem_sweep(struct counter_store *store, int64_t now)
{
	struct mem_store *m = of(store);
	size_t looks = 0, emptied = 0;
	bool more;

	stored_try_again(&m->stored, now);
	while (m->sweeping < SHARDS && looks < SWEEP_LOOKS && emptied < SWEEP_MAX) {
		struct shard *s = &m->table.shards[m->sweeping];

		pthread_mutex_lock(&s->lock);
		more = sweep_shard(s, now, &looks, &emptied);
		pthread_mutex_unlock(&s->lock);
		m->sweeping += !more;
	}
	if (m->sweeping < SHARDS)
		return true;
	/* then the rows of those that are not in memory */
	if (m->table.away && stored_sweep(&m->stored, now))
		return true;
	m->sweeping = 0;
	return false;
}

static size_t mem_count(struct counter_store *store)
{
	struct mem_store *m = of(store);
	size_t n = 0;

	for (unsigned i = 0; i < SHARDS; i++) {
		struct shard *s = &m->table.shards[i];

		pthread_mutex_lock(&s->lock);
		n += HASH_COUNT(s->counters);
		pthread_mutex_unlock(&s->lock);
	}
	return n;
}

static void mem_close(struct counter_store *store)
{
	struct mem_store *m = of(store);

	table_clear(&m->table);
	stored_clear(&m->stored);
	pthread_mutex_destroy(&m->crowd);
	free(m);
}

struct counter_store *mem_store_open(
	struct db *db, struct db *reader, size_t max, int64_t now, struct err *err)
{
	struct mem_store *m = mem_calloc(1, sizeof(*m));

	m->base = (struct counter_store){
		.charge = mem_charge,
		.peek = mem_peek,
		.refund = mem_refund,
		.reset = mem_reset,
		.amend = mem_amend,
		.sweep = mem_sweep,
		.count = mem_count,
		.close = mem_close,
	};
	pthread_mutex_init(&m->crowd, NULL);
	table_init(&m->table, max);
	stored_init(&m->stored, &m->table, reader);
	if (stored_load(&m->stored, db, now, err) == 0)
		return &m->base;
	mem_close(&m->base);
	return NULL;
}

void mem_store_stop(struct counter_store *store)
{
	stored_stop(&of(store)->stored);
}

struct writer_hook mem_store_hook(struct counter_store *store)
{
	return stored_hook(&of(store)->stored);
}
