/*
 * The writer thread.  Jobs come from libmilter's threads, from the control
 * server and from the main loop.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/writer.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/episode.h"
#include "base/log.h"
#include "base/pulse.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRY_EVERY_MS	   1000 /* while batches fail */
#define RETRY_MAX_MS	   10000
#define LATER_BATCH	   512	/* jobs that nobody waits for are one */
#define FAILING_TIMEOUT_MS 10	/* for another program's lock, while they do */
#define SIGN_STEPS	   1000 /* of SQLite's machine, between two signs of life */

STAILQ_HEAD(job_list, writer_job);

struct writer {
	struct db *db;
	struct writer_hook hook;
	pthread_t thread;
	/* the thread's own: what failed last, and when all of it is tried again */
	struct err why;
	struct timespec retry;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t work;
	struct job_list queue;
	unsigned waiting, later; /* jobs in it for which somebody waits, or nobody */
	bool stopping;
	bool failing;	     /* the last batch was not committed */
	struct timespec due; /* if nobody waits: when the next one begins */
	bool busy, held;     /* a batch is being written; the next one is to wait */
	int log, wake, most; /* its length in pages, and when that matters */
	bool let;	     /* one batch may pass, however long it is */
	void (*grown)(void *arg);
	void *grown_arg;
	pthread_cond_t gate; /* something of these has changed */
};

/* In a savepoint: undone alone, unless SQLite has undone everything. */
static int run_change(struct writer *w, struct writer_job *job)
{
	if (db_exec(w->db, "SAVEPOINT change", &job->err) < 0)
		return -1;
	job->result = job->run(job, w->db, &job->err);
	if (job->result < 0 && db_in_transaction(w->db) &&
		db_exec(w->db, "ROLLBACK TO change", NULL) < 0)
		return -1;
	return db_in_transaction(w->db) ? db_exec(w->db, "RELEASE change", &job->err)
					: -1;
}

static int run_kind(
	struct writer *w, struct job_list *batch, enum writer_kind kind, struct err *err)
{
	struct writer_job *job;

	STAILQ_FOREACH(job, batch, link) {
		if (job->kind != kind)
			continue;
		pulse_set(PULSE_WRITER, PULSE_BUSY);
		if (kind == WRITER_CHANGE) {
			if (run_change(w, job) < 0) {
				*err = job->err;
				return -1;
			}
		} else if (job->run(job, w->db, err) < 0) {
			job->result = db_fails_again(w->db) ? -1 : 0;
			job->err = *err;
			return -1;
		}
	}
	return 0;
}

static void roll_back(struct writer *w)
{
	if (db_in_transaction(w->db))
		db_exec(w->db, "ROLLBACK", NULL);
}

/* While batches fail: writes a page first, before all that has come together by now is
 * tried again. */
static int probe(struct writer *w, struct err *err)
{
	char sql[100];
	int rc;

	snprintf(sql, sizeof(sql), "BEGIN IMMEDIATE; PRAGMA user_version = %d; COMMIT",
		SQL_MIGRATIONS);
	rc = db_exec(w->db, sql, err);
	roll_back(w);
	return rc;
}

static int run_batch(struct writer *w, struct job_list *batch, struct err *err)
{
	int64_t began, took;

	w->retry = clock_in(0);
	if (db_exec(w->db, "BEGIN IMMEDIATE", err) < 0)
		return -1;
	began = clock_now();
	if (run_kind(w, batch, WRITER_RECORD, err) < 0 ||
		w->hook.flush(w->hook.arg, w->db, err) < 0 ||
		run_kind(w, batch, WRITER_CHANGE, err) < 0 ||
		db_exec(w->db, "COMMIT", err) < 0) {
		roll_back(w);
		w->why = *err;
		took = (clock_now() - began) / 1000;
		w->retry = clock_in(took < RETRY_MAX_MS ? took : RETRY_MAX_MS);
		return -1;
	}
	return 0;
}

static bool is_stopping(struct writer *w)
{
	bool stopping;

	pthread_mutex_lock(&w->lock);
	stopping = w->stopping;
	pthread_mutex_unlock(&w->lock);
	return stopping;
}

/* What fails may have taken long, with all that has come together by now: for as long
 * again batches fail at once, so that mail does not wait for each. */
static int try_batch(
	struct writer *w, struct job_list *batch, bool failing, struct err *err)
{
	if (failing && !clock_is_past(&w->retry) && !is_stopping(w)) {
		*err = w->why;
		return -1;
	}
	if (failing && probe(w, err) < 0)
		return -1;
	return run_batch(w, batch, err);
}

/* What was answered goes with the next batch, but for records that would fail that, too.
 */
