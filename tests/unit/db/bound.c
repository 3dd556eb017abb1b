/*
 * Tests of what keeps the log short (db/keeper.c, db/writer.c): how long it becomes while
 * a sync takes as long as it likes, who lifts the bound, and who is not held by it.  A
 * shim below SQLite holds the syncs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/keeper.h"

#include "base/clock.h"

#include "shim.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define MIB	 (1 << 20)
#define JOB_SIZE (4 * MIB)
#define JOBS	 24 /* together half as much again as the log may have */
#define WAL_MOST (64 * (off_t)MIB)

struct fixture {
	char dir[200], path[240], log[250];
	struct writer *writer;
	bool stopped; /* the writer */
	struct keeper *keeper;
	struct db *reader;
	struct err err;
	/* of write_much() */
	atomic_int written, failed;
	_Atomic off_t longest;
};

/* While it is shut, the keeper's syncs wait; the writer's own does not, that of the first
 * commit in a new log. */
static struct {
	pthread_t writer;     /* set by setup() */
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t opened;
	bool shut;
} gate = { .lock = PTHREAD_MUTEX_INITIALIZER, .opened = PTHREAD_COND_INITIALIZER };

static int wait_at_gate(enum shim_call call, bool log)
{
	(void)log;
	if (call != SHIM_SYNC || pthread_equal(pthread_self(), gate.writer))
		return SQLITE_OK;
	pthread_mutex_lock(&gate.lock);
	while (gate.shut)
		pthread_cond_wait(&gate.opened, &gate.lock);
	pthread_mutex_unlock(&gate.lock);
	return SQLITE_OK;
}

static void set_gate(bool shut)
{
	pthread_mutex_lock(&gate.lock);
	gate.shut = shut;
	pthread_cond_broadcast(&gate.opened);
	pthread_mutex_unlock(&gate.lock);
}

static int install(void **state)
{
	(void)state;
	return shim_install(wait_at_gate);
}

static int no_flush(void *arg, struct db *db, struct err *err)
{
	(void)arg;
	(void)db;
	(void)err;
	return 0;
}

static void no_settle(void *arg, bool committed)
{
	(void)arg;
	(void)committed;
}

static int put(struct writer_job *job, struct db *db, struct err *err)
{
	(void)job;
	return db_exec(db, "INSERT INTO filler VALUES (zeroblob(4194304))", err);
}

static int note_writer(struct writer_job *job, struct db *db, struct err *err)
{
	(void)job;
	(void)db;
	(void)err;
	gate.writer = pthread_self();
	return 0;
}

static int setup(void **state)
{
	struct writer_job job = { .kind = WRITER_RECORD, .run = note_writer };
	const char *tmp = getenv("TMPDIR");
	const struct writer_hook hook = { .flush = no_flush, .settle = no_settle };
	struct fixture *f = calloc(1, sizeof(*f));
	struct db *db, *keeper;

	if (f == NULL)
		return -1;
	snprintf(f->dir, sizeof(f->dir), "%s/themis-bound.XXXXXX",
		tmp != NULL ? tmp : "/tmp");
	*state = f;
	if (mkdtemp(f->dir) == NULL)
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/themis.db", f->dir);
	snprintf(f->log, sizeof(f->log), "%s-wal", f->path);
	db = db_open(f->path, DB_WRITER, &f->err);
	if (db == NULL || db_exec(db, "CREATE TABLE filler (x BLOB)", &f->err) < 0)
		return -1;
	keeper = db_open(f->path, DB_KEEPER, &f->err);
	f->reader = db_open(f->path, DB_READER, &f->err);
	f->writer = writer_new(db, &hook);
	if (keeper == NULL || f->reader == NULL || f->writer == NULL ||
		writer_do(f->writer, &job, &f->err) < 0)
		return -1;
	f->keeper = keeper_new(keeper, f->writer);
	return f->keeper != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	set_gate(false);
	if (!f->stopped)
		writer_stop(f->writer);
	db_close(f->reader);
	keeper_stop(f->keeper);
	free(f->writer);
	unlink(f->path);
	rmdir(f->dir);
	free(f);
	return 0;
}

static off_t log_size(const struct fixture *f)
{
	struct stat st;

	return stat(f->log, &st) == 0 ? st.st_size : 0;
}

static void *write_much(void *arg)
{
	struct fixture *f = arg;
	struct writer_job job = { .kind = WRITER_RECORD, .run = put };

	for (int i = 0; i < JOBS; i++) {
		if (writer_do(f->writer, &job, NULL) < 0)
			f->failed++;
		if (log_size(f) > f->longest)
			f->longest = log_size(f);
		f->written++;
	}
	return NULL;
}

/* Until the writer goes no further; if that is seen too early, less is shown, and
 * nothing fails. */
static void wait_until_it_stands(struct fixture *f)
{
	int before, quiet = 0;

	for (int i = 0; i < 2000 && quiet < 30 && f->written < JOBS; i++) {
		before = f->written;
		usleep(10000);
		quiet = f->written == before && before > 0 ? quiet + 1 : 0;
	}
}

static void the_log_stays_short(void **state)
{
	struct fixture *f = *state;
	pthread_t thread;

	for (int round = 0; round < 3; round++) {
		f->written = 0;
		set_gate(true);
		assert_int_equal(pthread_create(&thread, NULL, write_much, f), 0);
		wait_until_it_stands(f);
		assert_true(f->longest < WAL_MOST);
		set_gate(false);
		pthread_join(thread, NULL);
		assert_int_equal(f->written, JOBS);
		assert_int_equal(f->failed, 0);
		assert_true(f->longest < WAL_MOST);
	}
}

/* The end does not wait for the disk of a keeper that hangs. */
static void a_stop_passes_the_bound(void **state)
{
	struct fixture *f = *state;
	pthread_t thread;

	set_gate(true);
	assert_int_equal(pthread_create(&thread, NULL, write_much, f), 0);
	wait_until_it_stands(f);
	writer_stop(f->writer);
	f->stopped = true;
	pthread_join(thread, NULL);
	assert_int_equal(f->written, JOBS);
}

/* Mail does not wait for somebody who reads; when he has gone, the log is cut. */
static void a_reader_lifts_the_bound(void **state)
{
	struct fixture *f = *state;
	struct writer_job job = { .kind = WRITER_RECORD, .run = put };
	int i;

	assert_int_equal(db_exec(f->reader, "BEGIN; SELECT * FROM setting", &f->err), 0);
	write_much(f);
	assert_int_equal(f->failed, 0);
	assert_true(f->longest > WAL_MOST);
	assert_int_equal(db_exec(f->reader, "COMMIT", &f->err), 0);
	for (i = 0; i < 1000 && log_size(f) >= WAL_MOST; i++) {
		assert_int_equal(writer_do(f->writer, &job, &f->err), 0);
		usleep(10000);
	}
	assert_true(log_size(f) < WAL_MOST);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_log_stays_short),
		TEST(a_stop_passes_the_bound),
		TEST(a_reader_lifts_the_bound),
	};

	clock_start();
	return cmocka_run_group_tests(tests, install, NULL);
}
