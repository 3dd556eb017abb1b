/*
 * Who answers questions about sender policies: the pool of workers (spf/pool.h), or what
 * a test puts in its place.  Called by the engine on libmilter's threads, and by commands
 * on theirs; all of it outlives every message.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SPF_SERVICE_H
#define THEMIS_SPF_SERVICE_H

#include "spf/spf.h"

#include <stdint.h>

struct spf_ask; /* a question that was asked, until it is dropped */

struct spf_service {
	/* Asks, and does not wait.  The answer will be there within so many milliseconds,
	 * if need be as a temperror; sooner where somebody has asked the same and is
	 * still waiting, whose deadline holds for both.  Never NULL; the question is the
	 * caller's. */
	struct spf_ask *(*ask)(
		struct spf_service *, const struct spf_question *, unsigned milliseconds);
	/* The answer; waits for it.  Where so many callers have waited for longer than a
	 * moment already (max_waiting; 0: any number may), and it is not there within
	 * one, it is a temperror.  Once given, it stays the answer of this question.
	 * Lives until the question is dropped. */
	const struct spf_answer *(*wait)(
		struct spf_service *, struct spf_ask *, unsigned max_waiting);
	/* Nobody asks any more; NULL is fine.  What is on its way is thrown away, or kept
	 * for who asks the same. */
	void (*drop)(struct spf_service *, struct spf_ask *);
};

#endif
