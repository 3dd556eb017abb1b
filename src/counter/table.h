/*
 * The counters that are in memory: a table in shards, each with its lock.  What is not
 * in it may still be in the database (counter/stored.h): past a bound the table lets go
 * of counters that were not asked for lately, as soon as they are stored.
 *
 * A shard's lock is taken by table_lock() or by hand, several in the order of shards;
 * nothing waits for a disk under it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_COUNTER_TABLE_H
#define THEMIS_COUNTER_TABLE_H

#include "counter/store.h"
#include "counter/window.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>
#include <uthash.h>

#define SHARDS 64 /* one bit each in a word */

/* A million of them are to fit into 160 MB: hence the one bucket inside, which most
 * never outgrow, and the small numbers. */
struct counter {
	UT_hash_handle hh;
	STAILQ_ENTRY(counter) link; /* among the dirty ones, if it is dirty */
	int64_t ends;		    /* when the last bucket leaves the window */
	union {
		struct bucket one; /* cap 1 */
		struct bucket *many;
	} held;
	unsigned char n, cap; /* buckets, oldest first */
	unsigned char stored; /* so many from the front are in the database as they are */
	unsigned char batch;  /* that took it along last; see table_trim() */
	bool dirty : 1;
	bool pruned : 1; /* rows of buckets that are not held any more are there */
	bool recent : 1; /* was asked for since the hand came by */
	char key[];	 /* the limit's id, then the object with its NUL */
};

STAILQ_HEAD(counter_list, counter);

struct shard {
	pthread_mutex_t lock; /* guards the shard */
	struct counter *counters;
	struct counter_list dirty;
	/* where the sweep goes on, and where the look for one to let go of; NULL: at
	 * the first */
	struct counter *swept, *hand;
	/* counts up whenever a counter leaves: who has read the database meanwhile may
	 * have read what was before it */
	uint64_t left;
};

struct table {
	struct shard shards[SHARDS];
	size_t max;	    /* counters of one shard that stay in memory */
	atomic_bool away;   /* some are in the database alone */
	atomic_bool stay;   /* nobody is let go, for a moment */
	atomic_uchar batch; /* that was taken along and is not committed; 0: none */
};

/* The bytes are those of counter.key. */
struct key {
	const char *bytes;
	unsigned len;
	uint64_t hash;
	struct counter *counter; /* what was found, while the shard is locked */
	uint64_t left;		 /* of the shard, when it was not found */
};

#define KEY_SIZE(object) (sizeof(int64_t) + strlen(object) + 1)

/* Its buckets, oldest first. */
static inline struct bucket *counter_buckets(struct counter *c)
{
	return c->cap > 1 ? c->held.many : &c->held.one;
}

/* Makes a key; room: KEY_SIZE(object) octets, which become the key's.  Returns what is
 * behind them. */
char *key_make(struct key *key, char *room, int64_t limit_id, const char *object);

/* The parts of a key's bytes. */
int64_t key_limit_id(const char *bytes);
const char *key_object(const char *bytes);

/* max: counters in all.  Zeroed memory becomes a table. */
void table_init(struct table *t, size_t max);
void table_clear(struct table *t);

struct shard *table_shard(struct table *t, const struct key *key);

/* Locks the shards of all keys, in their order; which they are, for unlocking. */
uint64_t table_lock(struct table *t, const struct key *keys, size_t n);
void table_unlock(struct table *t, uint64_t which);

/* All of these under the shard's lock. */
struct counter *shard_find(struct shard *s, const struct key *key);
struct counter *shard_find_or_make(struct shard *s, const struct key *key);
void shard_forget(struct shard *s, struct counter *c);

/* The same for one that is unused: the rows of it never differed. */
void shard_remove(struct shard *s, struct counter *c);

/* From that bucket on, the counter is not stored. */
void shard_mark_dirty(struct shard *s, struct counter *c, size_t bucket);

/* All of it is over; the counter stays until its rows have gone. */
void shard_empty(struct shard *s, struct counter *c);

/* Drops what has left the window. */
void counter_expire(struct counter *c, const struct limit *limit, int64_t now);

/* Adds a charge; in which bucket it is. */
const struct bucket *counter_add(
	struct counter *c, const struct limit *limit, uint64_t cost, int64_t now);

/* Puts a stored bucket behind those that are there. */
void counter_append(struct counter *c, const struct limit *limit, struct bucket b);

/* Lets go of some counters that are stored and were not asked for lately, if there are
 * too many.  Few at a time, so that no message pays for many. */
void table_trim(struct table *t, struct shard *s);

/* After a batch: lets go of so many that no shard is full any more.  No shard may be
 * locked. */
void table_relieve(struct table *t);

/* Holds it nothing, and is that all that is stored of it? */
bool table_is_unused(const struct table *t, const struct counter *c);

/* Is there no room for one more, because those that are there cannot be stored? */
bool table_is_full(const struct table *t, const struct shard *s);

#endif
