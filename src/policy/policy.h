/*
 * One policy: who, to whom, how much, what then.  Attributes are set and shown
 * by name, with one parser and one printer each, for commands and for what the
 * database holds alike.  A policy in a set is immutable.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_POLICY_H
#define THEMIS_POLICY_POLICY_H

#include "counter/limit.h"
#include "policy/group.h"
#include "policy/name.h"

#include <stdbool.h>

enum policy_attribute {
#define ATTRIBUTE(id, name, old, values, def, meaning) ATTRIBUTE_##id,
#include "ctl/attributes.def"
#undef ATTRIBUTE
	ATTRIBUTES
};

enum policy_key {
	KEY_LOGIN,
	KEY_SENDER,
	KEY_SENDER_PLUS, /* the login if there is one, else the sender */
	KEY_DOMAIN,
	KEY_DOMAIN_PLUS,
	KEY_CLIENT,
	KEY_RECIPIENT,
	KEY_RECIPIENT_DOMAIN,
	KEY_POLICY, /* all mail of the policy together */
};
enum policy_count { COUNT_MESSAGES, COUNT_RECIPIENTS };
enum policy_action {
	ACTION_MONITOR,
	ACTION_DEFER,
	ACTION_BLOCK,
	ACTION_HOLD,
	ACTION_DISCARD
};

/* "GROUP", "!GROUP" or "any". */
struct criterion {
	bool any, inverted;
	char group[NAME_MAX_OCTETS + 1];
	int bit; /* in the group index of the policy's set */
};

struct policy {
	int64_t id;
	char name[NAME_MAX_OCTETS + 1];
	struct criterion source, destination;
	bool enabled;
	unsigned priority;
	enum policy_key key;
	struct limit limits[LIMITS_MAX]; /* what applies */
	size_t nlimits;
	bool inherited; /* the limits are the default_limit's, not its own */
	enum strategy strategy;
	enum policy_count count;
	enum policy_action action;
	char *reply; /* NULL: the default text; owned */
	bool stop;
	bool given[ATTRIBUTES]; /* set by policy_set(), not a default */
};

/* A policy of that name with every default. */
void policy_init(struct policy *p, const char *name);
void policy_clear(struct policy *p); /* frees what it owns */

/* The attribute of that name (or old name), or -1 and err, which lists them. */
int policy_attribute_find(const char *name, struct err *err);
const char *policy_attribute_name(enum policy_attribute a);

/* Parses and sets one attribute. 0, or -1 and err ("limit: not a limit: ..."). */
int policy_set(
	struct policy *p, enum policy_attribute a, const char *value, struct err *err);

/* The value as policy_set() reads it back; in the arena.  Reply: "" if none. */
const char *policy_get(
	const struct policy *p, enum policy_attribute a, struct arena *arena);

/* Is it whole?  What it requires is given, and its attributes agree. */
int policy_check(const struct policy *p, struct err *err);

/* Does the criterion match somebody who belongs to these groups? */
bool criterion_match(const struct criterion *c, const uint64_t *bits);

/* Does the key count for the login where there is one? */
bool policy_prefers_login(const struct policy *p);

/* Does the key count for each recipient (or its domain) apart? */
bool policy_counts_by_recipient(const struct policy *p);

/* Can it only be judged when the recipients are known? */
bool policy_needs_recipients(const struct policy *p);

#endif
