/*
 * Tests of db/reader.c: who keeps the log from starting again, after how long that is
 * said, and when it is over.  Time is an argument; the readers are real, one of them in
 * another process.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/reader.h"

#include "base/clock.h"
#include "base/episode.h"
#include "base/log.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* 2023-11-14T22:00:00Z, in microseconds */
#define NOW ((int64_t)1699999200 * CLOCK_SECOND)

struct fixture {
	char dir[200], path[240];
	struct db *writer, *reader, *keeper;
	struct reader_watch watch;
	struct err err;
	char text[EPISODE_TEXT_MAX];
	/* the other process: reads from the first word to the second */
	pid_t other;
	int to, from;
};

/* In the other process.  It has opened nothing before it was started: SQLite's locks are
 * not for children. */
static _Noreturn void read_apart(const char *path, int words, int done)
{
	sqlite3 *handle;
	char word;

	prctl(PR_SET_NAME, "an\033odd\nname");
	if (read(words, &word, 1) != 1 ||
		sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
		sqlite3_exec(handle, "BEGIN; SELECT * FROM setting", NULL, NULL, NULL) !=
			SQLITE_OK ||
		write(done, "r", 1) != 1)
		_exit(1);
	/* until the second, or our end */
	_exit(read(words, &word, 1) < 0);
}

static int setup(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct fixture *f = calloc(1, sizeof(*f));
	int words[2], done[2];

	if (f == NULL)
		return -1;
	snprintf(f->dir, sizeof(f->dir), "%s/themis-reader.XXXXXX",
		tmp != NULL ? tmp : "/tmp");
	*state = f;
	if (mkdtemp(f->dir) == NULL || pipe(words) < 0 || pipe(done) < 0)
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/themis.db", f->dir);
	f->other = fork();
	if (f->other == 0) {
		close(words[1]);
		read_apart(f->path, words[0], done[1]);
	}
	close(words[0]);
	close(done[1]);
	f->to = words[1];
	f->from = done[0];
	f->writer = db_open(f->path, DB_WRITER, &f->err);
	f->reader = db_open(f->path, DB_READER, &f->err);
	f->keeper = db_open(f->path, DB_KEEPER, &f->err);
	if (f->writer == NULL || f->reader == NULL || f->keeper == NULL)
		return -1;
	reader_watch_init(&f->watch, f->keeper);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	close(f->to);
	close(f->from);
	waitpid(f->other, NULL, 0);
	db_close(f->reader);
	db_close(f->writer);
	db_close(f->keeper);
	close(f->watch.file);
	unlink(f->path);
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

/* The keeper's turn at that moment, and what `status` says then. */
static const char *turn(struct fixture *f, int64_t now)
{
	int length = 0, copied = 0;

	assert_int_equal(sqlite3_wal_checkpoint_v2(db_handle(f->keeper), "main",
				 SQLITE_CHECKPOINT_PASSIVE, &length, &copied),
		SQLITE_OK);
	reader_watch_note(&f->watch, copied < length, copied, now);
	episode_say(f->text);
	return f->text;
}

static void the_other_reads(struct fixture *f)
{
	char word;

	assert_int_equal(write(f->to, "b", 1), 1);
	assert_int_equal(read(f->from, &word, 1), 1);
}

static void nobody_reads(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 10; i++) {
		put(f, "one");
		assert_string_equal(turn(f, NOW + i * READER_PATIENCE), "");
	}
}

static void who_reads_for_long_is_named(void **state)
{
	struct fixture *f = *state;
	char wanted[300];

	put(f, "before");
	the_other_reads(f);
	put(f, "behind");
	assert_string_equal(turn(f, NOW), "");
	put(f, "behind it again");
	assert_string_equal(turn(f, NOW + READER_PATIENCE - 1), "");
	snprintf(wanted, sizeof(wanted),
		"since 2023-11-14T22:00:03.000Z: the log cannot start again: "
		"an\\x1bodd (pid %ld) has been reading since 2023-11-14T22:00:00.000Z",
		(long)f->other);
	assert_string_equal(turn(f, NOW + READER_PATIENCE), wanted);
	assert_string_equal(turn(f, NOW + 1000 * READER_PATIENCE), wanted);
	assert_int_equal(write(f->to, "e", 1), 1);
	waitpid(f->other, NULL, 0);
	assert_string_equal(turn(f, NOW + 1001 * READER_PATIENCE), "");
}

/* Readers that see what is newest are not the ones who hold it up. */
static void who_reads_the_newest_is_not(void **state)
{
	struct fixture *f = *state;

	put(f, "before");
	assert_int_equal(db_exec(f->reader, "BEGIN; SELECT * FROM setting", &f->err), 0);
	put(f, "behind");
	the_other_reads(f);
	assert_string_equal(turn(f, NOW), "");
	assert_non_null(
		strstr(turn(f, NOW + READER_PATIENCE_OWN), "themisd itself has been"));
	/* when we have gone it is the other one */
	put(f, "behind both");
	assert_int_equal(db_exec(f->reader, "COMMIT", &f->err), 0);
	turn(f, NOW + 2 * READER_PATIENCE_OWN);
	assert_non_null(strstr(
		turn(f, NOW + 2 * READER_PATIENCE_OWN + READER_PATIENCE), "odd (pid "));
	assert_non_null(strstr(f->text, "reading since 2023-11-14T22:02:30.000Z"));
	assert_non_null(strstr(turn(f, NOW + 3 * READER_PATIENCE_OWN), "22:02:30.000Z"));
	close(f->to);
	f->to = -1;
	waitpid(f->other, NULL, 0);
	assert_string_equal(turn(f, NOW + 4 * READER_PATIENCE_OWN), "");
}

/* A report, say, which has an end; nor does who comes behind us stand for us. */
static void our_own_have_longer(void **state)
{
	struct fixture *f = *state;

	put(f, "before");
	assert_int_equal(db_exec(f->reader, "BEGIN; SELECT * FROM setting", &f->err), 0);
	put(f, "behind");
	the_other_reads(f);
	put(f, "behind both");
	turn(f, NOW);
	assert_string_equal(turn(f, NOW + READER_PATIENCE), "");
	assert_string_equal(turn(f, NOW + READER_PATIENCE_OWN - 1), "");
	assert_int_equal(db_exec(f->reader, "COMMIT", &f->err), 0);
	assert_string_equal(turn(f, NOW + READER_PATIENCE_OWN - 1), "");
	assert_string_equal(turn(f, NOW + READER_PATIENCE_OWN + READER_PATIENCE - 2), "");
	assert_non_null(strstr(
		turn(f, NOW + READER_PATIENCE_OWN + READER_PATIENCE - 1), "odd (pid "));
}

/* One who began when the log was all in the file reads only that. */
static void who_reads_the_file_is_named(void **state)
{
	struct fixture *f = *state;

	put(f, "before");
	assert_string_equal(turn(f, NOW), "");
	the_other_reads(f);
	put(f, "behind");
	assert_string_equal(turn(f, NOW), "");
	assert_non_null(strstr(turn(f, NOW + READER_PATIENCE), "odd (pid "));
	assert_int_equal(write(f->to, "e", 1), 1);
	waitpid(f->other, NULL, 0);
	assert_string_equal(turn(f, NOW + 2 * READER_PATIENCE), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nobody_reads),
		TEST(who_reads_for_long_is_named),
		TEST(who_reads_the_newest_is_not),
		TEST(our_own_have_longer),
		TEST(who_reads_the_file_is_named),
	};

	signal(SIGPIPE, SIG_IGN);
	log_open("test", 0, LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
