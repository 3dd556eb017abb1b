/*
 * Totals.  Counted by the engine at the end of each message, read by commands.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/stats.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct total {
	UT_hash_handle hh;
	int64_t policy_id; /* 0: all mail */
	uint64_t verdicts[VERDICTS];
};

struct stats {
	pthread_mutex_t lock; /* guards the table and what is in it */
	struct total *totals;
	_Atomic uint64_t limits; /* that header rules ran into */
};

struct stats *stats_new(void)
{
	struct stats *s = mem_calloc(1, sizeof(*s));

	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void stats_free(struct stats *s)
{
	struct total *t, *next;

	if (s == NULL)
		return;
	HASH_ITER(hh, s->totals, t, next) {
		HASH_DEL(s->totals, t);
		free(t);
	}
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static struct total *find(struct stats *s, int64_t policy_id)
{
	struct total *t;

	HASH_FIND(hh, s->totals, &policy_id, sizeof(policy_id), t);
	return t;
}

void stats_count(struct stats *s, int64_t policy_id, enum verdict_kind kind)
{
	struct total *t;

	pthread_mutex_lock(&s->lock);
	t = find(s, policy_id);
	if (t == NULL) {
		t = mem_calloc(1, sizeof(*t));
		t->policy_id = policy_id;
		HASH_ADD(hh, s->totals, policy_id, sizeof(t->policy_id), t);
	}
	t->verdicts[kind]++;
	pthread_mutex_unlock(&s->lock);
}

void stats_count_header_limit(struct stats *s)
{
	atomic_fetch_add(&s->limits, 1);
}

uint64_t stats_header_limits(const struct stats *s)
{
	return atomic_load(&s->limits);
}

void stats_read(struct stats *s, int64_t policy_id, uint64_t out[VERDICTS])
{
	const struct total *t;

	memset(out, 0, VERDICTS * sizeof(out[0]));
	pthread_mutex_lock(&s->lock);
	t = find(s, policy_id);
	if (t != NULL)
		memcpy(out, t->verdicts, sizeof(t->verdicts));
	pthread_mutex_unlock(&s->lock);
}
