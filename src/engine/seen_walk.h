/*
 * The walk through table seen, over and over, on which rows go that are too old, or too
 * many.  It has no index by time, which would cost more than the rows do.
 *
 * What is too many is not the same for all: strangers can fill the table with as many
 * senders as they like, and are not to push out what is known of our own logins.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_SEEN_WALK_H
#define THEMIS_ENGINE_SEEN_WALK_H

#include "engine/chore.h"
#include "policy/setting.h"

/* What rows are of, as view seen_class has it: first those of our logins. */
#define SEEN_CLASSES 8
#define SEEN_OURS    5

/* How many of each class may stay, if so many are there and not more than rows may be:
 * strangers have what logins leave, an eighth at least; each class of either has as much
 * as another, and what that does not need. */
void seen_share(
	const uint64_t there[SEEN_CLASSES], uint64_t rows, uint64_t may[SEEN_CLASSES]);

struct seen_walk;

/* reader, chores: the caller's, and outlive it. */
struct seen_walk *seen_walk_new(struct db *reader, struct chores *chores);
void seen_walk_free(struct seen_walk *walk); /* NULL is fine */

/* So many rows have come: it has to be faster than they are. */
void seen_walk_added(struct seen_walk *walk, int64_t rows);

/* Goes on, until it has been far enough for this minute, or something has gone.  Waits
 * for the writer.  True: not far enough.  Rows that cannot be read are tried again a
 * minute later, then fewer at once, and then left behind. */
bool seen_walk_on(struct seen_walk *walk, const struct settings *settings, int64_t now);

#endif
