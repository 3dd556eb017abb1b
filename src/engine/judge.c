/*
 * The judgement on findings.  Called by the engine, on the message's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/judge.h"

#include "base/clock.h"
#include "engine/engine.h"

struct verdict judge_match(const struct message *m, const struct findings *f,
	const struct match *match, const char *queue_id, int64_t now)
{
	struct verdict v;

	if (match->spf != NULL)
		return verdict_spf(m, match->policy, match->spf, queue_id);
	v = verdict_full(m, match->policy, &f->hits[match->first_hit], match->nhits,
		queue_id, now);
	if (v.kind == VERDICT_ACCEPT)
		v.object = match->object;
	return v;
}

/* Has the object of the i-th hit no room in one of its limits? */
static bool lacks_room(const struct findings *f, const struct match *match, size_t i)
{
	for (size_t k = match->first_hit; k < match->first_hit + match->nhits; k++)
		if (f->hits[k].group == f->hits[i].group && !f->hits[k].look &&
			f->hits[k].full)
			return true;
	return false;
}

/* A penalty is a limit of one refusal in so long: it is charged by the refusal. */
static void begin_penalty(struct message *m, struct counter_hit *hit, int64_t now)
{
	struct counter_store *store = m->engine->store;
	struct counter_hit refusal = *hit;

	refusal.look = false;
	if (!m->dry)
		store->charge(store, &refusal, 1, now);
	hit->full = true;
	hit->free_at = m->dry || refusal.charged ? now + hit->limit->period * CLOCK_SECOND
						 : refusal.free_at;
}

void judge_punish(struct message *m, struct findings *f, struct match *match,
	const char *queue_id, int64_t now)
{
	bool begun = false;

	/* whom a client forges must not suffer for it */
	if (!verdict_refuses(&match->verdict) || match->verdict.by_spf)
		return;
	for (size_t i = match->first_hit; i < match->first_hit + match->nhits; i++) {
		if (!f->hits[i].look || f->hits[i].full || !lacks_room(f, match, i))
			continue;
		begin_penalty(m, &f->hits[i], now);
		begun = true;
	}
	if (begun)
		match->verdict = judge_match(m, f, match, queue_id, now);
}

struct match *judge_first(
	struct message *m, struct findings *f, const char *queue_id, int64_t now)
{
	struct match *first = NULL;

	for (size_t i = 0; i < f->nmatches; i++) {
		struct match *match = &f->matches[i];

		match->verdict = judge_match(m, f, match, queue_id, now);
		if (first == NULL && match->verdict.kind > VERDICT_MONITOR)
			first = match;
	}
	return first;
}

struct verdict judge_findings(
	struct message *m, struct findings *f, const char *queue_id, int64_t now)
{
	struct verdict v = { .kind = VERDICT_ACCEPT };

	for (size_t i = 0; i < f->nmatches; i++) {
		struct match *match = &f->matches[i];

		match->verdict = judge_match(m, f, match, queue_id, now);
		if (i == 0) {
			v.policy = match->policy;
			v.object = match->object;
		}
		/* monitor is a word less than that of any other */
		if (match->verdict.kind == VERDICT_ACCEPT || v.kind > VERDICT_MONITOR ||
			(match->verdict.kind == VERDICT_MONITOR &&
				v.kind == VERDICT_MONITOR))
			continue;
		judge_punish(m, f, match, queue_id, now);
		v = match->verdict;
	}
	return v;
}

struct verdict judge_with_headers(const struct findings *f, struct verdict v)
{
	v.headers = f->headers;
	v.nheaders = f->nheaders;
	return v;
}
