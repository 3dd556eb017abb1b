/*
 * Messages that come in requests: Postfix's policy delegation protocol asks about each
 * recipient, at DATA, and at the end, or at any of these alone (SMTPD_POLICY_README).
 * Each request becomes a message of its own, and what the ones before it have paid is
 * known by their instance (engine/pending.h): whatever of it is asked about, a message is
 * charged once.
 *
 * At RCPT each recipient is decided on by itself, since nobody may ask again.  At DATA
 * and at the end the whole message is; refused there, what was paid for it is given back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_ASKED_H
#define THEMIS_ENGINE_ASKED_H

#include "engine/engine.h"

enum asked_state {
	ASKED_NOTHING, /* there is no message yet: CONNECT, HELO, VRFY, ETRN */
	ASKED_MAIL,
	ASKED_RCPT,
	ASKED_DATA,
	ASKED_END,
};

/* One request; texts may be NULL: not said.  Addresses as the MTA has them inside, the
 * local part without quotes; "" for the null sender. */
struct asked {
	struct arena *arena; /* as long-lived as it, for more */
	enum asked_state state;
	const char *instance; /* of all requests about one message the same; "": none */
	const char *sender, *recipient, *login, *queue_id;
	uint64_t nrecipients; /* at DATA and the end; 0: not said */
	uint64_t size;	      /* octets; before the end as the client announced them */
};

/* A message for a request of any other state than NOTHING; the request must outlive it,
 * as must the session.  Its SPF is asked for if a policy looks at that.  Never NULL. */
struct message *asked_begin(struct engine *engine, const struct session *session,
	const struct asked *a, int64_t now);

/* The verdict; engine_wait_end() is to be called before.  May wait. */
struct verdict asked_decide(struct message *m, const struct asked *a, int64_t now);

/* May asked_decide() wait for more than the disk? */
bool asked_waits(struct message *m, const struct asked *a, int64_t now);

/* The two halves of asked_decide(), for who must not wait at all; where asked_waits()
 * says that it need not.  POSTED: stored() will be called, on the writer's thread, once
 * somebody has called writer_begin(), and until then everything stays as it is; then the
 * second one gets STORED or FAILED. */
enum asked_step { ASKED_DONE, ASKED_POSTED, ASKED_STORED, ASKED_FAILED };
enum asked_step asked_begin_decision(struct message *m, const struct asked *a,
	int64_t now, void (*stored)(void *arg, bool committed), void *arg);
struct verdict asked_finish_decision(struct message *m, enum asked_step step);

/* The end of the request: what it was charged is kept for the next one. */
void asked_end(struct message *m, const struct asked *a);

/* What engine_steps() and a session of such a message come to. */
unsigned asked_steps(struct engine *engine, int64_t now);

#endif
