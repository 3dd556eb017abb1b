/*
 * The rows of the history, as a replay takes them (engine/replay.h).  They are read in
 * slices, each in a transaction of its own, so that the log of the database can start
 * again however long it takes: what is written down meanwhile is left out, and rows that
 * go before they were read are an error.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_REPLAY_READ_H
#define THEMIS_ENGINE_REPLAY_READ_H

#include "db/db.h"
#include "engine/replay.h"

struct replay_reader {
	struct db *db;
	const char *policy;  /* that is tried; NULL: the history does not know it */
	bool recipients;     /* these are wanted of every message */
	sqlite3_stmt *rows;  /* of the slice */
	bool begun;	     /* a row of it was read */
	int64_t until, last; /* moment, and id, behind which nothing is read */
	int64_t time, id;    /* of the row that was read last */
	int64_t highest;     /* id of those that were read; 0: none was */
	int64_t left;	     /* so many are still to be read */
	/* the recipients of that one */
	struct arena *arena;
	struct replay_recipient *list;
	size_t n, cap;
	const char **taken; /* by others, who discarded them */
	size_t ntaken, taken_cap;
	bool goes_on; /* without these */
};

/* Those of the moments from and until, and between; in the order of time.  No other
 * statement of their names may be used on the connection before the end, and no
 * transaction be open there.  0, or -1 and
 * err; replay_read_end() is the caller's duty either way. */
int replay_read_begin(struct replay_reader *r, struct db *db, const char *policy,
	bool recipients, int64_t from, int64_t until, struct err *err);

/* The next one: 1, and its texts are good until the one after it; 0: there are no more;
 * -1 and err. */
int replay_read_next(struct replay_reader *r, struct replay_row *row, struct err *err);

void replay_read_end(struct replay_reader *r);

#endif
