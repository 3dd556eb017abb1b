/*
 * Counters and their rows.  stored_bring_back() is called on libmilter's threads, the
 * hook on the writer's, stored_try_again() on the main one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "counter/stored.h"

#include "base/arena.h"
#include "base/episode.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define SWEEP_ROWS 200 /* looked at with one batch */

/* What one dirty counter held when the writer took it along. */
struct flushed {
	struct flushed *next;
	int64_t limit_id;
	int64_t oldest, newest; /* all rows outside of that are to go */
	const char *object;
	bool pruned, empty;
	unsigned n;
	struct bucket buckets[];
};

void stored_init(struct stored *s, struct table *table, struct db *reader)
{
	s->table = table;
	s->reader = reader;
	s->swept.limit_id = s->swept.first = INT64_MIN;
	pthread_mutex_init(&s->reading, NULL);
}

void stored_clear(struct stored *s)
{
	arena_free(s->taken);
	free(s->swept.object);
	free(s->unread.object);
	stored_stop(s);
	pthread_mutex_destroy(&s->reading);
}

void stored_stop(struct stored *s)
{
	pthread_mutex_lock(&s->reading);
	db_close(s->reader);
	s->reader = NULL;
	pthread_mutex_unlock(&s->reading);
}

/* A charge of the future was made before the clock went back: it is taken as made now,
 * so that it counts, but for no longer than a period.  The row is written anew. */
static void append_row(struct shard *s, struct counter *c, const struct limit *limit,
	struct bucket b, int64_t now)
{
	bool future = window_clamp(limit, &b, now);

	counter_append(c, limit, b);
	if (future) {
		c->pruned = true;
		shard_mark_dirty(s, c, c->n - 1u);
	} else if (!c->dirty) {
		c->stored = c->n;
	}
}

static struct bucket bucket_of(sqlite3_stmt *q, int column)
{
	return (struct bucket){ sqlite3_column_int64(q, column),
		sqlite3_column_int64(q, column + 1),
		(uint64_t)sqlite3_column_int64(q, column + 2) };
}

/* The limit of a row of SQL_BUCKET_LOAD, as far as its windows need it. */
static int limit_of(sqlite3_stmt *q, struct limit *limit, struct err *err)
{
	*limit = (struct limit){ .id = sqlite3_column_int64(q, 0),
		.period = sqlite3_column_int64(q, 5),
		.amount = (uint64_t)sqlite3_column_int64(q, 7) };
	if (strategy_parse(db_text(q, 6), &limit->strategy) < 0)
		return err_set(
			err, "database: a policy has the strategy \"%s\"", db_text(q, 6));
	return 0;
}

/* 1: it is in memory; 0: there is no room for it; -1 and err. */
static int load_row(struct stored *s, sqlite3_stmt *q, int64_t now, struct err *err)
{
	const char *object = db_text(q, 1);
	struct counter *c;
	struct shard *shard;
	struct limit limit;
	struct key key;
	char *room;

	if (limit_of(q, &limit, err) < 0)
		return -1;
	room = mem_calloc(1, KEY_SIZE(object));
	key_make(&key, room, limit.id, object);
	shard = table_shard(s->table, &key);
	c = shard_find(shard, &key);
	if (c == NULL && HASH_COUNT(shard->counters) < s->table->max)
		c = shard_find_or_make(shard, &key);
	if (c != NULL)
		append_row(shard, c, &limit, bucket_of(q, 2), now);
	free(room);
	return c != NULL;
}

int stored_load(struct stored *s, struct db *db, int64_t now, struct err *err)
{
	sqlite3_stmt *q = db_query(
		db, SQL_BUCKET_LOAD, err, "itii", INT64_MIN, "", INT64_MIN, INT64_MAX);
	int more = -1, loaded = 1;

	while (loaded == 1 && q != NULL && (more = db_next(db, q, err)) == 1)
		loaded = load_row(s, q, now, err);
	if (loaded < 1)
		sqlite3_reset(q);
	s->table->away = loaded == 0;
	return loaded < 0 || more < 0 ? -1 : 0;
}

/* The rows of one counter, in the arena. */
static int read_rows(struct stored *s, int64_t limit_id, const char *object,
	struct arena *arena, struct bucket **rows, size_t *n, struct err *err)
{
	sqlite3_stmt *q =
		db_query(s->reader, SQL_BUCKET_READ, err, "it", limit_id, object);
	size_t cap = 0;
	int more = -1;

