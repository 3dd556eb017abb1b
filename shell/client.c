/*
 * The client of the control socket.  Used by shell/run.c and shell/complete.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "client.h"

#include "base/clock.h"
#include "base/str.h"
#include "ctl/wire.h"
#include "interrupt.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* For poll(): until then, and at most a second, after which it is asked again. */
static int wait_of(const struct timespec *until)
{
	struct timespec now;
	int64_t left;

	if (until == NULL)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &now);
	left = (until->tv_sec - now.tv_sec) * (int64_t)1000 +
	       (until->tv_nsec - now.tv_nsec) / 1000000 + 1;
	return left > 1000 ? 1000 : left > 0 ? (int)left : 0;
}

/* Waits for something to read, NULL for ever.  0, or -1 and errno: EINTR (the user), or
 * ETIMEDOUT. */
static int wait_input(struct client *c, const struct timespec *until)
{
	struct pollfd fds[] = { { c->fd, POLLIN, 0 }, { c->stop, POLLIN, 0 } };

	for (;;) {
		if (poll(fds, 2, wait_of(until)) < 0 && errno != EINTR)
			return -1;
		if (interrupt_take()) {
			errno = EINTR;
			return -1;
		}
		if (fds[0].revents != 0)
			return 0;
		if (until != NULL && clock_is_past(until)) {
			errno = ETIMEDOUT;
			return -1;
		}
	}
}

/* The next line; NULL and errno when the daemon has gone, when what it sends is broken,
 * or as above. */
