/*
 * The things that changes are about: what a transaction may find changed by somebody
 * else, what the trail of changes is asked for, what a difference can be confined to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_THINGS_H
#define THEMIS_ADMIN_THINGS_H

#include "base/arena.h"
#include "ctl/spec.h"

#include <stdint.h>

enum thing_kind {
	THING_SETTING, /* of the site, or of a pool */
	THING_POOL,    /* its MTAs; where a list is to be covered, its settings too */
	THING_GROUP,
	THING_POLICY, /* with its header rules */
	THING_FLAG,   /* what is said of an object */
	THING_GRANT,  /* what is granted to one: no part of the configuration */
	THING_KINDS
};

struct thing {
	enum thing_kind kind;
	const char *name; /* of an object: its one spelling */
	const char *pool; /* whose setting it is; "": none's */
};

struct thing_list {
	struct thing *things;
	size_t n, cap; /* in an arena; { 0 } to begin */
	/* Whoever reads the things (model_read()) may want no more than a part of them.
	 */
	int64_t rules_above; /* of policies the rules behind the row with this id */
	const char **hosts;  /* of pools these MTAs, sorted, and no settings; NULL: all */
	size_t nhosts;
};

/* "setting", "pool", "group", "policy", "object", "grant" */
const char *thing_kind_name(enum thing_kind kind);

/* "policy outbound", "setting default_limit in pool mx"; in the arena. */
const char *thing_say(const struct thing *thing, struct arena *arena);

/* Keeps the texts as they are: not copied.  pool NULL: none. */
void thing_add(struct thing_list *list, struct arena *arena, enum thing_kind kind,
	const char *name, const char *pool);

/* Sorts the list and drops what stands in it twice, as thing_list_has() needs it. */
void thing_list_settle(struct thing_list *list);

/* In a settled list. pool NULL: none. */
bool thing_list_has(const struct thing_list *list, enum thing_kind kind, const char *name,
	const char *pool);

/* Is there one of that kind? */
bool thing_list_has_kind(const struct thing_list *list, enum thing_kind kind);

/* Adds what the command changes, by the kinds of its arguments alone: nothing for one
 * that only looks, or that changes counters; of one that can be staged nothing that
 * cannot be (THING_GRANT).  Settings by their names of today, objects
 * in their one spelling (for IPv6 with ipv6_prefix bits); a word that is none of them is
 * left out, since the command will be refused.  The arguments are those behind noun and
 * verb, of the right shape (command_check_words()), and have to live as long as the
 * list. */
void things_of(const struct command *c, char *const *args, size_t n, unsigned ipv6_prefix,
	struct arena *arena, struct thing_list *list);

#endif
