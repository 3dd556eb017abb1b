/*
 * Traffic on its way to the database.  A batch adds up what its messages count as, and
 * writes that once; the writer's thread has that part alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/traffic.h"

#include "base/arena.h"
#include "base/log.h"

#include <limits.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <uthash.h>

/* Messages of one second, in all (policy 0) or of one policy; fewer than none of a kind
 * where they are of another one by now. */
struct cell {
	UT_hash_handle hh;
	struct {
		int64_t second, policy_id;
	} key;
	int64_t counts[VERDICTS];
};

struct traffic {
	struct policy_slot *slot;
	struct writer_hook charges;
	/* the writer's thread's own: what is recorded in its batch, and what it has taken
	 * of the loose */
	struct cell *batch, *taken;

	pthread_mutex_t lock; /* guards what follows */
	struct cell *loose;
	struct writer_job job; /* makes a batch for them, if nobody else does */
	bool asked;	       /* for it */
	bool full;	       /* a line has said so */
};

static void clear(struct cell **cells)
{
	struct cell *cell, *next;

	HASH_ITER(hh, *cells, cell, next) {
		HASH_DEL(*cells, cell);
		free(cell);
	}
}

/* NULL: there is none, and there are `most`. */
static struct cell *find(
	struct cell **cells, int64_t second, int64_t policy_id, unsigned most)
{
	struct cell *cell, wanted = { .key = { second, policy_id } };

	HASH_FIND(hh, *cells, &wanted.key, sizeof(wanted.key), cell);
	if (cell != NULL || HASH_COUNT(*cells) >= most)
		return cell;
	cell = mem_calloc(1, sizeof(*cell));
	cell->key = wanted.key;
	HASH_ADD(hh, *cells, key, sizeof(cell->key), cell);
	return cell;
}

static void add(struct cell *cell, const struct tally *tally)
{
	cell->counts[tally->kind]++;
	if (tally->again)
		cell->counts[tally->before]--;
}

static int64_t policy_id(const struct tally *tally)
{
	return tally->policy != NULL ? tally->policy->id : 0;
}

void traffic_note(struct traffic *t, int64_t second, const struct tally *tally)
{
	add(find(&t->batch, second, policy_id(tally), UINT_MAX), tally);
}

static int run_nothing(struct writer_job *job, struct db *db, struct err *err)
{
	(void)job;
	(void)db;
	(void)err;
	return 0;
}

/* Stored or not, the job can be given again. */
static void allow_asking(struct writer_job *job, bool committed)
{
	struct traffic *t =
		(struct traffic *)((char *)job - offsetof(struct traffic, job));

	(void)committed;
	pthread_mutex_lock(&t->lock);
	t->asked = false;
	pthread_mutex_unlock(&t->lock);
}

/* Under the lock. */
static void count_loose(struct traffic *t, int64_t second, const struct tally *tally)
{
	struct cell *cell = find(&t->loose, second, policy_id(tally), TRAFFIC_WAITS_MOST);

	if (cell != NULL) {
		add(cell, tally);
		return;
	}
	if (!t->full)
		log_warning("traffic is not counted any more until it can be stored");
	t->full = true;
}

void traffic_count(struct traffic *t, struct writer *writer, int64_t second,
	const struct tally *list, size_t n)
{
	bool asks;

	pthread_mutex_lock(&t->lock);
	for (size_t i = 0; i < n; i++)
		if (list[i].policy == NULL || list[i].policy->rate_stats)
			count_loose(t, second, &list[i]);
	asks = !t->asked && t->loose != NULL;
	t->asked |= asks;
	pthread_mutex_unlock(&t->lock);
	/* while batches fail, the next one that does not takes it along all the same */
	if (asks && !writer_submit(writer, &t->job))
		allow_asking(&t->job, false);
}

