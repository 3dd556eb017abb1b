/*
 * The trace fields of a message (Received-SPF, Authentication-Results): those that come
 * with it and claim to be ours, and those that it is given.  On the message's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_TRACE_H
#define THEMIS_ENGINE_TRACE_H

#include "engine/message.h"
#include "engine/verdict.h"

/* More of them no message has by chance: it would have gone round in circles more often
 * than any MTA lets it (RFC 5321 6.3), and an MTA looks for each of them from the first
 * header on. */
#define TRACE_FORGED_MAX 100

/* A header as it comes with the message.  Noted if it claims to be ours while a policy
 * checks SPF, unless the client is one of ours (spf_trusts_client()), whoever has logged
 * in (RFC 8601 5); true then: it is to be taken out, and nobody may believe it. */
bool trace_header(struct message *m, const char *name, const char *value);

/* Would they have to be looked for, in a session that began before that, and does not
 * show its header? */
bool trace_is_unseen(const struct message *m);

/* Does it have more of them than can be taken out? */
bool trace_is_flooded(const struct message *m);

/* What a message that goes on, or is held, loses and gets: forged and trace of the
 * verdict, the latter if v->spf is there. */
void trace_mark(struct message *m, struct verdict *v);

#endif
