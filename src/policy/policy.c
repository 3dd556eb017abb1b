/*
 * Policies: their attributes, parsed and printed.  Called by the commands and by
 * the loading of a set; pure but for the memory of the reply.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/policy.h"

#include "base/clock.h"
#include "base/str.h"
#include "ctl/spec.h"
#include "policy/reply.h"
#include "policy/results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *name, *old, *values, *default_value;
} infos[ATTRIBUTES] = {
#define ATTRIBUTE(id, name, old, kind, values, def, meaning)                             \
	[ATTRIBUTE_##id] = { name, old, values, def },
#include "ctl/attributes.def"
#undef ATTRIBUTE
};

/* The words of one attribute, by its enum; old: those of the Python Themis, or NULL. */
struct word {
	const char *name, *old;
};

static const struct word keys[] = {
	[KEY_LOGIN] = { "login", "SASLUsername" },
	[KEY_SENDER] = { "sender", "Sender" },
	[KEY_SENDER_PLUS] = { "sender+", "Sender+" },
	[KEY_DOMAIN] = { "domain", "SenderDomain" },
	[KEY_DOMAIN_PLUS] = { "domain+", "SenderDomain+" },
	[KEY_CLIENT] = { "client", "SenderIP" },
	[KEY_RECIPIENT] = { "recipient", NULL },
	[KEY_RECIPIENT_DOMAIN] = { "recipient-domain", NULL },
	[KEY_POLICY] = { "policy", NULL },
};
static const struct word types[] = {
	[TYPE_REGULAR] = { "regular", NULL },
	[TYPE_BYPASS] = { "bypass", NULL },
	[TYPE_BYPASS_PLUS] = { "bypass+", NULL },
};
static const struct word counts[] = {
	[COUNT_MESSAGES] = { "messages", "FALSE" },
	[COUNT_RECIPIENTS] = { "recipients", "TRUE" },
	[COUNT_BYTES] = { "bytes", NULL },
};
static const struct word actions[] = {
	[ACTION_MONITOR] = { "monitor", NULL },
	[ACTION_DEFER] = { "defer", NULL },
	[ACTION_BLOCK] = { "block", NULL },
	[ACTION_HOLD] = { "hold", NULL },
	[ACTION_DISCARD] = { "discard", NULL },
};

static int not_a_value(const char *value, enum policy_attribute a, struct err *err)
{
	return pair_refuse_value(PAIRS_POLICY, infos[a].name, value, err);
}

/* The place of the word, -1 and err if it is none of them. */
static int choose(const char *value, const struct word *words, size_t n,
	enum policy_attribute a, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(value, words[i].name) == 0 ||
			(words[i].old != NULL && strcmp(value, words[i].old) == 0))
			return (int)i;
	return not_a_value(value, a, err);
}

static int set_bool(
	bool *out, const char *value, enum policy_attribute a, struct err *err)
{
	return str_to_bool(value, out) < 0 ? not_a_value(value, a, err) : 0;
}

static int set_criterion(struct criterion *c, const char *value, struct err *err)
{
	struct criterion fresh = { 0 };

	if (strcmp(value, "any") == 0) {
		fresh.any = true;
	} else {
		fresh.inverted = value[0] == '!';
		value += fresh.inverted;
		if (name_check("group", value, err) < 0)
			return -1;
		snprintf(fresh.group, sizeof(fresh.group), "%s", value);
	}
	*c = fresh;
	return 0;
}

static const char *get_criterion(const struct criterion *c, struct arena *arena)
{
	if (c->any)
		return "any";
	return arena_printf(arena, "%s%s", c->inverted ? "!" : "", c->group);
}

static int set_source(struct policy *p, const char *value, struct err *err)
{
	return set_criterion(&p->source, value, err);
}

static const char *get_source(const struct policy *p, struct arena *arena)
{
	return get_criterion(&p->source, arena);
}

static int set_destination(struct policy *p, const char *value, struct err *err)
{
	return set_criterion(&p->destination, value, err);
}

static const char *get_destination(const struct policy *p, struct arena *arena)
{
	return get_criterion(&p->destination, arena);
}

static int set_enabled(struct policy *p, const char *value, struct err *err)
{
	return set_bool(&p->enabled, value, ATTRIBUTE_ENABLED, err);
}

static const char *get_enabled(const struct policy *p, struct arena *arena)
{
	(void)arena;
	return p->enabled ? "yes" : "no";
}

static int set_type(struct policy *p, const char *value, struct err *err)
{
	int i = choose(value, types, COUNT(types), ATTRIBUTE_TYPE, err);

	if (i < 0)
		return -1;
	p->type = (enum policy_type)i;
	return 0;
}

static const char *get_type(const struct policy *p, struct arena *arena)
{
	(void)arena;
	return types[p->type].name;
}

static int set_priority(struct policy *p, const char *value, struct err *err)
{
	uint64_t n;

	if (str_to_u64(value, 1000000, &n) < 0)
		return not_a_value(value, ATTRIBUTE_PRIORITY, err);
	p->priority = (unsigned)n;
	return 0;
}

