/*
 * The look at all policies.  Called by the engine at the end of a message, on its thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/look.h"

#include "engine/identity.h"
#include "engine/spf.h"

/* Is there anybody that the policy could count for, or (a null sender has a policy, too:
 * RFC 7208 2.4) whose SPF it looks at?  One that counts nothing asks for a login alone,
 * and only if that is its key. */
static bool has_object(const struct message *m, const struct policy *p)
{
	if (policy_counts_by_recipient(p))
		return true;
	if (!policy_counts(p))
		return p->key != KEY_LOGIN || m->login != NULL;
	if (identity_object(m, p) != NULL)
		return true;
	return p->key != KEY_LOGIN && spf_concerns(m, p);
}

bool look_needs_content(const struct policy *p)
{
	return p->only_headers ||
	       (policy_counts(p) && p->action == ACTION_DISCARD &&
		       (!p->destination.any || policy_counts_by_recipient(p)));
}

bool look_needs_recipients(const struct policy *p)
{
	return (p->type != TYPE_BYPASS && !p->destination.any) ||
	       (policy_counts(p) && policy_counts_by_recipient(p));
}

static bool is_beyond_door(const struct message *m, const struct policy *p)
{
	return m->asked &&
	       (look_needs_content(p) || (m->unknown && look_needs_recipients(p)));
}

enum reach look_source(const struct message *m, const struct policy *p)
{
	if (!p->enabled)
		return REACH_DISABLED;
	if (!criterion_match(&p->source, identity_source(m, p)))
		return REACH_SOURCE;
	if (is_beyond_door(m, p))
		return REACH_DOOR;
	return has_object(m, p) ? REACH_MATCHES : REACH_OBJECT;
}

static bool some_match(const struct message *m, const struct policy *p)
{
	const struct recipient *r;

	STAILQ_FOREACH(r, &m->recipients, link)
		if (criterion_match(&p->destination, &r->groups))
			return true;
	return false;
}

static bool all_match(const struct message *m, const struct policy *p)
{
	const struct recipient *r;

	STAILQ_FOREACH(r, &m->recipients, link)
		if (!criterion_match(&p->destination, &r->groups))
			return false;
	return !STAILQ_EMPTY(&m->recipients);
}

static bool destination_matches(const struct message *m, const struct policy *p)
{
	if (p->type == TYPE_BYPASS || p->destination.any)
		return true;
	return p->type == TYPE_BYPASS_PLUS ? all_match(m, p) : some_match(m, p);
}

enum reach look_at(const struct message *m, const struct policy *p)
{
	enum reach reach = look_source(m, p);

	if (reach == REACH_MATCHES && !destination_matches(m, p))
		return REACH_DESTINATION;
	return reach;
}

bool look_ends_with(const struct policy *p)
{
	return p->type == TYPE_BYPASS ||
	       (p->destination.any && (p->stop || p->type != TYPE_REGULAR));
}

void look_gather(struct message *m)
{
	m->ncandidates = policy_set_candidates(m->set, m->pool, &m->login_groups,
		&m->sender_groups, m->arena, &m->candidates);
}

/* Where the look has come to. */
struct walk {
	const struct policy *stop; /* the one that matched and says stop; NULL: none */
	const struct policy *bypass, *lacking; /* what ended it (struct findings) */
	size_t next;
	bool only_headers, ended;
};

/* The next policy that takes part; NULL: none does any more. */
static const struct policy *walk_on(const struct message *m, struct walk *w)
{
	while (!w->ended && w->next < m->ncandidates) {
		const struct policy *p = m->candidates[w->next++];
		bool matches;

		if ((w->only_headers && !p->only_headers) ||
			look_source(m, p) != REACH_MATCHES)
			continue;
		if (policy_steps(p) & ~m->session->steps) {
			w->lacking = p;
			break;
		}
		matches = destination_matches(m, p);
		if (matches && p->type != TYPE_REGULAR)
			w->bypass = p;
		else if (matches && p->stop)
			w->stop = p;
		w->ended = p == w->bypass || p == w->stop;
		if (matches)
			return p;
	}
	w->ended = true;
	return NULL;
}

void look(struct message *m, bool only_headers, struct findings *f,
	const struct policy **stop)
{
	struct walk w = { .only_headers = only_headers, .stop = *stop };
	const struct policy *p;

	while ((p = walk_on(m, &w)) != NULL) {
		findings_add(m, p, f);
		for (size_t c = 0; checks[c] != NULL; c++)
			checks[c]->run(m, p, f);
	}
	f->bypass = w.bypass;
	f->lacking = w.lacking;
	*stop = w.stop;
}

bool look_finds_spf(const struct message *m)
{
	struct walk w = { 0 };
	const struct policy *p;

	while ((p = walk_on(m, &w)) != NULL)
		if (spf_concerns(m, p))
			return true;
	return false;
}
