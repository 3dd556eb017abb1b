/*
 * How many connections of the MTA are accepted.  libmilter accepts until there are no
 * descriptors left, and then tries again without a pause, for ever.  Here the newcomers
 * wait in the listener's queue instead, as those of Postfix's own services do, and some
 * descriptors stay free for the database and the control socket.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_FRONT_ACCEPT_H
#define THEMIS_FRONT_ACCEPT_H

#include "base/err.h"

#include <stdint.h>
#include <sys/socket.h>

/* What libmilter's listener calls as accept(2); nobody else does.  (Named so here, since
 * the prototype of accept() varies.) */
int accept_within_limits(int listener, struct sockaddr *address,
	socklen_t *length) __asm__("accept") __attribute__((visibility("default"), used));

/* At most `wanted` connections at a time on each of so many sockets, or as many as the
 * descriptors are enough for: the soft limit is raised to what it takes, up to the hard
 * one, and what SQLite and *clients_max clients of the control socket may need is set
 * aside, beside what is said, for those at most a quarter of all, which is then what
 * there may be.  How many it comes to; 0 and err: there are too few for any.  Once, when
 * everything else is open and before libmilter starts. */
unsigned accept_limit(unsigned wanted, unsigned sockets, unsigned set_aside,
	unsigned *clients_max, struct err *err);

/* How many there are.  Any thread. */
unsigned accept_count(void);

/* Looks whether an episode of waiting connections is over, and stirs the pool while there
 * are connections and two places more; from the main loop, every second or so. */
void accept_watch(int64_t now);

/* A newcomer for libmilter's pool, who goes before he has said a word.  The pool counts a
 * worker as idle from the signal that wakes it until it runs; a session given to it
 * meanwhile has nobody, until a worker looks for work again.  If the one that was
 * signalled waits for a peer that has stalled, that is when something new comes.  Does
 * nothing where that would take the last places.  Any thread. */
void accept_stir(void);

#endif
