/*
 * Tests of spf/worker/sandbox: what is left to a worker that a record has taken over.
 * Each attempt is made by a process of its own, whose exit status says what came of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/worker/sandbox.h"

#include "spf/worker/sandbox_needs.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NOT_CLOSED 99 /* the sandbox is not: no exit status of an attempt */

static int wire[2]; /* of the attempt's process: its socket to a daemon, and that end */

static int begin(void)
{
	struct err err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, wire) < 0)
		return -1;
	return sandbox_close(&err);
}

/* 0: it may, else why it may not; in the sandbox, with a socket of its own. */
static int outcome_of(int (*attempt)(int fd))
{
	int fd, status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		fd = socket(AF_INET, SOCK_DGRAM, 0);
		if (fd < 0 || begin() < 0)
			_exit(NOT_CLOSED);
		errno = 0;
		_exit(attempt(fd) < 0 ? errno : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_not_equal(WEXITSTATUS(status), NOT_CLOSED);
	return WEXITSTATUS(status);
}

/* A descriptor that can be read sends a signal to its owner, whoever that is. */
static int own(int fd)
{
	return fcntl(fd, F_SETOWN, getppid());
}

static int choose_signal(int fd)
{
	return fcntl(fd, F_SETSIG, SIGKILL);
}

static int signal_when_ready(int fd)
{
	return fcntl(fd, F_SETFL, O_RDWR | O_ASYNC);
}

static int signal_by_ioctl(int fd)
{
	int on = 1;

	return ioctl(fd, FIOASYNC, &on);
}

static int duplicate(int fd)
{
	return fcntl(fd, F_DUPFD, 50);
}

static int be_local(int fd)
{
	(void)fd;
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static int not_block(int fd)
{
	return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static int ask(int fd)
{
	(void)fd;
	return socket(AF_INET6, SOCK_DGRAM, 0);
}

/* The socket to the daemon is a file for whoever gives it a path as its name. */
static char path[] = "/tmp/themis-sandbox-XXXXXX";

static int be_file(int fd)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	(void)fd;
	memcpy(name.sun_path, path, sizeof(path));
	return bind(wire[0], (const struct sockaddr *)&name, sizeof(name));
}

static int have_visitors(int fd)
{
	(void)fd;
	return listen(wire[0], 1);
}

static int hear_and_answer(int fd)
{
	char c;

	(void)fd;
	return send(wire[1], "?", 1, 0) == 1 && recv(wire[0], &c, 1, 0) == 1 &&
			       send(wire[0], "!", 1, 0) == 1 &&
			       recv(wire[1], &c, 1, 0) == 1 && c == '!'
		       ? 0
		       : -1;
}

static void test_socket(void **state)
{
	int fd = mkstemp(path); /* a name that is nobody's */

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(outcome_of(be_file), EINVAL);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(outcome_of(have_visitors), EPERM);
	assert_int_equal(outcome_of(hear_and_answer), 0);
}

/* Sockets until there are no more, or more than there may be. */
static int open_many(int fd)
{
	for (int i = 0; i < 512; i++)
		fd = fd < 0 ? fd : socket(AF_INET, SOCK_DGRAM, 0);
	return fd;
}

static int take_much(int fd)
{
	(void)fd;
	return mmap(NULL, (size_t)1 << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0) == MAP_FAILED
		       ? -1
		       : 0;
}

static void test_limits(void **state)
{
	(void)state;
	assert_int_equal(outcome_of(open_many), EMFILE);
	assert_int_equal(outcome_of(take_much),
		sandbox_address_space == RLIM_INFINITY ? 0 : ENOMEM);
}

static void test_calls(void **state)
{
	(void)state;
	assert_int_equal(outcome_of(own), EPERM);
	assert_int_equal(outcome_of(choose_signal), EPERM);
	assert_int_equal(outcome_of(signal_when_ready), EPERM);
	assert_int_equal(outcome_of(signal_by_ioctl), EPERM);
	assert_int_equal(outcome_of(duplicate), EPERM);
	assert_int_equal(outcome_of(be_local), EPERM);
	assert_int_equal(outcome_of(not_block), 0);
	assert_int_equal(outcome_of(ask), 0);
}

/* The daemon's log, to a build that has nothing to complain of, is /dev/null. */
static int complain(int fd)
{
	(void)fd;
	return write(STDERR_FILENO, "x", 1) == 1 ? 0 : -1;
}

static void test_log(void **state)
{
	int ends[2], saved = dup(STDERR_FILENO);
	char c;

	(void)state;
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	close(ends[1]);
	assert_int_equal(outcome_of(complain), 0);
	dup2(saved, STDERR_FILENO);
	close(saved);
	assert_int_equal(read(ends[0], &c, 1), sandbox_may_complain ? 1 : 0);
	close(ends[0]);
}

/* What nobody tries who means well ends the process. */
static void test_deadly(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		if (begin() < 0)
			_exit(NOT_CLOSED);
		kill(getppid(), 0);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_socket),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_deadly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
