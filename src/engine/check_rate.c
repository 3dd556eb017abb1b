/*
 * The rate check: which limits a message meets, for which object, at what cost.
 * Run by the engine; looks, and charges nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/check.h"
#include "engine/identity.h"

/* How many recipients are in the policy's destination. */
static uint64_t matching_recipients(const struct message *m, const struct policy *p)
{
	const struct recipient *r;
	uint64_t n = 0;

	STAILQ_FOREACH(r, &m->recipients, link)
		n += criterion_match(&p->destination, r->groups);
	return n;
}

static void run(struct message *m, const struct policy *p, struct findings *f)
{
	uint64_t matching = m->set->needs_recipients ? matching_recipients(m, p) : 0;
	const char *object = identity_object(m, p);

	if (object == NULL || (!p->destination.any && matching == 0))
		return;
	f->matches = arena_grow(
		m->arena, f->matches, f->nmatches, &f->matches_cap, sizeof(*f->matches));
	f->matches[f->nmatches++] =
		(struct match){ p, object, f->nhits, p->nlimits, VERDICT_ACCEPT };
	for (size_t i = 0; i < p->nlimits; i++) {
		f->hits = arena_grow(
			m->arena, f->hits, f->nhits, &f->hits_cap, sizeof(*f->hits));
		f->hits[f->nhits++] = (struct counter_hit){
			.key = { p->limits[i].id, object },
			.limit = &p->limits[i],
			.cost = p->count == COUNT_RECIPIENTS ? matching : 1,
			.group = (unsigned)f->nmatches,
			.soft = p->action == ACTION_MONITOR,
		};
	}
}

const struct check check_rate = { "rate", run };