static void keep_records(struct writer *w, struct job_list *batch)
{
	struct job_list all = STAILQ_HEAD_INITIALIZER(all), *to;
	struct job_list kept = STAILQ_HEAD_INITIALIZER(kept);
	struct writer_job *job;

	STAILQ_CONCAT(&all, batch);
	pthread_mutex_lock(&w->lock);
	while ((job = STAILQ_FIRST(&all)) != NULL) {
		STAILQ_REMOVE_HEAD(&all, link);
		to = job->later && job->result == 0 && !w->stopping ? &kept : batch;
		STAILQ_INSERT_TAIL(to, job, link);
		w->later += to == &kept;
	}
	STAILQ_CONCAT(&kept, &w->queue);
	STAILQ_CONCAT(&w->queue, &kept);
	pthread_mutex_unlock(&w->lock);
}

static void finish_job(struct writer_job *job, bool committed, const struct err *err)
{
	bool waited_for = !job->later && !job->posted;

	if (!committed && job->result == 0) {
		job->result = -1;
		job->err = *err;
	}
	if (job->done != NULL)
		job->done(job, committed && job->result == 0);
	if (waited_for)
		sem_post(&job->finished); /* the job is its owner's again */
}

static void finish_batch(
	struct writer *w, struct job_list *batch, bool committed, const struct err *err)
{
	struct writer_job *job;
	unsigned lost = 0;

	w->hook.settle(w->hook.arg, committed);
	if (!committed)
		keep_records(w, batch);
	while ((job = STAILQ_FIRST(batch)) != NULL) {
		STAILQ_REMOVE_HEAD(batch, link);
		pulse_set(PULSE_WRITER, PULSE_BUSY);
		lost += job->later && !committed;
		finish_job(job, committed, err);
	}
	if (lost > 0)
		log_error("records of messages that were answered are lost: %u (%s)",
			lost, err->text);
}

/* For jobs that nobody waits for, if there are enough of them, too. */
static bool has_work(const struct writer *w)
{
	return w->waiting > 0 || w->stopping || (w->later >= LATER_BATCH && !w->failing);
}

/* Under the lock: waits for something to do, or until it is time for what nobody waits
 * for, and to see whether batches still fail. */
static void wait_for_work(struct writer *w)
{
	pulse_set(PULSE_WRITER, PULSE_IDLE);
	while (!has_work(w))
		if (w->later == 0 && !w->failing)
			pthread_cond_wait(&w->work, &w->lock);
		else if (pthread_cond_timedwait(&w->work, &w->lock, &w->due) == ETIMEDOUT)
			return;
}

static bool is_shut(const struct writer *w)
{
	return w->log >= w->most && !w->let;
}

/* Under the lock: waits while the keeper holds us, but not longer than promised; and
 * while the log is as long as it may be. */
static void pass_gate(struct writer *w)
{
	struct timespec until = clock_in(WRITER_HOLD_MS);
	bool held = true;

	/* the keeper has a disk to wait for */
	pulse_set(PULSE_WRITER, is_shut(w) ? PULSE_SLOW : PULSE_BUSY);
	while (!w->stopping && (is_shut(w) || (w->held && held)))
		if (is_shut(w))
			pthread_cond_wait(&w->gate, &w->lock);
		else if (pthread_cond_timedwait(&w->gate, &w->lock, &until) == ETIMEDOUT)
			held = false;
	pulse_set(PULSE_WRITER, PULSE_BUSY);
	w->busy = true;
	w->let = false;
}

static void leave_gate(struct writer *w, bool committed)
{
	void (*grown)(void *arg) = NULL;

	pthread_mutex_lock(&w->lock);
	w->busy = false;
	w->failing = !committed;
	w->due = clock_in(TRY_EVERY_MS);
	if (w->log >= w->wake) {
		grown = w->grown;
		w->wake = INT_MAX;
	}
	pthread_cond_broadcast(&w->gate);
	pthread_mutex_unlock(&w->lock);
	if (grown != NULL)
		grown(w->grown_arg);
}

/* SQLite tells how long the log has become, after a commit. */
static int note_log(void *arg, sqlite3 *handle, const char *schema, int pages)
{
	struct writer *w = arg;

	(void)handle;
	(void)schema;
	pthread_mutex_lock(&w->lock);
	if (pages < w->log)
		w->wake = pages; /* begun anew: what was said of its length is over */
	w->log = pages;
	pthread_mutex_unlock(&w->lock);
	return SQLITE_OK;
}

void writer_hold(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	w->held = true;
	while (w->busy)
		pthread_cond_wait(&w->gate, &w->lock);
	pthread_mutex_unlock(&w->lock);
}

void writer_release(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	w->held = false;
	pthread_cond_broadcast(&w->gate);
	pthread_mutex_unlock(&w->lock);
}

void writer_watch_log(struct writer *w, void (*grown)(void *arg), void *arg)
{
	pthread_mutex_lock(&w->lock);
	w->grown = grown;
	w->grown_arg = arg;
	pthread_mutex_unlock(&w->lock);
}

void writer_bound_log(struct writer *w, int wake, int most)
{
	pthread_mutex_lock(&w->lock);
	w->wake = wake;
	w->most = most;
	w->let = true;
	pthread_cond_broadcast(&w->gate);
	pthread_mutex_unlock(&w->lock);
}

