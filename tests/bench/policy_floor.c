/*
 * The least that a server of Postfix's policy delegation protocol can cost: one thread
 *that reads what is there, looks for the empty line, and answers DUNNO.  What themisd
 *costs there is measured against it.
 *
 *	policy_floor SOCKET	unix:/PATH, inet:PORT@HOST
 *
 * Runs until it is killed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tool.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 65536
#define READ_SIZE	16384
#define EVENTS		64

static const char answer[] = "action=DUNNO\n\n";

/* By descriptor: whether what was read last ends with a line's end, which may be the
 * first half of an empty line. */
static bool cut[CONNECTIONS_MAX];

static int listen_at(const char *text)
{
	struct net_address at;
	struct err err;
	int fd;

	tool_take_address(text, &at);
	fd = net_listen(&at, 0666, &err);
	if (fd < 0)
		tool_die("cannot listen", err.text);
	return fd;
}

static void watch(int poller, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0)
		tool_die("epoll", strerror(errno));
}

static void take_connection(int poller, int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), on = 1;

	if (fd < 0)
		return;
	if (fd >= CONNECTIONS_MAX) {
		close(fd);
		return;
	}
	/* it is none of a UNIX socket's, and no matter there */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	cut[fd] = false;
	watch(poller, fd);
}

static void serve(int fd)
{
	char text[1 + READ_SIZE];
	ssize_t n = recv(fd, text + 1, READ_SIZE, 0);
	const char *at = text + !cut[fd], *end = text + 1 + n, *empty;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close(fd);
		return;
	}
	text[0] = '\n';
	while ((empty = memmem(at, (size_t)(end - at), "\n\n", 2)) != NULL) {
		if (send(fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL) < 0) {
			close(fd);
			return;
		}
		at = empty + 2;
	}
	cut[fd] = at < end && end[-1] == '\n';
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS];
	int listener, poller, ready;

	if (argc != 2) {
		fputs("usage: policy_floor SOCKET\n", stderr);
		return 2;
	}
	listener = listen_at(argv[1]);
	poller = epoll_create1(EPOLL_CLOEXEC);
	watch(poller, listener);
	while ((ready = epoll_wait(poller, events, EVENTS, -1)) >= 0 || errno == EINTR)
		for (int i = 0; i < ready; i++)
			if (events[i].data.fd == listener)
				take_connection(poller, listener);
			else
				serve(events[i].data.fd);
	tool_die("epoll", strerror(errno));
}
