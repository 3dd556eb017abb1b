/*
 * The table of checks, in the order in which they are run, and what they find.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/check.h"

#include "engine/object.h"

const struct check *const checks[] = { &check_spf, &check_rate, &check_header, NULL };

struct match *findings_add(struct message *m, const struct policy *p, struct findings *f)
{
	struct match *match;

	f->matches = arena_grow(
		m->arena, f->matches, f->nmatches, &f->matches_cap, sizeof(*f->matches));
	match = &f->matches[f->nmatches++];
	*match = (struct match){ .policy = p, .first_hit = f->nhits };
	return match;
}

bool findings_have(const struct findings *f, const struct policy *p)
{
	for (size_t i = 0; i < f->nmatches; i++)
		if (f->matches[i].policy == p)
			return true;
	return false;
}

static void add_hit(struct message *m, struct findings *f, struct counter_hit hit)
{
	f->hits = arena_grow(m->arena, f->hits, f->nhits, &f->hits_cap, sizeof(*f->hits));
	f->hits[f->nhits++] = hit;
	f->matches[f->nmatches - 1].nhits++;
}

/* A message of octets has one at least: no limit lets it pass for nothing. */
static uint64_t cost_of(
	const struct message *m, const struct policy *p, uint64_t recipients)
{
	const uint64_t costs[] = {
		[COUNT_MESSAGES] = 1,
		[COUNT_RECIPIENTS] = recipients,
		[COUNT_BYTES] = m->size > 0 ? m->size : 1,
	};

	return costs[p->count];
}

/* The limit as it is for an object to which more is granted. */
static const struct limit *raised_limit(
	struct message *m, const struct limit *limit, struct grant grant)
{
	struct limit *raised;

	if (grant.amount == 0)
		return limit;
	raised = arena_alloc(m->arena, sizeof(*raised));
	*raised = *limit;
	raised->granted = grant.amount;
	raised->granted_until = grant.until;
	return raised;
}

void findings_ask(struct message *m, const struct policy *p, const char *object,
	uint64_t recipients, struct findings *f)
{
	const struct limits *limits = policy_set_limits(m->set, p, m->pool);
	struct match *match = &f->matches[f->nmatches - 1];
	struct grant grant = object_granted(m, p, object, f->now);

	if (match->object == NULL)
		match->object = object;
	f->groups++;
	for (size_t i = 0; i < limits->n; i++)
		add_hit(m, f,
			(struct counter_hit){
				.key = { limits->limit[i].id, object },
				.limit = raised_limit(m, &limits->limit[i], grant),
				.cost = cost_of(m, p, recipients),
				.group = f->groups,
				.soft = p->action == ACTION_MONITOR,
			});
	if (limits->n > 0 && limits->penalty.period > 0 && policy_refuses(p))
		add_hit(m, f,
			(struct counter_hit){
				.key = { limits->penalty.id, object },
				.limit = &limits->penalty,
				.cost = 1,
				.group = f->groups,
				.look = true,
			});
}
