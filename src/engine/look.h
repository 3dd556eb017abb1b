/*
 * The look: which policies take part in the decision on a message, in which order, up
 * to where (behaviour.md, "Order").  Charges nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_LOOK_H
#define THEMIS_ENGINE_LOOK_H

#include "engine/check.h"

/* Whether a policy matches, and if not, why not. */
enum reach {
	REACH_MATCHES,
	REACH_DISABLED,
	REACH_SOURCE,	   /* the source does not match */
	REACH_OBJECT,	   /* there is nobody it could count for */
	REACH_DESTINATION, /* no recipient (bypass+: not every one) matches */
	REACH_DOOR, /* it cannot be asked, or done, by requests of the policy protocol */
};

/* The same without the recipients: never REACH_DESTINATION. */
enum reach look_source(const struct message *m, const struct policy *p);

enum reach look_at(const struct message *m, const struct policy *p);

/* Does it work on content alone, or take single recipients out of a message?  Neither can
 * be asked for by the answers of the policy protocol. */
bool look_needs_content(const struct policy *p);

/* Must it know which recipients there are? */
bool look_needs_recipients(const struct policy *p);

/* Does nothing behind it take part, whoever the recipients are?  For one that matches. */
bool look_ends_with(const struct policy *p);

/* Finds the message's candidates, once it is known who it is from: the policies that
 * take no part for want of a source need not be looked at. */
void look_gather(struct message *m);

/* Every check for every policy that matches, in order, up to one that is a bypass, or
 * says stop, or *stop, which that one becomes.  only_headers: of the others none (the
 * message is bypassed by a flag). */
void look(struct message *m, bool only_headers, struct findings *f,
	const struct policy **stop);

/* Will a look at all of them come to one that wants to know about SPF? */
bool look_finds_spf(const struct message *m);

#endif
