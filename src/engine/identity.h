/*
 * Who a message is from, and what a policy counts it for (behaviour.md,
 * "Identities").  Each policy's object is computed on its own, so that no
 * identity leaks from one into the next.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_IDENTITY_H
#define THEMIS_ENGINE_IDENTITY_H

#include "engine/message.h"

/* Fills in client, login, sender and the groups of them.  The sender is what
 * the MTA takes it for (routed, "" for the null sender), and if it does not say so, or
 * that does not parse, the one of the command; either may be NULL, since not every
 * session shows both, and an identity must not depend on what it shows.  login as the MTA
 * gives it, or NULL. */
void identity_resolve(
	struct message *m, const char *sender, const char *routed, const char *login);

/* A recipient's address in its one spelling, with the groups it is in.  routed: where
 * the MTA takes it to, if it says so, else NULL: that is the recipient, if the address
 * names another one inside (user%example.net@example.org); one that does not parse is
 * in its groups too. */
struct recipient *identity_recipient(
	struct message *m, const char *recipient, const char *routed);

/* The groups that a policy's source is matched against. */
const struct group_list *identity_source(const struct message *m, const struct policy *p);

/* What the policy counts this message for, in the arena; NULL: the policy does
 * not apply (key login without a login, null sender to be skipped).  Not for keys that
 * count by recipient. */
const char *identity_object(const struct message *m, const struct policy *p);

/* "@example.org" of the sender; NULL: it has none. */
const char *identity_sender_domain(const struct message *m);

/* What such a policy counts this recipient for. */
const char *identity_recipient_object(const struct policy *p, const struct recipient *r);

#endif
