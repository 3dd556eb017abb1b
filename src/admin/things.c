/*
 * Things.  Pure; any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/things.h"

#include "policy/name.h"
#include "policy/setting.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
	[THING_SETTING] = "setting",
	[THING_POOL] = "pool",
	[THING_GROUP] = "group",
	[THING_POLICY] = "policy",
	[THING_FLAG] = "object",
	[THING_GRANT] = "grant",
};

_Static_assert(sizeof(names) / sizeof(names[0]) == THING_KINDS, "a name for each kind");

const char *thing_kind_name(enum thing_kind kind)
{
	return names[kind];
}

const char *thing_say(const struct thing *thing, struct arena *arena)
{
	return arena_printf(arena, "%s %s%s%s", names[thing->kind], thing->name,
		*thing->pool != '\0' ? " in pool " : "", thing->pool);
}

void thing_add(struct thing_list *list, struct arena *arena, enum thing_kind kind,
	const char *name, const char *pool)
{
	list->things = arena_grow(
		arena, list->things, list->n, &list->cap, sizeof(*list->things));
	list->things[list->n++] = (struct thing){ kind, name, pool != NULL ? pool : "" };
}

static int compare(const void *left, const void *right)
{
	const struct thing *a = left, *b = right;
	int order = (a->kind > b->kind) - (a->kind < b->kind);

	if (order == 0)
		order = strcmp(a->pool, b->pool);
	return order != 0 ? order : strcmp(a->name, b->name);
}

void thing_list_settle(struct thing_list *list)
{
	size_t kept = 0;

	if (list->n > 1)
		qsort(list->things, list->n, sizeof(*list->things), compare);
	for (size_t i = 0; i < list->n; i++)
		if (kept == 0 || compare(&list->things[kept - 1], &list->things[i]) != 0)
			list->things[kept++] = list->things[i];
	list->n = kept;
}

bool thing_list_has(const struct thing_list *list, enum thing_kind kind, const char *name,
	const char *pool)
{
	struct thing wanted = { kind, name, pool != NULL ? pool : "" };

	return list->n > 0 && bsearch(&wanted, list->things, list->n,
				      sizeof(*list->things), compare) != NULL;
}

bool thing_list_has_kind(const struct thing_list *list, enum thing_kind kind)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->things[i].kind == kind)
			return true;
	return false;
}

/* The pool that the command names behind its words, NULL if it names none. */
static const char *pool_given(char *const *args, size_t first, size_t n)
{
	static const char pair[] = "pool=";

	for (size_t i = first; i < n; i++)
		if (strncmp(args[i], pair, sizeof(pair) - 1) == 0)
			return args[i] + sizeof(pair) - 1;
	return NULL;
}

static void add_argument(const struct command *c, enum argument_kind kind,
	const char *word, const char *pool, unsigned ipv6_prefix, struct arena *arena,
	struct thing_list *list)
{
	const char *object;
	int setting;

	switch (kind) {
	case ARG_POLICY:
	case ARG_NEW_POLICY:
		thing_add(list, arena, THING_POLICY, word, NULL);
		break;
	case ARG_GROUP:
	case ARG_NEW_GROUP:
		thing_add(list, arena, THING_GROUP, word, NULL);
		break;
	case ARG_POOL:
	case ARG_NEW_POOL:
		thing_add(list, arena, THING_POOL, word, NULL);
		break;
	case ARG_SETTING:
		setting = setting_find(word, NULL);
		if (setting >= 0)
			thing_add(list, arena, THING_SETTING,
				setting_info((enum setting)setting)->name, pool);
		break;
	case ARG_OBJECT:
		object = object_parse(arena, word, ipv6_prefix, NULL);
		if (object != NULL)
			thing_add(list, arena,
				c->access == ACCESS_ACT ? THING_GRANT : THING_FLAG,
				object, NULL);
		break;
	default:
		break;
	}
}

void things_of(const struct command *c, char *const *args, size_t n, unsigned ipv6_prefix,
	struct arena *arena, struct thing_list *list)
{
	size_t words = command_words(c, args, n);
	const char *pool = pool_given(args, words, n);

	if (!command_changes(c))
		return;
	/* what there may be many of stands last, and is never what the command is about
	 */
	for (size_t i = 0; i < words && i < COMMAND_ARGS_MAX; i++)
		add_argument(c, c->args[i].kind, args[i], pool, ipv6_prefix, arena, list);
}
