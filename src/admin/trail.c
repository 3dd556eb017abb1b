/*
 * The trail.  Called around what a change does, on the writer's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/trail.h"

#include "admin/trail_say.h"
#include "ctl/words.h"
#include "policy/named.h"
#include "policy/pool.h"
#include "policy/rule_rows.h"

#include <stdlib.h>
#include <string.h>

/* A change in the making.  Of the many commands of a batch each has an arena of its own,
 * for as long as it takes. */
struct trail {
	struct request *rq;
	struct db *db;
	struct arena *arena;
	int64_t now;
	const struct thing_list *about;
	struct model before, after;
	struct trail_group *groups; /* those that it is about */
	size_t ngroups, groups_cap;
	struct thing_list changed;
	struct trail_words words;
	char *undo; /* the commands, as far as there are any */
	size_t undo_length;
	bool undo_is_lost; /* they are too many */
	bool undo_lacks;   /* no command makes a part of it what it was */
};

/* What a header command may touch, and what stands behind it: the way back has to put
 * that in order again. */
static int find_rules(struct trail *t, struct thing_list *about, struct err *err)
{
	const struct request *rq = t->rq;
	const char *header = rq->args[1], *regex = rq->nargs > 2 ? rq->args[2] : NULL;
	int64_t id;
	int found = named_find(t->db, NAMED_POLICY, rq->args[0], &id, err);

	if (found != 1)
		return found;
	if (strcmp(rq->command->verb, "set") == 0)
		regex = NULL;
	else if (strcmp(rq->command->verb, "delete") == 0 && strcmp(header, "all") == 0)
		header = NULL;
	return rule_rows_untouched(t->db, id, header, regex, &about->rules_above, err);
}

static int compare_host(const void *left, const void *right)
{
	const char *const *a = left, *const *b = right;

	return strcmp(*a, *b);
}

/* The MTAs that a pool command names, each once; one that is none will be refused. */
static void find_hosts(struct trail *t, struct thing_list *about)
{
	const struct request *rq = t->rq;
	const char **hosts = arena_alloc(t->arena, rq->nargs * sizeof(*hosts));
	size_t n = 0, kept = 0;

	for (size_t i = 1; i < rq->nargs; i++) {
		const char *host = pool_host(t->arena, rq->args[i]);

		if (host != NULL)
			hosts[n++] = host;
	}
	if (n > 1)
		qsort(hosts, n, sizeof(*hosts), compare_host);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || strcmp(hosts[kept - 1], hosts[i]) != 0)
			hosts[kept++] = hosts[i];
	about->hosts = hosts;
	about->nhosts = kept;
}

/* Of a thousand commands none may look at what the others did: that much is what mail
 * waits for. */
static int find_part(struct trail *t, struct thing_list *about, struct err *err)
{
	const struct command *c = t->rq->command;

	if (strcmp(c->noun, "header") == 0)
		return find_rules(t, about, err);
	if (strcmp(c->noun, "pool") == 0 && strcmp(c->verb, "delete") != 0)
		find_hosts(t, about);
	return 0;
}

static int find_about(struct trail *t, struct err *err)
{
	struct request *rq = t->rq;
	struct thing_list *about = arena_alloc(t->arena, sizeof(*about));
	struct settings settings = { 0 };

	t->about = rq->about;
	if (rq->about != NULL)
		return 0;
	t->about = about;
	/* how objects are spelled */
	if (rq->command->access != ACCESS_WRITE &&
		request_settings(rq, &settings, err) < 0)
		return -1;
	things_of(
		rq->command, rq->args, rq->nargs, settings.ipv6_prefix, t->arena, about);
	/* object clear may take both */
	for (size_t i = about->n; i-- > 0;)
		if (about->things[i].kind == THING_FLAG)
			thing_add(about, t->arena, THING_GRANT, about->things[i].name,
				NULL);
	thing_list_settle(about);
	return find_part(t, about, err);
}

static int find_groups(struct trail *t, bool after, struct err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < t->about->n; i++) {
		const struct thing *thing = &t->about->things[i];
		struct trail_group *group;
		int64_t id = 0;

		if (thing->kind != THING_GROUP)
			continue;
		if (named_find(t->db, NAMED_GROUP, thing->name, &id, err) < 0)
			return -1;
		if (!after)
			t->groups = arena_grow(t->arena, t->groups, n, &t->groups_cap,
				sizeof(*t->groups));
		group = &t->groups[n++];
		if (after)
			group->after = id;
		else
			*group =
				(struct trail_group){ .name = thing->name, .before = id };
	}
	t->ngroups = n;
	return 0;
}

