/*
 * The SPF check: does the sender's own domain say something of the client for which the
 * policy stops the message?  Run by the engine at the end of a message; the front end has
 * waited for the answer before (engine_wait_end()), who only asks (m->dry) waits here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/check.h"
#include "engine/spf.h"

static void run(struct message *m, const struct policy *p, struct findings *f)
{
	struct match *match = &f->matches[f->nmatches - 1];

	match->spf = spf_against(m, p);
	if (match->spf == NULL)
		return;
	/* as verdict_spf() has it */
	match->object = m->client;
	if (p->action != ACTION_MONITOR)
		f->stopped = true;
}

const struct check check_spf = { "spf", run };
