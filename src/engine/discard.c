/*
 * Discarding recipients.  Called by the engine at the end of a message, on its thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/discard.h"

#include "base/str.h"
#include "engine/identity.h"

#include <string.h>
#include <uthash.h>

/* An object that has no room in some limit of the policy. */
struct full {
	UT_hash_handle hh;
};

static void add_full(struct arena *arena, struct full **all, const char *name)
{
	size_t len = strlen(name);
	unsigned hash = (unsigned)str_hash(name, len);
	struct full *one;

	HASH_FIND_BYHASHVALUE(hh, *all, name, len, hash, one);
	if (one != NULL)
		return;
	one = arena_alloc(arena, sizeof(*one));
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, *all, name, len, hash, one);
}

static struct full *full_objects(
	struct message *m, const struct findings *f, const struct policy *p)
{
	struct full *all = NULL;

	for (size_t i = 0; i < f->nmatches; i++) {
		const struct match *match = &f->matches[i];
		size_t end = match->first_hit + match->nhits;

		for (size_t h = match->first_hit; match->policy == p && h < end; h++)
			if (f->hits[h].full)
				add_full(m->arena, &all, f->hits[h].key.object);
	}
	return all;
}

static bool is_dropped(
	const struct verdict *v, const struct full *full, const struct recipient *r)
{
	const struct policy *p = v->policy;
	const struct full *one;
	const char *name;
	size_t len;

	if (!criterion_match(&p->destination, &r->groups))
		return false;
	if (v->by_spf || !policy_counts_by_recipient(p))
		return true;
	name = identity_recipient_object(p, r);
	len = strlen(name);
	HASH_FIND_BYHASHVALUE(hh, full, name, len, (unsigned)str_hash(name, len), one);
	return one != NULL;
}

/* They are looked at again, but for other recipients. */
static void keep_monitors(
	struct message *m, const struct findings *f, struct discards *out)
{
	for (size_t i = 0; i < f->nmatches; i++) {
		if (f->matches[i].verdict.kind != VERDICT_MONITOR)
			continue;
		out->monitors = arena_grow(m->arena, out->monitors, out->nmonitors,
			&out->monitors_cap, sizeof(*out->monitors));
		out->monitors[out->nmonitors++] = f->matches[i].verdict;
	}
}

bool discard_recipients(struct message *m, const struct findings *f,
	const struct verdict *v, struct discards *out)
{
	struct recipient_list kept = STAILQ_HEAD_INITIALIZER(kept),
			      dropped = STAILQ_HEAD_INITIALIZER(dropped);
	struct full *full = full_objects(m, f, v->policy);
	struct recipient *r;
	size_t n = 0;

	while ((r = STAILQ_FIRST(&m->recipients)) != NULL) {
		STAILQ_REMOVE_HEAD(&m->recipients, link);
		if (is_dropped(v, full, r)) {
			STAILQ_INSERT_TAIL(&dropped, r, link);
			n++;
		} else {
			STAILQ_INSERT_TAIL(&kept, r, link);
		}
	}
	HASH_CLEAR(hh, full);
	if (n == 0 || STAILQ_EMPTY(&kept)) {
		STAILQ_CONCAT(&m->recipients, &dropped);
		STAILQ_CONCAT(&m->recipients, &kept);
		return false;
	}
	STAILQ_FOREACH(r, &dropped, link)
		r->refused_by = v->policy;
	STAILQ_CONCAT(&m->recipients, &kept);
	STAILQ_CONCAT(&out->recipients, &dropped);
	keep_monitors(m, f, out);
	out->by = arena_grow(m->arena, out->by, out->nby, &out->by_cap, sizeof(*out->by));
	out->by[out->nby] = *v;
	out->by[out->nby++].reason = arena_printf(m->arena, "%s (%zu of %llu recipients)",
		v->reason, n, (unsigned long long)m->nrecipients);
	return true;
}