static void note(struct trail *t, bool different, enum thing_kind kind, const char *name,
	const char *pool)
{
	if (different)
		thing_add(&t->changed, t->arena, kind, name, pool);
}

static void compare_setting(struct trail *t, const char *pool, const char *name)
{
	note(t,
		trail_say_setting(&t->words, model_setting(&t->before, pool, name),
			model_setting(&t->after, pool, name)),
		THING_SETTING, name, pool);
}

/* What went with the pool has not been named by the command. */
static void compare_pool(struct trail *t, const char *name)
{
	note(t,
		trail_say_pool(&t->words, model_pool(&t->before, name),
			model_pool(&t->after, name)),
		THING_POOL, name, NULL);
	for (size_t i = 0; i < t->before.nsettings; i++) {
		const struct model_setting *s = &t->before.settings[i];

		if (strcmp(s->pool, name) == 0 &&
			!thing_list_has(t->about, THING_SETTING, s->name, name))
			compare_setting(t, name, s->name);
	}
}

static void compare_flags(struct trail *t, const char *object)
{
	bool different = false;

	for (int f = 0; f < FLAGS; f++) {
		const char *flag = flag_name((enum flag)f);

		different |=
			trail_say_flag(&t->words, model_flag(&t->before, object, flag),
				model_flag(&t->after, object, flag));
	}
	note(t, different, THING_FLAG, object, NULL);
}

static void compare_grants(struct trail *t, const char *object)
{
	bool changed = false, come = false;

	for (size_t i = 0; i < t->before.ngrants; i++) {
		const struct model_grant *was = &t->before.grants[i];

		if (strcmp(was->object, object) == 0)
			changed |= trail_say_grant(&t->words, was,
				model_grant(&t->after, object, was->policy));
	}
	for (size_t i = 0; i < t->after.ngrants; i++) {
		const struct model_grant *is = &t->after.grants[i];

		if (strcmp(is->object, object) == 0 &&
			model_grant(&t->before, object, is->policy) == NULL)
			come |= trail_say_grant(&t->words, NULL, is);
	}
	/* there is no command that gives one until a moment, or takes one of several */
	t->undo_lacks |= changed || (come && t->before.ngrants > 0);
	note(t, changed || come, THING_GRANT, object, NULL);
}

static void compare_group(struct trail *t, const char *name)
{
	for (size_t i = 0; i < t->ngroups; i++)
		if (strcmp(t->groups[i].name, name) == 0)
			note(t, trail_say_group(&t->words, &t->groups[i]), THING_GROUP,
				name, NULL);
}

/* Is there a policy that has another name now? */
static bool find_renamed(const struct trail *t, const struct model_policy **was,
	const struct model_policy **is)
{
	for (size_t i = 0; i < t->before.npolicies; i++)
		for (size_t k = 0; k < t->after.npolicies; k++) {
			*was = &t->before.policies[i];
			*is = &t->after.policies[k];
			if ((*was)->id == (*is)->id &&
				strcmp((*was)->name, (*is)->name) != 0)
				return true;
		}
	return false;
}

static void compare_policy(struct trail *t, const char *name)
{
	note(t,
		trail_say_policy(&t->words, model_policy(&t->before, name),
			model_policy(&t->after, name)),
		THING_POLICY, name, NULL);
}

static void compare_thing(struct trail *t, const struct thing *thing)
{
	switch (thing->kind) {
	case THING_SETTING:
		compare_setting(t, thing->pool, thing->name);
		break;
	case THING_POOL:
		compare_pool(t, thing->name);
		break;
	case THING_GROUP:
		compare_group(t, thing->name);
		break;
	case THING_POLICY:
		compare_policy(t, thing->name);
		break;
	case THING_FLAG:
		compare_flags(t, thing->name);
		break;
	case THING_GRANT:
		compare_grants(t, thing->name);
		break;
	case THING_KINDS:
		break;
	}
}

static int keep_undo(void *arg, char *const *words, size_t n, struct err *err)
{
	struct trail *t = arg;
	const char *line = words_join(t->arena, words, n);
	size_t length = strlen(line);

	(void)err;
	if (t->undo_length + length + 1 > TRAIL_UNDO_MAX) {
		t->undo_is_lost = true;
		return -1;
	}
	if (t->undo == NULL)
		t->undo = arena_alloc(t->arena, TRAIL_UNDO_MAX);
	if (t->undo_length > 0)
		t->undo[t->undo_length++] = '\n';
	memcpy(t->undo + t->undo_length, line, length + 1);
	t->undo_length += length;
	return 0;
}

static void undo_member(void *arg, const char *member)
{
	script_item(arg, member);
}

