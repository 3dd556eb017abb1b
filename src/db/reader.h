/*
 * Who keeps the log from starting again: a reader whose transaction is older than what
 * the keeper would copy next.  It has to be waited for, and costs nothing but the room
 * that the log takes; an administrator's sqlite3 with a transaction left open takes ever
 * more.  So after a while EPISODE_LOG says who it is (base/episode.h).  What the daemon
 * itself reads comes to its end (a report by db_hurry(), a replay in slices), and is
 * nothing to speak of before that.
 *
 * The keeper's alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_DB_READER_H
#define THEMIS_DB_READER_H

#include "db/db.h"

#include <sys/types.h>

/* For so long a reader is nothing to speak of, and one of our own: longer than the
 * longest question that somebody may ask us.  Microseconds. */
#define READER_PATIENCE	    ((int64_t)3 * 1000000)
#define READER_PATIENCE_OWN ((int64_t)75 * 1000000)

struct reader_watch {
	struct db *db;
	int file; /* the log's index, "-shm"; -1: not opened yet */
	/* microseconds since 1970 */
	int64_t held;  /* since when somebody has been in the way, where he followed
			* one of us since when he has; 0: nobody is */
	int64_t since; /* and this one */
	pid_t pid;
};

void reader_watch_init(struct reader_watch *watch, struct db *db);

/* After a PASSIVE checkpoint: is a reader in its way, who does not let it copy more than
 * so many pages of the log? */
void reader_watch_note(struct reader_watch *watch, bool held, int copied, int64_t now);

#endif
