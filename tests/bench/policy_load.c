/*
 * A load of requests on a server of Postfix's policy delegation protocol, as Postfix
 *would bring it: connections that stay, each of which is one smtpd(8) and asks one thing
 *at a time.  Every message comes in an SMTP session of its own, with a port and an
 *instance of its own.  As fast as it is answered, or at a rate: then a time counts from
 *when the message was due.  An answer that Postfix could not use ends it with status 1,
 *as does a connection that the server closes.
 *
 *	policy_load [OPTIONS] SOCKET	unix:/PATH, inet:PORT@HOST
 *
 *	-s CONNECTIONS	default 20, used in turn
 *	-n MESSAGES	default 10000
 *	-S STATE	what is asked in a message: RCPT, DATA, END-OF-MESSAGE (the
 *			default); more than one -S: all these, one after the other
 *	-r RATE		messages a second; default 0: as fast as it goes
 *	-w MESSAGES	before those that are measured; default 0
 *	-u USERS	distinct senders, at random (the same in each run); default 1
 *	-c		the senders one after the other instead
 *	-b PERCENT	so many messages of a hundred are of the first sender
 *	-d DOMAIN	of the senders; default example.org
 *	-l		the senders have logged in, over TLS
 *	-R RECIPIENTS -B OCTETS		of a message; default 1, 1000
 *	-a ADDRESS	of the client; default 192.0.2.7
 *	-p PID		the process whose CPU time is told, as of each request
 *
 * Prints "name value" lines: messages, requests, seconds, rate (requests a second), p50,
 * p99 and max (microseconds of a request), message_p50, message_p99, message_max (of all
 * that was asked in a message), cpu (microseconds of a request), and how many messages
 *had which verdict.  A recipient that is refused is left out of what is asked later.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "drive.h"
#include "policy.h"
#include "samples.h"
#include "senders.h"
#include "tool.h"

#include "base/arena.h"
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT_FIRST 1024
#define PORTS	   (65536 - PORT_FIRST)

struct connection {
	int fd;	      /* -1: not connected */
	unsigned pid; /* that of the smtpd(8) */
	uint64_t carried;
	int64_t began, asked;
	bool waits; /* for an answer */
	char sender[SENDERS_TEXT_MAX], queue_id[24], instance[64];
	struct policy_mail mail;
	enum policy_state state;
	enum verdict verdict;
	char answer[POLICY_ANSWER_MAX];
	size_t got;
};

/* What the options say. */
static struct {
	struct net_address server;
	struct drive_want drive;
	struct senders senders;
	const char *client;
	uint64_t recipients, size;
	bool login, states[POLICY_STATES];
} want = {
	.drive = { .sessions = 20, .messages = 10000 },
	.senders = SENDERS_DEFAULTS,
	.client = "192.0.2.7",
	.recipients = 1,
	.size = 1000,
};

static uint64_t nrequests, verdicts[VERDICTS];
static struct samples requests, whole;

/* --- one connection --- */

static void ask(struct connection *c, int64_t due)
{
	char request[POLICY_REQUEST_MAX];
	size_t n = policy_request(request, &c->mail, c->state), sent = 0;

	c->asked = due;
	c->waits = true;
	c->got = 0;
	while (sent < n) {
		ssize_t some = send(c->fd, request + sent, n - sent, MSG_NOSIGNAL);

		if (some < 0 && errno != EINTR)
			tool_die("cannot write to the server", strerror(errno));
		sent += some > 0 ? (size_t)some : 0;
	}
}

/* The next state in which something is asked, from this one on; POLICY_STATES: none. */
static enum policy_state next_state(enum policy_state state)
{
	while (state < POLICY_STATES && !want.states[state])
		state++;
	return state;
}

static void begin(void *session, int64_t due)
{
	struct connection *c = session;
	uint64_t number = senders_next(&want.senders, c->sender);
	int64_t now = clock_now();

	if (c->fd < 0) {
		c->fd = tool_connect(&want.server, "the server");
		drive_watch(c->fd, c);
	}
	snprintf(c->queue_id, sizeof(c->queue_id), "4B%011ju", (uintmax_t)number);
	/* that of Postfix: process, second, microsecond, number */
	snprintf(c->instance, sizeof(c->instance), "%x.%jx.%jx.%jx", c->pid,
		(uintmax_t)(now / CLOCK_SECOND), (uintmax_t)(now % CLOCK_SECOND),
		(uintmax_t)c->carried++);
	c->mail = (struct policy_mail){
		.client = want.client,
		.port = PORT_FIRST + (unsigned)(number % PORTS),
		.sender = c->sender,
		.login = want.login,
		.instance = c->instance,
		.queue_id = c->queue_id,
		.size = want.size,
		.accepted = want.states[POLICY_RCPT] ? 0 : want.recipients,
	};
	c->verdict = VERDICT_ACCEPTED;
	c->state = next_state(POLICY_RCPT);
	c->began = due;
	ask(c, due);
}

