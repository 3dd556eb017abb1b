/*
 * What is between two states of the configuration.  A dump is what is between nothing and
 * a state.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/model.h"

#include "policy/setting.h"

#include <string.h>

static void clear_flags(
	struct script *s, const struct model *from, const struct model *to)
{
	for (size_t i = 0; i < from->nflags; i++) {
		const struct model_flag *flag = &from->flags[i];

		if (model_flag(to, flag->object, flag->flag) != NULL)
			continue;
		script_begin(s, "object", "clear", flag->object);
		script_word(s, flag->flag);
		script_end(s);
	}
}

static void put_flags(struct script *s, const struct model *from, const struct model *to)
{
	for (size_t i = 0; i < to->nflags; i++) {
		const struct model_flag *flag = &to->flags[i],
					*was = model_flag(from, flag->object, flag->flag);

		if (was != NULL && model_flag_is_same(was, flag))
			continue;
		script_begin(s, "object", flag->flag, flag->object);
		if (flag->until != NULL) {
			script_word(s, "until");
			script_word(s, flag->until);
		}
		if (flag->because != NULL) {
			script_word(s, "because");
			script_word(s, flag->because);
		}
		script_end(s);
	}
}

static void delete_policies(
	struct script *s, const struct model *from, const struct model *to)
{
	for (size_t i = 0; i < from->npolicies; i++)
		if (model_policy(to, from->policies[i].name) == NULL) {
			script_begin(s, "policy", "delete", from->policies[i].name);
			script_end(s);
		}
}

/* With its hosts and settings. */
static void delete_pools(
	struct script *s, const struct model *from, const struct model *to)
{
	for (size_t i = 0; i < from->npools; i++)
		if (model_pool(to, from->pools[i].name) == NULL) {
			script_begin(s, "pool", "delete", from->pools[i].name);
			script_end(s);
		}
}

/* Adds or removes the hosts of a pool that the other has not. */
static void change_hosts(struct script *s, const char *verb,
	const struct model_pool *pool, const struct model_pool *other)
{
	bool begun = false;

	for (size_t i = 0; i < pool->n; i++) {
		if (other != NULL && model_pool_has(other, pool->hosts[i]))
			continue;
		if (!begun)
			script_begin(s, "pool", verb, pool->name);
		begun = true;
		script_item(s, pool->hosts[i]);
	}
	script_end(s);
}

static void remove_hosts(
	struct script *s, const struct model *from, const struct model *to)
{
	for (size_t i = 0; i < from->npools; i++) {
		const struct model_pool *is = model_pool(to, from->pools[i].name);

		if (is != NULL)
			change_hosts(s, "remove", &from->pools[i], is);
	}
}

static void add_pools(struct script *s, const struct model *from, const struct model *to)
{
	for (size_t i = 0; i < to->npools; i++) {
		const struct model_pool *pool = &to->pools[i],
					*was = model_pool(from, pool->name);

		if (was == NULL && pool->n == 0)
			script_begin(s, "pool", "add", pool->name);
		change_hosts(s, "add", pool, was);
	}
}

static void end_setting(struct script *s, const struct model_setting *setting)
{
	if (*setting->pool != '\0')
		script_pair(s, "pool", setting->pool);
	script_end(s);
}

/* Settings by what has to be there first: nothing, groups, or pools (and
 * pool_counters=yes, which is of the site). */
enum rank { RANK_SITE, RANK_GROUPS, RANK_POOLS };

static enum rank rank_of(const struct model_setting *setting)
{
	int s = setting_find(setting->name, NULL);

	if (*setting->pool != '\0')
		return RANK_POOLS;
	return s >= 0 && setting_info((enum setting)s)->names_groups ? RANK_GROUPS
								     : RANK_SITE;
}

/* What goes with its pool is not unset before. */
static void unset_settings(struct script *s, const struct model *from,
	const struct model *to, enum rank rank)
{
	for (size_t i = 0; i < from->nsettings; i++) {
		const struct model_setting *was = &from->settings[i];

		if (rank_of(was) != rank ||
			model_setting(to, was->pool, was->name) != NULL ||
			(model_pool(from, was->pool) != NULL &&
				model_pool(to, was->pool) == NULL))
			continue;
		script_begin(s, "setting", "unset", was->name);
		end_setting(s, was);
	}
}