static char *read_line(struct client *c, const struct timespec *until)
{
	char *line;
	int n;

	for (;;) {
		switch (net_lines_next(&c->lines, &line)) {
		case NET_LINE:
			return line;
		case NET_LINE_TOO_LONG:
			errno = EMSGSIZE;
			return NULL;
		case NET_LINE_NUL:
			errno = EBADMSG;
			return NULL;
		case NET_LINE_MORE:
			if (wait_input(c, until) < 0)
				return NULL;
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
	c->owed = 0;
	net_lines_free(&c->lines);
}

/* An answer that is none of themisd's, by errno; NULL: it was no answer. */
static const char *what_is_broken(int failed)
{
	static const struct {
		int failed;
		const char *words;
	} broken[] = {
		{ EMSGSIZE, "a line of more than 1 MiB" },
		{ EBADMSG, "a NUL octet in a line" },
		{ EPROTO, "a row that is no JSON object" },
	};

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		if (broken[i].failed == failed)
			return broken[i].words;
	return NULL;
}

/* What it means that there was no line, or no good one: by errno. */
static enum outcome no_line(struct client *c, struct err *err)
{
	const char *broken = what_is_broken(errno);

	if (errno == EINTR)
		return OUTCOME_STOPPED;
	if (errno == ETIMEDOUT)
		return OUTCOME_LATE;
	if (broken != NULL)
		err_set(err, "the answer is broken: %s", broken);
	else
		err_set(err, "the daemon has gone: %s", strerror(errno));
	client_close(c);
	return OUTCOME_BROKEN;
}

static enum outcome not_there(struct client *c, const char *path, struct err *err)
{
	const char *broken = what_is_broken(errno);
	bool stopped = errno == EINTR;

	err_set(err, "%s: %s", path, broken != NULL ? broken : strerror(errno));
	client_close(c);
	return stopped ? OUTCOME_STOPPED : OUTCOME_GONE;
}

/* The moment at which patience ends; NULL: never. */
static const struct timespec *until_of(int milliseconds, struct timespec *room)
{
	if (milliseconds < 0)
		return NULL;
	*room = clock_in(milliseconds);
	return room;
}

/* Words of whoever answers: no terminal takes commands from them. */
static void take_words(struct err *err, enum err_code code, const char *words)
{
	char text[ERR_TEXT_MAX];

	err_code(err, code, "%s", str_printable(text, sizeof(text), words));
}

/* "themisd 0.1.0 proto 1" */
static int check_protocol(const char *greeting, struct err *err)
{
	static const char word[] = " proto ";
	const char *proto = strstr(greeting, word);
	long number = proto != NULL ? strtol(proto + strlen(word), NULL, 10) : 0;

	if (strncmp(greeting, "themisd ", 8) != 0 || proto == NULL)
		return err_set(err, "what answers there is not themisd");
	if (number == WIRE_PROTO)
		return 0;
	return err_set(err,
		"the daemon there speaks version %ld of the protocol, and this program "
		"%d: "
		"they are not of one installation",
		number, WIRE_PROTO);
}

enum outcome client_connect(
	struct client *c, const char *path, int milliseconds, struct err *err)
{
	struct timespec room;
	const struct timespec *until = until_of(milliseconds, &room);
	struct net_peer peer = { 0 };
	const char *line, *text;
	int code;

	c->lines = (struct net_lines){ .max = WIRE_REPLY_MAX };
	c->owed = 0;
	c->fd = net_connect_unix(path);
	line = c->fd >= 0 ? read_line(c, until) : NULL;
	if (line == NULL)
		return not_there(c, path, err);
	code = wire_parse(line, &text);
	if (code != WIRE_GREETING) {
		take_words(err, ERR_FAILED,
			code > 0 ? text : "what answers there is not themisd");
		client_close(c);
		return OUTCOME_REFUSED;
	}
	if (check_protocol(text, err) < 0) {
		client_close(c);
		return OUTCOME_REFUSED;
	}
	if (net_peer_read(c->fd, &peer, err) == 0)
		c->daemon = peer.pid;
	net_peer_free(&peer);
	return OUTCOME_DONE;
}

bool client_is_alive(struct client *c)
{
	char octet;
	ssize_t n;

	if (c->fd < 0)
		return false;
	n = recv(c->fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	return n > 0 && c->owed > 0;
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

/* The line that closes an answer, which is then owed no more. */
static enum outcome take_closing(
	struct client *c, int code, const char *text, struct err *err)
{
	c->owed--;
	if (code / 100 == 2)
		return OUTCOME_DONE;
	take_words(err, code > 0 ? (enum err_code)code : ERR_FAILED,
		code > 0 ? text : "an answer that is none of themisd's");
	return OUTCOME_REFUSED;
}

static enum outcome settle_until(
	struct client *c, const struct timespec *until, struct err *err)
{
	enum outcome outcome = OUTCOME_DONE;
	const char *line, *text;
	int code;

	while (c->owed > 0) {
		line = read_line(c, until);
		if (line == NULL)
			return no_line(c, err);
		code = wire_parse(line, &text);
		if (!wire_goes_on(code))
			outcome = take_closing(c, code, text, err);
	}
	return outcome;
}

enum outcome client_settle(struct client *c, struct err *err)
{
	return settle_until(c, NULL, err);
}

enum outcome client_end(struct client *c, struct err *err)
{
	if (send_line(c->fd, "") < 0)
		return no_line(c, err);
	return settle_until(c, NULL, err);
}

/* The answer to what was just sent. */
static enum outcome read_answer(struct client *c, const struct timespec *until,
	int (*row)(void *arg, const char *json), void *arg, char *done, size_t size,
	struct err *err)
{
	const char *text;
	char *answer;
	int code;

	c->owed = 1;
	for (;;) {
		answer = read_line(c, until);
		if (answer == NULL)
			return no_line(c, err);
		code = wire_parse(answer, &text);
		if (c->progress != NULL)
			c->progress(c->progress_arg, code == WIRE_PROGRESS ? text : NULL);
		if (code == WIRE_PROGRESS)
			continue;
		if (wire_goes_on(code)) {
			if (row(arg, text) == 0)
				continue;
			errno = EPROTO;
			return no_line(c, err);
		}
		if (code / 100 == 2)
			str_printable(done, size, text);
		return take_closing(c, code, text, err);
	}
}

enum outcome client_command(struct client *c, const char *line, int milliseconds,
	int (*row)(void *arg, const char *json), void *arg, char *done, size_t size,
	struct err *err)
{
	struct timespec room;
	const struct timespec *until = until_of(milliseconds, &room);
	enum outcome outcome;

	if (strchr(line, '\n') != NULL) {
		err_set(err, "a command is one line: there is a line break in this one");
		return OUTCOME_REFUSED;
	}
	outcome = settle_until(c, until, err);
	if (outcome != OUTCOME_DONE && outcome != OUTCOME_REFUSED)
		return outcome == OUTCOME_BROKEN ? OUTCOME_GONE : outcome;
	if (send_line(c->fd, line) < 0) {
		/* its end has not gone out, and half a line is no command */
		no_line(c, err);
		return OUTCOME_GONE;
	}
	return read_answer(c, until, row, arg, done, size, err);
}

static int take_object(void *arg, const char *json)
{
	json_t *row = json_loads(json, 0, NULL);

	if (!json_is_object(row)) {
		json_decref(row);
		return -1;
	}
	return json_array_append_new(arg, row);
}

enum outcome client_rows(
	struct client *c, const char *line, json_t *rows, struct err *err)
{
	char done[1000];

	return client_command(
		c, line, CLIENT_WAITS, take_object, rows, done, sizeof(done), err);
}
