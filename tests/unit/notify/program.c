/*
 * Programs that alerts are given to: those that work, fail, hang, flood, do not listen,
 * or leave somebody behind.  All of them are the shell's, started without one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "notify/program.h"
#include "../fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>

#define SOON (20 * CLOCK_SECOND) /* longer than anything that ends takes */

static struct program_left left;
static struct err err;
static _Atomic int64_t never = INT64_MAX;

static int setup(void **state)
{
	signal(SIGPIPE, SIG_IGN);
	return site_setup_database(state);
}

/* A script in place of the program; $0 is the site's directory. */
static int run(struct site *s, const char *script, const char *input, int64_t patience)
{
	char *const argv[] = { (char[]){ "/bin/sh" }, (char[]){ "-c" },
		(char *)(uintptr_t)script, s->dir, NULL };

	err.text[0] = '\0';
	return program_run(
		&left, argv, input, clock_monotonic() + patience, &never, &err);
}

/* What the script has written into that file. */
static const char *written(struct site *s, const char *file)
{
	static char text[10000];
	char path[300];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", s->dir, file);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	n = read(fd, text, sizeof(text) - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	close(fd);
	return text;
}

static pid_t number(const char *text)
{
	return (pid_t)strtol(text, NULL, 10);
}

static void test_input(void **state)
{
	struct site *s = *state;
	size_t size = 1000000;
	char *large = mem_calloc(1, size + 1);

	memset(large, 'x', size);
	assert_int_equal(run(s, "cat >$0/in", "{}\n", SOON), 0);
	assert_string_equal(written(s, "in"), "{}\n");
	assert_int_equal(run(s, "cat >$0/in", "", SOON), 0);
	assert_string_equal(written(s, "in"), "");
	/* more than a pipe holds */
	assert_int_equal(run(s, "wc -c | tr -d ' ' >$0/in", large, SOON), 0);
	assert_string_equal(written(s, "in"), "1000000\n");
	/* it need not read */
	assert_int_equal(run(s, "exit 0", large, SOON), 0);
	assert_int_equal(run(s, "exec <&-; sleep 0.1", large, SOON), 0);
	free(large);
}

static void test_failure(void **state)
{
	static const struct {
		const char *script, *words;
	} cases[] = {
		{ "exit 3", "/bin/sh ended with status 3" },
		{ "echo boom >&2; echo out; exit 3",
			"/bin/sh ended with status 3, and says: boom" },
		{ "echo 1 >&2; echo 2 >&2; exit 1",
			"/bin/sh ended with status 1, and says: 1\\x0a2" },
		{ "kill -9 $$", "/bin/sh was killed by signal 9 (Killed)" },
		{ "exec /nowhere", NULL },
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		assert_int_equal(run(*state, cases[i].script, "{}\n", SOON), -1);
		if (cases[i].words != NULL)
			assert_string_equal(err.text, cases[i].words);
	}
	/* what it says is none of ours if all is well */
	assert_int_equal(run(*state, "echo boom >&2", "{}\n", SOON), 0);
}

static void test_none(void **state)
{
	char *const argv[] = { (char[]){ "/nowhere/alert" }, NULL };

	(void)state;
	assert_int_equal(
		program_run(&left, argv, "", clock_monotonic() + SOON, &never, &err), -1);
	assert_string_equal(
		err.text, "/nowhere/alert cannot be started: No such file or directory");
}

static void test_hanging(void **state)
{
	int64_t began = clock_monotonic();

	assert_int_equal(
		run(*state, "echo $$ >$0/pid; sleep 1000", "", CLOCK_SECOND / 2), -1);
	assert_string_equal(err.text, "/bin/sh did not end in time, and was killed");
	assert_true(clock_monotonic() - began < 10 * CLOCK_SECOND);
	assert_int_equal(kill(number(written(*state, "pid")), 0), -1);
	/* one that does not want to end */
	assert_int_equal(run(*state, "trap '' TERM INT HUP; while :; do sleep 1; done",
				 "", CLOCK_SECOND / 2),
		-1);
	assert_string_equal(err.text, "/bin/sh did not end in time, and was killed");
}

