/*
 * Tests of front/packet: what is a packet, which lists of macros are none, a length
 * that is too much, an end in the middle, a packet in pieces.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "front/packet.h"

static struct {
	char command;
	size_t length;
	char *payload;
} got;

/* What is read when these octets have come, and then the end. */
static void feed(const void *octets, size_t size)
{
	struct timeval timeout = { 10, 0 };
	int fds[2];

	free(got.payload);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(write(fds[1], octets, size), size);
	close(fds[1]);
	got.payload =
		mi_rd_cmd(fds[0], &timeout, &got.command, &got.length, (char *)"test");
	close(fds[0]);
}

#define FEED(literal) feed(literal, sizeof(literal) - 1)

static int forget(void **state)
{
	(void)state;
	free(got.payload);
	got.payload = NULL;
	return 0;
}

/* libmilter ends a session for any command below a space without a payload. */
static void assert_refused(void)
{
	assert_null(got.payload);
	assert_true(got.command < ' ');
	assert_int_equal(got.length, 0);
}

static void test_whole(void **state)
{
	(void)state;
	FEED("\0\0\0\5M<a>\0");
	assert_int_equal(got.command, 'M');
	assert_int_equal(got.length, 4);
	assert_memory_equal(got.payload, "<a>", 4);
	FEED("\0\0\0\1QM");
	assert_int_equal(got.command, 'Q');
	assert_null(got.payload);
}

static void test_length(void **state)
{
	static char most[4 + 65536];

	(void)state;
	FEED("\0\0\0\0M");
	assert_refused();
	FEED("\0\1\0\1M");
	assert_refused();
	FEED("\x7f\xff\xff\xffM");
	assert_refused();
	FEED("\x80\0\0\1Q");
	assert_refused();
	FEED("\xff\xff\xff\xffQ");
	assert_refused();
	memcpy(most, "\0\1\0\0B", 5);
	feed(most, sizeof(most));
	assert_int_equal(got.command, 'B');
	assert_int_equal(got.length, 65535);
}

static void test_end(void **state)
{
	static const char packet[] = "\0\0\0\5M<a>";

	(void)state;
	for (size_t size = 0; size < sizeof(packet) - 1; size++) {
		feed(packet, size);
		assert_refused();
	}
}

static void test_macros(void **state)
{
	(void)state;
	FEED("\0\0\0\2DC");
	assert_int_equal(got.command, 'D');
	FEED("\0\0\0\6DCj\0m\0");
	assert_int_equal(got.command, 'D');
	FEED("\0\0\0\5DCj\0\0");
	assert_int_equal(got.command, 'D');
	FEED("\0\0\0\4DCj\0");
	assert_refused();
	FEED("\0\0\0\x8"
	     "DCj\0m\0i\0");
	assert_refused();
	FEED("\0\0\0\5DCj\0m");
	assert_refused();
	FEED("\0\0\0\3DCj");
	assert_refused();
	FEED("\0\0\0\1D");
	assert_null(got.payload);
}

static void test_pieces(void **state)
{
	static const char packet[] = "\0\0\0\5M<a>";
	struct timeval timeout = { 10, 0 };
	int fds[2];
	pid_t child;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	child = fork();
	if (child == 0) {
		for (size_t i = 0; i < sizeof(packet); i++) {
			if (write(fds[1], packet + i, 1) != 1)
				_exit(1);
			usleep(10000); /* nine of them are a stall */
		}
		_exit(0);
	}
	got.payload =
		mi_rd_cmd(fds[0], &timeout, &got.command, &got.length, (char *)"test");
	assert_int_equal(got.command, 'M');
	assert_memory_equal(got.payload, "<a>", 4);
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(fds[0]);
	close(fds[1]);
}

/* Without a pool it is libmilter's own time that a session may say nothing for. */
static void test_without_a_pool(void **state)
{
	struct timeval timeout = { 0, 0 };
	struct timespec began, ended;
	int fds[2];

	(void)state;
	packet_begin(false);
	clock_gettime(CLOCK_MONOTONIC, &began);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	got.payload =
		mi_rd_cmd(fds[0], &timeout, &got.command, &got.length, (char *)"test");
	assert_null(got.payload);
	assert_true(got.command < ' ');
	/* a packet's own time would be thirty seconds */
	clock_gettime(CLOCK_MONOTONIC, &ended);
	assert_true(ended.tv_sec - began.tv_sec < 20);
	close(fds[0]);
	close(fds[1]);
	feed("\0\0\0\5M<a>", 9);
	assert_int_equal(got.command, 'M');
	packet_begin(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_whole, forget),
		cmocka_unit_test_teardown(test_length, forget),
		cmocka_unit_test_teardown(test_end, forget),
		cmocka_unit_test_teardown(test_macros, forget),
		cmocka_unit_test_teardown(test_pieces, forget),
		cmocka_unit_test_teardown(test_without_a_pool, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
