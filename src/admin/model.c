/*
 * Reading the configuration as things.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/model.h"

#include "base/clock.h"
#include "policy/named.h"
#include "policy/record.h"
#include "policy/rule_rows.h"

#include <stdlib.h>
#include <string.h>

static bool is_wanted(const struct thing_list *only, enum thing_kind kind,
	const char *name, const char *pool)
{
	return only == NULL || thing_list_has(only, kind, name, pool);
}

static int read_settings(
	struct model *m, struct db *db, const struct thing_list *only, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_SETTING_ALL, err, "");
	int more = -1;

	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		const char *pool = db_text(q, 0), *name = db_text(q, 1);

		if (!is_wanted(only, THING_SETTING, name, pool) &&
			!is_wanted(only, THING_POOL, pool, NULL))
			continue;
		m->settings = arena_grow(m->arena, m->settings, m->nsettings,
			&m->settings_cap, sizeof(*m->settings));
		m->settings[m->nsettings++] =
			(struct model_setting){ arena_strdup(m->arena, pool),
				arena_strdup(m->arena, name),
				arena_strdup(m->arena, db_text(q, 2)) };
	}
	return more;
}

static struct model_pool *last_pool(struct model *m, const char *name)
{
	struct model_pool *last = m->npools > 0 ? &m->pools[m->npools - 1] : NULL;

	if (last != NULL && strcmp(last->name, name) == 0)
		return last;
	m->pools = arena_grow(
		m->arena, m->pools, m->npools, &m->pools_cap, sizeof(*m->pools));
	last = &m->pools[m->npools++];
	*last = (struct model_pool){ .name = arena_strdup(m->arena, name) };
	return last;
}

/* Rows of pool and host; the host is NULL where a pool has none. */
static int keep_pools(struct model *m, struct db *db, sqlite3_stmt *q, struct err *err)
{
	int more = -1;

	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		struct model_pool *pool = last_pool(m, db_text(q, 0));

		if (sqlite3_column_type(q, 1) == SQLITE_NULL)
			continue;
		pool->hosts = arena_grow(
			m->arena, pool->hosts, pool->n, &pool->cap, sizeof(*pool->hosts));
		pool->hosts[pool->n++] = arena_strdup(m->arena, db_text(q, 1));
	}
	return more;
}

/* The pool, with those of the hosts that are in it. */
static int read_hosts(struct model *m, struct db *db, const char *name,
	const struct thing_list *only, struct err *err)
{
	int64_t id;
	int found = named_find(db, NAMED_POOL, name, &id, err);

	if (found != 1)
		return found;
	last_pool(m, name);
	for (size_t i = 0; i < only->nhosts; i++)
		if (keep_pools(m, db,
			    db_query(db, SQL_POOL_MTA, err, "it", id, only->hosts[i]),
			    err) < 0)
			return -1;
	return 0;
}

static int read_pools(
	struct model *m, struct db *db, const struct thing_list *only, struct err *err)
{
	if (only == NULL)
		return keep_pools(m, db, db_query(db, SQL_POOL_ALL, err, ""), err);
	for (size_t i = 0; i < only->n; i++) {
		const char *name = only->things[i].name;

		if (only->things[i].kind != THING_POOL)
			continue;
		if ((only->hosts != NULL
				    ? read_hosts(m, db, name, only, err)
				    : keep_pools(m, db,
					      db_query(db, SQL_POOL_ONE, err, "t", name),
					      err)) < 0)
			return -1;
	}
	return 0;
}

/* Policies come with their rules, one query for those of all. */
struct reading {
	struct model *m;
	struct policy_rows rules;
};

static void push_word(struct model_rule *rule, struct arena *arena, const char *word)
{
	rule->words =
		arena_grow(arena, rule->words, rule->n, &rule->cap, sizeof(*rule->words));
	rule->words[rule->n++] = arena_strdup(arena, word);
}

static int read_rules(struct reading *r, struct model_policy *to, struct err *err)
{
	struct arena *arena = r->m->arena;
	sqlite3_stmt *q = r->rules.q;
	int64_t last = 0;
	int more;

	/* a row for each header that is added, those of one rule together */
	while ((more = policy_rows_next(&r->rules, to->id, err)) == 1) {
		if (sqlite3_column_int64(q, 1) != last) {
			to->rules = arena_grow(
				arena, to->rules, to->n, &to->cap, sizeof(*to->rules));
			to->rules[to->n++] = (struct model_rule){
				.header = arena_strdup(arena, db_text(q, 2)),
				.regex = arena_strdup(arena, db_text(q, 3)),
			};
		}
		last = sqlite3_column_int64(q, 1);
		push_word(&to->rules[to->n - 1], arena, db_text(q, 4));
		push_word(&to->rules[to->n - 1], arena, db_text(q, 5));
	}
	return more;
}

static int compare_period(const void *left, const void *right)
{
	const struct limit *a = left, *b = right;

	return (a->period > b->period) - (a->period < b->period);
}

