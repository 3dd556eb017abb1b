/*
 * Decisions as they are made, given to clients that asked for them with `tail`, until
 * they send another line.  On the control server's thread.  Mail never waits for any of
 * it: what finds no room in the feed is counted (engine/feed.h), and a client that does
 * not read is to be dropped.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_TAIL_H
#define THEMIS_ADMIN_TAIL_H

#include "admin/request.h"
#include "engine/feed.h"

#include <sys/queue.h>

/* Octets that may wait for a client to read them. */
#define TAIL_BEHIND_MAX ((size_t)1024 * 1024)

struct tail;

LIST_HEAD(tail_list, tail);

/* All clients' tails. */
struct tails {
	struct feed *feed;
	int wake; /* an eventfd: the feed has something */
	struct tail_list list;
};

/* From now on decisions go to that outbox.  asked: what do_tail() has put into the
 * request; it is kept until tail_free(). */
void tail_begin(struct tails *tails, struct tail *asked, struct outbox *out);

/* Begun or not; NULL is fine. */
void tail_free(struct tail *tail);

/* The decisions that it was given. */
uint64_t tail_shown(const struct tail *tail);

/* Does its client read too little? */
bool tail_is_behind(const struct tail *tail);

/* Gives what the feed has to those who asked for it, a part of it at a time: true if
 * there is more. */
bool tails_serve(struct tails *tails);

#endif
