/*
 * What follows from the attributes of a policy: whom it counts for, whether it counts and
 * refuses at all, what it needs to see.  Called by the engine for each message, on any
 * thread; pure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/policy.h"

bool criterion_match(const struct criterion *c, const struct group_list *groups)
{
	return c->any || group_list_has(groups, c->group_id) != c->inverted;
}

bool policy_prefers_login(const struct policy *p)
{
	return p->key == KEY_LOGIN || p->key == KEY_SENDER_PLUS ||
	       p->key == KEY_DOMAIN_PLUS;
}

bool policy_counts_by_recipient(const struct policy *p)
{
	return p->key == KEY_RECIPIENT || p->key == KEY_RECIPIENT_DOMAIN;
}

bool policy_counts(const struct policy *p)
{
	return p->type == TYPE_REGULAR && !p->only_headers;
}

bool policy_refuses(const struct policy *p)
{
	return policy_counts(p) &&
	       (p->action == ACTION_DEFER || p->action == ACTION_BLOCK);
}

bool policy_checks_spf(const struct policy *p)
{
	return policy_counts(p) && p->checks_spf;
}

bool policy_judges_recipients(const struct policy *p)
{
	return policy_refuses(p) &&
	       (!p->destination.any || policy_counts_by_recipient(p));
}

static bool needs_recipients(const struct policy *p)
{
	/* with its source alone it says what becomes of the message */
	if (p->type == TYPE_BYPASS)
		return false;
	return !p->destination.any ||
	       (policy_counts(p) &&
		       (p->count == COUNT_RECIPIENTS || policy_counts_by_recipient(p)));
}

unsigned policy_steps(const struct policy *p)
{
	unsigned steps = 0;

	if (needs_recipients(p))
		steps |= STEP_RCPT;
	if (policy_judges_recipients(p))
		steps |= STEP_RCPT_ANSWER;
	if (p->nrules > 0)
		steps |= STEP_HEADERS;
	if (policy_counts(p) && p->count == COUNT_BYTES)
		steps |= STEPS_SIZE;
	if (policy_checks_spf(p))
		steps |= STEP_HELO | STEP_HEADERS;
	return steps;
}