static void read_values(struct model_policy *to, struct policy *p, struct arena *arena)
{
	struct arena *scratch = arena_new();

	/* in which order they were given says nothing, and is not kept by every change */
	if (p->limits.n > 1)
		qsort(p->limits.limit, p->limits.n, sizeof(p->limits.limit[0]),
			compare_period);
	for (int i = 0; i < ATTRIBUTES; i++) {
		enum policy_attribute a = (enum policy_attribute)i;
		const char *value = policy_get(p, a, scratch),
			   *usual = policy_attribute_default(a);

		to->values[a] = usual != NULL && strcmp(value, usual) == 0
					? usual
					: arena_strdup(arena, value);
	}
	arena_free(scratch);
}

static int keep_policy(void *arg, struct policy *p, struct err *err)
{
	struct reading *r = arg;
	struct model *m = r->m;
	struct model_policy *to;

	m->policies = arena_grow(m->arena, m->policies, m->npolicies, &m->policies_cap,
		sizeof(*m->policies));
	to = &m->policies[m->npolicies++];
	*to = (struct model_policy){ .id = p->id,
		.name = arena_strdup(m->arena, p->name) };
	read_values(to, p, m->arena);
	policy_clear(p);
	return read_rules(r, to, err);
}

/* rules_above: of their rules, those behind the row with that id. */
static int read_range(struct model *m, struct db *db, struct policy_range range,
	int64_t rules_above, struct err *err)
{
	struct reading r = { .m = m };
	int rc = rule_rows_open(&r.rules, db, range, rules_above, err);

	if (rc == 0)
		rc = policy_records_read(db, range, keep_policy, &r, err);
	policy_rows_close(&r.rules);
	return rc < 0 ? -1 : 0;
}

/* The policy of that name, if there is one. */
static int read_policy(struct model *m, struct db *db, const char *name,
	int64_t rules_above, struct err *err)
{
	int64_t id;
	int found = named_find(db, NAMED_POLICY, name, &id, err);

	return found == 1 ? read_range(m, db, policy_one(id), rules_above, err) : found;
}

static int compare_policy(const void *left, const void *right)
{
	const struct model_policy *const *a = left, *const *b = right;

	return strcmp((*a)->name, (*b)->name);
}

static void index_policies(struct model *m)
{
	m->by_name = arena_alloc(m->arena, m->npolicies * sizeof(*m->by_name));
	for (size_t i = 0; i < m->npolicies; i++)
		m->by_name[i] = &m->policies[i];
	if (m->npolicies > 1)
		qsort(m->by_name, m->npolicies, sizeof(*m->by_name), compare_policy);
}

static int read_policies(
	struct model *m, struct db *db, const struct thing_list *only, struct err *err)
{
	if (only == NULL && read_range(m, db, policy_all(), 0, err) < 0)
		return -1;
	for (size_t i = 0; only != NULL && i < only->n; i++)
		if (only->things[i].kind == THING_POLICY &&
			read_policy(m, db, only->things[i].name, only->rules_above, err) <
				0)
			return -1;
	index_policies(m);
	return 0;
}

static int keep_flags(struct model *m, struct db *db, sqlite3_stmt *q, struct err *err)
{
	char until[CLOCK_TEXT_MAX];
	int more = -1;

	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		struct model_flag flag = {
			.object = arena_strdup(m->arena, db_text(q, 0)),
			.flag = arena_strdup(m->arena, db_text(q, 1)),
		};

		if (sqlite3_column_type(q, 2) != SQLITE_NULL)
			flag.until = arena_strdup(m->arena,
				clock_format(until, sqlite3_column_int64(q, 2)));
		if (sqlite3_column_type(q, 3) != SQLITE_NULL)
			flag.because = arena_strdup(m->arena, db_text(q, 3));
		m->flags = arena_grow(
			m->arena, m->flags, m->nflags, &m->flags_cap, sizeof(*m->flags));
		m->flags[m->nflags++] = flag;
	}
	return more;
}

static int read_flags(struct model *m, struct db *db, const struct thing_list *only,
	int64_t now, struct err *err)
{
	if (only == NULL)
		return keep_flags(m, db, db_query(db, SQL_FLAG_ALL, err, "i", now), err);
	for (size_t i = 0; i < only->n; i++)
		if (only->things[i].kind == THING_FLAG &&
			keep_flags(m, db,
				db_query(db, SQL_FLAG_OF, err, "it", now,
					only->things[i].name),
				err) < 0)
			return -1;
	return 0;
}

static int keep_grants(struct model *m, struct db *db, sqlite3_stmt *q, struct err *err)
{
	char until[CLOCK_TEXT_MAX];
	int more = -1;

	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		m->grants = arena_grow(m->arena, m->grants, m->ngrants, &m->grants_cap,
			sizeof(*m->grants));
		m->grants[m->ngrants++] = (struct model_grant){
			.object = arena_strdup(m->arena, db_text(q, 0)),
			.policy = arena_strdup(m->arena, db_text(q, 1)),
			.amount = arena_strdup(m->arena, db_text(q, 2)),
			.until = arena_strdup(m->arena,
				clock_format(until, sqlite3_column_int64(q, 3))),
			.because = sqlite3_column_type(q, 4) == SQLITE_NULL
					   ? NULL
					   : arena_strdup(m->arena, db_text(q, 4)),
		};
	}
	return more;
}

