/*
 * Checks: what a policy can look at in a message.  Each check is a file of its
 * own (check_*.c) and an entry of one static table; the engine runs them, policy
 * by policy, at the end of the message, and charges what they found in one step.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_CHECK_H
#define THEMIS_ENGINE_CHECK_H

#include "engine/message.h"
#include "engine/verdict.h"

/* A policy that matched, and the limits it asks room in. */
struct match {
	const struct policy *policy;
	const char *object; /* of recipients: the first */
	size_t first_hit, nhits;
	struct verdict verdict; /* what the policy itself comes to */
};

/* What the checks found in one message; the arrays are in its arena. */
struct findings {
	struct match *matches;
	size_t nmatches, matches_cap;
	struct counter_hit *hits;
	size_t nhits, hits_cap;
	unsigned groups; /* of hits: one for each object of each policy */
};

struct check {
	const char *name;
	/* Looks at the message for a policy whose source matches; adds to the
	 * findings. */
	void (*run)(struct message *m, const struct policy *p, struct findings *f);
};

/* In the order in which they run; ends with NULL. */
extern const struct check *const checks[];

extern const struct check check_rate;

#endif
