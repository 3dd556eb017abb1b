/*
 * The look at all policies.  Called by the engine at the end of a message, on its thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/look.h"

#include "engine/identity.h"

/* Is there anybody that the policy could count for?  One that counts nothing asks for a
 * login alone, and only if that is its key. */
static bool has_object(const struct message *m, const struct policy *p)
{
	if (policy_counts_by_recipient(p))
		return true;
	if (!policy_counts(p))
		return p->key != KEY_LOGIN || m->login != NULL;
	return identity_object(m, p) != NULL;
}

enum reach look_source(const struct message *m, const struct policy *p)
{
	if (!p->enabled)
		return REACH_DISABLED;
	if (!criterion_match(&p->source, identity_source(m, p)))
		return REACH_SOURCE;
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

void look_gather(struct message *m)
{
	m->ncandidates = policy_set_candidates(m->set, m->pool, &m->login_groups,
		&m->sender_groups, m->arena, &m->candidates);
}

void look(struct message *m, bool only_headers, struct findings *f,
	const struct policy **stop)
{
	for (size_t i = 0; i < m->ncandidates; i++) {
		const struct policy *p = m->candidates[i];

		if ((only_headers && !p->only_headers) ||
			look_source(m, p) != REACH_MATCHES)
			continue;
		if (policy_steps(p) & ~m->session->steps) {
			f->lacking = p;
			return;
		}
		if (destination_matches(m, p)) {
			findings_add(m, p, f);
			for (size_t c = 0; checks[c] != NULL; c++)
				checks[c]->run(m, p, f);
			if (p->type != TYPE_REGULAR) {
				f->bypass = p;
				return;
			}
			if (p->stop)
				*stop = p;
		}
		if (p == *stop)
			return;
	}
}
