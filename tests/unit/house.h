/*
 * What the tests of the control socket stand on: an engine (fixture.h), a server
 * beside it, and a client that can misbehave.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TESTS_HOUSE_H
#define THEMIS_TESTS_HOUSE_H

#include "fixture.h"

#include "admin/server.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* A raw client of a socket, with what it has read and not yet looked at. */
struct talk {
	int fd;
	char buf[70000];
	size_t used;
	char line[70000]; /* of the last hear() */
	char row[70000];  /* the last row of the last ask() */
	int rows;
};

/* Reads a line; false at the end.  Nothing here may take a minute, on any machine. */
static inline bool hear(struct talk *t)
{
	char *lf;
	ssize_t n;

	while ((lf = memchr(t->buf, '\n', t->used)) == NULL) {
		struct pollfd fd = { t->fd, POLLIN, 0 };

		if (poll(&fd, 1, 60000) != 1)
			fail_msg("the server does not answer");
		n = read(t->fd, t->buf + t->used, sizeof(t->buf) - t->used);
		if (n <= 0)
			return false;
		t->used += (size_t)n;
	}
	snprintf(t->line, sizeof(t->line), "%.*s", (int)(lf - t->buf), t->buf);
	t->used -= (size_t)(lf + 1 - t->buf);
	memmove(t->buf, lf + 1, t->used);
	return true;
}

static inline void say(struct talk *t, const char *bytes, size_t n)
{
	assert_int_equal(send(t->fd, bytes, n, MSG_NOSIGNAL), n);
}

/* The closing line of the next answer. */
static inline const char *answer(struct talk *t)
{
	for (t->rows = 0; hear(t) && strncmp(t->line, "150 ", 4) == 0; t->rows++)
		snprintf(t->row, sizeof(t->row), "%s", t->line + 4);
	return t->line;
}

static inline const char *ask(struct talk *t, const char *command)
{
	say(t, command, strlen(command));
	say(t, "\n", 1);
	return answer(t);
}

static inline struct talk *talk_open(const char *path)
{
	struct talk *t = mem_calloc(1, sizeof(*t));

	t->fd = net_connect_unix(path);
	assert_true(t->fd >= 0);
	return t;
}

static inline void talk_close(struct talk *t)
{
	close(t->fd);
	free(t);
}

struct house {
	struct site site;
	struct admin admin;
	struct roles roles;
	struct server *server;
	char socket[300];
};

static inline void house_sessions(unsigned *sessions, unsigned *messages)
{
	*sessions = 3;
	*messages = 2;
}

static inline unsigned house_connections(void)
{
	return 4;
}

static inline void house_open(struct house *h, struct roles roles)
{
	struct err err = { ERR_BAD, "" };
	int listener;

	site_open(&h->site);
	chmod(h->site.dir, 0711);
	site_start(&h->site, clock_now());
	snprintf(h->socket, sizeof(h->socket), "%s/control", h->site.dir);
	h->admin = (struct admin){ .engine = &h->site.engine,
		.keeper = keeper_new(db_open(h->site.database, DB_KEEPER, NULL), NULL),
		.started = clock_now(),
		.database = h->site.database,
		.control_socket = h->socket,
		.milter_socket = "inet:8440@127.0.0.1",
		.max_clients = 64,
		.max_connections = 100,
		.max_counters = 1000000,
		.connections = house_connections,
		.sessions = house_sessions };
	for (int i = 0; i < ADMIN_THREADS; i++)
		h->admin.readers[i] = db_open(h->site.database, DB_READER, NULL);
	h->roles = roles;
	listener = net_listen_unix(h->socket, 0666, &err);
	must(listener, &err);
	h->server = server_new(listener, &h->admin, &h->roles);
	assert_non_null(h->server);
}

static inline void house_close(struct house *h)
{
	server_stop(h->server);
	keeper_stop(h->admin.keeper);
	for (int i = 0; i < ADMIN_THREADS; i++)
		db_close(h->admin.readers[i]);
	site_close(&h->site);
}

static inline int house_setup(void **state)
{
	struct house *h = *state = mem_calloc(1, sizeof(*h));

	house_open(h, (struct roles){ getuid(), (gid_t)-1, (gid_t)-1, "themis" });
	return 0;
}

static inline int house_teardown(void **state)
{
	house_close(*state);
	free(*state);
	return 0;
}

#define HOUSE_TEST(f) cmocka_unit_test_setup_teardown(f, house_setup, house_teardown)

#endif
