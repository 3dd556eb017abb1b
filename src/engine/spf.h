/*
 * SPF of one message (behaviour.md, "SPF"): whether it is checked, the question, which is
 * asked at MAIL, and the answer, for which the engine waits when a policy wants to know
 * it.  One of each however many policies look at it.  On the message's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_SPF_H
#define THEMIS_ENGINE_SPF_H

#include "engine/message.h"
#include "spf/spf.h"

/* Is the client one of ours by its address: local, private, or in a group of spf_trusted?
 * A login does not matter. */
bool spf_trusts_client(const struct message *m);

/* The question about the message, in its arena. */
struct spf_question spf_question(const struct message *m);

/* Does the policy look at SPF, and is that of the message checked? */
bool spf_concerns(const struct message *m, const struct policy *p);

/* Does it, so that it may refuse, hold or discard the message as a whole at its end? */
bool spf_may_stop(const struct message *m, const struct policy *p);

/* Says in m->spf_exempt whether it is checked, and asks, if a candidate wants to know;
 * waits for nothing.  The flags are those of that moment.  For a message that has its
 * candidates. */
void spf_begin(struct message *m, int64_t now);

/* May some policy want to know about SPF, for which nobody has waited yet? */
bool spf_is_open(const struct message *m);

/* The answer is known from somewhere else: from then on a copy is in m->spf. */
void spf_take(struct message *m, const struct spf_answer *answer);

/* Waits for the answer, for as long as the setting spf_deadline says; from then on it is
 * in m->spf. */
void spf_wait(struct message *m);

/* What SPF has against the message as the policy sees it: a result that it acts on, or a
 * temperror for which the sender is to come again.  NULL: nothing, or the message is only
 * asked about and DNS is not (m->dns).  Waits if nobody has. */
const struct spf_answer *spf_against(struct message *m, const struct policy *p);

/* Nobody waits any more, or will: what was asked is dropped.  m->spf stays. */
void spf_end(struct message *m);

#endif