/* Takes what waits; true: it is the last time, once more for charges that an earlier
 * batch had to leave. */
static bool take_batch(struct writer *w, struct job_list *batch, bool *failing)
{
	bool last;

	STAILQ_INIT(batch);
	pthread_mutex_lock(&w->lock);
	wait_for_work(w);
	pass_gate(w);
	STAILQ_CONCAT(batch, &w->queue);
	w->waiting = w->later = 0;
	*failing = w->failing && !w->stopping;
	last = w->stopping && STAILQ_EMPTY(batch);
	/* a lock that lasts is waited for once, not again and again by all mail */
	sqlite3_busy_timeout(
		db_handle(w->db), *failing ? FAILING_TIMEOUT_MS : DB_BUSY_TIMEOUT);
	pthread_mutex_unlock(&w->lock);
	return last;
}

/* At the end what could not be stored is lost, and not without a word. */
static void say_lost(const struct writer *w, const struct err *err)
{
	size_t n = w->hook.unstored != NULL ? w->hook.unstored(w->hook.arg) : 0;

	if (n > 0)
		log_error("what %zu counters were charged is not stored, and lost (%s)",
			n, err->text);
}

/* What takes long in SQLite is no standstill. */
static int give_sign(void *arg)
{
	(void)arg;
	pulse_set(PULSE_WRITER, PULSE_BUSY);
	return 0;
}

static void *writer_main(void *arg)
{
	struct writer *w = arg;
	struct job_list batch;
	struct err err;
	bool committed, failing, last;

	do {
		last = take_batch(w, &batch, &failing);
		err_code(&err, ERR_FAILED, "database: cannot commit");
		committed = try_batch(w, &batch, failing, &err) == 0;
		leave_gate(w, committed);
		if (committed)
			episode_end(EPISODE_STORE, clock_now());
		else
			episode_begin(EPISODE_STORE, clock_now(), "%s", err.text);
		finish_batch(w, &batch, committed, &err);
	} while (!last);
	if (!committed)
		say_lost(w, &err);
	pulse_set(PULSE_WRITER, PULSE_IDLE);
	return NULL;
}

struct writer *writer_new(struct db *db, const struct writer_hook *hook)
{
	struct writer *w = mem_calloc(1, sizeof(*w));

	w->db = db;
	w->hook = *hook;
	STAILQ_INIT(&w->queue);
	pthread_mutex_init(&w->lock, NULL);
	w->wake = w->most = INT_MAX;
	clock_cond_init(&w->work);
	clock_cond_init(&w->gate);
	sqlite3_wal_hook(db_handle(db), note_log, w);
	sqlite3_progress_handler(db_handle(db), SIGN_STEPS, give_sign, NULL);
	if (pthread_create(&w->thread, NULL, writer_main, w) != 0) {
		log_error("cannot start the writer's thread");
		db_close(db);
		free(w);
		return NULL;
	}
	return w;
}

void writer_stop(struct writer *w)
{
	if (w == NULL || w->db == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_signal(&w->work);
	pthread_cond_broadcast(&w->gate);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	db_close(w->db);
	w->db = NULL;
}

/* False: the writer stops. */
static bool enqueue(struct writer *w, struct writer_job *job, bool begin)
{
	bool taken;

	job->result = 0;
	job->later = false;
	err_code(&job->err, ERR_FAILED, "the change failed");
	pthread_mutex_lock(&w->lock);
	taken = !w->stopping;
	if (taken) {
		STAILQ_INSERT_TAIL(&w->queue, job, link);
		w->waiting++;
		if (begin)
			pthread_cond_signal(&w->work);
	}
	pthread_mutex_unlock(&w->lock);
	return taken;
}

int writer_do(struct writer *w, struct writer_job *job, struct err *err)
{
	job->posted = false;
	sem_init(&job->finished, 0, 0);
	if (!enqueue(w, job, true)) {
		sem_destroy(&job->finished);
		return err_code(err, ERR_FAILED, "themisd is stopping");
	}
	while (sem_wait(&job->finished) < 0 && errno == EINTR)
		continue;
	sem_destroy(&job->finished);
	if (job->result < 0 && err != NULL)
		*err = job->err;
	return job->result;
}

bool writer_post(struct writer *w, struct writer_job *job)
{
	job->posted = true;
	return enqueue(w, job, false);
}

void writer_begin(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	if (w->waiting > 0)
		pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
}

bool writer_submit(struct writer *w, struct writer_job *job)
{
	bool taken;

	job->result = 0;
	job->later = true;
	job->posted = false;
	pthread_mutex_lock(&w->lock);
	taken = !w->stopping && !w->failing && w->later < WRITER_LATER_MOST;
	if (taken) {
		STAILQ_INSERT_TAIL(&w->queue, job, link);
		if (w->later++ == 0)
			w->due = clock_in(WRITER_LATER_MS);
		if (w->later == 1 || w->later == LATER_BATCH)
			pthread_cond_signal(&w->work);
	}
	pthread_mutex_unlock(&w->lock);
	return taken;
}