	while (q != NULL && (more = db_next(s->reader, q, err)) == 1) {
		*rows = arena_grow(arena, *rows, *n, &cap, sizeof(**rows));
		(*rows)[(*n)++] = bucket_of(q, 0);
	}
	return more;
}

static void read_well(struct stored *s, int64_t now)
{
	episode_end(EPISODE_READ, now);
	free(s->unread.object);
	s->unread.object = NULL;
}

static void read_badly(struct stored *s, int64_t limit_id, const char *object,
	const struct err *err, int64_t now)
{
	char *copy = mem_strdup(object);

	episode_begin(EPISODE_READ, now, "%s", err->text);
	free(s->unread.object);
	s->unread.limit_id = limit_id;
	s->unread.object = copy;
}

static int try_read(struct stored *s, const struct key *key, struct arena *arena,
	struct bucket **rows, size_t *n, int64_t now)
{
	int64_t limit_id = key_limit_id(key->bytes);
	const char *object = key_object(key->bytes);
	struct err err;
	int rc = -1;

	pthread_mutex_lock(&s->reading);
	if (s->reader != NULL) {
		rc = read_rows(s, limit_id, object, arena, rows, n, &err);
		if (rc == 0)
			read_well(s, now);
		else
			read_badly(s, limit_id, object, &err, now);
	}
	pthread_mutex_unlock(&s->reading);
	return rc;
}

void stored_try_again(struct stored *s, int64_t now)
{
	struct bucket *rows = NULL;
	struct arena *arena;
	struct err err;
	size_t n = 0;

	pthread_mutex_lock(&s->reading);
	if (s->reader != NULL && s->unread.object != NULL) {
		arena = arena_new();
		if (read_rows(s, s->unread.limit_id, s->unread.object, arena, &rows, &n,
			    &err) == 0)
			read_well(s, now);
		arena_free(arena);
	}
	pthread_mutex_unlock(&s->reading);
}

int stored_bring_back(
	struct stored *s, const struct key *key, const struct limit *limit, int64_t now)
{
	struct shard *shard = table_shard(s->table, key);
	struct arena *arena = arena_new();
	struct bucket *rows = NULL;
	size_t n = 0;
	int rc = try_read(s, key, arena, &rows, &n, now);

	pthread_mutex_lock(&shard->lock);
	if (rc == 0 && shard->left == key->left && shard_find(shard, key) == NULL) {
		struct counter *c = shard_find_or_make(shard, key);

		for (size_t i = 0; i < n; i++)
			append_row(shard, c, limit, rows[i], now);
	}
	pthread_mutex_unlock(&shard->lock);
	arena_free(arena);
	return rc;
}

/* Copies one dirty counter out and calls it clean; under its shard's lock. */
static void take(struct stored *s, struct counter *c)
{
	const struct bucket *buckets = counter_buckets(c);
	size_t n = (size_t)c->n - c->stored;
	struct flushed *f = arena_alloc(s->taken, sizeof(*f) + n * sizeof(f->buckets[0]));

	f->limit_id = key_limit_id(c->key);
	f->object = arena_strdup(s->taken, key_object(c->key));
	f->pruned = c->pruned;
	f->empty = c->n == 0;
	f->oldest = f->empty ? INT64_MAX : buckets[0].first;
	f->newest = f->empty ? INT64_MAX : buckets[c->n - 1].first;
	f->n = (unsigned)n;
	memcpy(f->buckets, buckets + c->stored, n * sizeof(f->buckets[0]));
	f->next = s->batch;
	s->batch = f;
	c->stored = c->n;
	c->dirty = c->pruned = false;
	c->batch = s->number;
}

static void take_all(struct stored *s)
{
	struct counter *c;

	s->taken = arena_new();
	s->number += s->number == UCHAR_MAX ? 2 : 1; /* never 0 */
	s->table->batch = s->number;
	for (unsigned i = 0; i < SHARDS; i++) {
		struct shard *shard = &s->table->shards[i];

		pthread_mutex_lock(&shard->lock);
		while ((c = STAILQ_FIRST(&shard->dirty)) != NULL) {
			STAILQ_REMOVE_HEAD(&shard->dirty, link);
			take(s, c);
		}
		pthread_mutex_unlock(&shard->lock);
	}
}

static int write_counter(struct db *db, const struct flushed *f, struct err *err)
{
	if (f->pruned && db_run(db, SQL_BUCKET_PRUNE, err, "itii", f->limit_id, f->object,
				 f->oldest, f->newest) < 0)
		return -1;
	for (unsigned i = 0; i < f->n; i++)
		if (db_run(db, SQL_BUCKET_PUT, err, "itiii", f->limit_id, f->object,
			    f->buckets[i].first, f->buckets[i].last,
			    (int64_t)f->buckets[i].count) < 0)
			return -1;
	return 0;
}

