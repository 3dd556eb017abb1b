/*
 * Making policy sets.  Called by the writer's thread in a change, and at start.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/load.h"

#include "base/ids.h"
#include "policy/named.h"
#include "policy/rule_rows.h"
#include "policy/share.h"

#include <stdlib.h>
#include <string.h>

struct policies {
	const struct policy **policies;
	size_t n, cap;
};

struct loading {
	struct db *db;
	const struct group_index *groups;
	struct policy_rows rules;
	struct policies to;
};

static void push(struct policies *to, const struct policy *p)
{
	if (to->n == to->cap) {
		to->cap = to->cap ? to->cap * 2 : 16;
		to->policies = mem_realloc(to->policies, to->cap, sizeof(*to->policies));
	}
	to->policies[to->n++] = p;
}

/* A group whose row is gone must not read as "any". */
static int check_group(
	const struct criterion *c, const struct group_index *groups, struct err *err)
{
	if (c->any ? c->group_id == 0 : group_index_has(groups, c->group_id))
		return 0;
	return err_set(err, "no group \"%s\" (its id is %lld)", c->group,
		(long long)c->group_id);
}

static int check_groups(
	const struct policy *p, const struct group_index *groups, struct err *err)
{
	if (check_group(&p->source, groups, err) < 0 ||
		check_group(&p->destination, groups, err) < 0)
		return err_prefix(err, "policy %s", p->name);
	return 0;
}

static int add_policy(void *arg, struct policy *p, struct err *err)
{
	struct loading *l = arg;

	if (check_groups(p, l->groups, err) < 0) {
		policy_clear(p);
		return -1;
	}
	if (policy_check(p, err) < 0 || rule_rows_read(&l->rules, p, err) < 0) {
		err_prefix(err, "policy %s", p->name);
		policy_clear(p);
		return -1;
	}
	push(&l->to, policy_share(p));
	return 0;
}

/* The policies of the range, with their rules, behind those that are there. */
static int read_policies(struct loading *l, struct policy_range range, struct err *err)
{
	int rc = rule_rows_open(&l->rules, l->db, range, 0, err);

	if (rc == 0)
		rc = policy_records_read(l->db, range, add_policy, l, err);
	policy_rows_close(&l->rules);
	return rc < 0 ? -1 : 0;
}

static int read_version(struct db *db, int64_t *version, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_DATA_VERSION, err, "");

	if (q == NULL || db_next(db, q, err) < 0)
		return -1;
	*version = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	return 0;
}

int settings_find_trusted(const struct settings *settings, int64_t ids[SPF_TRUSTED_MAX],
	struct db *db, struct err *err)
{
	for (size_t i = 0; i < settings->nspf_trusted; i++)
		if (named_must_find(
			    db, NAMED_GROUP, settings->spf_trusted[i], &ids[i], err) < 0)
			return err_prefix(
				err, "%s", setting_info(SETTING_SPF_TRUSTED)->name);
	return 0;
}

/* A set of everything but policies; what is NULL is loaded. */
static struct policy_set *set_new(struct db *db, struct group_index *groups,
	struct flag_table *flags, struct grant_table *grants, struct err *err)
{
	struct policy_set *set = mem_calloc(1, sizeof(*set));

	set->groups =
		groups != NULL ? group_index_acquire(groups) : group_index_load(db, err);
	set->flags = flags != NULL ? flag_table_acquire(flags) : flag_table_load(db, err);
	set->grants =
		grants != NULL ? grant_table_acquire(grants) : grant_table_load(db, err);
	set->db = db;
	if (set->groups != NULL && set->flags != NULL && set->grants != NULL &&
		read_version(db, &set->data_version, err) == 0 &&
		pool_table_load(&set->pools, &set->settings, db, err) == 0 &&
		settings_find_trusted(&set->settings, set->spf_trusted, db, err) == 0)
		return set;
	policy_set_discard(set);
	return NULL;
}

static size_t count_limits(const struct limits *limits)
{
	return limits->n + (limits->penalty.period > 0);
}

static void keep_limits(struct policy_set *set, const struct limits *limits)
{
	for (size_t i = 0; i < limits->n; i++)
		set->limits[set->nlimits++] = limits->limit[i];
	if (limits->penalty.period > 0)
		set->limits[set->nlimits++] = limits->penalty;
}

static int compare_limit(const void *a, const void *b)
{
	const struct limit *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static void collect_limits(struct policy_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->npolicies; i++) {
		const struct policy *p = set->policies[i];

		n += count_limits(&p->limits);
		for (size_t k = 0; k < p->napart; k++)
			n += count_limits(&p->apart[k].limits);
	}
	set->limits = mem_calloc(n + 1, sizeof(*set->limits));
	for (size_t i = 0; i < set->npolicies; i++) {
		const struct policy *p = set->policies[i];

		keep_limits(set, &p->limits);
		for (size_t k = 0; k < p->napart; k++)
			keep_limits(set, &p->apart[k].limits);
	}
	qsort(set->limits, set->nlimits, sizeof(*set->limits), compare_limit);
}

/* Which policies are whose: those of a pool stand together, before the general ones. */
static int place_policies(struct policy_set *set, struct err *err)
{
	struct pool *pool = NULL;

	for (size_t i = 0; i < set->npolicies; i++) {
		const struct policy *p = set->policies[i];

		if (p->pool_id == 0)
			return 0;
		if (pool == NULL || pool->id != p->pool_id) {
			pool = pool_by_id(&set->pools, p->pool_id);
			if (pool == NULL)
				return err_set(
					err, "policy %s: its pool is not there", p->name);
			pool->first = i;
		}
		pool->npolicies++;
		set->first_general = i + 1;
	}
	return 0;
}

