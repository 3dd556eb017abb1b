/*
 * Policy sets and the slot that publishes them.  Loaded by the writer's thread
 * (or at start), acquired and released on every thread that handles messages.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/set.h"

#include "policy/record.h"
#include "policy/rule_rows.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct policy_slot {
	pthread_mutex_t lock; /* guards the pointer, the number and all references */
	struct policy_set *current;
	uint64_t published;
};

struct loading {
	struct policy_set *set;
	struct db *db;
	size_t cap;
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
		policy_clear(&set->policies[i]);
	free(set->policies);
	free(set->limit_ids);
	pool_table_clear(&set->pools);
	flag_table_free(set->flags);
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

/* The policy knows its group by name; matching asks for its bit. */
static int bind_group(struct loading *l, struct criterion *c, struct err *err)
{
	sqlite3_stmt *q;

	if (c->any)
		return 0;
	q = db_query(l->db, SQL_GROUP_FIND, err, "t", c->group);
	if (q == NULL || db_next(l->db, q, err) < 0)
		return -1;
	c->bit = group_index_bit(l->set->groups, sqlite3_column_int64(q, 0));
	sqlite3_reset(q);
	return c->bit >= 0 ? 0 : err_set(err, "no group \"%s\"", c->group);
}

/* The policy added last is the first of its pool, or one more. */
static void place(struct policy_set *set, int64_t pool_id)
{
	struct pool *pool = pool_by_id(&set->pools, pool_id);

	if (pool == NULL)
		return;
	if (pool->npolicies++ == 0)
		pool->first = set->npolicies - 1;
	set->first_general = set->npolicies;
}

static int add_policy(void *arg, struct policy *p, struct err *err)
{
	struct loading *l = arg;
	struct policy_set *set = l->set;

	if (policy_check(p, err) < 0 || bind_group(l, &p->source, err) < 0 ||
		bind_group(l, &p->destination, err) < 0 ||
		rule_rows_read(l->db, p, err) < 0) {
		err_prefix(err, "policy %s", p->name);
		policy_clear(p);
		return -1;
	}
	if (set->npolicies == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 16;
		set->policies =
			mem_realloc(set->policies, l->cap, sizeof(*set->policies));
	}
	set->policies[set->npolicies++] = *p;
	set->nrules += p->nrules;
	if (p->enabled)
		set->steps |= policy_steps(p);
	place(set, p->pool_id);
	return 0;
}

/* Where a setting of that pool belongs; NULL: to a pool that is not there. */
static struct settings *settings_of(struct policy_set *set, int64_t pool_id)
{
	struct pool *pool = pool_by_id(&set->pools, pool_id);

	if (pool_id == 0)
		return &set->settings;
	return pool != NULL ? &pool->settings : NULL;
}

/* Those that hold everywhere come first; the pools begin with these. */
static int load_settings(
	struct policy_set *set, struct db *db, bool of_pools, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_SETTING_LOAD, err, "");
	int more = -1, s;

	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		int64_t pool_id = sqlite3_column_int64(q, 1);
		struct settings *to = settings_of(set, pool_id);

		if ((pool_id != 0) != of_pools || to == NULL)
			continue;
		s = setting_find(db_text(q, 0), err);
		if (s < 0 || setting_set(to, (enum setting)s, db_text(q, 2), err) < 0) {
			sqlite3_reset(q);
			return -1;
		}
	}
	return more;
}

static int load_pools(struct policy_set *set, struct db *db, struct err *err)
{
	settings_defaults(&set->settings);
	if (load_settings(set, db, false, err) < 0 ||
		pool_table_load(&set->pools, db, &set->settings, err) < 0)
		return -1;
	return load_settings(set, db, true, err);
}

static size_t keep_ids(int64_t *ids, const struct limits *limits)
{
	size_t n = 0;

	for (size_t i = 0; i < limits->n; i++)
		ids[n++] = limits->limit[i].id;
	if (limits->penalty.period > 0)
		ids[n++] = limits->penalty.id;
	return n;
}

static int compare_ids(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void collect_ids(struct policy_set *set)
{
	size_t cap = 0;

	for (size_t i = 0; i < set->npolicies; i++)
		cap += (1 + set->policies[i].napart) * (LIMITS_MAX + 1);
	set->limit_ids = mem_calloc(cap + 1, sizeof(*set->limit_ids));
	for (size_t i = 0; i < set->npolicies; i++) {
		const struct policy *p = &set->policies[i];

		set->nlimit_ids += keep_ids(set->limit_ids + set->nlimit_ids, &p->limits);
		for (size_t k = 0; k < p->napart; k++)
			set->nlimit_ids += keep_ids(
				set->limit_ids + set->nlimit_ids, &p->apart[k].limits);
	}
	qsort(set->limit_ids, set->nlimit_ids, sizeof(*set->limit_ids), compare_ids);
}

struct policy_set *policy_set_load(
	struct db *db, struct group_index *groups, struct err *err)
{
	struct policy_set *set = mem_calloc(1, sizeof(*set));
	struct loading loading = { .set = set, .db = db };

	set->groups =
		groups != NULL ? group_index_acquire(groups) : group_index_load(db, err);
	set->flags = flag_table_load(db, err);
	if (set->groups == NULL || set->flags == NULL || load_pools(set, db, err) < 0 ||
		policy_records_read(db, NULL, add_policy, &loading, err) < 0) {
		policy_set_discard(set);
		return NULL;
	}
	collect_ids(set);
	return set;
}

void policy_set_view(struct policy_set *view, const struct policy_set *set)
{
	/* all but the references, which others are counting */
	memcpy(view, set, offsetof(struct policy_set, references));
	view->references = 0;
}

const struct settings *policy_set_settings(
	const struct policy_set *set, const struct pool *pool)
{
	return pool != NULL ? &pool->settings : &set->settings;
}

const struct policy *policy_set_at(
	const struct policy_set *set, const struct pool *pool, size_t i)
{
	if (pool != NULL && i < pool->npolicies)
		return &set->policies[pool->first + i];
	if (pool != NULL && !pool->settings.pool_fallback)
		return NULL;
	i += set->first_general - (pool != NULL ? pool->npolicies : 0);
	return i < set->npolicies ? &set->policies[i] : NULL;
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

void policy_set_gone(const struct policy_set *before, const struct policy_set *after,
	void (*fn)(void *arg, int64_t limit_id), void *arg)
{
	size_t k = 0;

	for (size_t i = 0; i < before->nlimit_ids; i++) {
		int64_t id = before->limit_ids[i];

		while (k < after->nlimit_ids && after->limit_ids[k] < id)
			k++;
		if (k == after->nlimit_ids || after->limit_ids[k] != id)
			fn(arg, id);
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
