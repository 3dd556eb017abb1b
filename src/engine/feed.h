/*
 * The feed: decisions as they are made, for those who want to see them (`tail`). Messages
 * put them in, on their threads, and never wait for anybody: while nobody listens that
 * costs a look at an atomic; when there is no more room they are counted instead.  One
 * thread takes them out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_FEED_H
#define THEMIS_ENGINE_FEED_H

#include "engine/record.h"

/* Decisions that wait to be taken: a second of more mail than a host gets. */
#define FEED_ROOM 8192

struct feed;

struct feed *feed_new(void);
void feed_free(struct feed *feed); /* NULL is fine; nobody listens any more */

/* One listener more, or less; by the thread that takes.  wake: an eventfd, the same for
 * all of them, written when there is something to take after there was nothing.  When the
 * last has gone it is not written any more, and what was left is forgotten. */
void feed_listen(struct feed *feed, int wake);
void feed_leave(struct feed *feed);

/* How many listen.  Any thread. */
unsigned feed_listeners(const struct feed *feed);

/* A decision, if somebody listens; copied.  Any thread. */
void feed_put(struct feed *feed, const struct decision_row *row);

/* The oldest, the caller's to free(); NULL: there is none by now. */
struct decision_row *feed_take(struct feed *feed);

/* How many found no room since this was asked last. */
uint64_t feed_lost(struct feed *feed);

/* How many found none since the start.  Any thread. */
uint64_t feed_lost_ever(const struct feed *feed);

#endif
