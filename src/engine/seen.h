/*
 * What was seen of whom: which objects on which days, which senders, from which addresses
 * a login came, to whom it wrote.  Each row of the history is put into table seen once it
 * cannot change any more, so that messages do not pay for the places that they have
 * there; the views v_seen_... add what is not there yet.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_SEEN_H
#define THEMIS_ENGINE_SEEN_H

#include "engine/chore.h"
#include "engine/engine.h"
#include "engine/seen_walk.h"

/* A message may be asked about for an hour (engine/pending.h), and its row changes with
 * that.  In microseconds. */
#define SEEN_AFTER ((int64_t)65 * 60 * 1000000)

struct seen;

/* reader, chores, walk: the caller's, and outlive it.  Before the first message. */
struct seen *seen_new(struct engine *engine, struct db *reader, struct chores *chores,
	struct seen_walk *walk);
void seen_free(struct seen *seen); /* NULL is fine */

/* Some rows of the history come into the table; waits for the writer.  Rows
 * that fail are tried again a minute later, and again; then each that fails by itself is
 * passed over, and for an hour whatever fails is: the history must not grow for ever. */
enum seen_more {
	SEEN_ALL,    /* none is left that may come */
	SEEN_MORE,   /* there may be some */
	SEEN_BEHIND, /* there are those of hours, as after an upgrade */
};
enum seen_more seen_add(struct seen *seen, const struct settings *settings, int64_t now);

#endif
