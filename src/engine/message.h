/*
 * A session is one SMTP connection; a front end owns it.  A message is one
 * MAIL FROM to its end or abort; the engine makes it and everything it holds is
 * in its arena.  Callbacks of one session come one after the other, but on any
 * thread: nothing here is thread-local, nothing is locked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_MESSAGE_H
#define THEMIS_ENGINE_MESSAGE_H

#include "policy/set.h"

#include <sys/queue.h>

struct engine;

struct session {
	struct cidr client; /* family 0: not an IP client */
	char *mta; /* macro j, as addr_domain() has it; NULL: unknown, or no domain */
};

struct recipient {
	STAILQ_ENTRY(recipient) link;
	const char *given;  /* as in the command, for who has to name it to the MTA */
	const char *routed; /* as the MTA has it, in <>; NULL: it does not say */
	struct addr address;
	const uint64_t *groups;
};

STAILQ_HEAD(recipient_list, recipient);

struct message {
	struct arena *arena;
	struct engine *engine;
	const struct session *session;
	struct policy_set *set; /* one reference */

	const char *login;	  /* completed and folded; NULL: none */
	const char *login_domain; /* "@example.org"; NULL: none that is one */
	struct addr sender;
	const char *sender_given; /* as in the command, for the log */
	/* the groups of each, with those of the client address */
	const uint64_t *login_groups, *sender_groups;

	struct recipient_list recipients; /* only if the set needs them */
	uint64_t nrecipients;		  /* likewise: all that were accepted */
};

#endif
