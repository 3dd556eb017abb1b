/*
 * Several commands as one change: one transaction, one new policy set, all or none.
 * On the changer's thread; what the handlers do in it is done on the writer's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_BATCH_H
#define THEMIS_ADMIN_BATCH_H

#include "admin/request.h"

/* A command by its words, noun and verb first: one of access WRITE or FLAG. */
struct batch_line {
	char *const *words;
	size_t n;
};

struct batch;

/* Runs the handlers of the commands in their order, each of which sees what those before
 * it did.  A row of the audit for each; or, if rq->about says what they are about in all,
 * one for the command that rq is.  0, or -1 with err, which names the command that
 * was refused: then nothing has changed. */
int admin_batch(
	struct request *rq, const struct batch_line *lines, size_t n, struct err *err);

/* For admin_change(): what a command of the batch changes. */
int batch_change(struct batch *batch, struct request *rq, const struct change *change,
	struct err *err);

/* The database, within its transaction. */
struct db *batch_db(const struct batch *batch);

#endif
