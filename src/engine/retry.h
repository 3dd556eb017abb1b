/*
 * Local submissions that are tried again.  Postfix's pickup hands in what was deferred
 * once a minute, under another queue id each time: that is one episode, with one row of
 * the history, which says the latest, and is counted once.  Any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_RETRY_H
#define THEMIS_ENGINE_RETRY_H

#include "engine/verdict.h"

/* What comes later is another message (microseconds), as is what is forgotten since so
 * many others have come. */
#define RETRY_WITHIN ((int64_t)300 * 1000000)
#define RETRY_MOST   10000

struct retries;

struct retries *retries_new(void);
void retries_free(struct retries *t); /* NULL is fine */

/* A local message is deferred with that verdict.  True: it was, just so, a short while
 * ago; m->row is that of the first time, or from now on.  Nothing tells messages apart
 * but who sends them, how many recipients they have, and their size, if it is known. */
bool retries_meet(
	struct retries *t, struct message *m, const struct verdict *v, int64_t now);

#endif