/* Takes the answer to what was asked.  True: nothing else is asked in this message. */
static bool answered(struct connection *c, enum verdict verdict)
{
	bool refused = verdict == VERDICT_DEFERRED || verdict == VERDICT_REFUSED;

	if (c->state == POLICY_RCPT) {
		if (!refused) {
			c->mail.accepted++;
			c->mail.last = c->mail.nth;
		}
		if (++c->mail.nth < want.recipients)
			return false;
		/* smtpd(8) asks no more when no recipient is left */
		refused = c->mail.accepted == 0;
	}
	if (refused) {
		c->verdict = verdict;
		return true;
	}
	c->state = next_state(c->state + 1);
	return c->state == POLICY_STATES;
}

/* Held or discarded in one state is not undone in a later one, nor at another recipient.
 */
static void keep_verdict(struct connection *c, enum verdict verdict)
{
	if ((verdict == VERDICT_HELD || verdict == VERDICT_DISCARDED) &&
		c->verdict < verdict)
		c->verdict = verdict;
}

/* Reads once.  True: there is an answer. */
static bool read_answer(struct connection *c, enum verdict *verdict)
{
	ssize_t n =
		recv(c->fd, c->answer + c->got, sizeof(c->answer) - c->got, MSG_DONTWAIT);
	struct err err;
	int rc;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0)
		tool_die("the server has closed a connection",
			n < 0 ? strerror(errno) : "before its answer was whole");
	if (!c->waits)
		tool_die("the server breaks the protocol",
			"it speaks without being asked");
	c->got += (size_t)n;
	rc = policy_answer(c->answer, c->got, verdict, &err);
	if (rc < 0)
		tool_die("the server breaks the protocol", err.text);
	c->waits = rc == 0;
	return rc > 0;
}

static bool look(void *session, bool measured)
{
	struct connection *c = session;
	enum verdict verdict;
	int64_t now;

	if (!read_answer(c, &verdict))
		return false;
	now = clock_now();
	if (measured) {
		samples_add(&requests, now - c->asked);
		nrequests++;
	}
	keep_verdict(c, verdict);
	if (!answered(c, verdict)) {
		ask(c, now);
		return false;
	}
	if (measured) {
		samples_add(&whole, now - c->began);
		verdicts[c->verdict]++;
	}
	return true;
}

static void report(const struct drive_cost *cost)
{
	double seconds = (double)cost->took / CLOCK_SECOND, n = (double)nrequests;

	printf("messages %ju\nrequests %ju\n", (uintmax_t)want.drive.messages,
		(uintmax_t)nrequests);
	printf("seconds %.3f\nrate %.1f\n", seconds, n / seconds);
	samples_print(&requests, "");
	samples_print(&whole, "message_");
	if (want.drive.pid != 0)
		printf("cpu %.2f\n", (double)cost->cpu / 1000 / n);
	verdicts_print(verdicts);
}

/* --- options --- */

static int usage(void)
{
	fputs("usage: policy_load [-s CONNECTIONS] [-n MESSAGES] [-S STATE]... [-r "
	      "RATE]\n\t[-w MESSAGES] [-u USERS] [-c] [-b PERCENT] [-d DOMAIN] [-l]"
	      "\n\t[-R RECIPIENTS] [-B OCTETS] [-a ADDRESS] [-p PID] SOCKET\n",
		stderr);
	return 2;
}

/* As tool_take_number(). */
static int take_own_option(int letter, const char *text)
{
	static const struct tool_number numbers[] = {
		{ 'R', &want.recipients, 1, 100000 },
		{ 'B', &want.size, 0, 1 << 30 },
	};
	int state;

	if (letter == 'l') {
		want.login = true;
	} else if (letter == 'a') {
		want.client = text;
	} else if (letter == 'S') {
		state = policy_state_from_name(text);
		if (state < 0)
			return -1;
		want.states[state] = true;
	} else {
		return tool_take_number(
			numbers, sizeof(numbers) / sizeof(numbers[0]), letter, text);
	}
	return 1;
}

static int take_options(int argc, char **argv)
{
	int c, rc;

	while ((c = getopt(argc, argv, DRIVE_OPTIONS SENDERS_OPTIONS "S:lR:B:a:")) !=
		-1) {
		rc = drive_take_option(&want.drive, c, optarg);
		if (rc == 0)
			rc = senders_take_option(&want.senders, c, optarg);
		if (rc == 0)
			rc = take_own_option(c, optarg);
		if (rc != 1)
			return -1;
	}
	if (optind + 1 != argc)
		return -1;
	tool_take_address(argv[optind], &want.server);
	if (next_state(POLICY_RCPT) == POLICY_STATES)
		want.states[POLICY_END] = true;
	return 0;
}

int main(int argc, char **argv)
{
	static const struct drive_calls calls = { "the server", begin, look, NULL, true };
	struct connection *connections;
	struct drive_cost cost;

	clock_start();
	if (take_options(argc, argv) < 0)
		return usage();
	connections = mem_calloc(want.drive.sessions, sizeof(*connections));
	for (size_t i = 0; i < want.drive.sessions; i++) {
		connections[i].fd = -1;
		connections[i].pid = (unsigned)getpid() + (unsigned)i;
	}
	drive_begin(&calls, connections, want.drive.sessions, sizeof(*connections));
	drive_run(&want.drive, &cost);
	report(&cost);
	for (size_t i = 0; i < want.drive.sessions; i++)
		if (connections[i].fd >= 0)
			close(connections[i].fd);
	drive_end();
	samples_free(&requests);
	samples_free(&whole);
	free(connections);
	return 0;
}
