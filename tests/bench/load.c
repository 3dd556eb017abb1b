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
 *max (microseconds of a message), end_p50, end_p99, end_max (of its end alone), cpu
 * (microseconds of a message), and how many had which verdict.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cpu.h"
#include "mta.h"
#include "samples.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/net.h"
#include "base/str.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../unit/random.h"

#define SESSIONS_MAX 10000
#define USERS_MAX    1000000000
#define PATIENCE     30 /* seconds without an answer */
#define READ_SIZE    4096
#define EVENTS	     64

struct session {
	struct mta mta;
	int fd; /* -1: not connected */
	uint64_t carried;
	int64_t began, end_sent;
	char sender[64], queue_id[24];
	struct mta_mail mail;
};

/* What the options say. */
static struct {
	struct net_address milter;
	struct mta_profile profile;
	uint64_t sessions, messages, carries, rate, warm_up, users, busy, pid;
	const char *domain;
	bool cycle;
} want = {
	.profile = { .client = "192.0.2.7", .recipients = 1, .headers = 8, .body = 1000 },
	.sessions = 20,
	.messages = 10000,
	.users = 1,
	.domain = "example.org",
};

static struct session *sessions;
static struct session **idle, **handed; /* those without a message; see session_write() */
static size_t nidle, nhanded;
static uint64_t seed, number; /* of the next message, from the first one of all */
static uint64_t verdicts[MTA_VERDICTS];
static struct samples whole, ends;
static int poller, timer;

static _Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "load: %s: %s\n", what, why);
	exit(1);
}

static void watch(int fd, void *whose)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = whose };

	if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll", strerror(errno));
}

/* --- one session --- */

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

/* Blocking, so that a milter whose queue is full is waited for; what is read from it
 * never blocks. */
