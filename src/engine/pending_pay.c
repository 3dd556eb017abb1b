/*
 * What a pending message has paid.  Called by the engine, on the thread that has the
 * message.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/pending_own.h"

#include <stdlib.h>
#include <string.h>

static bool is_for(const struct payment *pay, const struct counter_key *key)
{
	return pay->limit_id == key->limit_id && strcmp(pay->object, key->object) == 0;
}

static uint64_t paid(const struct pending *p, const struct counter_key *key)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < p->npayments; i++)
		if (is_for(&p->payments[i], key))
			sum += p->payments[i].cost;
	return sum;
}

/* A penalty that began meanwhile is not for who has paid already. */
static void excuse_paid(struct findings *f, const struct match *match)
{
	bool all_paid = true;

	for (size_t i = match->first_hit; i < match->first_hit + match->nhits; i++) {
		struct counter_hit *hit = &f->hits[i];

		if (i == match->first_hit || f->hits[i - 1].group != hit->group)
			all_paid = true;
		if (!hit->look)
			all_paid = all_paid && hit->cost == 0;
		else if (all_paid)
			hit->cost = 0;
	}
}

void pending_deduct(const struct pending *p, struct findings *f, bool one)
{
	for (size_t k = 0; k < f->nmatches && p->npayments > 0; k++) {
		const struct match *match = &f->matches[k];

		if (one && match->policy->count == COUNT_RECIPIENTS)
			continue;
		for (size_t i = match->first_hit; i < match->first_hit + match->nhits;
			i++) {
			struct counter_hit *hit = &f->hits[i];
			uint64_t before = hit->look ? 0 : paid(p, &hit->key);

			hit->paid = before < hit->cost ? before : hit->cost;
			hit->cost -= hit->paid;
		}
		excuse_paid(f, match);
	}
}

void pending_add_payment(struct pending *p, int64_t limit_id, const char *object,
	uint64_t cost, int64_t bucket)
{
	const struct counter_key key = { limit_id, object };

	for (size_t i = p->npayments; i-- > 0;) {
		struct payment *pay = &p->payments[i];

		if (pay->bucket == bucket && is_for(pay, &key)) {
			pay->cost += cost;
			return;
		}
	}
	if (p->npayments == p->payments_cap) {
		p->payments_cap = p->payments_cap > 0 ? 2 * p->payments_cap : 4;
		p->payments =
			mem_realloc(p->payments, p->payments_cap, sizeof(*p->payments));
	}
	p->payments[p->npayments++] =
		(struct payment){ limit_id, mem_strdup(object), cost, bucket };
}

void pending_pay(struct pending *p, const struct findings *f)
{
	for (size_t i = 0; i < f->nhits; i++) {
		const struct counter_hit *hit = &f->hits[i];

		if (hit->charged)
			pending_add_payment(p, hit->key.limit_id, hit->key.object,
				hit->cost, hit->bucket);
	}
}

/* How much of what was paid there is asked for; false: the hits do not speak of it. */
static bool asked_for(
	const struct findings *f, const struct counter_key *key, uint64_t *amount)
{
	for (size_t i = 0; f != NULL && i < f->nhits; i++) {
		const struct counter_hit *hit = &f->hits[i];

		if (hit->look || hit->key.limit_id != key->limit_id ||
			strcmp(hit->key.object, key->object) != 0)
			continue;
		*amount = hit->paid;
		return true;
	}
	*amount = 0;
	return false;
}

static int compare_id(const void *id, const void *limit)
{
	const int64_t *a = id;
	const struct limit *b = limit;

	return (*a > b->id) - (*a < b->id);
}

/* Of a limit that has gone, or is not this set's, there is nothing to give back. */
static void give_back(struct payment *pay, uint64_t amount, struct counter_store *store,
	const struct policy_set *set, int64_t now)
{
	const struct limit *limit = bsearch(&pay->limit_id, set->limits, set->nlimits,
		sizeof(*set->limits), compare_id);
	struct counter_hit hit = { .key = { pay->limit_id, pay->object },
		.limit = limit,
		.cost = amount,
		.charged = true,
		.bucket = pay->bucket };

	if (limit != NULL && amount > 0)
		store->refund(store, &hit, 1, now);
	pay->cost -= amount;
}

void pending_refund(struct pending *p, struct counter_store *store,
	const struct policy_set *set, const struct findings *f, bool known, int64_t now)
{
	/* the newest go first, so that what stays is what was there longest */
	for (size_t i = p->npayments; i-- > 0;) {
		struct payment *pay = &p->payments[i];
		const struct counter_key key = { pay->limit_id, pay->object };
		uint64_t asked, all = paid(p, &key), excess;

		if (!asked_for(f, &key, &asked) && f != NULL && !known)
			continue;
		excess = all - asked;
		give_back(pay, excess < pay->cost ? excess : pay->cost, store, set, now);
	}
}
