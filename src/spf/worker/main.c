/*
 * themis-spf: answers the daemon's questions about sender policies, several at once, in a
 * sandbox.  Started by the pool (spf/process.c); ends when the daemon does.
 *
 * Each of its threads takes a question, judges, mostly waiting for DNS, answers, and
 * takes the next one.  All of them are there before the sandbox is closed, which none can
 * be started in, and none of them takes a question before.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/arena.h"
#include "spf/wire.h"
#include "spf/worker/dns.h"
#include "spf/worker/sandbox.h"
#include "spf/worker/walk.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define STATUS_USAGE 2

/* Octets of a thread's stack.  The deepest check, eleven records that include each other,
 * needs some 30 KiB. */
#define STACK_SIZE ((size_t)1024 * 1024)

/* Each reserves address space, of which there is not much; threads that wait for DNS do
 * not wait for each other there. */
#define ARENAS_MAX 4

/* One of the threads, which all live as long as the process. */
struct server {
	struct resolver *resolver;
	struct spf_wire_question asked;
	char buf[SPF_WIRE_MAX];
};

static pthread_barrier_t closed; /* the sandbox is */

/* Is it the daemon who has started us? */
static bool is_started_right(int argc)
{
	socklen_t len = sizeof(int);
	int type;

	return argc == 2 &&
	       getsockopt(SPF_WIRE_FD, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	       type == SOCK_SEQPACKET;
}

/* 0, or -1: the daemon is gone.  Takes the text over. */
static int say(char *text)
{
	size_t len = strlen(text);
	ssize_t n;

	do
		n = send(SPF_WIRE_FD, text, len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	free(text);
	return n == (ssize_t)len ? 0 : -1;
}

static int answer(struct resolver *resolver, const struct spf_wire_question *asked)
{
	struct spf_answer a;
	char *text;

	dns_begin(resolver, asked->until);
	spf_evaluate(&asked->question, resolver, &a);
	text = spf_wire_answer(asked->id, &a);
	spf_answer_clear(&a);
	return say(text);
}

/* Until the daemon ends, or says what it should not; then the process ends, without what
 * is done at an exit, since the other threads still run. */
static void *serve(void *arg)
{
	struct server *s = arg;

	pthread_barrier_wait(&closed);
	for (;;) {
		/* whole datagrams: each is one thread's */
		ssize_t n = recv(SPF_WIRE_FD, s->buf, sizeof(s->buf), 0);

		if (n == 0)
			_exit(EXIT_SUCCESS);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || spf_wire_read_question(s->buf, (size_t)n, &s->asked) < 0 ||
			answer(s->resolver, &s->asked) < 0)
			_exit(EXIT_FAILURE);
	}
}

static struct server *server_new(struct dns *dns)
{
	struct server *s = mem_calloc(1, sizeof(*s));

	s->resolver = dns_resolver(dns);
	return s;
}

/* All servers but the one of the main thread. */
static int start_threads(struct dns *dns, struct err *err)
{
	pthread_attr_t attr;
	int rc;

	pthread_attr_init(&attr);
	rc = pthread_attr_setstacksize(&attr, STACK_SIZE);
	if (rc == 0)
		rc = pthread_barrier_init(&closed, NULL, SPF_CHECKS_MAX);
	for (int i = 1; rc == 0 && i < SPF_CHECKS_MAX; i++) {
		pthread_t thread;

		rc = pthread_create(&thread, &attr, serve, server_new(dns));
	}
	pthread_attr_destroy(&attr);
	return rc == 0 ? 0 : err_set(err, "its threads do not start: %s", strerror(rc));
}

int main(int argc, char **argv)
{
	struct dns *dns;
	struct err err;

	if (!is_started_right(argc)) {
		fputs("themis-spf checks sender policies for themisd, which starts it; "
		      "it is no program to be run by hand (see themisd(8))\n",
			stderr);
		return STATUS_USAGE;
	}
	mallopt(M_ARENA_MAX, ARENAS_MAX);
	if (sandbox_begin(&err) < 0 || (dns = dns_open(argv[1], &err)) == NULL ||
		start_threads(dns, &err) < 0 || sandbox_close(&err) < 0) {
		say(spf_wire_refuse(err.text));
		_exit(EXIT_FAILURE);
	}
	serve(server_new(dns));
}