static const char *get_priority(const struct policy *p, struct arena *arena)
{
	return arena_printf(arena, "%u", p->priority);
}

static int set_key(struct policy *p, const char *value, struct err *err)
{
	int i = choose(value, keys, COUNT(keys), ATTRIBUTE_KEY, err);

	if (i < 0)
		return -1;
	p->key = (enum policy_key)i;
	return 0;
}

static const char *get_key(const struct policy *p, struct arena *arena)
{
	(void)arena;
	return keys[p->key].name;
}

static int set_limit(struct policy *p, const char *value, struct err *err)
{
	struct limit limits[LIMITS_MAX];
	size_t n;

	if (limits_parse(value, limits, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		limits[i].strategy = p->strategy;
	memcpy(p->limits.limit, limits, n * sizeof(limits[0]));
	p->limits.n = n;
	p->limits.inherited = false;
	return 0;
}

static const char *get_limit(const struct policy *p, struct arena *arena)
{
	const char *all = "none";
	char one[LIMIT_TEXT_MAX];

	for (size_t i = 0; !p->limits.inherited && i < p->limits.n; i++) {
		limit_format(one, &p->limits.limit[i]);
		all = i == 0 ? arena_strdup(arena, one)
			     : arena_printf(arena, "%s,%s", all, one);
	}
	return all;
}

static int set_strategy(struct policy *p, const char *value, struct err *err)
{
	if (strategy_parse(value, &p->strategy) < 0)
		return not_a_value(value, ATTRIBUTE_STRATEGY, err);
	for (size_t i = 0; i < p->limits.n; i++)
		p->limits.limit[i].strategy = p->strategy;
	return 0;
}

static const char *get_strategy(const struct policy *p, struct arena *arena)
{
	(void)arena;
	return strategy_name(p->strategy);
}

static int set_count(struct policy *p, const char *value, struct err *err)
{
	int i = choose(value, counts, COUNT(counts), ATTRIBUTE_COUNT, err);

	if (i < 0)
		return -1;
	p->count = (enum policy_count)i;
	return 0;
}

static const char *get_count(const struct policy *p, struct arena *arena)
{
	(void)arena;
	return counts[p->count].name;
}

static int set_action(struct policy *p, const char *value, struct err *err)
{
	int i = choose(value, actions, COUNT(actions), ATTRIBUTE_ACTION, err);

	if (i < 0)
		return -1;
	p->action = (enum policy_action)i;
	return 0;
}

static const char *get_action(const struct policy *p, struct arena *arena)
{
	(void)arena;
	return actions[p->action].name;
}

static int set_reply(struct policy *p, const char *value, struct err *err)
{
	if (reply_check(value, err) < 0)
		return -1;
	free(p->reply);
	p->reply = *value != '\0' ? mem_strdup(value) : NULL;
	return 0;
}

static const char *get_reply(const struct policy *p, struct arena *arena)
{
	(void)arena;
	return p->reply != NULL ? p->reply : "";
}

static int set_penalty(struct policy *p, const char *value, struct err *err)
{
	int64_t seconds = 0;

	if (strcmp(value, "default") == 0)
		seconds = PENALTY_DEFAULT;
	else if (penalty_parse(value, &seconds) < 0)
		return not_a_value(value, ATTRIBUTE_PENALTY, err);
	p->penalty = seconds;
	return 0;
}

static const char *get_penalty(const struct policy *p, struct arena *arena)
{
	char text[DURATION_TEXT_MAX];

	if (p->penalty == PENALTY_DEFAULT)
		return "default";
	return p->penalty == 0 ? "0"
			       : arena_strdup(arena, duration_format(text, p->penalty));
}

static int set_stop(struct policy *p, const char *value, struct err *err)
{
	return set_bool(&p->stop, value, ATTRIBUTE_STOP, err);
}

static const char *get_stop(const struct policy *p, struct arena *arena)
{
	(void)arena;
	return p->stop ? "yes" : "no";
}

static int set_only_headers(struct policy *p, const char *value, struct err *err)
{
	return set_bool(&p->only_headers, value, ATTRIBUTE_ONLY_HEADERS, err);
}

static const char *get_only_headers(const struct policy *p, struct arena *arena)
{
	(void)arena;
	return p->only_headers ? "yes" : "no";
}

static int set_spf(struct policy *p, const char *value, struct err *err)
{
	if (results_parse(value, &p->spf, err) < 0)
		return -1;
	p->checks_spf = p->spf != 0;
	return 0;
}

static const char *get_spf(const struct policy *p, struct arena *arena)
{
	return results_format(p->spf, arena);
}

static int set_rate_stats(struct policy *p, const char *value, struct err *err)
{
	return set_bool(&p->rate_stats, value, ATTRIBUTE_RATE_STATS, err);
}

static const char *get_rate_stats(const struct policy *p, struct arena *arena)
{
	(void)arena;
	return p->rate_stats ? "yes" : "no";
}

static const struct {
	int (*set)(struct policy *, const char *, struct err *);
	const char *(*get)(const struct policy *, struct arena *);
} accessors[] = {
	[ATTRIBUTE_SOURCE] = { set_source, get_source },
	[ATTRIBUTE_DESTINATION] = { set_destination, get_destination },
	[ATTRIBUTE_ENABLED] = { set_enabled, get_enabled },
	[ATTRIBUTE_TYPE] = { set_type, get_type },
	[ATTRIBUTE_PRIORITY] = { set_priority, get_priority },
	[ATTRIBUTE_KEY] = { set_key, get_key },
	[ATTRIBUTE_LIMIT] = { set_limit, get_limit },
	[ATTRIBUTE_STRATEGY] = { set_strategy, get_strategy },
	[ATTRIBUTE_COUNT] = { set_count, get_count },
	[ATTRIBUTE_ACTION] = { set_action, get_action },
	[ATTRIBUTE_REPLY] = { set_reply, get_reply },
	[ATTRIBUTE_PENALTY] = { set_penalty, get_penalty },
	[ATTRIBUTE_STOP] = { set_stop, get_stop },
	[ATTRIBUTE_ONLY_HEADERS] = { set_only_headers, get_only_headers },
	[ATTRIBUTE_SPF] = { set_spf, get_spf },
	[ATTRIBUTE_RATE_STATS] = { set_rate_stats, get_rate_stats },
};

_Static_assert(COUNT(accessors) == ATTRIBUTES, "accessors for each attribute");

void policy_init(struct policy *p, const char *name)
{
	memset(p, 0, sizeof(*p));
	snprintf(p->name, sizeof(p->name), "%s", name);
	for (int a = 0; a < ATTRIBUTES; a++)
		if (infos[a].default_value != NULL)
			accessors[a].set(p, infos[a].default_value, NULL);
}

void policy_clear(struct policy *p)
{
	free(p->reply);
	p->reply = NULL;
	free(p->apart);
	p->apart = NULL;
	p->napart = 0;
	for (size_t i = 0; i < p->nrules; i++)
		rule_free(p->rules[i]);
	free(p->rules);
	p->rules = NULL;
	p->nrules = 0;
}

void policy_copy(struct policy *to, const struct policy *from)
{
	*to = *from;
	to->reply = mem_strdup(from->reply);
	to->apart = NULL;
	to->napart = 0;
	to->rules = NULL;
	to->nrules = 0;
}

int policy_name_check(const char *name, size_t *pool_len, struct err *err)
{
	const char *colon = strchr(name, ':');
	char pool[NAME_MAX_OCTETS + 2];

	*pool_len = 0;
	if (colon == NULL)
		return name_check("policy", name, err);
	snprintf(pool, sizeof(pool), "%.*s", (int)(colon - name), name);
	*pool_len = (size_t)(colon - name);
	if (name_check("pool", pool, err) < 0)
		return -1;
	return name_check("policy", colon + 1, err);
}

int policy_attribute_find(const char *name, struct err *err)
{
	char all[300] = "";

	for (int a = 0; a < ATTRIBUTES; a++)
		if (str_is_named(name, strlen(name), infos[a].name, infos[a].old))
			return a;
	for (int a = 0; a < ATTRIBUTES; a++)
		str_append(all, sizeof(all), "%s%s", a > 0 ? ", " : "", infos[a].name);
	return err_set(
		err, "a policy has no attribute \"%.80s\" (it has: %s)", name, all);
}

const char *policy_attribute_name(enum policy_attribute a)
{
	return infos[a].name;
}

const char *policy_attribute_default(enum policy_attribute a)
{
	return infos[a].default_value;
}

int policy_set(
	struct policy *p, enum policy_attribute a, const char *value, struct err *err)
{
	if (accessors[a].set(p, value, err) < 0)
		return err_prefix(err, "%s", infos[a].name);
	p->given[a] = true;
	return 0;
}

const char *policy_get(
	const struct policy *p, enum policy_attribute a, struct arena *arena)
{
	return accessors[a].get(p, arena);
}

/* The amounts are such as it counts.  default_limit counts messages or recipients, so it
 * is nothing for one that counts bytes. */
static int check_limits(const struct policy *p, struct err *err)
{
	if (p->count != COUNT_BYTES)
		return limits_check_unsized(p->limits.limit, p->limits.n, err);
	if (policy_counts(p) && (p->limits.n == 0 || p->limits.inherited))
		return err_set(
			err, "count=bytes needs one of its own (as in limit=100M/day)");
	return 0;
}

int policy_check(const struct policy *p, struct err *err)
{
	for (int a = 0; a < ATTRIBUTES; a++)
		if (infos[a].default_value == NULL && !p->given[a])
			return err_set(err, "%s is required (%s=%s)", infos[a].name,
				infos[a].name, infos[a].values);
	if (check_limits(p, err) < 0)
		return err_prefix(err, "%s", infos[ATTRIBUTE_LIMIT].name);
	return 0;
}
