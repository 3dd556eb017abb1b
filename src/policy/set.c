/*
 * Policy sets and the slot that publishes them.  Loaded by the writer's thread
 * (or at start), acquired and released on every thread that handles messages.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/set.h"

#include "policy/record.h"

#include <pthread.h>
#include <stdlib.h>

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

static int add_policy(void *arg, struct policy *p, struct err *err)
{
	struct loading *l = arg;
	struct policy_set *set = l->set;

	if (policy_check(p, err) < 0 || bind_group(l, &p->source, err) < 0 ||
		bind_group(l, &p->destination, err) < 0) {
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
	set->needs_recipients |= p->enabled && policy_needs_recipients(p);
	return 0;
}

static int load_settings(struct policy_set *set, struct db *db, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_SETTING_LOAD, err, "");
	int more = -1, s;

	settings_defaults(&set->settings);
	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		s = setting_find(db_text(q, 0), err);
		if (s < 0 || setting_set(&set->settings, (enum setting)s, db_text(q, 1),
				     err) < 0) {
			sqlite3_reset(q);
			return -1;
		}
	}
	return more;
}

struct policy_set *policy_set_load(
	struct db *db, struct group_index *groups, struct err *err)
{
	struct policy_set *set = mem_calloc(1, sizeof(*set));
	struct loading loading = { .set = set, .db = db };

	set->groups =
		groups != NULL ? group_index_acquire(groups) : group_index_load(db, err);
	if (set->groups == NULL || load_settings(set, db, err) < 0 ||
		policy_records_read(db, NULL, add_policy, &loading, err) < 0) {
		policy_set_discard(set);
		return NULL;
	}
	return set;
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
