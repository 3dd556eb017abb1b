/*
 * Tests of base/net: how sockets are spelled, that listening takes over a stale
 * socket and nothing else, who is at the other end, and lines out of a stream
 * however it is cut into pieces.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/net.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../random.h"

/* A directory, and the path in it that the tests are about. */
struct place {
	char dir[80], path[100], other[100];
};

static int setup(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct place *p = calloc(1, sizeof(*p));

	if (tmp == NULL || strlen(tmp) > 50) /* a socket's path is short */
		tmp = "/tmp";
	snprintf(p->dir, sizeof(p->dir), "%s/themis-net.XXXXXX", tmp);
	*state = p;
	if (mkdtemp(p->dir) == NULL)
		return -1;
	snprintf(p->path, sizeof(p->path), "%s/socket", p->dir);
	snprintf(p->other, sizeof(p->other), "%s/other", p->dir);
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;
	int rc;

	unlink(p->path);
	unlink(p->other);
	rc = rmdir(p->dir);
	free(p);
	return rc;
}

static void test_addresses(void **state)
{
	static const struct {
		const char *text;
		enum net_family family;
		const char *path, *host;
		unsigned port;
	} table[] = { { "unix:/run/x", NET_UNIX, "/run/x", "", 0 },
		{ "local:/run/x", NET_UNIX, "/run/x", "", 0 },
		{ "/run/x", NET_UNIX, "/run/x", "", 0 },
		{ "/run/a@b:c", NET_UNIX, "/run/a@b:c", "", 0 },
		{ "inet:8440@127.0.0.1", NET_INET, "", "127.0.0.1", 8440 },
		{ "inet:8440@localhost", NET_INET, "", "localhost", 8440 },
		{ "inet:8440", NET_INET, "", "", 8440 },
		{ "inet:1@x", NET_INET, "", "x", 1 },
		{ "inet:65535@x", NET_INET, "", "x", 65535 },
		{ "inet6:8440@::1", NET_INET6, "", "::1", 8440 },
		{ "inet6:8440", NET_INET6, "", "", 8440 } };
	struct net_address a;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		memset(&a, 0xff, sizeof(a));
		if (net_address_parse(table[i].text, &a, NULL) != 0)
			fail_msg("refused: %s", table[i].text);
		assert_int_equal(a.family, table[i].family);
		assert_string_equal(a.path, table[i].path);
		assert_string_equal(a.host, table[i].host);
		assert_int_equal(a.port, table[i].port);
	}
}

static void test_addresses_refused(void **state)
{
	static const struct {
		const char *text, *words;
	} table[] = { { "", "not a socket: \"\" (try unix:/path" },
		{ "8440", "not a socket: \"8440\"" },
		{ "tcp:8440", "not a socket: \"tcp:8440\"" },
		{ "INET:8440", "not a socket: \"INET:8440\"" },
		{ " unix:/x", "not a socket" }, { "unix:", "not an absolute path: \"\"" },
		{ "unix:run/x", "not an absolute path: \"run/x\"" },
		{ "local:x", "not an absolute path: \"x\"" },
		{ "inet:", "not a port: \"\" (1 to 65535)" },
		{ "inet:@127.0.0.1", "not a port: \"\"" },
		{ "inet:0@127.0.0.1", "not a port: \"0\"" },
		{ "inet:65536", "not a port: \"65536\"" },
		{ "inet:-1", "not a port: \"-1\"" },
		{ "inet:smtp@localhost", "not a port: \"smtp\"" },
		{ "inet:127.0.0.1:8440", "not a port: " },
		{ "inet6:8440 @::1", "not a port: \"8440 \"" },
		{ "inet:0008440x@127.0.0.1", "not a port: " },
		{ "inet:0000001, and more@127.0.0.1", "not a port: " } };
	struct net_address a;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (net_address_parse(table[i].text, &a, &err) != -1)
			fail_msg("taken: %s (port %u)", table[i].text, a.port);
		if (strstr(err.text, table[i].words) == NULL)
			fail_msg("%s is told: %s", table[i].text, err.text);
	}
}

