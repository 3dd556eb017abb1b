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
	struct stats_verdicts verdicts;
	uint64_t results[SPF_RESULTS];
	struct rates rates;
	unsigned seen; /* the last look for what is gone that found its policy */
};

struct stats {
	pthread_mutex_t lock; /* guards the table and what is in it */
	struct total *totals;
	unsigned looks;		 /* for policies that are gone */
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

static struct total *add(struct stats *s, int64_t policy_id)
{
	struct total *t = mem_calloc(1, sizeof(*t));

	t->policy_id = policy_id;
	t->seen = s->looks;
	HASH_ADD(hh, s->totals, policy_id, sizeof(t->policy_id), t);
	return t;
}

static struct total *find_or_add(struct stats *s, int64_t policy_id)
{
	struct total *t = find(s, policy_id);

	return t != NULL ? t : add(s, policy_id);
}

void stats_count(struct stats *s, int64_t policy_id, enum verdict_kind kind, int64_t now)
{
	struct total *t;

	pthread_mutex_lock(&s->lock);
	t = find_or_add(s, policy_id);
	t->verdicts.given[kind]++;
	rates_count(&t->rates, verdict_stops(kind), now);
	pthread_mutex_unlock(&s->lock);
}

void stats_recount(struct stats *s, int64_t policy_id, enum verdict_kind from,
	enum verdict_kind to, int64_t now)
{
	struct total *t;

	pthread_mutex_lock(&s->lock);
	t = find_or_add(s, policy_id);
	/* it was forgotten meanwhile if its policy was */
	t->verdicts.revised[from] += t->verdicts.revised[from] < t->verdicts.given[from];
	t->verdicts.given[to]++;
	if (verdict_stops(to) && !verdict_stops(from))
		rates_recount(&t->rates, now);
	pthread_mutex_unlock(&s->lock);
}

void stats_count_spf(struct stats *s, int64_t policy_id, enum spf_result result)
{
	pthread_mutex_lock(&s->lock);
	find_or_add(s, policy_id)->results[result]++;
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

void stats_read_all(struct stats *s, int64_t policy_id, struct stats_verdicts *out)
{
	const struct total *t;

	*out = (struct stats_verdicts){ 0 };
	pthread_mutex_lock(&s->lock);
	t = find(s, policy_id);
	if (t != NULL)
		*out = t->verdicts;
	pthread_mutex_unlock(&s->lock);
}

void stats_read(struct stats *s, int64_t policy_id, uint64_t out[VERDICTS])
{
	struct stats_verdicts all;

	stats_read_all(s, policy_id, &all);
	for (int v = 0; v < VERDICTS; v++)
		out[v] = all.given[v] - all.revised[v];
}

void stats_read_spf(struct stats *s, int64_t policy_id, uint64_t out[SPF_RESULTS])
{
	const struct total *t;

	memset(out, 0, SPF_RESULTS * sizeof(out[0]));
	pthread_mutex_lock(&s->lock);
	t = find(s, policy_id);
	if (t != NULL)
		memcpy(out, t->results, sizeof(t->results));
	pthread_mutex_unlock(&s->lock);
}

void stats_rates(struct stats *s, int64_t policy_id, struct rates *out)
{
	const struct total *t;

	*out = (struct rates){ 0 };
	pthread_mutex_lock(&s->lock);
	t = find(s, policy_id);
	if (t != NULL)
		*out = t->rates;
	pthread_mutex_unlock(&s->lock);
}

/* Found: its policy is there. */
static void note_seen(struct stats *s, int64_t policy_id, unsigned look)
{
	struct total *t;

	pthread_mutex_lock(&s->lock);
	t = find(s, policy_id);
	if (t != NULL)
		t->seen = look;
	pthread_mutex_unlock(&s->lock);
}

void stats_forget(struct stats *s, const struct policy_set *set)
{
	struct total *t, *next;
	unsigned look;

	pthread_mutex_lock(&s->lock);
	look = ++s->looks;
	pthread_mutex_unlock(&s->lock);
	/* one by one: mail waits for the lock */
	note_seen(s, 0, look);
	for (size_t i = 0; i < set->npolicies; i++)
		note_seen(s, set->policies[i]->id, look);
	pthread_mutex_lock(&s->lock);
	HASH_ITER(hh, s->totals, t, next) {
		if (look - t->seen < 2)
			continue;
		HASH_DEL(s->totals, t);
		free(t);
	}
	pthread_mutex_unlock(&s->lock);
}
