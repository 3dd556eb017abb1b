/*
 * Log and totals.  Called by the engine, on the message's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/tell.h"

#include "base/log.h"
#include "engine/engine.h"
#include "engine/feed.h"
#include "engine/pending.h"
#include "engine/spf.h"

/* Who sent it, for the log: an address that does not parse as it was given. */
static const char *shown_sender(const struct message *m)
{
	return m->sender.kind == ADDR_INVALID ? m->sender_given : m->sender.text;
}

/* " spf=fail", if it was checked. */
static const char *shown_spf(const struct message *m)
{
	return m->spf != NULL ? arena_printf(m->arena, " spf=%s",
					spf_result_name(m->spf->result))
			      : "";
}

static const char *policy_name(const struct verdict *v)
{
	return v->policy != NULL ? v->policy->name : "-";
}

static void log_verdict(
	const struct message *m, const struct verdict *v, const char *queue_id)
{
	char client[CIDR_TEXT_MAX];

	log_event(LEVEL_INFO, queue_id, "%s: %s (policy=%s client=%s from=%.320s%s)",
		verdict_name(v->kind), v->reason, policy_name(v),
		cidr_format(client, &m->session->client), shown_sender(m), shown_spf(m));
}

void tell_recipient(const struct message *m, const struct recipient *r,
	const struct verdict *v, const char *queue_id)
{
	char client[CIDR_TEXT_MAX];

	log_event(LEVEL_INFO, queue_id,
		"%s: %s (policy=%s client=%s from=%.320s to=%.320s%s)",
		verdict_name(v->kind), v->reason, policy_name(v),
		cidr_format(client, &m->session->client), shown_sender(m),
		r->address.kind == ADDR_INVALID ? r->given : r->address.text,
		shown_spf(m));
}

static bool is_among(const struct policy *p, const struct verdict *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].policy == p)
			return true;
	return false;
}

/* A message that comes in requests, or by two doors, is counted once: as what it has come
 * to by now (0: all mail), or as the worst that a policy has said. */
static void count_once(
	const struct message *m, int64_t id, enum verdict_kind kind, int64_t now)
{
	struct stats *stats = m->engine->stats;
	enum verdict_kind before;

	if (m->pending == NULL || !pending_told(m->pending, id, &before))
		stats_count(stats, id, kind, now);
	else if (id == 0 || kind > before)
		stats_recount(stats, id, before, kind, now);
	else
		return;
	if (m->pending != NULL)
		pending_tell(m->pending, id, kind);
}

/* One policy's word; in the totals an error is one for all of them. */
static void count(const struct message *m, const struct policy *p, enum verdict_kind kind,
	const struct decision *d)
{
	if (p != NULL)
		count_once(m, p->id, d->v.kind == VERDICT_ERROR ? VERDICT_ERROR : kind,
			d->now);
}

/* Policies that refused single recipients: their lines are in the log already. */
static void count_refusals(const struct message *m, const struct decision *d)
{
	for (size_t i = 0; i < m->nrefusals; i++)
		if (!is_among(m->refusals[i].policy, m->refusals, i))
			count(m, m->refusals[i].policy, m->refusals[i].kind, d);
}

/* Has the policy, as a monitor, told of an earlier request already? */
static bool was_monitored(const struct message *m, const struct policy *p)
{
	enum verdict_kind before;

	return m->pending != NULL && pending_told(m->pending, p->id, &before) &&
	       before == VERDICT_MONITOR;
}

/* Of recipients that were taken out, and what monitors said before. */
static void tell_discards(const struct message *m, const struct decision *d)
{
	const struct discards *out = &d->d;

	for (size_t i = 0; i < out->nby; i++) {
		log_verdict(m, &out->by[i], d->queue_id);
		count(m, out->by[i].policy, VERDICT_DISCARD, d);
	}
	for (size_t i = 0; i < out->nmonitors; i++) {
		const struct policy *p = out->monitors[i].policy;

		if (findings_have(&d->f, p) || is_among(p, out->monitors, i))
			continue;
		log_verdict(m, &out->monitors[i], d->queue_id);
		count(m, p, VERDICT_MONITOR, d);
	}
}

/* Once a message, and once for each policy that looked at it, here or at RCPT. */
static void count_spf(const struct message *m, const struct decision *d)
{
	struct stats *stats = m->engine->stats;

	if (m->spf == NULL ||
		(m->pending != NULL && pending_facts(m->pending)->spf != NULL))
		return;
	stats_count_spf(stats, 0, m->spf->result);
	for (size_t i = 0; i < m->ncandidates; i++) {
		const struct policy *p = m->candidates[i];

		if (spf_concerns(m, p) && (findings_have(&d->f, p) ||
						  is_among(p, m->refusals, m->nrefusals)))
			stats_count_spf(stats, p->id, m->spf->result);
	}
}

/* Each once: a policy that was looked at again has changed its mind, but for one that
 * took recipients out, or refused some. */
static void tell_decision(const struct message *m, const struct decision *d)
{
	const struct findings *f = &d->f;

	/* refused, a recipient leaves the message what it is for others */
	if (!d->cut || !m->one || m->nrecipients == 0)
		count_once(m, 0, d->v.kind, d->now);
	count_spf(m, d);
	count_refusals(m, d);
	tell_discards(m, d);
	for (size_t i = 0; i < f->nmatches; i++) {
		const struct match *match = &f->matches[i];
		enum verdict_kind kind = match->verdict.kind;

		if (kind == VERDICT_MONITOR && was_monitored(m, match->policy))
			continue;
		if (kind != VERDICT_ACCEPT)
			log_verdict(m, &match->verdict, d->queue_id);
		else if (is_among(match->policy, d->d.by, d->d.nby) ||
			 is_among(match->policy, m->refusals, m->nrefusals))
			continue;
		else if (match->policy == f->bypass)
			kind = VERDICT_BYPASS;
		count(m, match->policy, kind, d);
	}
	count(m, f->lacking, VERDICT_ERROR, d);
	/* by a flag, or for want of a step; an error of the store is told by itself */
	if (f->lacking != NULL ||
		(d->v.policy == NULL && !d->cut &&
			(verdict_refuses(&d->v) ||
				(d->v.kind == VERDICT_ERROR && d->v.reason != NULL))))
		log_verdict(m, &d->v, d->queue_id);
}

void tell_all(struct message *m, const struct decision *d)
{
	enum verdict_kind before;
	bool said = m->pending != NULL && pending_told(m->pending, 0, &before) &&
		    before == d->v.kind;
	struct decision_row row;

	tell_decision(m, d);
	if (said || feed_listeners(m->engine->feed) == 0)
		return;
	row = record_row(m, d);
	feed_put(m->engine->feed, &row);
}
