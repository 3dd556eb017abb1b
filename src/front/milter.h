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

/* Where the MTA finds us.  A UNIX socket gets this owner, group and mode. */
struct milter_socket {
	const char *spelling; /* as libmilter reads it */
	struct net_address address;
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

/* Registers and opens the socket: a stale one is replaced, a live one is not.
 * Once, while still privileged, and before the threads. */
int milter_open(
	const struct milter_socket *where, struct engine *engine, struct err *err);

/* Starts to answer, on threads of libmilter's.  gave_up is called, on one of them,
 * if libmilter ends without being told to. */
int milter_start(void (*gave_up)(void), struct err *err);

/* From now on a new message is told 421.  Waits until of those in hand the verdict is
 * written, at most so many milliseconds; of how many it is not even then.  libmilter's
 * own way of stopping waits up to five seconds for its listener and frees locks
 * that its threads still use, so it goes on until the process ends: what callbacks
 * could touch must not be freed. */
unsigned milter_stop(unsigned milliseconds);

/* How many SMTP sessions and messages are in hand. */
void milter_count(unsigned *sessions, unsigned *messages);

#endif
