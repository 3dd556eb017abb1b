/*
 * Tests of db/writer.c: many jobs in one transaction, who fails with whom, the
 * order within a batch, and the end.  Jobs come from threads of the tests; what
 * they find is looked at by main, since only there an assertion may fail.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/writer.h"

#include "base/clock.h"
#include "base/episode.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../gate.h"
#include "place.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ORDER_MAX    64
#define P0	     ((int64_t)0) /* no pool: everywhere */

struct fixture {
	void *place; /* a struct place */
	struct writer *writer;
	struct db *reader;
	struct err err;
	atomic_bool refuses_flushes;
	/* on the writer's thread; read once it is done with our jobs, or between batches
	 * that it begins by itself while they fail */
	atomic_int batch; /* how many are over */
	atomic_int settled;
	int together;	       /* how in_one_batch() ended: 1 committed, 0 not */
	char order[ORDER_MAX]; /* r a record, h the hook, c a change */
	unsigned norder;
	char why[EPISODE_TEXT_MAX]; /* of episode_say() */
};

enum behaviour { STORES, FAILS, ROLLS_BACK };

/* One job with all that became of it. */
struct task {
	struct writer_job job; /* first: the writer hands it back */
	struct fixture *f;
	const char *name;
	enum behaviour behaviour;
	pthread_t thread, ran_on;
	int runs, done, committed, result;
	struct err err;
};

static int flush(void *arg, struct db *db, struct err *err)
{
	struct fixture *f = arg;

	f->order[f->norder++ % (ORDER_MAX - 1)] = 'h';
	if (f->refuses_flushes)
		return err_code(err, ERR_FAILED, "no flush");
	return db_run(db, SQL_SETTING_PUT, err, "tit", "hook", P0, "1") < 0 ? -1 : 0;
}

static void settle(void *arg, bool committed)
{
	struct fixture *f = arg;

	f->batch++;
	f->settled += committed ? 1 : 0;
}

static const char *path(const struct fixture *f)
{
	return ((const struct place *)f->place)->path;
}

static int setup(void **state)
{
	struct fixture *f = mem_calloc(1, sizeof(*f));
	struct writer_hook hook = { .flush = flush, .settle = settle, .arg = f };
	struct db *db;

	*state = f;
	if (place_setup(&f->place, "writer") < 0)
		return -1;
	db = db_open(path(f), DB_WRITER, &f->err);
	f->reader = db_open(path(f), DB_READER, &f->err);
	if (db == NULL || f->reader == NULL)
		return -1;
	f->writer = writer_new(db, &hook);
	return f->writer != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	writer_stop(f->writer);
	free(f->writer); /* the daemon keeps it to its own end */
	db_close(f->reader);
	place_teardown(&f->place);
	free(f);
	return 0;
}

static int run_task(struct writer_job *job, struct db *db, struct err *err)
{
	struct task *t = (struct task *)job;

	t->runs++;
	t->ran_on = pthread_self();
	t->f->order[t->f->norder++ % (ORDER_MAX - 1)] =
		job->kind == WRITER_RECORD ? 'r' : 'c';
	if (db_run(db, SQL_SETTING_PUT, err, "tit", t->name, P0, "1") < 0)
		return -1;
	if (t->behaviour == ROLLS_BACK)
		db_exec(db, "ROLLBACK", NULL); /* as SQLite does when the disk is full */
	return t->behaviour == STORES ? 0
				      : err_code(err, ERR_EXISTS, "%s fails", t->name);
}

static void done_task(struct writer_job *job, bool committed)
{
	struct task *t = (struct task *)job;

	t->done++;
	t->committed = committed;
}

static struct task task(struct fixture *f, enum writer_kind kind, const char *name,
	enum behaviour behaviour)
{
	return (struct task){ .job = { .kind = kind, .run = run_task, .done = done_task },
		.f = f,
		.name = name,
		.behaviour = behaviour };
}

static void *submit(void *arg)
{
	struct task *t = arg;

	t->result = writer_do(t->f->writer, &t->job, &t->err);
	return NULL;
}

/* For as long as a failure took, what comes behind it fails at once, not run: until it is
 * stored. */
static void submit_after_failure(struct task *t)
{
	const struct task fresh = *t;
	int tries = 3000;

	do {
		*t = fresh;
		submit(t);
	} while (t->result < 0 && t->runs == 0 && --tries > 0 && usleep(10000) == 0);
}

static int run_clear(struct writer_job *job, struct db *db, struct err *err)
{
	(void)job;
	return db_exec(db, "DELETE FROM setting", err);
}

/* Submits each task from a thread of its own while the writer is busy.  The queue
 * cannot be seen from outside: where one came too late to wait with the others,
 * everything is done again, with more patience. */
