/*
 * A load of messages on a milter, as Postfix would bring it: sessions side by side on one
 * thread, as fast as the milter answers or at a fixed rate.  At a rate a message's time
 * counts from when it was due, whatever held it up, else from when it was begun.
 * A milter that breaks the protocol ends it with status 1.
 *
 *	load [OPTIONS] SOCKET	a path, or what libmilter calls inet:PORT@HOST
 *
 *	-s SESSIONS	side by side; default 20
 *	-n MESSAGES	default 10000
 *	-k MESSAGES	of one session, then comes another; default 0: all that there are
 *	-r RATE		messages a second; default 0: as fast as it goes
 *	-w MESSAGES	before those that are measured; default 0
 *	-u USERS	distinct senders, at random (the same in each run); default 1
 *	-c		the senders one after the other instead
 *	-b PERCENT	so many messages of a hundred are of the first sender
 *	-d DOMAIN	of the senders; default example.org
 *	-l		the senders have logged in
 *	-R RECIPIENTS -H HEADERS -B OCTETS	of a message; default 1, 8, 1000
 *	-a ADDRESS	of the client; default 192.0.2.7
 *	-p PID		the process whose CPU time is told, as of each message
 *
 * Prints "name value" lines: messages, seconds, rate (messages a second), p50, p99 and
 * max (microseconds of a message), end_p50, end_p99, end_max (of its end alone), cpu
 * (microseconds of a message), and how many had which verdict.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "drive.h"
#include "mta.h"
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

#define READ_SIZE 4096

struct session {
	struct mta mta;
	int fd; /* -1: not connected */
	uint64_t carried;
	int64_t began, end_sent;
	char sender[SENDERS_TEXT_MAX], queue_id[24];
	struct mta_mail mail;
};

/* What the options say. */
static struct {
	struct net_address milter;
	struct mta_profile profile;
	struct drive_want drive;
	struct senders senders;
	uint64_t carries;
} want = {
	.profile = { .client = "192.0.2.7", .recipients = 1, .headers = 8, .body = 1000 },
	.drive = { .sessions = 20, .messages = 10000 },
	.senders = SENDERS_DEFAULTS,
};

static uint64_t verdicts[VERDICTS];
static struct samples whole, ends;

/* What is read from a session never blocks. */
static void session_connect(struct session *s)
{
	s->fd = tool_connect(&want.milter, "the milter");
	drive_watch(s->fd, s);
	mta_begin(&s->mta, &want.profile);
	s->carried = 0;
}

/* What is due now.  Where the session changes hands in between, the rest is left for
 * the next turn, as two processes of Postfix would send it. */
static void session_write(void *session)
{
	struct session *s = session;
	bool hands_over = s->mta.handed > 0;
	size_t left = hands_over ? s->mta.handed : s->mta.due;

	while (left > 0) {
		ssize_t n = send(s->fd, s->mta.out.data, left, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			tool_die("cannot write to the milter", strerror(errno));
		if (n <= 0)
			continue;
		mta_sent(&s->mta, (size_t)n);
		left -= (size_t)n;
	}
	if (hands_over)
		drive_later(s);
	else if (s->mta.at_end && s->end_sent == 0)
		s->end_sent = clock_now();
}

static void session_close(struct session *s)
{
	mta_quit(&s->mta);
	/* after a 421 it may have gone first */
	(void)!send(s->fd, s->mta.out.data, s->mta.due, MSG_NOSIGNAL);
	close(s->fd);
	mta_free(&s->mta);
	s->fd = -1;
}

/* The session is connected first if it is not. */
static void session_begin(void *session, int64_t began)
{
	struct session *s = session;

	snprintf(s->queue_id, sizeof(s->queue_id), "4B%011ju",
		(uintmax_t)senders_next(&want.senders, s->sender));
	s->mail = (struct mta_mail){ s->sender, s->queue_id };
	s->began = began;
	s->end_sent = 0;
	if (s->fd < 0)
		session_connect(s);
	else
		mta_send(&s->mta, &s->mail);
	session_write(s);
}

static void session_settled(struct session *s, bool over, bool measured)
{
	int64_t now = clock_now();

	if (measured) {
		verdicts[s->mta.verdict]++;
		samples_add(&whole, now - s->began);
		if (s->end_sent != 0)
			samples_add(&ends, now - s->end_sent);
	}
	if (over || ++s->carried == want.carries)
		session_close(s);
}

/* Reads once. */
static bool session_read(void *session, bool measured)
{
	struct session *s = session;
	ssize_t n = recv(s->fd, mta_room(&s->mta, READ_SIZE), READ_SIZE, MSG_DONTWAIT);
	enum mta_event event;
	struct err err;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0)
		tool_die("the milter has closed a session",
			n < 0 ? strerror(errno) : "early");
	s->mta.in.used += (size_t)n;
	event = mta_look(&s->mta, &err);
	/* it was asked for one answer: nothing may have come behind that */
	if (event == MTA_FAILED ||
		(event != MTA_WAITS && mta_look(&s->mta, &err) != MTA_WAITS))
		tool_die("the milter breaks the protocol", err.text);
	if (event == MTA_READY) {
		mta_send(&s->mta, &s->mail);
		event = MTA_WAITS;
	}
	session_write(s);
	if (event == MTA_WAITS)
		return false;
	session_settled(s, event == MTA_OVER, measured);
	return true;
}