/* The steps that are kept; their number. */
static size_t steps_of(const struct settings *s, int64_t steps[4])
{
	const struct {
		int64_t seconds;
		unsigned days;
	} all[] = {
		{ 1, s->stats_days },
		{ 60, s->stats_minute_days },
		{ 3600, s->stats_hour_days },
		{ 86400, s->stats_day_days },
	};
	size_t n = 0;

	for (size_t i = 0; s->stats_rows > 0 && i < 4; i++)
		if (all[i].days > 0)
			steps[n++] = all[i].seconds;
	return n;
}

static int write_cells(const struct cell *cells, const int64_t *steps, size_t n,
	struct db *db, struct err *err)
{
	for (const struct cell *c = cells; c != NULL; c = c->hh.next)
		for (size_t i = 0; i < n; i++) {
			int64_t second = c->key.second;
			const int64_t *counts = c->counts;

			if (db_run(db, SQL_TRAFFIC_PUT, err, "iiiiiiiiiii", steps[i],
				    second - second % steps[i], c->key.policy_id,
				    counts[VERDICT_ACCEPT], counts[VERDICT_BYPASS],
				    counts[VERDICT_MONITOR], counts[VERDICT_DEFER],
				    counts[VERDICT_BLOCK], counts[VERDICT_HOLD],
				    counts[VERDICT_DISCARD], counts[VERDICT_ERROR]) < 0)
				return -1;
		}
	return 0;
}

static int flush(void *arg, struct db *db, struct err *err)
{
	struct traffic *t = arg;
	struct policy_set *set;
	int64_t steps[4];
	size_t n;

	if (t->charges.flush(t->charges.arg, db, err) < 0)
		return -1;
	pthread_mutex_lock(&t->lock);
	t->taken = t->loose;
	t->loose = NULL;
	pthread_mutex_unlock(&t->lock);
	if (t->batch == NULL && t->taken == NULL)
		return 0;
	set = policy_slot_acquire(t->slot);
	n = steps_of(&set->settings, steps);
	policy_slot_release(t->slot, set);
	return write_cells(t->batch, steps, n, db, err) < 0 ||
			       write_cells(t->taken, steps, n, db, err) < 0
		       ? -1
		       : 0;
}

/* What could not be stored waits again, with what has come meanwhile. */
static void take_back(struct traffic *t)
{
	struct cell *cell, *next, *kept;

	pthread_mutex_lock(&t->lock);
	HASH_ITER(hh, t->taken, cell, next) {
		kept = find(&t->loose, cell->key.second, cell->key.policy_id, UINT_MAX);
		for (int v = 0; v < VERDICTS; v++)
			kept->counts[v] += cell->counts[v];
	}
	pthread_mutex_unlock(&t->lock);
}

/* A record whose batch failed counts when it is written, if it ever is. */
static void settle(void *arg, bool committed)
{
	struct traffic *t = arg;

	t->charges.settle(t->charges.arg, committed);
	if (!committed) {
		take_back(t);
	} else if (t->taken != NULL) {
		pthread_mutex_lock(&t->lock);
		t->full = false;
		pthread_mutex_unlock(&t->lock);
	}
	clear(&t->batch);
	clear(&t->taken);
}

static size_t unstored(void *arg)
{
	const struct traffic *t = arg;

	return t->charges.unstored != NULL ? t->charges.unstored(t->charges.arg) : 0;
}

struct traffic *traffic_new(struct policy_slot *slot)
{
	struct traffic *t = mem_calloc(1, sizeof(*t));

	t->slot = slot;
	t->job = (struct writer_job){
		.kind = WRITER_RECORD, .run = run_nothing, .done = allow_asking
	};
	pthread_mutex_init(&t->lock, NULL);
	return t;
}

void traffic_free(struct traffic *t)
{
	if (t == NULL)
		return;
	clear(&t->batch);
	clear(&t->taken);
	clear(&t->loose);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

struct writer_hook traffic_hook(struct traffic *t, const struct writer_hook *charges)
{
	t->charges = *charges;
	return (struct writer_hook){ flush, settle, t, unstored };
}