static void in_one_batch(struct fixture *f, struct task *t, size_t n)
{
	struct task fresh[40],
		clear = { .job = { .kind = WRITER_CHANGE, .run = run_clear }, .f = f };
	unsigned patience = 5000;
	struct gate g;
	int batch, settled;

	memcpy(fresh, t, n * sizeof(*t));
	do {
		memcpy(t, fresh, n * sizeof(*t));
		submit_after_failure(&clear);
		assert_int_equal(clear.result, 0);
		batch = f->batch;
		settled = f->settled;
		gate_shut(&g, f->writer);
		f->norder = 0;
		memset(f->order, 0, sizeof(f->order));
		for (size_t i = 0; i < n; i++)
			pthread_create(&t[i].thread, NULL, submit, &t[i]);
		usleep(patience);
		gate_open(&g);
		for (size_t i = 0; i < n; i++)
			pthread_join(t[i].thread, NULL);
		patience *= 2;
		assert_true(patience < 10000000);
	} while (f->batch != batch + 2); /* the gate's and theirs */
	f->together = f->settled - settled - 1;
}

static bool stored(struct fixture *f, const char *name)
{
	sqlite3_stmt *q = db_query(f->reader, SQL_SETTING_FIND, &f->err, "ti", name, P0);
	int more = db_next(f->reader, q, &f->err);

	sqlite3_reset(q);
	assert_true(more >= 0);
	return more == 1;
}

static void check(const struct task *t, int result, bool committed, int runs)
{
	if (t->result != result || t->committed != committed)
		fail_msg("%s: result %d, committed %d: %s", t->name, t->result,
			t->committed, t->err.text);
	assert_int_equal(t->runs, runs);
	assert_int_equal(t->done, 1);
	assert_int_equal(stored(t->f, t->name), committed);
}

/* All of them fail with the same words, and the next one is fine. */
static void check_fail_together(
	struct fixture *f, struct task *t, size_t n, const char *why)
{
	struct task next = task(f, WRITER_RECORD, "next", STORES);

	in_one_batch(f, t, n);
	assert_int_equal(f->together, 0);
	for (size_t i = 0; i < n; i++) {
		check(&t[i], -1, false, t[i].runs);
		assert_string_equal(t[i].err.text, why);
	}
	submit_after_failure(&next);
	check(&next, 0, true, 1);
}

static void a_job_is_committed_before_it_returns(void **state)
{
	struct fixture *f = *state;
	struct task t = task(f, WRITER_RECORD, "one", STORES);

	submit(&t);
	check(&t, 0, true, 1);
	assert_false(pthread_equal(t.ran_on, pthread_self()));
	assert_int_equal(f->settled, 1);
	assert_true(stored(f, "hook"));
	/* the struct may be used again, and done may be NULL */
	t.job.done = NULL;
	submit(&t);
	assert_int_equal(t.result, 0);
	assert_int_equal(t.runs, 2);
}

static void all_that_wait_are_one_transaction(void **state)
{
	static char names[40][8];
	struct fixture *f = *state;
	struct task t[40];
	char order[ORDER_MAX] = "h"; /* the gate's */

	for (unsigned i = 0; i < COUNT(t); i++) {
		snprintf(names[i], sizeof(names[i]), "n%u", i);
		t[i] = task(f, i % 2 ? WRITER_CHANGE : WRITER_RECORD, names[i], STORES);
	}
	in_one_batch(f, t, COUNT(t));
	assert_int_equal(f->together, 1);
	for (unsigned i = 0; i < COUNT(t); i++)
		check(&t[i], 0, true, 1);
	/* records, then the hook, then changes, whoever came first */
	memset(order + 1, 'r', 20);
	order[21] = 'h';
	memset(order + 22, 'c', 20);
	assert_string_equal(f->order, order);
}

static void a_change_fails_alone(void **state)
{
	struct fixture *f = *state;
	struct task t[] = {
		task(f, WRITER_CHANGE, "before", STORES),
		task(f, WRITER_CHANGE, "bad", FAILS),
		task(f, WRITER_CHANGE, "after", STORES),
		task(f, WRITER_RECORD, "record", STORES),
		task(f, WRITER_CHANGE, "worse", FAILS),
	};

	in_one_batch(f, t, COUNT(t));
	check(&t[0], 0, true, 1);
	check(&t[1], -1, false, 1);
	check(&t[2], 0, true, 1);
	check(&t[3], 0, true, 1);
	check(&t[4], -1, false, 1);
	assert_string_equal(t[1].err.text, "bad fails");
	assert_int_equal(t[1].err.code, ERR_EXISTS);
	assert_string_equal(t[4].err.text, "worse fails");
	assert_false(episode_say(f->why));
}

static void a_record_fails_with_its_batch(void **state)
{
	struct fixture *f = *state;
	struct task t[] = {
		task(f, WRITER_RECORD, "first", STORES),
		task(f, WRITER_RECORD, "bad", FAILS),
		task(f, WRITER_CHANGE, "change", STORES),
	};

	check_fail_together(f, t, COUNT(t), "bad fails");
}

/* What SQLite undoes by itself nobody may take for stored. */
static void a_lost_transaction_fails_everybody(void **state)
{
	struct fixture *f = *state;
	struct task t[] = {
		task(f, WRITER_RECORD, "record", STORES),
		task(f, WRITER_CHANGE, "change", STORES),
		task(f, WRITER_CHANGE, "full", ROLLS_BACK),
	};

	check_fail_together(f, t, COUNT(t), "full fails");
}

static int64_t started; /* what fails within a minute has failed since then */

