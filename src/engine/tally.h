/*
 * What a message counts as: in all mail, and for each policy that had to do with it.
 * Totals (engine/stats.h) and traffic (engine/traffic.h) count by it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_TALLY_H
#define THEMIS_ENGINE_TALLY_H

#include "engine/record.h"

struct tally {
	const struct policy *policy; /* NULL: all mail */
	enum verdict_kind kind;
	bool again; /* an earlier request counted it, as what stands in before */
	enum verdict_kind before;
};

/* Each of them once: of a policy that said more than one thing the gravest; one that was
 * counted before only if it is another thing now.  In the message's arena; how many. */
size_t tally_of(struct message *m, const struct decision *d, struct tally **list);

#endif