static void test_address_lengths(void **state)
{
	struct net_address a;
	struct err err;
	char text[400];

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "unix:/", 6);
	text[5 + sizeof(a.path) - 1] = '\0';
	assert_int_equal(net_address_parse(text, &a, &err), 0);
	assert_string_equal(a.path, text + 5);
	text[5 + sizeof(a.path) - 1] = 'x';
	text[5 + sizeof(a.path)] = '\0';
	assert_int_equal(net_address_parse(text, &a, &err), -1);
	assert_non_null(strstr(err.text, "at most 107 octets"));
	memset(text, 'h', sizeof(text));
	memcpy(text, "inet:25@", 8);
	text[8 + sizeof(a.host) - 1] = '\0';
	assert_int_equal(net_address_parse(text, &a, &err), 0);
	assert_string_equal(a.host, text + 8);
	text[8 + sizeof(a.host) - 1] = 'h';
	text[8 + sizeof(a.host)] = '\0';
	assert_int_equal(net_address_parse(text, &a, &err), -1);
	assert_non_null(strstr(err.text, "too long"));
}

static int must_listen(const char *path, mode_t mode)
{
	struct err err = { .text = "" };
	int fd = net_listen_unix(path, mode, &err);

	if (fd < 0)
		fail_msg("%s", err.text);
	return fd;
}

static void test_listen(void **state)
{
	static const mode_t modes[] = { 0600, 0660, 0666 };
	struct place *p = *state;
	struct stat st;
	int fd, there, here;

	for (int i = 0; i < 3; i++) {
		fd = must_listen(p->path, modes[i]);
		assert_int_equal(lstat(p->path, &st), 0);
		assert_true(S_ISSOCK(st.st_mode));
		assert_int_equal(st.st_mode & 07777, modes[i]);
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
		assert_int_equal(accept(fd, NULL, NULL), -1);
		assert_int_equal(errno, EAGAIN);
		there = net_connect_unix(p->path);
		assert_true(there >= 0);
		assert_true(fcntl(there, F_GETFD) & FD_CLOEXEC);
		assert_false(fcntl(there, F_GETFL) & O_NONBLOCK);
		here = accept(fd, NULL, NULL);
		assert_true(here >= 0);
		close(here);
		close(there);
		close(fd); /* leaves a stale socket for the next round */
	}
	errno = 0;
	assert_int_equal(net_connect_unix(p->path), -1);
	assert_int_equal(errno, ECONNREFUSED);
}

static void test_stale_socket_is_replaced(void **state)
{
	struct place *p = *state;
	struct err err;

	close(must_listen(p->path, 0600));
	assert_int_equal(access(p->path, F_OK), 0);
	assert_int_equal(net_claim_path(p->path, &err), 0);
	assert_int_equal(access(p->path, F_OK), -1);
	assert_int_equal(net_claim_path(p->path, &err), 0); /* nothing there is fine */
}

/* Refused with words, and what is there is the same afterwards. */
static void expect_left_alone(const char *path, const char *words)
{
	struct stat before, after;
	struct err err;

	assert_int_equal(lstat(path, &before), 0);
	for (int i = 0; i < 2; i++) {
		int rc = i ? net_listen_unix(path, 0600, &err)
			   : net_claim_path(path, &err);

		assert_int_equal(rc, -1);
		assert_int_equal(strncmp(err.text, path, strlen(path)), 0);
		if (strstr(err.text, words) == NULL)
			fail_msg("told: %s", err.text);
		assert_int_equal(lstat(path, &after), 0);
		assert_int_equal(before.st_ino, after.st_ino);
		assert_int_equal(before.st_mode, after.st_mode);
		assert_int_equal(before.st_size, after.st_size);
	}
}

static void test_live_socket_is_left_alone(void **state)
{
	struct place *p = *state;
	int fd = must_listen(p->path, 0640), there;

	expect_left_alone(p->path, "another program is listening there");
	there = net_connect_unix(p->path);
	assert_true(there >= 0);
	close(there);
	close(fd);
}

static void test_live_datagram_socket_is_left_alone(void **state)
{
	struct place *p = *state;
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", p->path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	expect_left_alone(p->path, ": ");
	close(fd);
}

static void test_other_files_are_left_alone(void **state)
{
	struct place *p = *state;
	int fd = open(p->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, "mail", 4), 4);
	close(fd);
	expect_left_alone(p->path, "not a socket; it is left alone");
	unlink(p->path);
	assert_int_equal(mkfifo(p->path, 0600), 0);
	expect_left_alone(p->path, "not a socket");
	unlink(p->path);
	assert_int_equal(mkdir(p->path, 0700), 0);
	expect_left_alone(p->path, "not a socket");
	assert_int_equal(rmdir(p->path), 0);
}