static void health_says_since_when_and_why(void **state)
{
	struct fixture *f = *state;
	struct task t = task(f, WRITER_CHANGE, "one", STORES);
	char before[CLOCK_TEXT_MAX], after[CLOCK_TEXT_MAX], first[EPISODE_TEXT_MAX];
	const size_t at = sizeof("since ") - 1;

	clock_format(before, started);
	f->refuses_flushes = true;
	submit(&t);
	check(&t, -1, false, 0); /* the hook comes before the changes */
	assert_string_equal(t.err.text, "no flush");
	assert_int_equal(f->settled, 0);
	clock_format(after, clock_now());
	assert_true(episode_say(f->why));
	assert_memory_equal(f->why, "since ", at);
	assert_true(strncmp(before, f->why + at, strlen(before)) <= 0);
	assert_true(strncmp(after, f->why + at, strlen(after)) >= 0);
	assert_string_equal(f->why + at + strlen(after), ": cannot store: no flush");
	snprintf(first, sizeof(first), "%s", f->why);
	submit(&t);
	assert_true(episode_say(f->why) && strcmp(f->why, first) == 0);
	f->refuses_flushes = false;
	t = task(f, WRITER_CHANGE, "one", STORES);
	submit_after_failure(&t);
	assert_true(t.result == 0 && !episode_say(f->why));
}

/* The one test that waits for DB_BUSY_TIMEOUT. */
static void a_lock_of_others_is_an_episode(void **state)
{
	struct fixture *f = *state;
	sqlite3 *other = NULL;
	struct task t = task(f, WRITER_RECORD, "one", STORES);

	assert_int_equal(sqlite3_open(path(f), &other), SQLITE_OK);
	sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	submit(&t);
	check(&t, -1, false, 0);
	assert_int_equal(t.err.code, ERR_FAILED);
	assert_true(f->batch >= 1 && f->settled == 0);
	assert_true(episode_say(f->why));
	assert_non_null(strstr(f->why, "locked"));
	sqlite3_exec(other, "COMMIT", NULL, NULL, NULL);
	t = task(f, WRITER_RECORD, "one", STORES);
	submit_after_failure(&t);
	check(&t, 0, true, 1);
	assert_false(episode_say(f->why));
	sqlite3_close(other);
}

static void *submit_many(void *arg)
{
	struct task *t = arg;
	int failed = 0;

	for (int i = 0; i < 100; i++) {
		t->behaviour =
			i % 10 == 9 && t->job.kind == WRITER_CHANGE ? FAILS : STORES;
		submit(t);
		failed += t->result != (t->behaviour == STORES ? 0 : -1) ||
			  t->committed != (t->behaviour == STORES);
	}
	t->result = failed;
	return NULL;
}

static void eight_threads_at_once(void **state)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h" };
	struct fixture *f = *state;
	struct task t[8];

	for (unsigned i = 0; i < COUNT(t); i++) {
		t[i] = task(f, i % 2 ? WRITER_CHANGE : WRITER_RECORD, names[i], STORES);
		assert_int_equal(
			pthread_create(&t[i].thread, NULL, submit_many, &t[i]), 0);
	}
	for (unsigned i = 0; i < COUNT(t); i++)
		pthread_join(t[i].thread, NULL);
	for (unsigned i = 0; i < COUNT(t); i++) {
		assert_int_equal(t[i].result, 0);
		assert_int_equal(t[i].runs, 100);
		assert_int_equal(t[i].done, 100);
		assert_true(stored(f, names[i]));
	}
	assert_int_equal(f->settled, f->batch);
}

static void *stop(void *arg)
{
	writer_stop(arg);
	return NULL;
}

static void stop_commits_what_waits(void **state)
{
	struct fixture *f = *state;
	struct gate g;
	struct task t = task(f, WRITER_RECORD, "waits", STORES),
		    late = task(f, WRITER_RECORD, "late", STORES);
	pthread_t stopper;

	gate_shut(&g, f->writer);
	pthread_create(&t.thread, NULL, submit, &t);
	usleep(20000); /* too short: then it is refused, not lost */
	pthread_create(&stopper, NULL, stop, f->writer);
	usleep(20000);
	gate_open(&g);
	pthread_join(t.thread, NULL);
	pthread_join(stopper, NULL);
	assert_int_equal(stored(f, "waits"), t.result == 0);
	submit(&late);
	assert_int_equal(late.result, -1);
	assert_string_equal(late.err.text, "themisd is stopping");
	assert_int_equal(writer_do(f->writer, &late.job, NULL), -1);
	assert_true(late.runs == 0 && !stored(f, "late"));
	free(f->writer);
	f->writer = NULL;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_job_is_committed_before_it_returns),
		TEST(all_that_wait_are_one_transaction),
		TEST(a_change_fails_alone),
		TEST(a_record_fails_with_its_batch),
		TEST(a_lost_transaction_fails_everybody),
		TEST(health_says_since_when_and_why),
		TEST(a_lock_of_others_is_an_episode),
		TEST(eight_threads_at_once),
		TEST(stop_commits_what_waits),
	};

	clock_start();
	started = clock_now();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
