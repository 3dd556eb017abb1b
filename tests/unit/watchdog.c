/*
 * Tests of src/watchdog: a sign of life while the writer goes on, none while it is stuck,
 * and a line of the log for that.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "watchdog.h"

#include "base/clock.h"
#include "base/log.h"
#include "service.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "gate.h"
#include "manager.h"

#define WITHIN (120 * CLOCK_SECOND)
#define STEPS  20
#define BEGIN  (1000 * CLOCK_SECOND)

struct fixture {
	void *manager; /* a struct manager */
	struct writer *writer;
	struct watchdog dog;
	int64_t now;
	int saved, log; /* standard error, and the file that takes its place */
	char path[240], text[2000];
};

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

static const char *beside(struct fixture *f, const char *name)
{
	struct manager *m = f->manager;

	snprintf(f->path, sizeof(f->path), "%s/%s", m->dir, name);
	return f->path;
}

static int setup(void **state)
{
	static const struct writer_hook hook = { no_flush, no_settle, NULL, NULL };
	struct fixture *f = *state = mem_calloc(1, sizeof(*f));

	if (manager_setup(&f->manager) < 0)
		return -1;
	service_begin();
	f->log = open(beside(f, "log"), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	log_open("t", 0, LEVEL_INFO);
	f->saved = dup(STDERR_FILENO);
	dup2(f->log, STDERR_FILENO);
	f->writer = writer_new(db_open(beside(f, "themis.db"), DB_WRITER, NULL), &hook);
	f->dog.within = WITHIN;
	f->now = BEGIN;
	return f->log < 0 || f->writer == NULL ? -1 : 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	writer_stop(f->writer);
	free(f->writer);
	dup2(f->saved, STDERR_FILENO);
	close(f->saved);
	close(f->log);
	unlink(beside(f, "log"));
	unlink(beside(f, "themis.db"));
	manager_teardown(&f->manager);
	free(f);
	return 0;
}

/* What was logged since the last call. */
static const char *logged(struct fixture *f)
{
	ssize_t n = pread(f->log, f->text, sizeof(f->text) - 1, 0);

	f->text[n > 0 ? n : 0] = '\0';
	assert_int_equal(ftruncate(f->log, 0), 0);
	return f->text;
}

/* Looks as often as the thread would for so long; the number of signs. */
static int look_for(struct fixture *f, int64_t time)
{
	int64_t until = f->now + time;
	int signs = 0;

	for (; f->now < until; f->now += watchdog_interval(&f->dog)) {
		const char *told;

		watchdog_look(&f->dog, f->now);
		while (*(told = manager_told(f->manager)) != '\0') {
			assert_string_equal(told, "WATCHDOG=1");
			signs++;
		}
	}
	return signs;
}

static void an_idle_writer_is_well(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(look_for(f, 10 * WITHIN), 40);
	assert_string_equal(logged(f), "");
}

static void one_that_is_stuck_is_not(void **state)
{
	struct fixture *f = *state;
	struct gate gate;

	gate_shut(&gate, f->writer);
	/* at first it may be something that takes a while */
	assert_int_equal(look_for(f, WITHIN), 4);
	assert_string_equal(logged(f), "");
	assert_int_equal(look_for(f, 3 * WITHIN), 0);
	assert_string_equal(logged(f),
		"t: error: the writer has been at one and the same thing for 2 minutes: "
		"until it goes on, the service manager gets no sign of life, and may "
		"restart themisd\n");
	gate_open(&gate);
	writer_stop(f->writer);
	assert_int_equal(look_for(f, WITHIN), 4);
	assert_string_equal(logged(f), "t: info: the writer goes on: the service manager "
				       "gets signs of life again\n");
}

/* A job that takes for ever, in steps. */
struct steps {
	struct writer_job job;
	const char *sql;
	sem_t next, made;
	int left;
};

static int run_steps(struct writer_job *job, struct db *db, struct err *err)
{
	struct steps *s = (struct steps *)job;
	int rc = 0;

	while (s->left-- > 0 && rc == 0) {
		sem_post(&s->made);
		sem_wait(&s->next);
		rc = db_exec(db, s->sql, err);
	}
	return rc;
}

/* So long in each step; the signs in all of them. */
static int sign_in_steps(struct fixture *f, struct steps *s, int64_t each)
{
	int signs = 0;

	for (int i = 0; i < STEPS; i++) {
		sem_wait(&s->made);
		signs += look_for(f, each);
		sem_post(&s->next);
	}
	return signs;
}

/* However long all of it takes: of what SQLite does, no part may. */
static void a_large_change_is_no_standstill(void **state)
{
	struct fixture *f = *state;
	int signs;
	struct steps s = { .left = STEPS,
		.job = { .kind = WRITER_CHANGE, .run = run_steps },
		.sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
		       "WHERE i < 1000) SELECT count(*) FROM n" };

	sem_init(&s.next, 0, 0);
	sem_init(&s.made, 0, 0);
	assert_true(writer_post(f->writer, &s.job));
	writer_begin(f->writer);
	signs = sign_in_steps(f, &s, 3 * watchdog_interval(&f->dog));
	writer_stop(f->writer);
	assert_int_equal(signs, 3 * STEPS);
	assert_int_equal(s.job.result, 0);
	assert_string_equal(logged(f), "");
	sem_destroy(&s.next);
	sem_destroy(&s.made);
}

/* A lock of another program takes two seconds, however short a time the manager gives. */
static void ten_seconds_are_the_least(void **state)
{
	struct fixture *f = *state;
	struct gate gate;

	f->dog.within = CLOCK_SECOND;
	gate_shut(&gate, f->writer);
	assert_int_equal(look_for(f, 10 * CLOCK_SECOND), 40);
	assert_int_equal(look_for(f, 10 * CLOCK_SECOND), 0);
	gate_open(&gate);
}

/* A time that nobody means is none to spin for, nor to wait for ever. */
static void a_time_out_of_reason_is_bounded(void **state)
{
	struct fixture *f = *state;
	struct gate gate;

	for (f->dog.within = 1; f->dog.within < 400000; f->dog.within *= 3)
		assert_int_equal(watchdog_interval(&f->dog), 100000);
	f->dog.within = INT64_MAX - 1;
	assert_int_equal(watchdog_interval(&f->dog), 3600 * CLOCK_SECOND);
	gate_shut(&gate, f->writer);
	assert_int_equal(look_for(f, 4 * 3600 * CLOCK_SECOND), 4);
	assert_int_equal(look_for(f, 4 * 3600 * CLOCK_SECOND), 0);
	gate_open(&gate);
}

static void the_thread_gives_signs_until_it_is_stopped(void **state)
{
	struct fixture *f = *state;
	struct manager *m = f->manager;
	struct pollfd fd = { m->fd, POLLIN, 0 };
	struct err err;

	setenv("WATCHDOG_USEC", "200000", 1);
	service_begin();
	assert_int_equal(watchdog_start(&err), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(poll(&fd, 1, 60000), 1);
		assert_string_equal(manager_told(m), "WATCHDOG=1");
	}
	watchdog_stop();
	while (*manager_told(m) != '\0')
		continue;
	watchdog_stop();
	/* and for who wants none there is no thread */
	unsetenv("WATCHDOG_USEC");
	service_begin();
	assert_int_equal(watchdog_start(&err), 0);
	watchdog_stop();
	assert_string_equal(manager_told(m), "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_idle_writer_is_well),
		TEST(one_that_is_stuck_is_not),
		TEST(a_large_change_is_no_standstill),
		TEST(ten_seconds_are_the_least),
		TEST(a_time_out_of_reason_is_bounded),
		TEST(the_thread_gives_signs_until_it_is_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
