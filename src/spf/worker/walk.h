/*
 * check_host() of RFC 7208, 4: walks the records of a sender's domain and of those that
 * it includes or redirects to, counts what 4.6.4 limits over all of them, and asks
 * libspf2 about each mechanism (match.h).  Threads may judge at once, each with a
 * resolver of its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SPF_WORKER_WALK_H
#define THEMIS_SPF_WORKER_WALK_H

#include "spf/spf.h"
#include "spf/worker/resolver.h"

/* Fills the answer, which spf_answer_clear() frees; it cannot fail, since temperror is an
 * answer too.  Asks no more than the resolver's deadline allows.  Needs memory, uname(2)
 * for libspf2, and of the system nothing else. */
void spf_evaluate(const struct spf_question *question, struct resolver *resolver,
	struct spf_answer *out);

#endif
