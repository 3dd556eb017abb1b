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
#include "spf/received.h"

#include <stdatomic.h>
#include <sys/queue.h>

struct engine;
struct pending;
struct pending_row;
struct decision;

struct session {
	struct cidr client; /* family 0: not an IP client */
	char *mta;  /* macro j, as addr_domain() has it; NULL: unknown, or no domain */
	char *helo; /* as in the last HELO or EHLO, cut at SPF_TEXT_MAX; NULL: none seen
		     */
	unsigned port; /* of the client; 0: not known */
	/* of ours, where the client came in; family or port 0: not known */
	struct cidr server;
	unsigned server_port;
	/* other names by which a pool may know the MTA, or a part of it, the first one
	 * that it knows before the others; NULL: none */
	const char *also[2];
	bool local;	/* not by SMTP: nothing can be refused before the end */
	unsigned steps; /* enum step: what the front end sees, and can answer */
};

struct recipient {
	STAILQ_ENTRY(recipient) link;
	const char *given;  /* as in the command, for who has to name it to the MTA */
	const char *routed; /* as the MTA has it, in <>; NULL: it does not say */
	struct addr address;
	struct group_list groups;
	uint64_t n; /* its place among those of the message, from 1 */
	const struct policy *refused_by; /* of a refused one; NULL: a flag */
};

STAILQ_HEAD(recipient_list, recipient);

/* A header that some rule looks at. */
struct header {
	STAILQ_ENTRY(header) link;
	const char *name; /* as the rule has it */
	char *value;	  /* unfolded, and cut at what rules look at */
	size_t len;
};

STAILQ_HEAD(header_list, header);

/* Kept of a message: the first and the last of them, since what comes from the sender
 * may be any number, and what a filter adds is before or behind that. */
#define HEADERS_FIRST 64
#define HEADERS_LAST  64

struct verdict; /* engine/verdict.h */

struct message {
	struct arena *arena;
	atomic_uint holders; /* the front end, and the writer while it has a record */
	struct engine *engine;
	const struct session *session;
	struct policy_set *set;		 /* one reference */
	const struct pool *pool;	 /* that the MTA is in; NULL: in none */
	const struct settings *settings; /* as they hold for its MTA */

	const char *client;	  /* its address as an object; NULL: none */
	const char *login;	  /* completed and folded; NULL: none */
	const char *login_domain; /* "@example.org"; NULL: none that is one */
	struct addr sender;
	const char *sender_given; /* as in the command, for the log */
	/* the groups of each, with those of the client address */
	struct group_list login_groups, sender_groups;

	/* the enabled policies whose source may match, in order (engine/look.h) */
	const struct policy **candidates;
	size_t ncandidates;

	/* SPF (engine/spf.h) */
	const char *spf_exempt;	      /* why it is not checked; NULL: it is */
	struct spf_ask *spf_ask;      /* on its way */
	const struct spf_answer *spf; /* NULL: nobody has waited for it */

	/* the accepted ones, only if the set needs them and the session shows them */
	struct recipient_list recipients;
	uint64_t nrecipients;
	uint64_t nseen;		       /* with those that were refused */
	struct recipient_list refused; /* these, if the history has recipients */

	/* octets of the headers and the body that were shown until now; all of them at
	 * the end, if the session shows both */
	uint64_t size;
	struct header_list headers;
	struct header *last_first; /* of them, behind whom the last ones begin */
	size_t nheaders;
	struct rule_budget rule_budget;

	/* header fields that claim to be the receiver's (engine/trace.h) */
	const char *receiver; /* our name in them; NULL: nobody has asked for it */
	struct header_place *forged;
	size_t nforged, forged_cap;
	unsigned trace_seen[RECEIVED_FIELDS]; /* of each name, whosever they are */

	/* what will refuse every recipient, if none of them is refused by something
	 * before it; NULL: nothing */
	const struct verdict *early;
	/* what recipients were told that were refused one by one */
	struct verdict *refusals;
	size_t nrefusals, refusals_cap;

	/* what it has paid before this, and what is known of it from then; NULL: nothing
	 * (engine/pending.h) */
	struct pending *pending;
	const char *tied; /* its instance at the other door; NULL: not known (yet) */
	/* It comes in requests of the policy protocol (engine/asked.h): nothing of its
	 * content is seen or changed, and no recipient can be taken out. */
	bool asked;
	bool one;     /* of such a one: this is about a recipient more, and that alone */
	bool unknown; /* which recipients it has is not known, or not of all of them */
	bool sized;   /* and its size is the message's, not what was announced */
	uint64_t told_recipients; /* how many it has, as the MTA says; 0: it does not */

	/* of a local one: what tells it from others (engine/retry.h) */
	uint64_t header_hash, header_octets;
	const char *message_id;
	struct pending_row *row; /* held: of a local one that was deferred before; or NULL
				  */

	struct decision *ending; /* between the halves of its end (engine.h) */

	bool dry; /* is only asked about: nothing is charged, nothing begins */
	bool dns; /* of such a one: but its SPF is checked */
};

/* Are the recipients known? */
static inline bool message_has_recipients(const struct message *m)
{
	return (m->set->steps & m->session->steps & STEP_RCPT) != 0;
}

/* Is the size known, once it has come to its end? */
static inline bool message_has_size(const struct message *m)
{
	if (m->asked)
		return m->sized;
	return (m->set->steps & m->session->steps & STEPS_SIZE) == STEPS_SIZE;
}

#endif
