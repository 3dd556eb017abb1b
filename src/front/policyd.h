/*
 * The policy service: Postfix asks it with check_policy_service.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_FRONT_POLICYD_H
#define THEMIS_FRONT_POLICYD_H

#include "base/net.h"
#include "engine/engine.h"

struct policyd_socket {
	const char *spelling;		   /* as in themisd.conf */
	const struct net_address *address; /* stays */
	struct net_owner owner;		   /* of a UNIX socket */
};

/* Opens the socket; before the process gives up its rights.  The engine is asked once
 * policyd_start() was called.  0, or -1 and err. */
int policyd_open(
	const struct policyd_socket *where, struct engine *engine, struct err *err);

/* Serves at most so many connections at a time.  One more takes the place of the one that
 * has been silent for longest; while all are in a request it is closed without an answer,
 * and Postfix tries again, or does what it was told for that case. */
int policyd_start(unsigned max, struct err *err);

/* Removes a UNIX socket that was opened.  Requests in hand are answered, later ones are
 * not: inflight_drain(). */
void policyd_remove(void);

/* How many connections there are. */
unsigned policyd_count(void);

#endif
