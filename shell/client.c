/*
 * The client of the control socket.  Used by shell/main.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "client.h"

#include "ctl/wire.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The next line, NULL when the daemon has gone. */
static char *read_line(struct client *c)
{
	char *line;
	int n;

	for (;;) {
		switch (net_lines_next(&c->lines, &line)) {
		case NET_LINE:
			return line;
		case NET_LINE_TOO_LONG:
		case NET_LINE_NUL:
			errno = EMSGSIZE;
			return NULL;
		case NET_LINE_MORE:
			n = net_lines_fill(&c->lines, c->fd);
			if (n > 0 || (n < 0 && errno == EINTR))
				continue;
			if (n == 0)
				errno = ECONNRESET;
			return NULL;
		}
	}
}

void client_close(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	net_lines_free(&c->lines);
}

static enum outcome gone(struct client *c, const char *what, struct err *err)
{
	err_set(err, "%s: %s", what, strerror(errno));
	client_close(c);
	return OUTCOME_GONE;
}

enum outcome client_connect(struct client *c, const char *path, struct err *err)
{
	const char *line, *text;
	int code;

	c->lines = (struct net_lines){ .max = WIRE_REPLY_MAX };
	c->fd = net_connect_unix(path);
	if (c->fd < 0)
		return gone(c, path, err);
	line = read_line(c);
	if (line == NULL)
		return gone(c, path, err);
	code = wire_parse(line, &text);
	if (code == WIRE_GREETING)
		return OUTCOME_DONE;
	err_set(err, "%s", code > 0 ? text : "what answers there is not themisd");
	client_close(c);
	return OUTCOME_REFUSED;
}

static int send_line(int fd, const char *line)
{
	char buf[WIRE_LINE_MAX + 2];
	size_t n = strlen(line), sent = 0;
	ssize_t k;

	/* one longer than allowed is sent too: the daemon has the words for it */
	n = n > WIRE_LINE_MAX + 1 ? WIRE_LINE_MAX + 1 : n;
	memcpy(buf, line, n);
	buf[n++] = '\n';
	while (sent < n) {
		k = send(fd, buf + sent, n - sent, MSG_NOSIGNAL);
		if (k < 0 && errno != EINTR)
			return -1;
		sent += k > 0 ? (size_t)k : 0;
	}
	return 0;
}

enum outcome client_command(struct client *c, const char *line,
	void (*row)(void *arg, const char *json), void *arg, char *done, size_t size,
	struct err *err)
{
	const char *text;
	char *answer;
	int code;

	if (strchr(line, '\n') != NULL) {
		err_set(err, "a command is one line: there is a line break in this one");
		return OUTCOME_REFUSED;
	}
	if (send_line(c->fd, line) < 0)
		return gone(c, "the daemon has gone", err);
	for (;;) {
		answer = read_line(c);
		if (answer == NULL)
			return gone(c, "the daemon has gone", err);
		code = wire_parse(answer, &text);
		if (wire_is_row(code)) {
			row(arg, text);
			continue;
		}
		if (code / 100 == 2) {
			snprintf(done, size, "%s", text);
			return OUTCOME_DONE;
		}
		err_code(err, code > 0 ? (enum err_code)code : ERR_FAILED, "%s",
			code > 0 ? text : "an answer that is none of themisd's");
		return OUTCOME_REFUSED;
	}
}
