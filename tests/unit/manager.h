/*
 * A service manager: the socket to which it is told things.  Behind cmocka.h and what
 * that needs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TESTS_MANAGER_H
#define THEMIS_TESTS_MANAGER_H

#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct manager {
	char dir[80];
	struct sockaddr_un address;
	int fd;
	char told[2000]; /* what manager_told() has returned last */
};

/* Makes the socket, and names it in the environment. */
static inline int manager_setup(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct manager *m = *state = mem_calloc(1, sizeof(*m));

	snprintf(m->dir, sizeof(m->dir), "%s/themis-manager.XXXXXX",
		tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(m->dir) == NULL)
		return -1;
	m->address.sun_family = AF_UNIX;
	snprintf(m->address.sun_path, sizeof(m->address.sun_path), "%s/notify", m->dir);
	m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (bind(m->fd, (struct sockaddr *)&m->address, sizeof(m->address)) < 0)
		return -1;
	return setenv("NOTIFY_SOCKET", m->address.sun_path, 1);
}

static inline int manager_teardown(void **state)
{
	struct manager *m = *state;

	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	close(m->fd);
	unlink(m->address.sun_path);
	rmdir(m->dir);
	free(m);
	return 0;
}

/* What it was told next, "" if nothing. */
static inline const char *manager_told(struct manager *m)
{
	ssize_t n = recv(m->fd, m->told, sizeof(m->told) - 1, 0);

	m->told[n > 0 ? n : 0] = '\0';
	return m->told;
}

#endif