/* What the sweep found in one row. */
struct found {
	int64_t limit_id, first;
	const char *object;
	bool over;
};

/* The next rows behind the last that was looked at; -1 and err. */
static int look_at_rows(struct stored *s, struct db *db, int64_t now,
	struct found found[SWEEP_ROWS], size_t *n, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_BUCKET_LOAD, err, "itii", s->swept.limit_id,
		s->swept.object != NULL ? s->swept.object : "", s->swept.first,
		(int64_t)SWEEP_ROWS);
	struct limit limit;
	int more = -1;

	*n = 0;
	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		struct bucket b = bucket_of(q, 2);
		/* what this version does not know stays: mail is not to fail for it */
		bool known = limit_of(q, &limit, NULL) == 0;

		found[(*n)++] = (struct found){ limit.id, b.first,
			arena_strdup(s->taken, db_text(q, 1)),
			known && window_ends(&limit, &b) <= now };
	}
	return more;
}

/* Where the next step goes on; NULL: at the first row again. */
static void keep_place(struct stored *s, const struct found *last)
{
	free(s->swept.object);
	s->swept.object = last != NULL ? mem_strdup(last->object) : NULL;
	s->swept.limit_id = last != NULL ? last->limit_id : INT64_MIN;
	s->swept.first = last != NULL ? last->first : INT64_MIN;
	s->sweeping = last != NULL;
}

/* A step of the sweep over the rows.  Those of counters in memory may go, too: these have
 * lost them, or will. */
static int sweep_rows(struct stored *s, struct db *db, int64_t now, struct err *err)
{
	struct found found[SWEEP_ROWS];
	size_t n;

	if (look_at_rows(s, db, now, found, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (found[i].over &&
			db_run(db, SQL_BUCKET_DELETE, err, "iti", found[i].limit_id,
				found[i].object, found[i].first) < 0)
			return -1;
	keep_place(s, n == SWEEP_ROWS ? &found[n - 1] : NULL);
	return 0;
}

bool stored_sweep(struct stored *s, int64_t now)
{
	bool over = s->begun && !s->sweeping && s->sweep == 0;

	s->begun = !over;
	/* one step for each call, however many batches come between */
	if (!over)
		s->sweep = now;
	return !over;
}

static int flush(void *arg, struct db *db, struct err *err)
{
	struct stored *s = arg;
	int64_t sweep = atomic_exchange(&s->sweep, 0);

	take_all(s);
	for (struct flushed *f = s->batch; f != NULL; f = f->next)
		if (write_counter(db, f, err) < 0)
			return -1;
	return sweep != 0 ? sweep_rows(s, db, sweep, err) : 0;
}

/* Not committed: what was taken is dirty again, with what came since.
 * Committed: a counter that is empty and stored as such can go. */
static void settle_counter(struct stored *s, const struct flushed *f, bool committed)
{
	char *room = mem_calloc(1, KEY_SIZE(f->object));
	struct shard *shard;
	struct counter *c;
	struct key key;

	key_make(&key, room, f->limit_id, f->object);
	shard = table_shard(s->table, &key);
	pthread_mutex_lock(&shard->lock);
	c = shard_find(shard, &key);
	if (c != NULL && !committed) {
		c->pruned |= f->pruned;
		shard_mark_dirty(shard, c, 0);
	} else if (c != NULL && c->n == 0 && !c->dirty) {
		shard_forget(shard, c);
	}
	pthread_mutex_unlock(&shard->lock);
	free(room);
}

static void settle(void *arg, bool committed)
{
	struct stored *s = arg;

	for (struct flushed *f = s->batch; f != NULL; f = f->next)
		if (!committed || f->empty)
			settle_counter(s, f, committed);
	s->table->batch = 0;
	if (committed)
		table_relieve(s->table);
	s->batch = NULL;
	arena_free(s->taken);
	s->taken = NULL;
}

static size_t unstored(void *arg)
{
	struct stored *s = arg;
	struct counter *c;
	size_t n = 0;

	for (unsigned i = 0; i < SHARDS; i++) {
		struct shard *shard = &s->table->shards[i];

		pthread_mutex_lock(&shard->lock);
		STAILQ_FOREACH(c, &shard->dirty, link)
			n++;
		pthread_mutex_unlock(&shard->lock);
	}
	return n;
}

struct writer_hook stored_hook(struct stored *s)
{
	return (struct writer_hook){ flush, settle, s, unstored };
}
