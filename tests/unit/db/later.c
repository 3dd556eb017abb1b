/*
 * Tests of db/writer.c: records for which nobody waits, and what becomes of them when
 * batches fail.  Another connection holds the database locked where they are to fail.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/writer.h"

#include "base/clock.h"
#include "base/episode.h"
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../gate.h"

#define P0 ((int64_t)0) /* no pool: everywhere */

struct fixture {
	char dir[200], path[240];
	struct writer *writer;
	bool stopped;
	sqlite3 *other;
	struct err err;
	int flushes; /* on the writer's thread */
};

/* A record of its own memory, as that of a message is. */
struct later {
	struct writer_job job; /* first: the writer hands it back */
	char name[20];
	bool bad;
};

static atomic_int committed, lost;

static int flush(void *arg, struct db *db, struct err *err)
{
	struct fixture *f = arg;

	(void)db;
	(void)err;
	f->flushes++;
	return 0;
}

static void settle(void *arg, bool ok)
{
	(void)arg;
	(void)ok;
}

static int setup(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct fixture *f = calloc(1, sizeof(*f));
	struct writer_hook hook = { .flush = flush, .settle = settle, .arg = f };
	struct db *db;

	if (f == NULL)
		return -1;
	snprintf(f->dir, sizeof(f->dir), "%s/themis-later.XXXXXX",
		tmp != NULL ? tmp : "/tmp");
	*state = f;
	if (mkdtemp(f->dir) == NULL)
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/themis.db", f->dir);
	db = db_open(f->path, DB_WRITER, &f->err);
	if (db == NULL || sqlite3_open(f->path, &f->other) != SQLITE_OK)
		return -1;
	committed = lost = 0;
	f->writer = writer_new(db, &hook);
	return f->writer != NULL ? 0 : -1;
}

static void stop(struct fixture *f)
{
	if (!f->stopped)
		writer_stop(f->writer);
	f->stopped = true;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	stop(f);
	free(f->writer);
	sqlite3_close(f->other);
	unlink(f->path);
	rmdir(f->dir);
	free(f);
	return 0;
}

static int run_later(struct writer_job *job, struct db *db, struct err *err)
{
	const struct later *l = (const struct later *)job;

	/* no setting is without a name */
	return db_run(db, SQL_SETTING_PUT, err, "tit", l->bad ? NULL : l->name, P0, "1") <
			       0
		       ? -1
		       : 0;
}

static void done_later(struct writer_job *job, bool ok)
{
	++*(ok ? &committed : &lost);
	free(job);
}

static bool submit(struct fixture *f, const char *name, bool bad)
{
	struct later *l = calloc(1, sizeof(*l));
	bool taken;

	assert_non_null(l);
	l->job.kind = WRITER_RECORD;
	l->job.run = run_later;
	l->job.done = done_later;
	l->bad = bad;
	snprintf(l->name, sizeof(l->name), "%s", name);
	taken = writer_submit(f->writer, &l->job);
	if (!taken)
		free(l);
	return taken;
}

static int run_nothing(struct writer_job *job, struct db *db, struct err *err)
{
	(void)job;
	(void)db;
	(void)err;
	return 0;
}

/* A batch begins at once for those who wait, and takes along what is there. */
static int commit(struct fixture *f)
{
	struct writer_job job = { .kind = WRITER_CHANGE, .run = run_nothing };

	return writer_do(f->writer, &job, &f->err);
}

static void other(struct fixture *f, const char *sql)
{
	assert_int_equal(sqlite3_exec(f->other, sql, NULL, NULL, NULL), SQLITE_OK);
}