static void report(const struct drive_cost *cost)
{
	double seconds = (double)cost->took / CLOCK_SECOND,
	       messages = (double)want.drive.messages;

	printf("messages %ju\nseconds %.3f\nrate %.1f\n", (uintmax_t)want.drive.messages,
		seconds, messages / seconds);
	samples_print(&whole, "");
	samples_print(&ends, "end_");
	if (want.drive.pid != 0)
		printf("cpu %.2f\n", (double)cost->cpu / 1000 / messages);
	verdicts_print(verdicts);
}

/* --- options --- */

static int usage(void)
{
	fputs("usage: load [-s SESSIONS] [-n MESSAGES] [-k MESSAGES] [-r RATE] [-w "
	      "MESSAGES]\n\t[-u USERS] [-c] [-b PERCENT] [-d DOMAIN] [-l] [-R "
	      "RECIPIENTS]\n\t[-H HEADERS] [-B OCTETS] [-a ADDRESS] [-p PID] SOCKET\n",
		stderr);
	return 2;
}

/* As tool_take_number(). */
static int take_own_option(int letter, char *text)
{
	static const struct tool_number numbers[] = {
		{ 'k', &want.carries, 0, UINT32_MAX },
		{ 'R', &want.profile.recipients, 1, 100000 },
		{ 'H', &want.profile.headers, 0, 100000 },
		{ 'B', &want.profile.body, 0, 1 << 30 },
	};

	if (letter == 'l')
		want.profile.logins = true;
	else if (letter == 'a')
		want.profile.client = text;
	else
		return tool_take_number(
			numbers, sizeof(numbers) / sizeof(numbers[0]), letter, text);
	return 1;
}

static int take_options(int argc, char **argv)
{
	int c, rc;

	while ((c = getopt(argc, argv, DRIVE_OPTIONS SENDERS_OPTIONS "k:lR:H:B:a:")) !=
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
	tool_take_address(argv[optind], &want.milter);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct drive_calls calls = { "the milter", session_begin,
		session_read, session_write, false };
	struct session *sessions;
	struct drive_cost cost;

	clock_start();
	if (take_options(argc, argv) < 0)
		return usage();
	sessions = mem_calloc(want.drive.sessions, sizeof(*sessions));
	for (size_t i = 0; i < want.drive.sessions; i++)
		sessions[i].fd = -1;
	drive_begin(&calls, sessions, want.drive.sessions, sizeof(*sessions));
	drive_run(&want.drive, &cost);
	report(&cost);
	for (size_t i = 0; i < want.drive.sessions; i++)
		if (sessions[i].fd >= 0)
			session_close(&sessions[i]);
	drive_end();
	samples_free(&whole);
	samples_free(&ends);
	free(sessions);
	return 0;
}
