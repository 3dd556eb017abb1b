/*
 * The milter front end: libmilter's callbacks, and nothing else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_FRONT_MILTER_H
#define THEMIS_FRONT_MILTER_H

#include "base/net.h"
#include "engine/engine.h"

#include <sys/types.h>

/* Where the MTA finds us.  gid (gid_t)-1: leave the socket's group alone. */
struct milter_socket {
	const char *spelling; /* as libmilter reads it */
	struct net_address address;
	mode_t mode;
	gid_t gid;
};

/* Registers and opens the socket: a stale one is replaced, a live one is not.
 * Once, while still privileged, and before the threads. */
int milter_open(
	const struct milter_socket *where, struct engine *engine, struct err *err);

/* Answers until the process ends.  Blocks; call it on a thread of its own, since
 * libmilter keeps that thread's signals for itself.  0, or -1 when libmilter
 * gave up. */
int milter_run(void);

/* From now on a new message is told 421; waits until those in hand have their
 * verdict, at most so many milliseconds.  The number still in hand. */
unsigned milter_drain(unsigned milliseconds);

/* For `status`: SMTP sessions and messages in hand. */
unsigned milter_sessions(void);
unsigned milter_messages(void);

#endif
