/*
 * Early decisions.  Called by the engine at MAIL and RCPT, on the message's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/early.h"

#include "engine/engine.h"
#include "engine/identity.h"
#include "engine/judge.h"
#include "engine/look.h"
#include "engine/object.h"
#include "engine/pending.h"
#include "engine/spf.h"
#include "engine/trace.h"

#include <string.h>

/* False: what there is cannot be known. */
static bool peek(struct message *m, struct findings *f, int64_t now)
{
	if (m->pending != NULL)
		pending_deduct(m->pending, f, false);
	return m->engine->store->peek(m->engine->store, f->hits, f->nhits, now) >= 0;
}

/* Hold and discard let the message go on, in their way: where they lack room, what comes
 * behind them does not refuse it. */
static bool may_take(const struct policy *p)
{
	return policy_counts(p) &&
	       (p->action == ACTION_HOLD || p->action == ACTION_DISCARD);
}

/* Single recipients, by the size: it may pass them at RCPT, and refuse at the end. */
static bool judges_by_size(const struct policy *p)
{
	return policy_judges_recipients(p) && p->count == COUNT_BYTES;
}

/* Will the end be answered with 421, for want of a step?  True also if that depends on
 * the recipients. */
static bool lacks_step(const struct message *m)
{
	if (trace_is_unseen(m))
		return true;
	for (size_t i = 0; i < m->ncandidates; i++) {
		const struct policy *p = m->candidates[i];

		if (look_source(m, p) != REACH_MATCHES)
			continue;
		if (policy_steps(p) & ~m->session->steps)
			return true;
		if (look_ends_with(p))
			return false;
	}
	return false;
}

/* Has it a word on the whole message, whoever the recipients are?  Monitors have, too:
 * they record what they would have done, if no step to come, or SPF, can change that. */
static bool judges_all(const struct policy *p)
{
	return policy_counts(p) &&
	       (p->action == ACTION_MONITOR
			       ? policy_steps(p) == 0
			       : policy_refuses(p) && !policy_judges_recipients(p));
}

/* Asks the policies that judge the whole message for the least that it can cost, up to
 * one behind which it depends on the recipients, the size or SPF what happens. */
static void ask_least(struct message *m, struct findings *f)
{
	for (size_t i = 0; i < m->ncandidates; i++) {
		const struct policy *p = m->candidates[i];

		if (look_source(m, p) != REACH_MATCHES)
			continue;
		if (p->type != TYPE_REGULAR || may_take(p) || judges_by_size(p) ||
			spf_may_stop(m, p))
			return;
		if (judges_all(p)) {
			findings_add(m, p, f);
			findings_ask(m, p, identity_object(m, p), 1, f);
		}
		if (p->stop)
			return;
	}
}

/* Was a policy that judges recipients passed before this one? */
static bool is_behind_such(const struct message *m, const struct policy *refusing)
{
	for (size_t i = 0; m->candidates[i] != refusing; i++)
		if (look_source(m, m->candidates[i]) == REACH_MATCHES &&
			policy_judges_recipients(m->candidates[i]))
			return true;
	return false;
}

/* Could a policy before this one refuse, too, if there are more recipients, or when the
 * size is known? */
static bool may_be_preceded(const struct findings *f, const struct match *refusing)
{
	for (const struct match *match = f->matches; match < refusing; match++)
		if (match->nhits > 0 && match->policy->count != COUNT_MESSAGES)
			return true;
	return false;
}

struct verdict early_look(
	struct message *m, struct findings *f, int64_t now, bool *certain)
{
	struct verdict v = { .kind = VERDICT_ACCEPT };
	const char *object = object_blocked(m, now);
	struct match *first;

	*certain = true;
	if (object != NULL)
		return verdict_blocked(m, object);
	if (object_bypassed(m, now) != NULL || lacks_step(m))
		return v;
	ask_least(m, f);
	peek(m, f, now);
	first = judge_first(m, f, NULL, now);
	if (first == NULL || may_be_preceded(f, first))
		return v;
	*certain = (m->session->steps & STEP_MAIL_ANSWER) &&
		   !is_behind_such(m, first->policy);
	/* else it begins when a recipient is told */
	if (*certain)
		judge_punish(m, f, first, NULL, now);
	return first->verdict;
}

/* For whom the policy would count the recipient, and how many of those accepted it counts
 * for the same. */
static const char *object_of(const struct message *m, const struct policy *p,
	const struct recipient *r, uint64_t *accepted)
{
	bool by_recipient = policy_counts_by_recipient(p);
	const char *object =
		by_recipient ? identity_recipient_object(p, r) : identity_object(m, p);
	const struct recipient *other;

	*accepted = 0;
	STAILQ_FOREACH(other, &m->recipients, link)
		if (criterion_match(&p->destination, &other->groups) &&
			(!by_recipient ||
				strcmp(identity_recipient_object(p, other), object) == 0))
			++*accepted;
	return object;
}

/* What the policy will have to have room for, at least, if this recipient is not refused:
 * one that judges the whole message does so without those that are. */
static void ask_for(struct message *m, const struct policy *p, const struct recipient *r,
	struct findings *f)
{
	uint64_t recipients;
	const char *object = object_of(m, p, r, &recipients);

	if (policy_judges_recipients(p) || may_take(p) || recipients == 0)
		recipients++;
	findings_add(m, p, f);
	if (object != NULL)
		findings_ask(m, p, object, recipients, f);
}

