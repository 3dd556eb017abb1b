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
#include "policy/rule.h"

#include <stdbool.h>

enum policy_attribute {
#define ATTRIBUTE(id, name, old, kind, values, def, meaning) ATTRIBUTE_##id,
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
enum policy_type {
	TYPE_REGULAR,
	TYPE_BYPASS,	  /* the source alone says */
	TYPE_BYPASS_PLUS, /* and every recipient */
};
enum policy_count { COUNT_MESSAGES, COUNT_RECIPIENTS, COUNT_BYTES };
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
	int64_t group_id; /* of a policy that is stored; 0: any, or not known */
};

/* What a policy grants to each object, everywhere or for the MTAs of one pool. */
struct limits {
	struct limit limit[LIMITS_MAX];
	size_t n;
	bool inherited;	      /* from default_limit, not its own */
	struct limit penalty; /* of one refusal in so long; period 0: none */
};

/* Where a general policy counts apart for each pool. */
struct pool_limits {
	int64_t pool_id;
	struct limits limits;
};

/* What a message has to tell before a policy can judge it: the steps of SMTP that a
 * front end must see, or be able to answer. */
enum step {
	STEP_MAIL_ANSWER = 1,
	STEP_RCPT = 2,
	STEP_RCPT_ANSWER = 4,
	STEP_HEADERS = 8,
	STEP_BODY = 16,
	STEP_HELO = 32,
};
#define STEPS_ALL  63u
#define STEPS_SIZE (STEP_HEADERS | STEP_BODY) /* what tells the size of a message */

#define POLICY_NAME_MAX (2 * NAME_MAX_OCTETS + 1) /* octets of "pool:name" */
#define PENALTY_DEFAULT (-1)			  /* what default_penalty says */

struct policy {
	int64_t id, pool_id; /* pool_id 0: a general one */
	char name[POLICY_NAME_MAX + 1];
	struct criterion source, destination;
	bool enabled;
	unsigned priority;
	enum policy_type type;
	enum policy_key key;
	struct limits limits;	   /* what applies where nothing counts apart */
	struct pool_limits *apart; /* owned */
	size_t napart;
	enum strategy strategy;
	enum policy_count count;
	enum policy_action action;
	char *reply;	 /* NULL: the default text; owned */
	int64_t penalty; /* seconds; 0: none; PENALTY_DEFAULT */
	bool stop, only_headers, rate_stats;
	unsigned spf;	 /* results of SPF that are acted on: bits 1 << enum spf_result */
	bool checks_spf; /* spf is not off */
	struct rule **rules; /* of a policy in a set: for headers; owned, each of them */
	size_t nrules;
	bool given[ATTRIBUTES]; /* set by policy_set(), not a default */
};

/* A policy of that name with every default. */
void policy_init(struct policy *p, const char *name);
void policy_clear(struct policy *p); /* frees what it owns */

/* The same attributes, for a change: it owns what it has, and has neither limits apart
 * nor rules. */
void policy_copy(struct policy *to, const struct policy *from);

/* "name" or "pool:name".  *pool_len: octets of the pool's name, 0: a general policy. */
int policy_name_check(const char *name, size_t *pool_len, struct err *err);

/* The attribute of that name (or old name), or -1 and err, which lists them. */
int policy_attribute_find(const char *name, struct err *err);
const char *policy_attribute_name(enum policy_attribute a);

/* As policy_get() has it of a policy that does not say; NULL: it has to say. */
const char *policy_attribute_default(enum policy_attribute a);

/* Parses and sets one attribute. 0, or -1 and err ("limit: not a limit: ..."). */
int policy_set(
	struct policy *p, enum policy_attribute a, const char *value, struct err *err);

/* The value as policy_set() reads it back; in the arena.  Reply: "" if none. */
const char *policy_get(
	const struct policy *p, enum policy_attribute a, struct arena *arena);

/* Is it whole?  What it requires is given, and its attributes agree. */
int policy_check(const struct policy *p, struct err *err);

/* Does the criterion match somebody who belongs to these groups? */
bool criterion_match(const struct criterion *c, const struct group_list *groups);

/* Does the key count for the login where there is one? */
bool policy_prefers_login(const struct policy *p);

/* Does the key count for each recipient (or its domain) apart? */
bool policy_counts_by_recipient(const struct policy *p);

/* Does it count at all?  A bypass, and one with only-headers, do not. */
bool policy_counts(const struct policy *p);

/* Does it refuse, with limits or with a penalty?  Monitor, hold and discard do not. */
bool policy_refuses(const struct policy *p);

/* Does it look at SPF?  What does not count does not look at that either. */
bool policy_checks_spf(const struct policy *p);

/* Can its verdict differ between the recipients of a message, so that it is given to
 * each of them (behaviour.md, "When it decides")? */
bool policy_judges_recipients(const struct policy *p);

/* The steps (enum step) without which it cannot be judged. */
unsigned policy_steps(const struct policy *p);

#endif
