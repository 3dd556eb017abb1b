/*
 * Tests of shell/screen: what is drawn, on a socket that keeps writes apart.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "screen.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define BEGIN "\033[H\033[Khead\n\033[K"

/* What was written to standard output as it was drawn, the first time; in out.  How
 * often it was. */
static int draw(int lines, const char *text, char *out, size_t size)
{
	const struct view view = { .terminal = true, .columns = 80, .lines = lines };
	char more[100];
	int fds[2], before = dup(STDOUT_FILENO), writes = 1;
	ssize_t n;

	fflush(stdout);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	dup2(fds[1], STDOUT_FILENO);
	screen_draw(&view, "head", text);
	fflush(stdout);
	dup2(before, STDOUT_FILENO);
	n = recv(fds[0], out, size - 1, MSG_DONTWAIT);
	assert_true(n >= 0);
	out[n] = '\0';
	while (recv(fds[0], more, sizeof(more), MSG_DONTWAIT) > 0)
		writes++;
	close(before);
	close(fds[0]);
	close(fds[1]);
	return writes;
}

static void expect(int lines, const char *text, const char *expected)
{
	char out[1000];

	assert_int_equal(draw(lines, text, out, sizeof(out)), 1);
	assert_string_equal(out, expected);
}

static void test_what_has_room(void **state)
{
	(void)state;
	expect(6, "", BEGIN "\n\033[J");
	expect(6, "a\nb\n", BEGIN "\n\033[Ka\n\033[Kb\n\033[J");
	expect(6, "a\nb", BEGIN "\n\033[Ka\n\033[Kb\n\033[J");
	/* as much as there is room for: no line is left to clear */
	expect(6, "a\n\nc\nd\n", BEGIN "\n\033[Ka\n\033[K\n\033[Kc\n\033[Kd");
}

/* It is told how much more there is; that line is one of those which have room. */
static void test_what_has_none(void **state)
{
	(void)state;
	expect(6, "a\nb\nc\nd\ne\n",
		BEGIN "\n\033[Ka\n\033[Kb\n\033[Kc\n\033[J... 2 lines more");
	expect(6, "a\nb\nc\nd\n\nf",
		BEGIN "\n\033[Ka\n\033[Kb\n\033[Kc\n\033[J... 3 lines more");
	expect(3, "a\nb\nc\n", BEGIN "\n\033[J... 3 lines more");
	expect(2, "a\nb\nc\n", BEGIN);
	expect(1, "a\nb\nc\n", BEGIN);
}

/* More than a buffer of stdio. */
static void test_one_write(void **state)
{
	static char text[40000], out[80000];

	(void)state;
	for (int i = 0; i < 1000; i++)
		str_append(text, sizeof(text), "the line number %d\n", i);
	assert_int_equal(draw(2000, text, out, sizeof(out)), 1);
	assert_non_null(strstr(out, "number 999\n\033[J"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_has_room),
		cmocka_unit_test(test_what_has_none),
		cmocka_unit_test(test_one_write),
	};

	return cmocka_run_group_tests_name("shell/screen", tests, NULL, NULL);
}
