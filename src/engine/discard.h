/*
 * What a discard policy without room takes out of a message (behaviour.md, "Actions"):
 * with a destination the recipients that match it, with a key by recipient only those
 * whose limit is full, if it is not SPF that stops the message; the message as a whole
 * where neither says which, or none is left.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_DISCARD_H
#define THEMIS_ENGINE_DISCARD_H

#include "engine/check.h"

/* What was taken out so far; STAILQ_INIT the list to begin. */
struct discards {
	struct recipient_list recipients;
	struct verdict *by; /* why, a verdict for each time; in the message's arena */
	size_t nby, by_cap;
	/* what monitor policies said of those who were there then */
	struct verdict *monitors;
	size_t nmonitors, monitors_cap;
	const struct policy *stop; /* the one that matched and says stop; NULL: none */
};

/* Takes recipients out of the message and adds them to the list.  v: what the policy
 * came to in these findings.  False, and nothing is taken out: it is all of them. */
bool discard_recipients(struct message *m, const struct findings *f,
	const struct verdict *v, struct discards *out);

#endif