/* Also one that leads to a stale socket, and one that leads nowhere. */
static void test_symbolic_links_are_left_alone(void **state)
{
	struct place *p = *state;
	char target[100];

	assert_int_equal(symlink(p->other, p->path), 0);
	expect_left_alone(p->path, "not a socket");
	assert_int_equal(access(p->other, F_OK), -1);
	close(must_listen(p->other, 0600));
	expect_left_alone(p->path, "not a socket");
	assert_int_equal(access(p->other, F_OK), 0);
	assert_true(readlink(p->path, target, sizeof(target)) > 0);
	assert_int_equal(strncmp(target, p->other, strlen(p->other)), 0);
}

static void test_impossible_paths(void **state)
{
	struct place *p = *state;
	struct err err;
	char path[300];

	snprintf(path, sizeof(path), "%s/none/socket", p->dir);
	assert_int_equal(net_listen_unix(path, 0600, &err), -1);
	assert_non_null(strstr(err.text, path));
	assert_non_null(strstr(err.text, strerror(ENOENT)));
	snprintf(path, sizeof(path), "%s/%0200d", p->dir, 0);
	assert_int_equal(net_listen_unix(path, 0600, &err), -1);
	assert_non_null(strstr(err.text, strerror(ENAMETOOLONG)));
	assert_int_equal(net_connect_unix(path), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_int_equal(net_connect_unix(p->path), -1);
	assert_int_equal(errno, ENOENT);
}

static void test_peer(void **state)
{
	static const gid_t more[] = { 4242, 4343 };
	gid_t before[200], groups[200], stranger = 54321;
	int fds[2], nbefore = getgroups(200, before), n;
	struct net_peer peer;
	struct err err;

	(void)state;
	/* root may be in some groups for this; others are in those that they are in */
	if (geteuid() == 0)
		(void)!setgroups(2, more);
	n = getgroups(200, groups);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(net_peer_read(fds[0], &peer, &err), 0);
	if (geteuid() == 0)
		(void)!setgroups((size_t)nbefore, before);
	assert_int_equal(peer.uid, geteuid());
	assert_int_equal(peer.pid, getpid());
	assert_true(net_peer_in_group(&peer, getegid()));
	for (int i = 0; i < n; i++) {
		assert_true(net_peer_in_group(&peer, groups[i]));
		stranger += groups[i]; /* in none of them, as all are smaller */
	}
	assert_false(net_peer_in_group(&peer, stranger + getegid()));
	net_peer_free(&peer);
	assert_null(peer.groups);
	net_peer_free(&peer);
	close(fds[0]);
	close(fds[1]);
	/* of something that is no socket */
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(net_peer_read(fds[0], &peer, &err), -1);
	assert_non_null(strstr(err.text, "peer credentials: "));
	close(fds[0]);
	close(fds[1]);
}

/* Sends octets in pieces of a size and writes what comes out of it: each line
 * in brackets, "!" for one too long. */
static const char *split(size_t max, const char *octets, size_t n, size_t piece)
{
	static char seen[2000];
	struct net_lines lines = { .max = max };
	enum net_line what;
	char *line;
	int fds[2];

	seen[0] = '\0';
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	assert_int_equal(net_lines_next(&lines, &line), NET_LINE_MORE);
	while (n > 0) {
		piece = n < piece ? n : piece;
		assert_int_equal(write(fds[1], octets, piece), piece);
		octets += piece;
		n -= piece;
		while (net_lines_fill(&lines, fds[0]) > 0)
			while ((what = net_lines_next(&lines, &line)) != NET_LINE_MORE)
				str_append(seen, sizeof(seen), "%s%s%s",
					what == NET_LINE ? "[" : "!",
					what == NET_LINE ? line : "",
					what == NET_LINE ? "]" : "");
		assert_int_equal(errno, EAGAIN);
	}
	close(fds[1]);
	assert_int_equal(net_lines_fill(&lines, fds[0]), 0);
	assert_int_equal(net_lines_next(&lines, &line), NET_LINE_MORE);
	close(fds[0]);
	net_lines_free(&lines);
	return seen;
}

#define SPLIT(max, octets, piece) split(max, octets, sizeof(octets) - 1, piece)

static void test_lines(void **state)
{
	(void)state;
	assert_string_equal(SPLIT(10, "", 1), "");
	for (size_t piece = 1; piece < 30; piece++) {
		assert_string_equal(SPLIT(20, "one\ntwo\r\n\n\r\nfive\n", piece),
			"[one][two][][][five]");
		assert_string_equal(SPLIT(20, "no end", piece), "");
		assert_string_equal(SPLIT(20, "end\r\nno end\r", piece), "[end]");
		assert_string_equal(SPLIT(20, "a\rb\r\r\n", piece), "[a\rb\r]");
		assert_string_equal(SPLIT(20, "a\0b\nc\n", piece), "![c]");
	}
}

static void test_lines_at_the_limit(void **state)
{
	(void)state;
	for (size_t piece = 1; piece < 30; piece++) {
		assert_string_equal(SPLIT(4, "1234\nx\n", piece), "[1234][x]");
		assert_string_equal(SPLIT(4, "1234\r\nx\n", piece), "[1234][x]");
		assert_string_equal(SPLIT(4, "12345\nx\n", piece), "![x]");
		assert_string_equal(SPLIT(4, "12345\r\nx\n", piece), "![x]");
		assert_string_equal(SPLIT(4, "123456\nx\n", piece), "![x]");
		assert_string_equal(SPLIT(4, "1234\r\r\nx\n", piece), "![x]");
		assert_string_equal(
			SPLIT(4, "1234567890123456789\r\nx\r\n", piece), "![x]");
		assert_string_equal(
			SPLIT(4, "1234567\n1234567\n12\n\n", piece), "!![12][]");
		assert_string_equal(SPLIT(0, "\n\r\nx\n\n", piece), "[][]![]");
	}
}

/* Random lines around the limit, in random pieces, against the plain rule. */
static void test_lines_in_any_pieces(void **state)
{
	static const char octets[] = "ab \r\xc3";
	uint64_t seed = 11;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		size_t max = next_random(&seed) % 12, n = 0;
		char text[600], expected[1500] = "";

		for (size_t lines = next_random(&seed) % 12; lines > 0; lines--) {
			size_t len = next_random(&seed) % (2 * max + 6), start = n;

			while (n < start + len)
				text[n++] = octets[next_random(&seed) % 5];
			if (len > 0 && text[n - 1] == '\r')
				len--;
			text[n++] = '\n';
			if (len > max)
				str_append(expected, sizeof(expected), "!");
			else
				str_append(expected, sizeof(expected), "[%.*s]", (int)len,
					text + start);
		}
		assert_string_equal(
			split(max, text, n, 1 + next_random(&seed) % 40), expected);
	}
}

