/*
 * Tests of db/keeper.c: that a sync reaches the log's file whatever readers do,
 * that the log is copied into the file, and the end.  A shim below SQLite counts
 * the syncs of logs and makes them fail.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/keeper.h"

#include "base/clock.h"

#include "shim.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct fixture {
	char dir[200];
	char path[240];
	int file; /* open to the end: closing it would drop SQLite's locks */
	struct db *writer, *reader;
	struct keeper *keeper;
	struct err err;
};

/* Of the log. */
static atomic_int syncs, failing;

static int note_sync(enum shim_call call, bool log)
{
	if (call != SHIM_SYNC || !log)
		return SQLITE_OK;
	atomic_fetch_add(&syncs, 1);
	return atomic_load(&failing) ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int install(void **state)
{
	(void)state;
	return shim_install(note_sync);
}

static int setup(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct fixture *f = calloc(1, sizeof(*f));
	struct db *db;

	if (f == NULL)
		return -1;
	snprintf(f->dir, sizeof(f->dir), "%s/themis-keeper.XXXXXX",
		tmp != NULL ? tmp : "/tmp");
	*state = f;
	if (mkdtemp(f->dir) == NULL)
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/themis.db", f->dir);
	atomic_store(&failing, 0);
	f->writer = db_open(f->path, DB_WRITER, &f->err);
	f->file = open(f->path, O_RDONLY);
	f->reader = db_open(f->path, DB_READER, &f->err);
	db = db_open(f->path, DB_KEEPER, &f->err);
	if (f->writer == NULL || f->reader == NULL || db == NULL)
		return -1;
	f->keeper = keeper_new(db, NULL);
	return f->keeper != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	struct fixture *f = *state;
	char path[260];

	keeper_stop(f->keeper);
	db_close(f->reader);
	db_close(f->writer);
	close(f->file);
	for (size_t i = 0; i < COUNT(ends); i++) {
		snprintf(path, sizeof(path), "%s%s", f->path, ends[i]);
		unlink(path);
	}
	rmdir(f->dir);
	free(f);
	return 0;
}

static void put(struct fixture *f, const char *name)
{
	assert_int_equal(
		db_run(f->writer, SQL_SETTING_PUT, &f->err, "tit", name, (int64_t)0, "1"),
		1);
}

static void exec_ok(struct fixture *f, struct db *db, const char *sql)
{
	if (db_exec(db, sql, &f->err) < 0)
		fail_msg("%s", f->err.text);
}

static void sync_ok(struct fixture *f)
{
	int before = atomic_load(&syncs);

	if (keeper_sync(f->keeper, &f->err) < 0)
		fail_msg("%s", f->err.text);
	assert_true(atomic_load(&syncs) > before);
}

/* Whether the file itself has this name in it; the log beside it does not count. */
static bool in_file(const struct fixture *f, const char *name)
{
	static char bytes[1 << 20];
	ssize_t n = pread(f->file, bytes, sizeof(bytes), 0);

	assert_in_range(n, 1, sizeof(bytes) - 1);
	return memmem(bytes, (size_t)n, name, strlen(name)) != NULL;
}

static bool comes_into_file(const struct fixture *f, const char *name)
{
	for (int i = 0; i < 1000; i++) {
		if (in_file(f, name))
			return true;
		usleep(10000);
	}
	return false;
}

static void a_sync_reaches_the_log(void **state)
{
	struct fixture *f = *state;

	sync_ok(f); /* with nothing to sync, too */
	for (int i = 0; i < 10; i++) {
		put(f, "something");
		sync_ok(f);
	}
	assert_int_equal(keeper_sync(f->keeper, NULL), 0);
}

static void a_sync_does_not_wait_for_readers(void **state)
{
	struct fixture *f = *state;
	sqlite3_stmt *q;

	exec_ok(f, f->reader, "BEGIN; SELECT * FROM setting");
	put(f, "behind-the-reader");
	sync_ok(f);
	q = db_query(f->reader, SQL_SETTING_LOAD, &f->err, "");
	assert_int_equal(db_next(f->reader, q, &f->err), 0);
	exec_ok(f, f->reader, "COMMIT");
	q = db_query(f->reader, SQL_SETTING_LOAD, &f->err, "");
	assert_int_equal(db_next(f->reader, q, &f->err), 1);
	sqlite3_reset(q);
}

/* Nor for a writer in the middle of its transaction. */
static void a_sync_does_not_wait_for_the_writer(void **state)
{
	struct fixture *f = *state;

	exec_ok(f, f->writer, "BEGIN IMMEDIATE");
	put(f, "half-done");
	sync_ok(f);
	exec_ok(f, f->writer, "COMMIT");
}

static void the_log_is_copied_into_the_file(void **state)
{
	struct fixture *f = *state;
	int slow = 0;

	/* a reader holds back the second; the first, on another page, comes */
	assert_int_equal(
		db_run(f->writer, SQL_GROUP_MAKE, &f->err, "t", "the-first-group"), 1);
	exec_ok(f, f->reader, "BEGIN; SELECT * FROM setting");
	put(f, "the-second-thing");
	/* and no mail waits for that: db_run() would fail, or take so long, which once or
	 * twice may be the disk's doing */
	for (int i = 0; i < 1000 && !in_file(f, "the-first-group"); i++) {
		int64_t before = clock_now();

		put(f, "meanwhile");
		slow += clock_now() - before >= DB_BUSY_TIMEOUT * 1000 / 2;
		assert_true(slow <= 2);
		usleep(10000);
	}
	assert_true(in_file(f, "the-first-group"));
	assert_false(in_file(f, "the-second-thing"));
	exec_ok(f, f->reader, "COMMIT");
	assert_true(comes_into_file(f, "the-second-thing"));
}

static void a_sync_that_fails_says_so(void **state)
{
	struct fixture *f = *state;

	put(f, "something");
	atomic_store(&failing, 1);
	assert_int_equal(keeper_sync(f->keeper, &f->err), -1);
	assert_int_equal(f->err.code, ERR_FAILED);
	assert_non_null(strstr(f->err.text, "sync"));
	atomic_store(&failing, 0);
	sync_ok(f);
}

/* err may be NULL, as everywhere (base/err.h). */
static void a_failure_may_go_without_words(void **state)
{
	struct fixture *f = *state;

	atomic_store(&failing, 1);
	assert_int_equal(keeper_sync(f->keeper, NULL), -1);
}

static void *sync_many(void *arg)
{
	struct fixture *f = arg;
	struct err err;

	for (int i = 0; i < 50; i++)
		if (keeper_sync(f->keeper, &err) < 0)
			return arg;
	return NULL;
}

static void eight_threads_at_once(void **state)
{
	struct fixture *f = *state;
	pthread_t threads[8];
	void *failed;

	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sync_many, f), 0);
	for (int i = 0; i < 100; i++)
		put(f, "meanwhile");
	for (size_t i = 0; i < COUNT(threads); i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
}