static void undo_members(
	struct script *s, const struct trail_group *group, const char *verb, bool gone)
{
	if (trail_group_count(group, gone) == 0)
		return;
	script_begin(s, "group", verb, group->name);
	trail_group_each(group, gone, undo_member, s);
	script_end(s);
}

/* What came to a group that was there goes, what went comes back; the group itself. */
static void undo_group(struct script *s, const struct trail_group *group)
{
	bool is_new = group->before == 0 && group->after != 0,
	     is_gone = group->before != 0 && group->after == 0;

	if (is_new) {
		script_begin(s, "group", "delete", group->name);
		script_end(s);
		return;
	}
	if (is_gone && trail_group_count(group, true) == 0) {
		script_begin(s, "group", "add", group->name);
		script_end(s);
	}
	undo_members(s, group, "remove", false);
	undo_members(s, group, "add", true);
}

/* Where there was none. */
static void undo_grants(struct script *s, const struct trail *t)
{
	if (t->before.ngrants > 0 || t->after.ngrants == 0)
		return;
	script_begin(s, "object", "clear", t->after.grants[0].object);
	script_word(s, "grant");
	script_end(s);
}

/* As another policy of the old name it would lose its counters. */
static void compare_names(struct trail *t, struct script *s,
	const struct model_policy *was, const struct model_policy *is)
{
	trail_say_rename(&t->words, was->name, is->name);
	note(t, true, THING_POLICY, was->name, NULL);
	note(t, true, THING_POLICY, is->name, NULL);
	script_begin(s, "policy", "rename", is->name);
	script_word(s, was->name);
	script_end(s);
}

/* What has become of it, and how it is taken back. */
static void compare(struct trail *t)
{
	const struct model_policy *was, *is;
	struct err unsaid;
	struct script s = { .emit = keep_undo, .arg = t, .err = &unsaid };

	if (find_renamed(t, &was, &is)) {
		compare_names(t, &s, was, is);
		return;
	}
	for (size_t i = 0; i < t->about->n; i++)
		compare_thing(t, &t->about->things[i]);
	model_script_before(&s, &t->after, &t->before);
	for (size_t i = 0; i < t->ngroups; i++)
		undo_group(&s, &t->groups[i]);
	model_script_between(&s, &t->after, &t->before);
	model_script_after(&s, &t->after, &t->before);
	undo_grants(&s, t);
}

/* NULL: it cannot be taken back; "": there is nothing to be. */
static const char *undo_of(const struct trail *t)
{
	/* counters that were emptied stay empty */
	if (t->undo_is_lost || t->about->n == 0)
		return NULL;
	return t->undo != NULL || t->undo_lacks ? t->undo : "";
}

static int write_rows(struct trail *t, struct err *err)
{
	const struct request *rq = t->rq;
	int64_t id;

	if (db_run(t->db, SQL_AUDIT_ADD, err, "iittttttn", t->now, (int64_t)rq->uid,
		    rq->user, rq->line, NULL, trail_text_end(&t->words.was),
		    trail_text_end(&t->words.became), undo_of(t), &rq->undoes) < 0)
		return -1;
	id = db_last_id(t->db);
	thing_list_settle(&t->changed);
	for (size_t i = 0; i < t->changed.n; i++) {
		const struct thing *thing = &t->changed.things[i];

		if (db_run(t->db, SQL_AUDIT_THING_ADD, err, "ittt", id,
			    thing_kind_name(thing->kind), thing->name, thing->pool) < 0)
			return -1;
	}
	return 0;
}

static int apply(struct trail *t, const struct change *change, struct err *err)
{
	if (find_about(t, err) < 0 || find_groups(t, false, err) < 0 ||
		model_read(&t->before, t->db, t->about, t->now, t->arena, err) < 0 ||
		change->apply(t->rq, t->db, change->arg, err) < 0)
		return -1;
	if (t->rq->written_down)
		return 0;
	if (find_groups(t, true, err) < 0 ||
		model_read(&t->after, t->db, t->about, t->now, t->arena, err) < 0)
		return -1;
	for (size_t i = 0; i < t->ngroups; i++)
		t->groups[i].edits = change->groups;
	compare(t);
	return write_rows(t, err);
}

int trail_apply(
	struct request *rq, struct db *db, const struct change *change, struct err *err)
{
	struct arena *arena = arena_new();
	struct trail t = {
		.rq = rq,
		.db = db,
		.arena = arena,
		.now = clock_now(),
		.words = { .was.arena = arena, .became.arena = arena },
	};
	int rc = apply(&t, change, err);

	arena_free(arena);
	return rc;
}