/* Asks for what the message will cost with this recipient, up to a policy behind which it
 * depends on the recipients to come what happens. */
static void ask_with(struct message *m, const struct recipient *r, struct findings *f)
{
	for (size_t i = 0; i < m->ncandidates; i++) {
		const struct policy *p = m->candidates[i];

		if (look_source(m, p) != REACH_MATCHES)
			continue;
		if (p->type != TYPE_REGULAR)
			return;
		if ((policy_refuses(p) || may_take(p)) &&
			criterion_match(&p->destination, &r->groups))
			ask_for(m, p, r, f);
		if (p->stop)
			return;
	}
}

/* Is it only with the others of this message that the recipient has no room? */
static bool has_room_alone(struct message *m, const struct match *match,
	const struct findings *f, int64_t now)
{
	struct findings alone = { .now = now };

	if (match->policy->count != COUNT_RECIPIENTS || match->verdict.by_spf)
		return false;
	findings_add(m, match->policy, &alone);
	findings_ask(m, match->policy, f->hits[match->first_hit].key.object, 1, &alone);
	return peek(m, &alone, now) && judge_first(m, &alone, NULL, now) == NULL;
}

/* What was known at MAIL and is still so, or was told a recipient already: then the
 * others hear the same, even if there is room by now. */
static struct verdict refuse_all(struct message *m, struct findings *f,
	struct match *match, const char *queue_id, int64_t now)
{
	if (match->verdict.kind == VERDICT_ACCEPT)
		return *m->early;
	judge_punish(m, f, match, queue_id, now);
	return match->verdict;
}

/* Has a recipient heard it already? */
static bool was_said(const struct message *m, const struct policy *early)
{
	for (size_t i = 0; i < m->nrefusals; i++)
		if (m->refusals[i].policy == early)
			return true;
	return false;
}

/* What the match comes to for this recipient: of SPF, only where that is not for the end
 * to judge. */
static void judge_recipient(struct message *m, struct findings *f, struct match *match,
	const char *queue_id, int64_t now)
{
	if (policy_judges_recipients(match->policy))
		match->spf = spf_against(m, match->policy);
	match->verdict = judge_match(m, f, match, queue_id, now);
}

/* Will SPF stop the whole message at its end, by the word of a policy before this one? */
static bool is_behind_spf(
	struct message *m, const struct findings *f, const struct match *refusing)
{
	for (const struct match *match = f->matches; match < refusing; match++)
		if (spf_may_stop(m, match->policy) &&
			spf_against(m, match->policy) != NULL)
			return true;
	return false;
}

/* Looks at what the message would cost with this recipient; false: a flag refuses it, or
 * frees it, before all policies. */
static bool ask_policies(
	struct message *m, const struct recipient *r, struct findings *f, int64_t now)
{
	if (object_blocked(m, now) != NULL || object_bypassed(m, now) != NULL)
		return false;
	ask_with(m, r, f);
	peek(m, f, now);
	return true;
}

/* May SPF stop the whole message by the word of a policy before this one? */
static bool may_be_behind_spf(
	const struct message *m, const struct findings *f, const struct match *refusing)
{
	for (const struct match *match = f->matches; match < refusing; match++)
		if (spf_may_stop(m, match->policy))
			return true;
	return false;
}

bool early_needs_spf(struct message *m, const struct recipient *r, int64_t now)
{
	const struct policy *early = m->early != NULL ? m->early->policy : NULL;
	struct findings f = { .now = now };

	if ((m->early != NULL && early == NULL) || !ask_policies(m, r, &f, now))
		return false;
	for (size_t i = 0; i < f.nmatches; i++) {
		const struct match *match = &f.matches[i];
		bool judges = policy_judges_recipients(match->policy);

		if (judges && spf_concerns(m, match->policy))
			return true;
		if (match->policy == early && was_said(m, early))
			return false;
		if (judge_match(m, &f, match, NULL, now).kind != VERDICT_ACCEPT)
			return judges && may_be_behind_spf(m, &f, match);
	}
	return false;
}

struct verdict early_recipient(struct message *m, const struct recipient *r,
	struct findings *f, const char *queue_id, int64_t now)
{
	struct verdict v = { .kind = VERDICT_ACCEPT };
	const struct policy *early = m->early != NULL ? m->early->policy : NULL;
	struct match *match;

	/* a flag refuses before all policies, and frees from all of them */
	if (m->early != NULL && early == NULL)
		return *m->early;
	if (!ask_policies(m, r, f, now))
		return v;
	for (size_t i = 0; i < f->nmatches; i++) {
		match = &f->matches[i];
		judge_recipient(m, f, match, queue_id, now);
		if (match->policy == early &&
			(was_said(m, early) || match->verdict.kind != VERDICT_ACCEPT))
			return refuse_all(m, f, match, queue_id, now);
		if (match->policy == early)
			m->early = NULL;
		if (match->verdict.kind == VERDICT_ACCEPT)
			continue;
		if (!policy_judges_recipients(match->policy) ||
			is_behind_spf(m, f, match))
			return m->early != NULL ? *m->early : v;
		if (has_room_alone(m, match, f, now))
			return verdict_split(
				m, match->policy, &f->hits[match->first_hit]);
		judge_punish(m, f, match, queue_id, now);
		return match->verdict;
	}
	return v;
}