/* "A last checkpoint", whoever else still has the file open. */
static void stop_copies_the_log(void **state)
{
	struct fixture *f = *state;

	put(f, "the-last-setting");
	keeper_stop(f->keeper);
	f->keeper = NULL;
	keeper_stop(NULL);
	assert_true(in_file(f, "the-last-setting"));
}

static void stop_as_the_last_leaves_one_file(void **state)
{
	struct fixture *f = *state;
	char path[260];

	put(f, "the-last-setting");
	db_close(f->reader);
	db_close(f->writer);
	f->reader = f->writer = NULL;
	keeper_stop(f->keeper);
	f->keeper = NULL;
	assert_true(in_file(f, "the-last-setting"));
	snprintf(path, sizeof(path), "%s-wal", f->path);
	assert_int_equal(access(path, F_OK), -1);
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

static int put_setting(struct writer_job *job, struct db *db, struct err *err)
{
	(void)job;
	return db_run(db, SQL_SETTING_PUT, err, "tit", "held", (int64_t)0, "1") < 0 ? -1
										    : 0;
}

/* A keeper that never releases it (its disk hangs) must not stop the mail. */
static void a_held_writer_goes_on(void **state)
{
	struct fixture *f = *state;
	const struct writer_hook hook = { .flush = no_flush, .settle = no_settle };
	struct writer *w = writer_new(f->writer, &hook);
	struct writer_job job = { .kind = WRITER_RECORD, .run = put_setting };

	f->writer = NULL; /* the thread's now */
	writer_hold(w);
	assert_int_equal(writer_do(w, &job, &f->err), 0);
	assert_int_equal(writer_do(w, &job, &f->err), 0);
	writer_release(w);
	assert_int_equal(writer_do(w, &job, &f->err), 0);
	writer_hold(w); /* nor must it stop the end */
	writer_stop(w);
	free(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_sync_reaches_the_log),
		TEST(a_sync_does_not_wait_for_readers),
		TEST(a_sync_does_not_wait_for_the_writer),
		TEST(the_log_is_copied_into_the_file),
		TEST(a_sync_that_fails_says_so),
		TEST(eight_threads_at_once),
		TEST(stop_copies_the_log),
		TEST(stop_as_the_last_leaves_one_file),
		TEST(a_failure_may_go_without_words),
		TEST(a_held_writer_goes_on),
	};

	return cmocka_run_group_tests(tests, install, NULL);
}
