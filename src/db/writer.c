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

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

STAILQ_HEAD(job_list, writer_job);

struct writer {
	struct db *db;
	struct writer_hook hook;
	pthread_t thread;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t work;
	struct job_list queue;
	bool stopping;
	bool busy, held;     /* a batch is being written; the next one is to wait */
	pthread_cond_t gate; /* one of them has changed */
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
		if (kind == WRITER_CHANGE) {
			if (run_change(w, job) < 0) {
				*err = job->err;
				return -1;
			}
		} else if (job->run(job, w->db, err) < 0) {
			return -1;
		}
	}
	return 0;
}

static int run_batch(struct writer *w, struct job_list *batch, struct err *err)
{
	if (db_exec(w->db, "BEGIN IMMEDIATE", err) < 0)
		return -1;
	if (run_kind(w, batch, WRITER_RECORD, err) < 0 ||
		w->hook.flush(w->hook.arg, w->db, err) < 0 ||
		run_kind(w, batch, WRITER_CHANGE, err) < 0 ||
		db_exec(w->db, "COMMIT", err) < 0) {
		if (db_in_transaction(w->db))
			db_exec(w->db, "ROLLBACK", NULL);
		return -1;
	}
	return 0;
}

static void finish_batch(
	struct writer *w, struct job_list *batch, bool committed, const struct err *err)
{
	struct writer_job *job;

	w->hook.settle(w->hook.arg, committed);
	while ((job = STAILQ_FIRST(batch)) != NULL) {
		STAILQ_REMOVE_HEAD(batch, link);
		if (!committed && job->result == 0) {
			job->result = -1;
			job->err = *err;
		}
		if (job->done != NULL)
			job->done(job, committed && job->result == 0);
		sem_post(&job->finished); /* the job is its owner's again */
	}
}

/* Under the lock: waits while the keeper holds us, but not longer than promised. */
static void pass_gate(struct writer *w)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += WRITER_HOLD_MS * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	while (w->held && !w->stopping)
		if (pthread_cond_timedwait(&w->gate, &w->lock, &until) == ETIMEDOUT)
			break;
	w->busy = true;
}

static void leave_gate(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	w->busy = false;
	pthread_cond_broadcast(&w->gate);
	pthread_mutex_unlock(&w->lock);
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

static void *writer_main(void *arg)
{
	struct writer *w = arg;
	struct job_list batch;
	struct err err;
	bool committed, last;

	for (;;) {
		STAILQ_INIT(&batch);
		pthread_mutex_lock(&w->lock);
		while (STAILQ_EMPTY(&w->queue) && !w->stopping)
			pthread_cond_wait(&w->work, &w->lock);
		pass_gate(w);
		STAILQ_CONCAT(&batch, &w->queue);
		pthread_mutex_unlock(&w->lock);
		/* stopping: once more, for charges that an earlier batch had to leave */
		last = STAILQ_EMPTY(&batch);
		err_code(&err, ERR_FAILED, "database: cannot commit");
		committed = run_batch(w, &batch, &err) == 0;
		leave_gate(w);
		if (committed)
			episode_end(EPISODE_STORE, clock_now());
		else
			episode_begin(EPISODE_STORE, clock_now(), "%s", err.text);
		finish_batch(w, &batch, committed, &err);
		if (last)
			return NULL;
	}
}

struct writer *writer_new(struct db *db, const struct writer_hook *hook)
{
	struct writer *w = mem_calloc(1, sizeof(*w));
	pthread_condattr_t monotonic;

	w->db = db;
	w->hook = *hook;
	STAILQ_INIT(&w->queue);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->work, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&w->gate, &monotonic);
	pthread_condattr_destroy(&monotonic);
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
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	db_close(w->db);
	w->db = NULL;
}

int writer_do(struct writer *w, struct writer_job *job, struct err *err)
{
	job->result = 0;
	err_code(&job->err, ERR_FAILED, "the change failed");
	pthread_mutex_lock(&w->lock);
	if (w->stopping) {
		pthread_mutex_unlock(&w->lock);
		return err_code(err, ERR_FAILED, "themisd is stopping");
	}
	sem_init(&job->finished, 0, 0);
	STAILQ_INSERT_TAIL(&w->queue, job, link);
	pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
	while (sem_wait(&job->finished) < 0 && errno == EINTR)
		continue;
	sem_destroy(&job->finished);
	if (job->result < 0 && err != NULL)
		*err = job->err;
	return job->result;
}