static int read_grants(struct model *m, struct db *db, const struct thing_list *only,
	int64_t now, struct err *err)
{
	for (size_t i = 0; only != NULL && i < only->n; i++)
		if (only->things[i].kind == THING_GRANT &&
			keep_grants(m, db,
				db_query(db, SQL_GRANT_OF, err, "it", now,
					only->things[i].name),
				err) < 0)
			return -1;
	return 0;
}

int model_read(struct model *m, struct db *db, const struct thing_list *only, int64_t now,
	struct arena *arena, struct err *err)
{
	bool pools = only == NULL || thing_list_has_kind(only, THING_POOL),
	     settings = (pools && (only == NULL || only->hosts == NULL)) ||
			thing_list_has_kind(only, THING_SETTING);

	*m = (struct model){ .arena = arena };
	if ((settings && read_settings(m, db, only, err) < 0) ||
		(pools && read_pools(m, db, only, err) < 0) ||
		read_policies(m, db, only, err) < 0)
		return -1;
	if (read_flags(m, db, only, now, err) < 0)
		return -1;
	return read_grants(m, db, only, now, err);
}

static int compare_setting(const void *left, const void *right)
{
	const struct model_setting *a = left, *b = right;
	int order = strcmp(a->pool, b->pool);

	return order != 0 ? order : strcmp(a->name, b->name);
}

const struct model_setting *model_setting(
	const struct model *m, const char *pool, const char *name)
{
	struct model_setting wanted = { .pool = pool, .name = name };

	return m->nsettings == 0 ? NULL
				 : bsearch(&wanted, m->settings, m->nsettings,
					   sizeof(wanted), compare_setting);
}

static int compare_pool(const void *left, const void *right)
{
	const struct model_pool *a = left, *b = right;

	return strcmp(a->name, b->name);
}

const struct model_pool *model_pool(const struct model *m, const char *name)
{
	struct model_pool wanted = { .name = name };

	return m->npools == 0 ? NULL
			      : bsearch(&wanted, m->pools, m->npools, sizeof(wanted),
					compare_pool);
}

const struct model_policy *model_policy(const struct model *m, const char *name)
{
	struct model_policy wanted = { .name = name };
	const struct model_policy *key = &wanted, **found = NULL;

	if (m->npolicies > 0)
		found = bsearch(&key, m->by_name, m->npolicies, sizeof(*m->by_name),
			compare_policy);
	return found != NULL ? *found : NULL;
}

static int compare_flag(const void *left, const void *right)
{
	const struct model_flag *a = left, *b = right;
	int order = strcmp(a->object, b->object);

	return order != 0 ? order : strcmp(a->flag, b->flag);
}

const struct model_flag *model_flag(
	const struct model *m, const char *object, const char *flag)
{
	struct model_flag wanted = { .object = object, .flag = flag };

	return m->nflags == 0 ? NULL
			      : bsearch(&wanted, m->flags, m->nflags, sizeof(wanted),
					compare_flag);
}

static int compare_grant(const void *left, const void *right)
{
	const struct model_grant *a = left, *b = right;
	int order = strcmp(a->object, b->object);

	return order != 0 ? order : strcmp(a->policy, b->policy);
}

const struct model_grant *model_grant(
	const struct model *m, const char *object, const char *policy)
{
	struct model_grant wanted = { .object = object, .policy = policy };

	return m->ngrants == 0 ? NULL
			       : bsearch(&wanted, m->grants, m->ngrants, sizeof(wanted),
					 compare_grant);
}

static int compare_host(const void *left, const void *right)
{
	const char *const *a = left, *const *b = right;

	return strcmp(*a, *b);
}

bool model_pool_has(const struct model_pool *pool, const char *host)
{
	return pool->n > 0 && bsearch(&host, pool->hosts, pool->n, sizeof(*pool->hosts),
				      compare_host) != NULL;
}

bool model_rule_is_same(const struct model_rule *a, const struct model_rule *b)
{
	if (strcmp(a->header, b->header) != 0 || strcmp(a->regex, b->regex) != 0 ||
		a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->words[i], b->words[i]) != 0)
			return false;
	return true;
}

static bool is_same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool model_flag_is_same(const struct model_flag *a, const struct model_flag *b)
{
	return is_same_text(a->until, b->until) && is_same_text(a->because, b->because);
}

bool model_grant_is_same(const struct model_grant *a, const struct model_grant *b)
{
	return strcmp(a->amount, b->amount) == 0 && strcmp(a->until, b->until) == 0 &&
	       is_same_text(a->because, b->because);
}
