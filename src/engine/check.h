/*
 * Checks: what a policy can look at in a message.  Each check is a file of its
 * own (check_*.c) and an entry of one static table; the engine runs them for each
 * policy that matches (engine/look.h), and charges what they found in one step.
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
	const char *object; /* of recipients: the first; NULL: nothing is counted */
	size_t first_hit, nhits;
	const struct spf_answer *spf; /* what SPF has against it; NULL: nothing */
	struct verdict verdict;	      /* what the policy itself comes to */
};

/* What was found in one message; the arrays are in its arena. */
struct findings {
	int64_t now; /* the moment that room is asked for */
	struct match *matches;
	size_t nmatches, matches_cap;
	struct counter_hit *hits;
	size_t nhits, hits_cap;
	bool stopped; /* by SPF, as a policy other than monitor says: nothing is charged
		       */
	unsigned groups;	       /* of hits: one for each object of each policy */
	struct rule_addition *headers; /* to be added */
	size_t nheaders, headers_cap;
	bool headers_left_out; /* there would have been more */
	/* what ended the look, if anything did */
	const struct policy *bypass;  /* a policy of that type */
	const struct policy *lacking; /* needs a step that the session has not */
};

/* A match more, without an object and hits. */
struct match *findings_add(struct message *m, const struct policy *p, struct findings *f);

/* Has the policy matched? */
bool findings_have(const struct findings *f, const struct policy *p);

/* Asks room for the object in each of the policy's limits, for so many recipients or what
 * is known of the size by then; the hits are those of the match added last. */
void findings_ask(struct message *m, const struct policy *p, const char *object,
	uint64_t recipients, struct findings *f);

struct check {
	const char *name;
	/* Looks at the message for the match added last; adds to the findings. May wait
	 * for DNS. */
	void (*run)(struct message *m, const struct policy *p, struct findings *f);
};

/* In the order in which they run; ends with NULL. */
extern const struct check *const checks[];

extern const struct check check_spf, check_rate, check_header;

#endif
