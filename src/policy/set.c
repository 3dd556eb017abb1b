/*
 * Policy sets and the slot that publishes them.  Made by the writer's thread
 * (policy/load.h), acquired and released on every thread that handles messages.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/set.h"

#include "base/ids.h"
#include "policy/share.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct policy_slot {
	pthread_mutex_t lock; /* guards the pointer, the number and all references */
	struct policy_set *current;
	uint64_t published;
};

struct policy_slot *policy_slot_new(void)
{
	struct policy_slot *slot = mem_calloc(1, sizeof(*slot));

	pthread_mutex_init(&slot->lock, NULL);
	return slot;
}

void policy_set_discard(struct policy_set *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->npolicies; i++)
		policy_release(set->policies[i]);
	free(set->policies);
	policy_index_clear(&set->index);
	free(set->limits);
	pool_table_clear(&set->pools);
	flag_table_release(set->flags);
	grant_table_release(set->grants);
	group_index_release(set->groups);
	free(set);
}

void policy_slot_free(struct policy_slot *slot)
{
	if (slot == NULL)
		return;
	if (slot->current != NULL)
		policy_slot_release(slot, slot->current);
	pthread_mutex_destroy(&slot->lock);
	free(slot);
}

void policy_set_view(struct policy_set *view, const struct policy_set *set)
{
	/* all but the references, which others are counting */
	memcpy(view, set, offsetof(struct policy_set, references));
	view->references = 0;
}

const struct policy *policy_set_find(const struct policy_set *set, const char *name)
{
	for (size_t i = 0; i < set->npolicies; i++)
		if (strcmp(set->policies[i]->name, name) == 0)
			return set->policies[i];
	return NULL;
}

const struct settings *policy_set_settings(
	const struct policy_set *set, const struct pool *pool)
{
	return pool != NULL ? &pool->settings : &set->settings;
}

/* Nothing else needs HELO. */
bool policy_set_checks_spf(const struct policy_set *set)
{
	return (set->steps & STEP_HELO) != 0;
}

bool policy_set_trusts(const struct policy_set *set, const struct group_list *client)
{
	for (size_t i = 0; i < set->settings.nspf_trusted; i++)
		if (group_list_has(client, set->spf_trusted[i]))
			return true;
	return false;
}

const struct policy *policy_set_at(
	const struct policy_set *set, const struct pool *pool, size_t i)
{
	if (pool != NULL && i < pool->npolicies)
		return set->policies[pool->first + i];
	if (pool != NULL && !pool->settings.pool_fallback)
		return NULL;
	i += set->first_general - (pool != NULL ? pool->npolicies : 0);
	return i < set->npolicies ? set->policies[i] : NULL;
}

/* Does policy_set_at() ever come to that place? */
static bool is_seen(const struct policy_set *set, const struct pool *pool, size_t place)
{
	if (place >= set->first_general)
		return pool == NULL || pool->settings.pool_fallback;
	return pool != NULL && place >= pool->first &&
	       place - pool->first < pool->npolicies;
}

/* The places of those policies that need a group which somebody is in. */
struct gathering {
	const struct policy_set *set;
	const struct pool *pool;
	struct arena *arena;
	int64_t *places; /* whose group two names have is here twice, until the end */
	size_t n, cap;
};

static void gather(struct gathering *g, int64_t group_id)
{
	const struct source *source;
	size_t n = policy_index_sources(&g->set->index, group_id, &source);

	for (; n > 0; n--, source++) {
		if (!is_seen(g->set, g->pool, source->place))
			continue;
		g->places = arena_grow(
			g->arena, g->places, g->n, &g->cap, sizeof(*g->places));
		g->places[g->n++] = source->place;
	}
}

/* Both in the order of the set: those gathered, and those that need no group. */
static size_t merge(const struct gathering *g, const struct policy **to)
{
	const struct policy_set *set = g->set;
	size_t next = 0, n = 0;

	for (size_t i = 0; i < set->index.nopen; i++) {
		unsigned place = set->index.open[i];

		if (!is_seen(set, g->pool, place))
			continue;
		while (next < g->n && g->places[next] < place)
			to[n++] = set->policies[g->places[next++]];
		to[n++] = set->policies[place];
	}
	while (next < g->n)
		to[n++] = set->policies[g->places[next++]];
	return n;
}

size_t policy_set_candidates(const struct policy_set *set, const struct pool *pool,
	const struct group_list *login, const struct group_list *sender,
	struct arena *arena, const struct policy ***candidates)
{
	struct gathering g = { set, pool, arena, NULL, 0, 0 };

	for (size_t i = 0; i < login->n; i++)
		gather(&g, login->ids[i]);
	for (size_t i = 0; i < sender->n; i++)
		gather(&g, sender->ids[i]);
	g.n = ids_settle(g.places, g.n);
	*candidates = arena_alloc(arena, (g.n + set->index.nopen) * sizeof(**candidates));
	return merge(&g, *candidates);
}

const struct limits *policy_set_limits(
	const struct policy_set *set, const struct policy *p, const struct pool *pool)
{
	static const struct limits none;

	if (pool == NULL || p->pool_id != 0 || !set->settings.pool_counters)
		return &p->limits;
	for (size_t i = 0; i < p->napart; i++)
		if (p->apart[i].pool_id == pool->id)
			return &p->apart[i].limits;
	return &none;
}

void policy_set_compare(const struct policy_set *before, const struct policy_set *after,
	void (*fn)(void *arg, const struct limit *was, const struct limit *is), void *arg)
{
	size_t k = 0;

	for (size_t i = 0; i < before->nlimits; i++) {
		const struct limit *was = &before->limits[i], *is;

		while (k < after->nlimits && after->limits[k].id < was->id)
			k++;
		is = k < after->nlimits ? &after->limits[k] : NULL;
		if (is == NULL || is->id != was->id)
			fn(arg, was, NULL);
		else if (is->period != was->period || is->amount != was->amount)
			fn(arg, was, is);
	}
}

void policy_slot_publish(struct policy_slot *slot, struct policy_set *set)
{
	struct policy_set *old;

	pthread_mutex_lock(&slot->lock);
	old = slot->current;
	set->number = ++slot->published;
	set->references = 1; /* the slot's own */
	slot->current = set;
	pthread_mutex_unlock(&slot->lock);
	if (old != NULL)
		policy_slot_release(slot, old);
}

struct policy_set *policy_slot_acquire(struct policy_slot *slot)
{
	struct policy_set *set;

	pthread_mutex_lock(&slot->lock);
	set = slot->current;
	set->references++;
	pthread_mutex_unlock(&slot->lock);
	return set;
}

void policy_slot_release(struct policy_slot *slot, struct policy_set *set)
{
	bool last;

	pthread_mutex_lock(&slot->lock);
	last = --set->references == 0;
	pthread_mutex_unlock(&slot->lock);
	if (last)
		policy_set_discard(set);
}