static void set_settings(struct script *s, const struct model *from,
	const struct model *to, enum rank rank)
{
	for (size_t i = 0; i < to->nsettings; i++) {
		const struct model_setting *is = &to->settings[i],
					   *was = model_setting(from, is->pool, is->name);

		if (rank_of(is) != rank ||
			(was != NULL && strcmp(was->value, is->value) == 0))
			continue;
		script_begin(s, "setting", "set", is->name);
		script_word(s, is->value);
		end_setting(s, is);
	}
}

void model_script_before(
	struct script *s, const struct model *from, const struct model *to)
{
	/* before settings: ipv6_prefix stays as it is while a network has a flag */
	clear_flags(s, from, to);
	delete_policies(s, from, to);
	delete_pools(s, from, to);
	/* before others are added: an MTA is in one pool at most */
	remove_hosts(s, from, to);
	/* those of pools are there with pool_counters=yes only */
	unset_settings(s, from, to, RANK_POOLS);
	unset_settings(s, from, to, RANK_SITE);
	set_settings(s, from, to, RANK_SITE);
	add_pools(s, from, to);
	set_settings(s, from, to, RANK_POOLS);
}

static void delete_rule(
	struct script *s, const char *policy, const struct model_rule *rule)
{
	script_begin(s, "header", "delete", policy);
	/* "all" would be each of them; names of headers are of any case */
	script_word(s, strcmp(rule->header, "all") == 0 ? "All" : rule->header);
	script_word(s, rule->regex);
	script_end(s);
}

static void add_rule(struct script *s, const char *policy, const struct model_rule *rule)
{
	script_begin(s, "header", "add", policy);
	script_word(s, rule->header);
	script_word(s, rule->regex);
	for (size_t i = 0; i < rule->n; i++)
		script_word(s, rule->words[i]);
	script_end(s);
}

/* Rules are added behind those that are there: what is to stay are the first of those
 * that are to be. */
static void put_rules(
	struct script *s, const struct model_policy *was, const struct model_policy *is)
{
	size_t kept = 0;

	for (size_t i = 0; was != NULL && i < was->n; i++)
		if (kept < is->n && model_rule_is_same(&was->rules[i], &is->rules[kept]))
			kept++;
		else
			delete_rule(s, is->name, &was->rules[i]);
	for (; kept < is->n; kept++)
		add_rule(s, is->name, &is->rules[kept]);
}

static void put_values(
	struct script *s, const struct model_policy *was, const struct model_policy *is)
{
	bool begun = false;

	for (int i = 0; i < ATTRIBUTES; i++) {
		enum policy_attribute a = (enum policy_attribute)i;
		const char *before =
			was != NULL ? was->values[a] : policy_attribute_default(a);

		if (before != NULL && strcmp(before, is->values[a]) == 0)
			continue;
		if (!begun)
			script_begin(s, "policy", was != NULL ? "set" : "add", is->name);
		begun = true;
		script_pair(s, policy_attribute_name(a), is->values[a]);
	}
	script_end(s);
}

void model_script_between(
	struct script *s, const struct model *from, const struct model *to)
{
	unset_settings(s, from, to, RANK_GROUPS);
	set_settings(s, from, to, RANK_GROUPS);
	for (size_t i = 0; i < to->npolicies; i++) {
		const struct model_policy *is = &to->policies[i],
					  *was = model_policy(from, is->name);

		put_values(s, was, is);
		put_rules(s, was, is);
	}
}

void model_script_after(
	struct script *s, const struct model *from, const struct model *to)
{
	put_flags(s, from, to);
}

/* A group, and the names of all of them. */
struct group {
	const char *name;
	int64_t id;
};

struct groups {
	struct db *db; /* NULL: there is none */
	struct group *groups;
	size_t n, cap;
};

static int read_groups(struct groups *g, const struct thing_list *only,
	struct arena *arena, struct err *err)
{
	sqlite3_stmt *q = g->db != NULL ? db_query(g->db, SQL_GROUP_ALL, err, "") : NULL;
	int more = g->db != NULL ? -1 : 0;

	while (q != NULL && (more = db_next(g->db, q, err)) == 1) {
		if (only != NULL &&
			!thing_list_has(only, THING_GROUP, db_text(q, 1), NULL))
			continue;
		g->groups =
			arena_grow(arena, g->groups, g->n, &g->cap, sizeof(*g->groups));
		g->groups[g->n++] = (struct group){ arena_strdup(arena, db_text(q, 1)),
			sqlite3_column_int64(q, 0) };
	}
	return more;
}

