/*
 * Local submissions that are tried again.  Postfix's pickup hands in what was deferred
 * once a minute, under another queue id each time: that is one episode, with one row of
 * the history, which says the latest, and is counted once.  Any thread.
 *
 * Nothing that the milter is told stays the same but what is in the message: so while
 * some wait, sessions are asked for its header fields.  Of these Postfix makes a
 * Message-ID anew each time if the sender has given none, with the queue id in it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_RETRY_H
#define THEMIS_ENGINE_RETRY_H

#include "engine/verdict.h"

/* What comes later than that behind its turn is another message (microseconds): pickup
 * may need longer for all that wait. */
#define RETRY_WITHIN  ((int64_t)300 * 1000000)
#define RETRY_LONGEST ((int64_t)3600 * 1000000)

/* So many are told apart; behind these only objects are, and behind so many of them only
 * policies, so that what waits is rather counted too rarely than twice. */
#define RETRY_MOST    100000
#define RETRY_OBJECTS 10000

struct retries;

struct retries *retries_new(void);
void retries_free(struct retries *t); /* NULL is fine */

/* A header field of a local message. */
void retry_header(struct message *m, const char *name, const char *value);

/* Has one been deferred that may be tried again?  Then its header is wanted. */
bool retries_are_waiting(struct retries *t, int64_t now);

/* A local message is deferred with that verdict.  True: it was, just so, a short while
 * ago; m->row is that of the first time, or from now on.  Messages are told apart by who
 * sends them, their recipients, their size and their header, as far as these are known
 * and there is room; the first one comes without a header, and is taken for the next one
 * that has one. */
bool retries_meet(struct retries *t, struct message *m, const struct verdict *v,
	const char *queue_id, int64_t now);

#endif
