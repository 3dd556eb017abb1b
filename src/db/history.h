/*
 * The history by time.  It has no index for that, since each message would pay for it:
 * its rows come in the order of time, so the first of a moment is found by halving their
 * ids. For whoever looks at the latest part of it: `top`, reports.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_DB_HISTORY_H
#define THEMIS_DB_HISTORY_H

#include "db/db.h"

/* Rows are in order but for this much, in microseconds: a message gets its moment before
 * it waits for the writer, who may take others first. */
#define HISTORY_DISORDER ((int64_t)60 * 1000000)

/* The id from which on all rows of that moment (microseconds since 1970) or later stand,
 * some that are older among them: HISTORY_DISORDER of them, or more if the system's clock
 * was set.  The caller looks at their time, too.  One that no row has if there are none.
 * A handful of reads, however long the history is.  0, or -1 and err. */
int history_begin(struct db *db, int64_t since, int64_t *id, struct err *err);

/* The same, but of the last `most` rows at most; *from: the moment since which these go,
 * `since` or a later one. */
int history_begin_within(struct db *db, int64_t since, int64_t most, int64_t *id,
	int64_t *from, struct err *err);

#endif
