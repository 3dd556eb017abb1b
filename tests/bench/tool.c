/*
 * See tool.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tool.h"

#include "base/str.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

void tool_die(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, why);
	exit(1);
}

int tool_take_number(
	const struct tool_number *numbers, size_t n, int letter, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (numbers[i].letter == letter)
			return str_to_u64(text, numbers[i].most, numbers[i].to) < 0 ||
					       *numbers[i].to < numbers[i].least
				       ? -1
				       : 1;
	return 0;
}

void tool_take_address(const char *text, struct net_address *to)
{
	struct err err;

	if (net_address_parse(text, to, &err) < 0)
		tool_die(text, err.text);
}

static int connect_inet(const struct net_address *to)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	char port[8];
	int fd, on = 1;

	snprintf(port, sizeof(port), "%u", to->port);
	if (getaddrinfo(to->host, port, &hints, &found) != 0)
		return -1;
	fd = socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) < 0) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

int tool_connect(const struct net_address *to, const char *whom)
{
	const struct timeval patience = { .tv_sec = TOOL_PATIENCE };
	int fd = to->family == NET_UNIX ? net_connect_unix(to->path) : connect_inet(to);
	char what[128];

	if (fd < 0) {
		snprintf(what, sizeof(what), "cannot connect to %s", whom);
		tool_die(what, strerror(errno));
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	return fd;
}
