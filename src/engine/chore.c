/*
 * Jobs of the housekeeping.  Called on the main thread; run on the writer's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/chore.h"

#include "base/clock.h"
#include "base/episode.h"

static void note_failure(struct chore *c, const struct err *err)
{
	if (!c->failed)
		c->why = *err;
	c->failed = true;
}

/* What SQLite has undone as a whole (disk full, I/O) is the writer's trouble. */
static int run_chore(struct writer_job *job, struct db *db, struct err *err)
{
	struct chore *c = (struct chore *)job;
	int rc = c->run(c, db, err);

	if (rc < 0 && db_in_transaction(db))
		note_failure(c, err);
	return rc;
}

void chores_fail(struct chores *chores, int64_t now, const struct err *err)
{
	chores->failed = now;
	episode_begin(EPISODE_HOUSE, now, "%s", err->text);
}

int chore_do(struct chores *chores, struct chore *c, int64_t now)
{
	int64_t began = clock_monotonic();
	int rc;

	c->job.kind = WRITER_CHANGE;
	c->job.run = run_chore;
	c->failed = false;
	rc = writer_do(chores->writer, &c->job, NULL);
	chores->took += clock_monotonic() - began;
	if (c->failed)
		chores_fail(chores, now, &c->why);
	return rc;
}

int chore_try(struct chore *c, struct db *db,
	int (*part)(struct chore *chore, struct db *db, int n, struct err *err), int n,
	struct err *err)
{
	if (db_exec(db, "SAVEPOINT part", err) < 0)
		return -1;
	if (part(c, db, n, err) < 0) {
		if (!db_in_transaction(db))
			return -1;
		note_failure(c, err);
		if (db_exec(db, "ROLLBACK TO part", err) < 0)
			return -1;
	}
	return db_exec(db, "RELEASE part", err);
}
