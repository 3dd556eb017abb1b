/*
 * A policy set as text, with all that it says: two sets are the same if their texts are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TESTS_DESCRIBE_H
#define THEMIS_TESTS_DESCRIBE_H

#include "fixture.h"

static inline void describe_limits(FILE *to, int64_t pool_id, const struct limits *l)
{
	fprintf(to, "  pool %lld%s", (long long)pool_id,
		l->inherited ? " inherited" : "");
	for (size_t i = 0; i < l->n; i++)
		fprintf(to, " %lld=%llu/%lld/%d", (long long)l->limit[i].id,
			(unsigned long long)l->limit[i].amount,
			(long long)l->limit[i].period, (int)l->limit[i].strategy);
	fprintf(to, " penalty %lld=%lld\n", (long long)l->penalty.id,
		(long long)l->penalty.period);
}

static inline void describe_rules(FILE *to, const struct policy *p)
{
	for (size_t i = 0; i < p->nrules; i++) {
		const struct rule_addition *added;
		size_t n;

		added = rule_additions(p->rules[i], &n);
		fprintf(to, "  %s %s", rule_header(p->rules[i]), rule_regex(p->rules[i]));
		for (size_t k = 0; k < n; k++)
			fprintf(to, " %s=%s", added[k].name, added[k].value);
		fputc('\n', to);
	}
}

static inline void describe_policy(FILE *to, const struct policy *p)
{
	struct arena *arena = arena_new();

	fprintf(to, "%s %lld in %lld, %lld to %lld:", p->name, (long long)p->id,
		(long long)p->pool_id, (long long)p->source.group_id,
		(long long)p->destination.group_id);
	for (int a = 0; a < ATTRIBUTES; a++)
		fprintf(to, " %s", policy_get(p, (enum policy_attribute)a, arena));
	fputc('\n', to);
	describe_limits(to, 0, &p->limits);
	for (size_t i = 0; i < p->napart; i++)
		describe_limits(to, p->apart[i].pool_id, &p->apart[i].limits);
	describe_rules(to, p);
	arena_free(arena);
}

static inline void describe_settings(FILE *to, const struct settings *s)
{
	fprintf(to, "  %d %u %u \"%s\" %d %d %d %d %d %u %lld", (int)s->history,
		s->history_days, s->ipv6_prefix, s->login_realm, (int)s->null_sender,
		(int)s->on_error, s->pool_counters, s->pool_fallback,
		(int)s->reject_early, s->stats_days, (long long)s->default_penalty);
	for (size_t i = 0; i < s->ndefault_limits; i++)
		fprintf(to, " %llu/%lld", (unsigned long long)s->default_limit[i].amount,
			(long long)s->default_limit[i].period);
	fprintf(to, " \"%s\" %u %u %d\n", s->authserv_id, s->spf_deadline,
		s->spf_max_waiting, (int)s->spf_temperror);
}

static inline void describe_trusted(FILE *to, const struct policy_set *set)
{
	for (size_t i = 0; i < set->settings.nspf_trusted; i++)
		fprintf(to, "trusted %s %lld\n", set->settings.spf_trusted[i],
			(long long)set->spf_trusted[i]);
}

static inline void describe_index(FILE *to, const struct policy_index *index)
{
	fputs("by group", to);
	for (size_t i = 0; i < index->nsources; i++)
		fprintf(to, " %lld:%u", (long long)index->sources[i].group_id,
			index->sources[i].place);
	fputs(", open", to);
	for (size_t i = 0; i < index->nopen; i++)
		fprintf(to, " %u", index->open[i]);
	fputs(", headers", to);
	for (size_t i = 0; i < index->nheaders; i++)
		fprintf(to, " %s", index->headers[i]);
	fputc('\n', to);
}

/* Those of the objects that tests say something of. */
static inline void describe_flags(FILE *to, const struct flag_table *flags)
{
	static const char *const objects[] = { "bob@example.org", "eve@example.com",
		"@example.com" };

	for (int flag = 0; flag < FLAGS; flag++) {
		fprintf(to, "%s, the last %lld:", flag_name((enum flag)flag),
			(long long)flag_last(flags, (enum flag)flag));
		for (size_t i = 0; i < LENGTH(objects); i++)
			fprintf(to, " %lld",
				(long long)flag_until(
					flags, objects[i], (enum flag)flag));
		fputc('\n', to);
	}
}

/* Those of the same objects that hold now. */
static inline void describe_grants(FILE *to, const struct policy_set *set)
{
	static const char *const objects[] = { "bob@example.org", "eve@example.com",
		"@example.com" };

	fprintf(to, "grants, the last %lld:", (long long)grant_last(set->grants));
	for (size_t i = 0; i < LENGTH(objects); i++)
		for (int64_t id = 0; id < 100; id++) {
			struct grant g =
				grant_of(set->grants, objects[i], id, clock_now());

			if (g.amount > 0)
				fprintf(to, " %s %lld: %llu until %lld", objects[i],
					(long long)id, (unsigned long long)g.amount,
					(long long)g.until);
		}
	fputc('\n', to);
}

/* The caller's to free. */
static inline char *describe(const struct policy_set *set)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	assert_non_null(to);
	fprintf(to, "%zu groups, steps %u, general from %zu\n",
		group_index_count(set->groups), set->steps, set->first_general);
	describe_settings(to, &set->settings);
	describe_trusted(to, set);
	for (size_t i = 0; i < set->pools.n; i++) {
		const struct pool *pool = &set->pools.pools[i];

		fprintf(to, "pool %s %lld: %zu from %zu\n", pool->name,
			(long long)pool->id, pool->npolicies,
			pool->npolicies > 0 ? pool->first : 0);
		describe_settings(to, &pool->settings);
	}
	for (size_t i = 0; i < set->npolicies; i++)
		describe_policy(to, set->policies[i]);
	fputs("limits", to);
	for (size_t i = 0; i < set->nlimits; i++)
		fprintf(to, " %lld", (long long)set->limits[i].id);
	fputc('\n', to);
	describe_index(to, &set->index);
	describe_flags(to, set->flags);
	describe_grants(to, set);
	fclose(to);
	return text;
}

#endif
