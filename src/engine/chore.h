/*
 * A job of the housekeeping: mail that is in its batch does not fail with it, nor do the
 * other chores.  What fails goes on as EPISODE_HOUSE (base/episode.h), for whoever keeps
 * the house to end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_CHORE_H
#define THEMIS_ENGINE_CHORE_H

#include "db/writer.h"

/* Who keeps the house, on one thread: what has come of his chores since he looked. */
struct chores {
	struct writer *writer;
	int64_t took;	/* microseconds that the writer was asked for */
	int64_t failed; /* when one of them did last; 0: none, or that is over */
};

struct chore {
	struct writer_job job; /* first */
	/* In the transaction, on the writer's thread; 0 or -1 with err. */
	int (*run)(struct chore *chore, struct db *db, struct err *err);

	/* the chore's: it, or a part, failed by itself, not with its batch */
	bool failed;
	struct err why;
};

/* Waits for the writer.  0, or -1: nothing of it is done. */
int chore_do(struct chores *chores, struct chore *chore, int64_t now);

/* Something failed that was no chore. */
void chores_fail(struct chores *chores, int64_t now, const struct err *err);

/* From run(): a part that may fail alone.  0, or -1 and err: the whole batch fails. */
int chore_try(struct chore *chore, struct db *db,
	int (*part)(struct chore *chore, struct db *db, int n, struct err *err), int n,
	struct err *err);

#endif
