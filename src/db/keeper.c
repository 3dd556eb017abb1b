/*
 * The keeper's thread.  keeper_sync() is called by the changer after a change; everything
 * else the thread does by itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/keeper.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/episode.h"
#include "base/log.h"
#include "db/reader.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>

#define CHECKPOINT_EVERY_MS 1000

/* Lengths of the log, in pages of 4 KiB. */
#define LOG_PAGES 4096 /* from here on the writer may be held for a moment */
#define LOG_MOST  8192 /* here it waits until all is copied */
#define LOG_STEP  1024 /* and in between we look after so many */

struct keeper {
	struct db *db;
	struct writer *writer; /* NULL: nobody to hold */
	struct reader_watch readers;
	int length; /* of the log when the last pass began, in pages */
	pthread_t thread;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t wake, synced;
	uint64_t asked;	 /* syncs asked for so far */
	uint64_t served; /* the last of them that a finished sync covers */
	struct err err;	 /* of that sync; text empty: it went well */
	bool grown;	 /* the log, since the last checkpoint */
	bool stopping;
};

/* The log's own file handle: a checkpoint syncs it too, but only if it finds
 * something to copy, which a reader can prevent. */
static int sync_log(struct db *db, struct err *err)
{
	sqlite3_file *log = NULL;
	int rc;

	/* the log is open once something has been read */
	if (db_exec(db, "SELECT 1 FROM sqlite_schema", err) < 0)
		return -1;
	rc = sqlite3_file_control(
		db_handle(db), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
	if (rc != SQLITE_OK || log == NULL || log->pMethods == NULL)
		return err_code(err, ERR_FAILED, "database: the log is not open");
	rc = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
	if (rc != SQLITE_OK)
		return err_code(
			err, ERR_FAILED, "database: sync: %s", sqlite3_errstr(rc));
	return 0;
}

/* What a pass has found: how long the log was when it began, and how much of it is in
 * the file, in pages.  They differ while somebody reads what is older. */
struct pass {
	bool done;
	int length, copied;
};

static struct pass pass(struct db *db)
{
	struct pass p = { 0 };
	int rc = sqlite3_wal_checkpoint_v2(
		db_handle(db), "main", SQLITE_CHECKPOINT_PASSIVE, &p.length, &p.copied);

	/* BUSY: another checkpoint is in the way; the next turn comes */
	if (rc == SQLITE_OK)
		episode_end(EPISODE_COPY, clock_now());
	else if (rc != SQLITE_BUSY)
		episode_begin(
			EPISODE_COPY, clock_now(), "%s", sqlite3_errmsg(db_handle(db)));
	p.done = rc == SQLITE_OK;
	return p;
}

static bool is_whole(const struct pass *p)
{
	return p->done && p->copied == p->length;
}

/* SQLite begins the log anew when a writer finds it wholly copied.  Under steady
 * writes it never is: past a size, the writer is held for the last, short pass.  Not
 * while a reader is in the way: then holding would not help. */
static struct pass copy_log(struct keeper *k)
{
	struct pass p = pass(k->db);

	/* what came during the first pass, without holding anybody */
	if (is_whole(&p) && p.length >= LOG_PAGES && k->writer != NULL)
		p = pass(k->db);
	if (!is_whole(&p) || p.length < LOG_PAGES || k->writer == NULL)
		return p;
	writer_hold(k->writer);
	p = pass(k->db);
	writer_release(k->writer);
	return p;
}

/* Is a reader in the way?  Then something is not in the file that was in the log when the
 * pass before began; what the writer has just written is not taken for that. */
static bool is_held(const struct keeper *k, const struct pass *p)
{
	return !is_whole(p) && p->length >= k->length && p->copied < k->length;
}

/* Where the disk is slow, the writer is held too short, and the log grows on: to a bound
 * at which it waits until everything is copied, and then can begin anew.  There is no
 * bound while that would not help: while the pass fails, or somebody reads. */
static void bound_log(struct keeper *k, const struct pass *p)
{
	int next = p->length + LOG_STEP, wake = INT_MAX, most = INT_MAX;

	if (p->done)
		wake = next > LOG_PAGES ? next : LOG_PAGES;
	if (p->done && !is_held(k, p)) {
		most = LOG_MOST;
		wake = wake < most ? wake : most;
	}
	if (k->writer != NULL)
		writer_bound_log(k->writer, wake, most);
}

static void checkpoint(struct keeper *k)
{
	struct pass p = copy_log(k);

	bound_log(k, &p);
	if (p.done)
		reader_watch_note(&k->readers, is_held(k, &p), p.copied, clock_now());
	if (p.done)
		k->length = p.length;
}

/* By the writer, on its thread. */
static void log_grown(void *arg)
{
	struct keeper *k = arg;

	pthread_mutex_lock(&k->lock);
	k->grown = true;
	pthread_cond_signal(&k->wake);
	pthread_mutex_unlock(&k->lock);
}

static void watch_file(struct keeper *k)
{
	int moved = 0;

	sqlite3_file_control(db_handle(k->db), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
	if (moved)
		episode_begin(EPISODE_FILE, clock_now(),
			"what is stored now is lost when themisd ends");
	else
		episode_end(EPISODE_FILE, clock_now());
}

static void serve_syncs(struct keeper *k, uint64_t upto)
{
	struct err err = { .text = "" };

	pthread_mutex_unlock(&k->lock);
	sync_log(k->db, &err);
	pthread_mutex_lock(&k->lock);
	k->err = err;
	k->served = upto;
	pthread_cond_broadcast(&k->synced);
}

static void *keeper_main(void *arg)
{
	struct keeper *k = arg;
	struct timespec next = clock_in(0);

	pthread_mutex_lock(&k->lock);
	while (!k->stopping) {
		if (k->asked > k->served)
			serve_syncs(k, k->asked);
		/* due is due, however many ask for syncs meanwhile */
		if (k->grown || clock_is_past(&next)) {
			k->grown = false;
			pthread_mutex_unlock(&k->lock);
			checkpoint(k);
			watch_file(k);
			pthread_mutex_lock(&k->lock);
			next = clock_in(CHECKPOINT_EVERY_MS);
		}
		if (k->asked == k->served && !k->grown && !k->stopping)
			pthread_cond_timedwait(&k->wake, &k->lock, &next);
	}
	pthread_mutex_unlock(&k->lock);
	return NULL;
}

struct keeper *keeper_new(struct db *db, struct writer *writer)
{
	struct keeper *k = mem_calloc(1, sizeof(*k));

	k->db = db;
	k->writer = writer;
	reader_watch_init(&k->readers, db);
	pthread_mutex_init(&k->lock, NULL);
	clock_cond_init(&k->wake);
	pthread_cond_init(&k->synced, NULL);
	if (writer != NULL) {
		writer_watch_log(writer, log_grown, k);
		writer_bound_log(writer, LOG_PAGES, LOG_MOST);
	}
	if (pthread_create(&k->thread, NULL, keeper_main, k) != 0) {
		log_error("cannot start the keeper's thread");
		if (writer != NULL)
			writer_watch_log(writer, NULL, NULL);
		db_close(db);
		free(k);
		return NULL;
	}
	return k;
}

void keeper_stop(struct keeper *k)
{
	if (k == NULL)
		return;
	pthread_mutex_lock(&k->lock);
	k->stopping = true;
	pthread_cond_signal(&k->wake);
	pthread_cond_broadcast(&k->synced);
	pthread_mutex_unlock(&k->lock);
	pthread_join(k->thread, NULL);
	pass(k->db);
	db_close(k->db);
	pthread_cond_destroy(&k->wake);
	pthread_cond_destroy(&k->synced);
	pthread_mutex_destroy(&k->lock);
	free(k);
}

int keeper_sync(struct keeper *k, struct err *err)
{
	uint64_t mine;
	int result = 0;

	pthread_mutex_lock(&k->lock);
	mine = ++k->asked;
	pthread_cond_signal(&k->wake);
	while (k->served < mine && !k->stopping)
		pthread_cond_wait(&k->synced, &k->lock);
	if (k->served < mine)
		result = err_code(err, ERR_FAILED, "themisd is stopping");
	else if (k->err.text[0] != '\0')
		result = err_code(err, k->err.code, "%s", k->err.text);
	pthread_mutex_unlock(&k->lock);
	return result;
}