static int stored(struct fixture *f)
{
	sqlite3_stmt *q = NULL;
	int n;

	assert_int_equal(sqlite3_prepare_v2(
				 f->other, "SELECT count(*) FROM setting", -1, &q, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	n = sqlite3_column_int(q, 0);
	sqlite3_finalize(q);
	return n;
}

static void wait_until(const atomic_int *what, int wanted)
{
	for (int i = 0; i < 3000 && *what < wanted; i++)
		usleep(10000);
	assert_int_equal(*what, wanted);
}

static void it_is_committed_by_itself(void **state)
{
	struct fixture *f = *state;

	assert_true(submit(f, "one", false));
	assert_true(submit(f, "two", false));
	wait_until(&committed, 2);
	assert_int_equal(stored(f), 2);
	/* and those after it */
	assert_true(submit(f, "three", false));
	wait_until(&committed, 3);
	assert_int_equal(lost, 0);
}

static void who_waits_takes_them_along(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 100; i++) {
		char name[20];

		snprintf(name, sizeof(name), "n%d", i);
		assert_true(submit(f, name, false));
	}
	assert_int_equal(commit(f), 0);
	assert_int_equal(committed, 100);
	assert_int_equal(stored(f), 100);
}

static void a_stop_commits_them(void **state)
{
	struct fixture *f = *state;

	assert_true(submit(f, "one", false));
	stop(f);
	assert_int_equal(committed, 1);
	assert_int_equal(stored(f), 1);
	assert_false(submit(f, "late", false));
}

static void there_are_never_too_many(void **state)
{
	struct fixture *f = *state;
	struct gate g;

	gate_shut(&g, f->writer);
	for (int i = 0; i < WRITER_LATER_MOST; i++)
		assert_true(submit(f, "same", false));
	assert_false(submit(f, "same", false));
	gate_open(&g);
	wait_until(&committed, WRITER_LATER_MOST);
	assert_true(submit(f, "same", false));
}

/* They wait for the end of the trouble, and whoever comes has to wait with them. */
static void trouble_loses_none(void **state)
{
	struct fixture *f = *state;
	char why[EPISODE_TEXT_MAX];

	/* first: what nobody waits for is stored by itself after a while */
	other(f, "BEGIN IMMEDIATE");
	assert_true(submit(f, "one", false));
	assert_true(submit(f, "two", false));
	assert_int_equal(commit(f), -1);
	assert_true(episode_say(why));
	assert_false(submit(f, "three", false));
	/* the lock was waited for once: these would take minutes */
	for (int i = 0; i < 100; i++)
		assert_int_equal(commit(f), -1);
	assert_true(committed == 0 && lost == 0);
	other(f, "COMMIT");
	wait_until(&committed, 2);
	assert_int_equal(stored(f), 2);
	for (int i = 0; i < 3000 && episode_say(why); i++)
		usleep(10000);
	assert_false(episode_say(why));
	assert_true(submit(f, "three", false));
}

/* It ends without anybody's doing; an empty batch would not notice that it goes on. */
static void trouble_ends_by_itself(void **state)
{
	struct fixture *f = *state;
	char why[EPISODE_TEXT_MAX];
	int before;

	other(f, "BEGIN IMMEDIATE");
	assert_int_equal(commit(f), -1);
	assert_true(episode_say(why));
	other(f, "COMMIT");
	for (int i = 0; i < 3000 && episode_say(why); i++)
		usleep(10000);
	assert_false(episode_say(why));
	before = f->flushes;
	assert_int_equal(commit(f), 0);
	assert_int_equal(f->flushes, before + 1);
}

/* One that would fail each time must not keep the others from being stored. */
static void a_bad_one_goes_alone(void **state)
{
	struct fixture *f = *state;

	assert_true(submit(f, "one", false));
	assert_true(submit(f, "bad", true));
	assert_true(submit(f, "two", false));
	assert_int_equal(commit(f), -1);
	assert_int_equal(lost, 1);
	wait_until(&committed, 2);
	assert_int_equal(stored(f), 2);
}

/* At the end there is no next batch: then it is said how many are lost. */
static void a_stop_in_trouble_tells(void **state)
{
	struct fixture *f = *state;

	other(f, "BEGIN IMMEDIATE");
	assert_true(submit(f, "one", false));
	stop(f);
	assert_true(committed == 0 && lost == 1);
	other(f, "COMMIT");
	episode_end(EPISODE_STORE, clock_now());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_committed_by_itself),
		TEST(who_waits_takes_them_along),
		TEST(a_stop_commits_them),
		TEST(there_are_never_too_many),
		TEST(trouble_loses_none),
		TEST(trouble_ends_by_itself),
		TEST(a_bad_one_goes_alone),
		TEST(a_stop_in_trouble_tells),
	};

	clock_start();
	log_open("test", 0, LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
