/*
 * The one thread that writes.  Everything that changes the database is a job
 * in its queue; all jobs that wait are committed as one WAL transaction (group
 * commit), and only then do those who wait for them go on.
 *
 * Within a batch: first the records of mail, then the charges (the hook), then
 * the changes of administrators, each of these in a savepoint, so that one that
 * fails takes nobody with it.  While batches fail, EPISODE_STORE goes on
 * (base/episode.h): then none waits for another program's lock, and one is tried each
 * second, so that it ends when its cause does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_DB_WRITER_H
#define THEMIS_DB_WRITER_H

#include "db/db.h"

#include <semaphore.h>
#include <sys/queue.h>

enum writer_kind {
	WRITER_RECORD, /* fails with its batch only */
	WRITER_CHANGE, /* in a savepoint of its own */
};

/* Owned by whoever submits it.  Who waits may have it on the stack; one for which nobody
 * waits is its done callback's. */
struct writer_job {
	enum writer_kind kind;
	/* In the transaction, on the writer's thread; 0 or -1 with err. */
	int (*run)(struct writer_job *job, struct db *db, struct err *err);
	/* On the writer's thread, after COMMIT (or not); may be NULL. */
	void (*done)(struct writer_job *job, bool committed);

	/* the writer's */
	bool later;  /* nobody waits for it */
	bool posted; /* its done() is who waits */
	STAILQ_ENTRY(writer_job) link;
	sem_t finished;
	int result;
	struct err err;
};

/* What the batch takes along without being asked: the counter store's charges.
 * Both on the writer's thread. */
struct writer_hook {
	int (*flush)(void *arg, struct db *db, struct err *err);
	void (*settle)(void *arg, bool committed);
	void *arg;
	/* How many of what it keeps would be lost if the process ended now; NULL: nothing
	 * ever would. */
	size_t (*unstored)(void *arg);
};

struct writer;

/* Takes the connection over.  Starts the thread. */
struct writer *writer_new(struct db *db, const struct writer_hook *hook);

/* Commits what is there, ends the thread, closes the connection.  A job that comes
 * later is refused.  The struct itself stays valid, since a callback of a
 * session may still hold it.  A second time, nothing happens. */
void writer_stop(struct writer *writer);

/* Submits a job and waits until its batch is committed.  Any thread but the
 * writer's.  0, or -1 with err. */
int writer_do(struct writer *writer, struct writer_job *job, struct err *err);

/* Submits a job without waiting: its done() tells of it, on the writer's thread.  It is
 * committed as soon as one that is waited for, but the writer need not begin before
 * writer_begin() is called: so who has more of them posts all first.  False, and the job
 * is not taken: the writer stops. */
bool writer_post(struct writer *writer, struct writer_job *job);
void writer_begin(struct writer *writer);

/* Submits a record for which nobody waits.  It is committed with the next batch, which
 * begins WRITER_LATER_MS milliseconds later at the latest; one whose batch fails goes
 * with the next, until the writer stops.  False, and the job is not taken: it has to be
 * waited for, since batches fail, or WRITER_LATER_MOST such records are there already. */
#define WRITER_LATER_MS	  1000
#define WRITER_LATER_MOST 2048
bool writer_submit(struct writer *writer, struct writer_job *job);

/* Asks the writer to hold its next batch, at most WRITER_HOLD_MS milliseconds, and
 * waits until the one in hand is committed; then the log does not grow until
 * writer_release().  For the keeper, which calls both. */
#define WRITER_HOLD_MS 5
void writer_hold(struct writer *writer);
void writer_release(struct writer *writer);

/* For the keeper, too: how it is told that the log has come to a length.  grown is
 * called on the writer's thread, and has to return soon; not any more once writer_stop()
 * has returned. */
void writer_watch_log(struct writer *writer, void (*grown)(void *arg), void *arg);

/* Lengths of the log in pages: at `wake`, and where it has begun anew, the keeper is
 * told, once.  At `most` the writer waits, until it is to stop or this is called again,
 * which lets one batch pass.  INT_MAX, as before the first call: never. */
void writer_bound_log(struct writer *writer, int wake, int most);

#endif
