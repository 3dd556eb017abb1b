/*
 * Verdicts as libmilter takes them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_FRONT_ANSWER_H
#define THEMIS_FRONT_ANSWER_H

#include "engine/verdict.h"

#include <libmilter/mfapi.h>

/* The one place where words become an SMTP reply: 4xx goes with TEMPFAIL, 5xx with
 * REJECT.  The text may hold whatever it likes. */
sfsistat answer_reply(
	SMFICTX *ctx, const char *code, const char *enhanced, const char *text);

/* What becomes of a message at its end.  queue_id may be NULL. */
sfsistat answer_verdict(SMFICTX *ctx, const char *queue_id, const struct verdict *v);

#endif
