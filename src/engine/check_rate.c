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

/* How many recipients are in the policy's destination. */
static uint64_t matching_recipients(const struct message *m, const struct policy *p)
{
	const struct recipient *r;
	uint64_t n = 0;

	/* the MTA knows of them all, also of those that came another way */
	if (p->destination.any && m->told_recipients > 0)
		return m->told_recipients;
	STAILQ_FOREACH(r, &m->recipients, link)
		n += criterion_match(&p->destination, &r->groups);
	return n;
}

/* Each recipient's object once, in the order of the first of each. */
static void run_for_recipients(
	struct message *m, const struct policy *p, struct findings *f)
{
	struct object *all = NULL, *object, *next;
	const struct recipient *r;

	STAILQ_FOREACH(r, &m->recipients, link) {
		const char *name;
		unsigned hash;
		size_t len;

		if (!criterion_match(&p->destination, &r->groups))
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
	HASH_ITER(hh, all, object, next)
		findings_ask(m, p, object->name, object->recipients, f);
	HASH_CLEAR(hh, all);
}

static void run(struct message *m, const struct policy *p, struct findings *f)
{
	const char *object;

	/* what SPF stops needs no room */
	if (!policy_counts(p) || f->matches[f->nmatches - 1].spf != NULL)
		return;
	if (policy_counts_by_recipient(p)) {
		run_for_recipients(m, p, f);
		return;
	}
	/* there is nobody behind a null sender whose SPF alone is looked at */
	object = identity_object(m, p);
	if (object != NULL)
		findings_ask(m, p, object, matching_recipients(m, p), f);
}

const struct check check_rate = { "rate", run };
