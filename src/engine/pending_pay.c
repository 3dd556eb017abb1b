/*
 * What a pending message has paid.  Called by the engine, on the thread that has the
 * message.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/str.h"
#include "engine/pending_own.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static unsigned hash_of(const char *object)
{
	return (unsigned)str_hash(object, strlen(object));
}

static struct account *find(const struct pending *p, const char *object, unsigned hash)
{
	struct account *account;

	HASH_FIND_BYHASHVALUE(hh, p->accounts, object, strlen(object), hash, account);
	return account;
}

/* The newest payment for that limit and object, or the next before one; NULL: none. */
static struct payment *newest(const struct pending *p, const struct counter_key *key)
{
	struct account *account = find(p, key->object, hash_of(key->object));
	size_t i = account != NULL ? account->last : 0;

	while (i > 0 && p->payments[i - 1].limit_id != key->limit_id)
		i = p->payments[i - 1].before;
	return i > 0 ? &p->payments[i - 1] : NULL;
}

static struct payment *older(const struct pending *p, const struct payment *pay)
{
	size_t i = pay->before;

	while (i > 0 && p->payments[i - 1].limit_id != pay->limit_id)
		i = p->payments[i - 1].before;
	return i > 0 ? &p->payments[i - 1] : NULL;
}

static uint64_t paid(const struct pending *p, const struct counter_key *key)
{
	uint64_t sum = 0;

	for (struct payment *pay = newest(p, key); pay != NULL; pay = older(p, pay))
		sum += pay->cost;
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

/* How often anything was voided. */
static atomic_uint voids;

void pending_hold(struct pending *p)
{
	p->voids = atomic_load(&voids);
}

void pending_heed_voids(struct pending *p)
{
	if (p->voids == atomic_load(&voids))
		return;
	for (size_t i = 0; i < p->npayments; i++)
		p->payments[i].cost = 0;
	pending_hold(p);
}

void pending_deduct(struct pending *p, struct findings *f, bool one)
{
	pending_heed_voids(p);
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

static struct account *find_or_add(struct pending *p, const char *object)
{
	unsigned hash = hash_of(object);
	struct account *account = find(p, object, hash);
	size_t len = strlen(object);

	if (account != NULL)
		return account;
	account = mem_calloc(1, sizeof(*account) + len + 1);
	memcpy(account->object, object, len + 1);
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, p->accounts, account->object, len, hash, account);
	return account;
}

void pending_add_payment(struct pending *p, int64_t limit_id, const char *object,
	uint64_t cost, int64_t bucket)
{
	struct account *account = find_or_add(p, object);
	const struct counter_key key = { limit_id, object };
	struct payment *pay = newest(p, &key);

	if (pay != NULL && pay->bucket == bucket) {
		pay->cost += cost;
		return;
	}
	if (p->npayments == p->payments_cap) {
		p->payments_cap = p->payments_cap > 0 ? 2 * p->payments_cap : 4;
		p->payments =
			mem_realloc(p->payments, p->payments_cap, sizeof(*p->payments));
	}
	p->payments[p->npayments++] = (struct payment){ .limit_id = limit_id,
		.object = account->object,
		.cost = cost,
		.bucket = bucket,
		.before = account->last };
	account->last = p->npayments;
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

/* What the hit does not ask for.  The newest goes first, so that what stays is what was
 * there longest. */
static void settle(struct pending *p, const struct counter_hit *hit,
	struct counter_store *store, const struct policy_set *set, int64_t now)
{
	uint64_t all = paid(p, &hit->key), excess = all > hit->paid ? all - hit->paid : 0;

	for (struct payment *pay = newest(p, &hit->key); pay != NULL;
		pay = older(p, pay)) {
		uint64_t amount = excess < pay->cost ? excess : pay->cost;

		give_back(pay, amount, store, set, now);
		excess -= amount;
		pay->settled = true;
	}
}

void pending_refund(struct pending *p, struct counter_store *store,
	const struct policy_set *set, const struct findings *f, bool known, int64_t now)
{
	pending_heed_voids(p);
	for (size_t i = 0; f != NULL && i < f->nhits; i++)
		if (!f->hits[i].look)
			settle(p, &f->hits[i], store, set, now);
	for (size_t i = p->npayments; i-- > 0;) {
		struct payment *pay = &p->payments[i];

		if (f == NULL || (known && !pay->settled))
			give_back(pay, pay->cost, store, set, now);
		pay->settled = false;
	}
}

void pending_void(struct pending_table *t, counter_match *match, void *arg)
{
	struct pending *p;

	pthread_mutex_lock(&t->lock);
	atomic_fetch_add(&voids, 1);
	TAILQ_FOREACH(p, &t->age, age)
		for (size_t i = 0; i < p->npayments; i++)
			if (match == NULL || match(arg, p->payments[i].limit_id,
						     p->payments[i].object))
				p->payments[i].cost = 0;
	pthread_mutex_unlock(&t->lock);
}
