/*
 * Counters on their way between the table in memory and the database: loaded at the
 * start, read back when one is asked for that is not in memory, written with each batch
 * of the writer (its hook).
 *
 * A charge marks its counter dirty.  The writer takes the dirty ones along with each
 * batch and stores what they hold by then, so a counter that many messages of one batch
 * charge is written once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_COUNTER_STORED_H
#define THEMIS_COUNTER_STORED_H

#include "counter/table.h"
#include "db/writer.h"

struct flushed;

struct stored {
	struct table *table;

	pthread_mutex_t reading; /* guards what follows */
	struct db *reader;	 /* NULL: closed */
	struct {
		int64_t limit_id;
		char *object; /* NULL: all could be read */
	} unread;

	/* the next batch is to sweep some rows, as of this moment; 0: it is not */
	_Atomic int64_t sweep;
	atomic_bool sweeping; /* there are more of them */
	bool begun;	      /* a round of that; who sweeps has it alone */

	/* the writer's alone */
	struct arena *taken;
	struct flushed *batch;
	unsigned char number; /* of the batch */
	struct {
		int64_t limit_id, first;
		char *object; /* NULL: the sweep begins */
	} swept;	      /* the last row that was looked at */
};

/* Takes the reader over. */
void stored_init(struct stored *s, struct table *table, struct db *reader);
void stored_clear(struct stored *s);

/* Closes the reader; nothing is read back any more. */
void stored_stop(struct stored *s);

/* Fills an empty table with what the database holds, as far as it is to be in memory.
 * Before the threads.  0, or -1 and err. */
int stored_load(struct stored *s, struct db *db, int64_t now, struct err *err);

/* Reads one counter back into the table, unless it is there again, or another has left
 * the shard since key->left was read (then the caller looks again).  No shard may be
 * locked.  0, or -1: the database cannot be read. */
int stored_bring_back(
	struct stored *s, const struct key *key, const struct limit *limit, int64_t now);

/* Looks again at the row that could not be read last: without it EPISODE_READ would go on
 * until a message asks for a counter that is not in memory, and none may come meanwhile,
 * since whoever watches over the daemon sends them elsewhere. */
void stored_try_again(struct stored *s, int64_t now);

/* The next batch looks at some rows of the database, and takes those with it that have
 * left their windows; false: there are none left to look at in this round. */
bool stored_sweep(struct stored *s, int64_t now);

/* For each batch of the writer. */
struct writer_hook stored_hook(struct stored *s);

#endif