static void session_connect(struct session *s)
{
	const struct timeval patience = { .tv_sec = PATIENCE };

	s->fd = want.milter.family == NET_UNIX ? net_connect_unix(want.milter.path)
					       : connect_inet(&want.milter);
	if (s->fd < 0)
		die("cannot connect to the milter", strerror(errno));
	setsockopt(s->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	watch(s->fd, s);
	mta_begin(&s->mta, &want.profile);
	s->carried = 0;
}

/* What is due now.  Where the session changes hands in between, the rest is left for
 * the next turn, as two processes of Postfix would send it. */
static void session_write(struct session *s)
{
	bool hands_over = s->mta.handed > 0;
	size_t left = hands_over ? s->mta.handed : s->mta.due;

	while (left > 0) {
		ssize_t n = send(s->fd, s->mta.out.data, left, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			die("cannot write to the milter", strerror(errno));
		if (n <= 0)
			continue;
		mta_sent(&s->mta, (size_t)n);
		left -= (size_t)n;
	}
	if (hands_over)
		handed[nhanded++] = s;
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

static uint64_t next_user(void)
{
	if (number % 100 < want.busy)
		return 0;
	return want.cycle ? number % want.users : next_random(&seed) % want.users;
}

/* The session is connected first if it is not. */
static void session_begin(struct session *s, int64_t began)
{
	snprintf(s->sender, sizeof(s->sender), "user%ju@%s", (uintmax_t)next_user(),
		want.domain);
	snprintf(s->queue_id, sizeof(s->queue_id), "4B%011ju", (uintmax_t)number);
	number++;
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
	idle[nidle++] = s;
}

/* Reads once.  Returns how many messages were settled: 0 or 1. */
static unsigned session_read(struct session *s, bool measured)
{
	ssize_t n = recv(s->fd, mta_room(&s->mta, READ_SIZE), READ_SIZE, MSG_DONTWAIT);
	enum mta_event event;
	struct err err;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		die("the milter has closed a session", n < 0 ? strerror(errno) : "early");
	s->mta.in.used += (size_t)n;
	event = mta_look(&s->mta, &err);
	/* it was asked for one answer: nothing may have come behind that */
	if (event == MTA_FAILED ||
		(event != MTA_WAITS && mta_look(&s->mta, &err) != MTA_WAITS))
		die("the milter breaks the protocol", err.text);
	if (event == MTA_READY) {
		mta_send(&s->mta, &s->mail);
		event = MTA_WAITS;
	}
	session_write(s);
	if (event == MTA_WAITS)
		return 0;
	session_settled(s, event == MTA_OVER, measured);
	return 1;
}

/* --- all of them --- */

/* When message i is due. */
static int64_t due_at(int64_t start, uint64_t i, uint64_t rate)
{
	return start + (int64_t)(i * CLOCK_SECOND / rate);
}

/* The clock is the monotonic one, tied to the wall clock: a timer takes a distance. */
static void set_timer(int64_t when)
{
	int64_t left = when - clock_now();
	struct itimerspec t = { .it_value.tv_nsec = 1 };

	if (left > 0)
		t.it_value = (struct timespec){ left / CLOCK_SECOND,
			left % CLOCK_SECOND * 1000 };
	timerfd_settime(timer, 0, &t, NULL);
}

/* Begins as many messages as are due and find a session; the number of the next one. */
static uint64_t begin_due(uint64_t next, uint64_t n, uint64_t rate, int64_t start)
{
	while (next < n && nidle > 0) {
		int64_t now = clock_now(),
			due = rate > 0 ? due_at(start, next, rate) : now;

		if (due > now) {
			set_timer(due);
			break;
		}
		session_begin(idle[--nidle], due);
		next++;
	}
	return next;
}

/* What came since the last turn; then what was left in the last turn is sent.  Returns
 * how many messages were settled. */
static uint64_t turn(bool measured)
{
	struct epoll_event events[EVENTS];
	size_t n = nhanded;
	uint64_t settled = 0, expired;
	int ready = epoll_wait(poller, events, EVENTS, n > 0 ? 0 : PATIENCE * 1000);

	if (ready < 0 && errno != EINTR)
		die("epoll", strerror(errno));
	if (ready == 0 && n == 0)
		die("the milter", "no answer in 30 seconds");
	for (int i = 0; i < ready; i++) {
		if (events[i].data.ptr != NULL)
			settled += session_read(events[i].data.ptr, measured);
		else
			(void)!read(timer, &expired, sizeof(expired));
	}
	for (size_t i = 0; i < n; i++)
		session_write(handed[i]);
	nhanded -= n;
	memmove(handed, handed + n, nhanded * sizeof(struct session *));
	return settled;
}

static void run(uint64_t n, uint64_t rate, bool measured)
{
	uint64_t next = 0, settled = 0;
	int64_t start = clock_now();

	while (settled < n) {
		next = begin_due(next, n, rate, start);
		settled += turn(measured);
	}
}

static void report(int64_t took, int64_t cpu)
{
	double seconds = (double)took / CLOCK_SECOND, messages = (double)want.messages;

	printf("messages %ju\nseconds %.3f\nrate %.1f\n", (uintmax_t)want.messages,
		seconds, messages / seconds);
	printf("p50 %ju\np99 %ju\nmax %ju\n", samples_part(&whole, 0.50),
		samples_part(&whole, 0.99), samples_part(&whole, 1));
	printf("end_p50 %ju\nend_p99 %ju\nend_max %ju\n", samples_part(&ends, 0.50),
		samples_part(&ends, 0.99), samples_part(&ends, 1));
	if (want.pid != 0)
		printf("cpu %.2f\n", (double)cpu / 1000 / messages);
	for (unsigned i = 0; i < MTA_VERDICTS; i++)
		printf("%s %ju\n", mta_verdict_name(i), (uintmax_t)verdicts[i]);
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

static const struct number_option {
	char letter;
	uint64_t *to, least, most;
} * find_option(int letter)
{
	static const struct number_option numbers[] = {
		{ 's', &want.sessions, 1, SESSIONS_MAX },
		{ 'n', &want.messages, 1, UINT32_MAX },
		{ 'k', &want.carries, 0, UINT32_MAX },
		{ 'r', &want.rate, 0, 1000000 },
		{ 'w', &want.warm_up, 0, UINT32_MAX },
		{ 'u', &want.users, 1, USERS_MAX },
		{ 'b', &want.busy, 0, 100 },
		{ 'p', &want.pid, 1, INT32_MAX },
		{ 'R', &want.profile.recipients, 1, 100000 },
		{ 'H', &want.profile.headers, 0, 100000 },
		{ 'B', &want.profile.body, 0, 1 << 30 },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i].letter == letter)
			return &numbers[i];
	return NULL;
}

static int take_options(int argc, char **argv)
{
	struct err err;
	int c;

	while ((c = getopt(argc, argv, "s:n:k:r:w:u:cb:d:lR:H:B:a:p:")) != -1) {
		const struct number_option *o = find_option(c);

		if (c == 'c')
			want.cycle = true;
		else if (c == 'd')
			want.domain = optarg;
		else if (c == 'l')
			want.profile.logins = true;
		else if (c == 'a')
			want.profile.client = optarg;
		else if (o == NULL || str_to_u64(optarg, o->most, o->to) < 0 ||
			 *o->to < o->least)
			return -1;
	}
	if (optind + 1 != argc)
		return -1;
	if (net_address_parse(argv[optind], &want.milter, &err) < 0)
		die(argv[optind], err.text);
	return 0;
}

int main(int argc, char **argv)
{
	int64_t began, cpu, ended, spent;

	clock_start();
	if (take_options(argc, argv) < 0)
		return usage();
	poller = epoll_create1(EPOLL_CLOEXEC);
	timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (poller < 0 || timer < 0)
		die("epoll", strerror(errno));
	watch(timer, NULL);
	sessions = mem_calloc(want.sessions, sizeof(*sessions));
	idle = mem_calloc(want.sessions, sizeof(struct session *));
	handed = mem_calloc(want.sessions, sizeof(struct session *));
	for (size_t i = 0; i < want.sessions; i++) {
		sessions[i].fd = -1;
		idle[nidle++] = &sessions[i];
	}
	run(want.warm_up, 0, false);
	began = clock_now();
	cpu = want.pid != 0 ? cpu_of_process((pid_t)want.pid) : 0;
	run(want.messages, want.rate, true);
	ended = clock_now();
	spent = want.pid != 0 ? cpu_of_process((pid_t)want.pid) : 0;
	if (cpu < 0 || spent < 0)
		die("CPU time of the process", strerror(errno));
	report(ended - began, spent - cpu);
	for (size_t i = 0; i < want.sessions; i++)
		if (sessions[i].fd >= 0)
			session_close(&sessions[i]);
	samples_free(&whole);
	samples_free(&ends);
	free(sessions);
	free(idle);
	free(handed);
	return 0;
}
