/*
 * The rate check: which limits a message meets, for which objects, at what cost.
 * Run by the engine; looks, and charges nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/str.h"
#include "engine/check.h"
#include "engine/identity.h"

#include <string.h>
#include <uthash.h>

/* Somebody that a policy counts this message for. */
struct object {
	UT_hash_handle hh;
	const char *name;
	uint64_t recipients; /* that match the destination and are this object's */
};

static void add_hits(struct message *m, const struct policy *p,
	const struct object *object, struct findings *f)
{
	f->groups++;
	for (size_t i = 0; i < p->nlimits; i++) {
		f->hits = arena_grow(
			m->arena, f->hits, f->nhits, &f->hits_cap, sizeof(*f->hits));
		f->hits[f->nhits++] = (struct counter_hit){
			.key = { p->limits[i].id, object->name },
			.limit = &p->limits[i],
			.cost = p->count == COUNT_RECIPIENTS ? object->recipients : 1,
			.group = f->groups,
			.soft = p->action == ACTION_MONITOR,
		};
	}
}

static void add_match(struct message *m, const struct policy *p, const char *object,
	size_t first_hit, struct findings *f)
{
	f->matches = arena_grow(
		m->arena, f->matches, f->nmatches, &f->matches_cap, sizeof(*f->matches));
	f->matches[f->nmatches++] = (struct match){ .policy = p,
		.object = object,
		.first_hit = first_hit,
		.nhits = f->nhits - first_hit };
}

/* How many recipients are in the policy's destination. */
static uint64_t matching_recipients(const struct message *m, const struct policy *p)
{
	const struct recipient *r;
	uint64_t n = 0;

	STAILQ_FOREACH(r, &m->recipients, link)
		n += criterion_match(&p->destination, r->groups);
	return n;
}

/* One object, whoever the recipients are. */
static void run_for_sender(struct message *m, const struct policy *p, struct findings *f)
{
	struct object object = { .name = identity_object(m, p) };
	size_t first = f->nhits;

	if (object.name == NULL)
		return;
	if (m->set->needs_recipients)
		object.recipients = matching_recipients(m, p);
	if (!p->destination.any && object.recipients == 0)
		return;
	add_hits(m, p, &object, f);
	add_match(m, p, object.name, first, f);
}

/* Each recipient's object once, in the order of the first of each. */
static void run_for_recipients(
	struct message *m, const struct policy *p, struct findings *f)
{
	struct object *all = NULL, *object, *next;
	const struct recipient *r;
	const char *first = NULL;
	size_t first_hit = f->nhits;

	STAILQ_FOREACH(r, &m->recipients, link) {
		const char *name;
		unsigned hash;
		size_t len;

		if (!criterion_match(&p->destination, r->groups))
			continue;
		name = identity_recipient_object(p, r);
		len = strlen(name);
		hash = (unsigned)str_hash(name, len);
		HASH_FIND_BYHASHVALUE(hh, all, name, len, hash, object);
		if (object == NULL) {
			object = arena_alloc(m->arena, sizeof(*object));
			object->name = name;
			HASH_ADD_KEYPTR_BYHASHVALUE(hh, all, name, len, hash, object);
		}
		object->recipients++;
	}
	HASH_ITER(hh, all, object, next) {
		if (first == NULL)
			first = object->name;
		add_hits(m, p, object, f);
	}
	HASH_CLEAR(hh, all);
	if (first != NULL)
		add_match(m, p, first, first_hit, f);
}

static void run(struct message *m, const struct policy *p, struct findings *f)
{
	if (policy_counts_by_recipient(p))
		run_for_recipients(m, p, f);
	else
		run_for_sender(m, p, f);
}

const struct check check_rate = { "rate", run };