/* What the history asks for, whatever policies there are. */
static unsigned history_steps(const struct settings *s)
{
	unsigned steps = 0;

	if (settings_keep_recipients(s))
		steps |= STEP_RCPT;
	if (settings_keep_history(s) && s->history_size)
		steps |= STEPS_SIZE;
	return steps;
}

/* The set with these policies, which it takes over, in their order. */
static struct policy_set *set_finish(
	struct policy_set *set, const struct policies *policies, struct err *err)
{
	set->policies = policies->policies;
	set->npolicies = policies->n;
	if (place_policies(set, err) < 0) {
		policy_set_discard(set);
		return NULL;
	}
	for (size_t i = 0; i < set->npolicies; i++)
		if (set->policies[i]->enabled)
			set->steps |= policy_steps(set->policies[i]);
	set->steps |= history_steps(&set->settings);
	collect_limits(set);
	policy_index_init(&set->index, set->policies, set->npolicies);
	return set;
}

static void policies_clear(struct policies *p)
{
	for (size_t i = 0; i < p->n; i++)
		policy_release(p->policies[i]);
	free(p->policies);
}

struct policy_set *policy_set_load(
	struct db *db, struct group_index *groups, struct err *err)
{
	struct policy_set *set = set_new(db, groups, NULL, NULL, err);
	struct loading l = { .db = db };

	if (set == NULL)
		return NULL;
	l.groups = set->groups;
	if (read_policies(&l, policy_all(), err) == 0)
		return set_finish(set, &l.to, err);
	policies_clear(&l.to);
	policy_set_discard(set);
	return NULL;
}

/* Pools by their names, which their policies have in front, then those without one. */
static int compare_pool(const struct policy *a, const struct policy *b)
{
	size_t alen = strcspn(a->name, ":"), blen = strcspn(b->name, ":");
	int order;

	if (a->pool_id == b->pool_id)
		return 0;
	if (a->pool_id == 0 || b->pool_id == 0)
		return a->pool_id == 0 ? 1 : -1;
	order = memcmp(a->name, b->name, alen < blen ? alen : blen);
	return order != 0 ? order : (alen > blen) - (alen < blen);
}

/* The order of evaluation, as SQL_POLICY_LOAD has it. */
static int compare_policy(const void *left, const void *right)
{
	const struct policy *a = *(const struct policy *const *)left,
			    *b = *(const struct policy *const *)right;
	int order = compare_pool(a, b);

	if (order == 0)
		order = (a->priority > b->priority) - (a->priority < b->priority);
	return order != 0 ? order : strcmp(a->name, b->name);
}

/* The edited policies as they are now, in their order. */
static int read_edited(struct loading *l, struct policy_edits *edits, struct err *err)
{
	for (size_t i = 0; i < edits->n; i++)
		if (read_policies(l, policy_one(edits->ids[i]), err) < 0)
			return -1;
	if (l->to.n > 1)
		qsort(l->to.policies, l->to.n, sizeof(*l->to.policies), compare_policy);
	return 0;
}

/* Those of `before` that were not edited, and between them the edited ones. */
static void merge(struct policies *to, const struct policy_set *before,
	const struct policy_edits *edits, const struct policies *edited)
{
	size_t next = 0;

	for (size_t i = 0; i < before->npolicies; i++) {
		const struct policy *p = before->policies[i];

		if (ids_have(edits->ids, edits->n, p->id))
			continue;
		while (next < edited->n &&
			compare_policy(&edited->policies[next], &p) < 0)
			push(to, policy_acquire(edited->policies[next++]));
		push(to, policy_acquire(p));
	}
	while (next < edited->n)
		push(to, policy_acquire(edited->policies[next++]));
}

/* No group that one of them names may have gone; of the edited ones that is known. */
static int check_kept(const struct policies *policies, const struct policy_set *before,
	const struct group_index *groups, struct err *err)
{
	if (groups == before->groups)
		return 0;
	for (size_t i = 0; i < policies->n; i++)
		if (check_groups(policies->policies[i], groups, err) < 0)
			return -1;
	return 0;
}

/* From so many on it is quicker to read all of them at once. */
#define EDITS_MAX 100

/* Is there nothing in the database that the set before has not, but for the edits? */
static int is_known(
	const struct policy_set *before, struct db *db, bool *known, struct err *err)
{
	int64_t version;

	if (read_version(db, &version, err) < 0)
		return -1;
	/* a version says something to its connection alone */
	*known = before->db == db && before->data_version == version;
	return 0;
}

struct policy_set *policy_set_edit(const struct policy_set *before, struct db *db,
	struct group_index *groups, struct set_edits *edits, struct err *err)
{
	struct loading l = { .db = db };
	struct policies all = { 0 };
	struct policy_set *set;
	bool known;
	int rc;

	if (is_known(before, db, &known, err) < 0)
		return NULL;
	/* many commands of a batch may have touched the same few */
	edits->policies.n = ids_settle(edits->policies.ids, edits->policies.n);
	if (!known || edits->policies.n > EDITS_MAX)
		return policy_set_load(db, known ? groups : NULL, err);
	set = set_new(db, groups, edits->flags ? NULL : before->flags,
		edits->grants ? NULL : before->grants, err);
	if (set == NULL)
		return NULL;
	l.groups = set->groups;
	rc = read_edited(&l, &edits->policies, err);
	if (rc == 0) {
		merge(&all, before, &edits->policies, &l.to);
		rc = check_kept(&all, before, set->groups, err);
	}
	policies_clear(&l.to);
	if (rc == 0)
		return set_finish(set, &all, err);
	policies_clear(&all);
	policy_set_discard(set);
	return NULL;
}