/* Told once, kept nowhere, and the line behind it is read. */
static void test_lines_flood_without_an_end(void **state)
{
	struct net_lines lines = { .max = 100 };
	char flood[4096], *line;
	int fds[2], told = 0, got = 0;
	enum net_line what;

	(void)state;
	memset(flood, 'x', sizeof(flood));
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	for (int i = 0; i < 50; i++) {
		if (i == 49)
			memcpy(flood + sizeof(flood) - 8, "\nhello\r\n", 8);
		assert_int_equal(write(fds[1], flood, sizeof(flood)), sizeof(flood));
		while (net_lines_fill(&lines, fds[0]) > 0)
			while ((what = net_lines_next(&lines, &line)) != NET_LINE_MORE) {
				told += what == NET_LINE_TOO_LONG;
				got += what == NET_LINE && strcmp(line, "hello") == 0;
			}
	}
	assert_int_equal(told, 1);
	assert_int_equal(got, 1);
	net_lines_free(&lines);
	close(fds[0]);
	close(fds[1]);
}

#define PLACE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_addresses_refused),
		cmocka_unit_test(test_address_lengths),
		PLACE_TEST(test_listen),
		PLACE_TEST(test_stale_socket_is_replaced),
		PLACE_TEST(test_live_socket_is_left_alone),
		PLACE_TEST(test_live_datagram_socket_is_left_alone),
		PLACE_TEST(test_other_files_are_left_alone),
		PLACE_TEST(test_symbolic_links_are_left_alone),
		PLACE_TEST(test_impossible_paths),
		cmocka_unit_test(test_peer),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_lines_at_the_limit),
		cmocka_unit_test(test_lines_in_any_pieces),
		cmocka_unit_test(test_lines_flood_without_an_end),
	};

	return cmocka_run_group_tests_name("base/net", tests, NULL, NULL);
}