/* On both of its outputs. */
static void test_flooding(void **state)
{
	assert_int_equal(run(*state, "head -c 1000000000 /dev/zero", "", SOON), 0);
	assert_int_equal(run(*state, "yes >&2", "", CLOCK_SECOND / 2), -1);
	assert_non_null(strstr(err.text, "did not end in time, and was killed, and says: "
					 "y\\x0ay\\x0a"));
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

/* Whoever is its parent by now may be slow to look: then it is a zombie. */
static bool has_gone(pid_t pid)
{
	char path[40], stat[200] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	if (f == NULL)
		return true;
	stat[fread(stat, 1, sizeof(stat) - 1, f)] = '\0';
	fclose(f);
	return strstr(stat, ") Z ") != NULL;
}

/* A child that stays holds up nobody, and goes with the program. */
static void test_child(void **state)
{
	int64_t began = clock_monotonic();
	pid_t pid;

	for (int in_time = 0; in_time < 2; in_time++) {
		const char *script = in_time ? "sleep 1000 & echo $! >$0/pid"
					     : "sleep 1000 & echo $! >$0/pid; wait";

		assert_int_equal(
			run(*state, script, "{}\n", in_time ? SOON : CLOCK_SECOND / 2),
			in_time ? 0 : -1);
		pid = number(written(*state, "pid"));
		for (int i = 0; i < 1000 && !has_gone(pid); i++)
			usleep(10000);
		assert_true(has_gone(pid));
	}
	assert_true(clock_monotonic() - began < SOON / 2);
}

/* Nothing of ours, but PATH and LANG. */
static void test_what_it_has(void **state)
{
	struct site *s = *state;
	int fd = open(s->database, O_RDONLY); /* would be inherited */
	pid_t group;

	assert_true(fd > STDERR_FILENO);
	setenv("SECRET", "1", 1);
	assert_int_equal(run(s,
				 "env >$0/env; fds=$(ls -l /proc/$$/fd); out=$(readlink "
				 "/proc/$$/fd/1); "
				 "echo $fds >$0/fds; echo $out >$0/out; "
				 "cut -d ' ' -f 5 /proc/$$/stat >$0/group; "
				 "echo $$ >$0/pid",
				 "", SOON),
		0);
	assert_null(strstr(written(s, "env"), "SECRET"));
	assert_non_null(strstr(written(s, "env"), "PATH=/usr/local/sbin:"));
	assert_non_null(strstr(written(s, "env"), "LANG=C\n"));
	assert_string_equal(written(s, "out"), "/dev/null\n");
	assert_non_null(strstr(written(s, "fds"), "/dev/null"));
	assert_null(strstr(written(s, "fds"), "themis.db"));
	group = number(written(s, "group"));
	assert_int_equal(group, number(written(s, "pid")));
	close(fd);
}

static _Atomic int64_t stop;

static void *stop_soon(void *arg)
{
	(void)arg;
	usleep(200000);
	stop = clock_monotonic() + CLOCK_SECOND / 5;
	return NULL;
}

/* Another thread shortens it. */
static void test_stop(void **state)
{
	char *const argv[] = { (char[]){ "/bin/sleep" }, (char[]){ "1000" }, NULL };
	int64_t began = clock_monotonic();
	pthread_t thread;

	(void)state;
	stop = INT64_MAX;
	assert_int_equal(pthread_create(&thread, NULL, stop_soon, NULL), 0);
	assert_int_equal(
		program_run(&left, argv, "", began + 1000 * CLOCK_SECOND, &stop, &err),
		-1);
	assert_string_equal(err.text, "/bin/sleep was killed, since themisd stops");
	pthread_join(thread, NULL);
}

#define PROGRAM_TEST(f) cmocka_unit_test_setup_teardown(f, setup, site_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROGRAM_TEST(test_input),
		PROGRAM_TEST(test_failure),
		PROGRAM_TEST(test_none),
		PROGRAM_TEST(test_hanging),
		PROGRAM_TEST(test_flooding),
		PROGRAM_TEST(test_child),
		PROGRAM_TEST(test_what_it_has),
		PROGRAM_TEST(test_stop),
	};

	return cmocka_run_group_tests_name("notify/program", tests, NULL, NULL);
}