/* Where one is in the members of a group, in their order. */
struct cursor {
	struct db *db;
	sqlite3_stmt *q;
	int more; /* 1: q stands at a member */
};

static void cursor_next(struct cursor *c, struct script *s)
{
	c->more = c->q != NULL ? db_next(c->db, c->q, s->err) : -1;
	if (c->more < 0)
		script_fail(s);
}

/* group NULL: one without members. */
static struct cursor cursor_open(
	const struct groups *of, const struct group *group, struct script *s)
{
	struct cursor c = { .db = of->db };

	if (group == NULL)
		return c;
	c.q = db_query(of->db, SQL_GROUP_SHOW, s->err, "i", group->id);
	cursor_next(&c, s);
	return c;
}

/* Adds or removes the members of one that the other, b, has not. */
static void change_members(struct script *s, const char *verb, const char *name,
	struct cursor a, struct cursor b)
{
	while (s->result == 0 && a.more == 1) {
		int order = b.more == 1 ? strcmp(db_text(a.q, 0), db_text(b.q, 0)) : -1;

		if (order < 0) {
			if (s->n == 0)
				script_begin(s, "group", verb, name);
			script_item(s, db_text(a.q, 0));
		}
		if (order <= 0)
			cursor_next(&a, s);
		if (order >= 0)
			cursor_next(&b, s);
	}
	script_end(s);
	sqlite3_reset(a.q);
	sqlite3_reset(b.q);
}

/* Both lists are sorted: the group of that name, and where to look for the next one. */
static const struct group *find_group(
	const struct groups *in, const char *name, size_t *next)
{
	while (*next < in->n && strcmp(in->groups[*next].name, name) < 0)
		++*next;
	return *next < in->n && strcmp(in->groups[*next].name, name) == 0
		       ? &in->groups[*next]
		       : NULL;
}

static void add_groups(
	struct script *s, const struct groups *from, const struct groups *to)
{
	size_t next = 0;

	for (size_t i = 0; i < to->n && s->result == 0; i++) {
		const struct group *is = &to->groups[i],
				   *was = find_group(from, is->name, &next);
		struct cursor members = cursor_open(to, is, s);

		if (was == NULL)
			script_begin(s, "group", "add", is->name);
		change_members(s, "add", is->name, members, cursor_open(from, was, s));
	}
}

static void remove_groups(
	struct script *s, const struct groups *from, const struct groups *to)
{
	size_t next = 0;

	for (size_t i = 0; i < from->n && s->result == 0; i++) {
		const struct group *was = &from->groups[i],
				   *is = find_group(to, was->name, &next);

		if (is != NULL) {
			change_members(s, "remove", was->name, cursor_open(from, was, s),
				cursor_open(to, is, s));
		} else {
			script_begin(s, "group", "delete", was->name);
			script_end(s);
		}
	}
}

/* from NULL: nothing is there. */
static int write_script(struct script *s, struct db *from, struct db *to,
	const struct thing_list *only, int64_t now, struct arena *arena)
{
	struct groups groups_from = { .db = from }, groups_to = { .db = to };
	struct model model_from = { 0 }, model_to;

	if ((from != NULL &&
		    model_read(&model_from, from, only, now, arena, s->err) < 0) ||
		model_read(&model_to, to, only, now, arena, s->err) < 0 ||
		read_groups(&groups_from, only, arena, s->err) < 0 ||
		read_groups(&groups_to, only, arena, s->err) < 0)
		return -1;
	model_script_before(s, &model_from, &model_to);
	add_groups(s, &groups_from, &groups_to);
	model_script_between(s, &model_from, &model_to);
	remove_groups(s, &groups_from, &groups_to);
	model_script_after(s, &model_from, &model_to);
	return s->result;
}

int model_diff(struct db *from, struct db *to, const struct thing_list *only, int64_t now,
	int (*emit)(void *arg, char *const *words, size_t n, struct err *err), void *arg,
	struct err *err)
{
	struct script s = { .emit = emit, .arg = arg, .err = err };
	struct arena *arena = arena_new();
	int rc = write_script(&s, from, to, only, now, arena);

	arena_free(arena);
	return rc;
}

int model_dump(struct db *db, int64_t now,
	int (*emit)(void *arg, char *const *words, size_t n, struct err *err), void *arg,
	struct err *err)
{
	return model_diff(NULL, db, NULL, now, emit, arg, err);
}
