/*
 * For the tests of spf/pool and crew: their program is the worker, too, and does as the
 * senders of its questions say.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TESTS_WORKERS_H
#define THEMIS_TESTS_WORKERS_H

#include "spf/pool.h"

#include "base/clock.h"
#include "spf/wire.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* Longer than any test may take, and so short that one may wait for it. */
#define LONG  60000
#define SHORT 300

/* --- the worker --- */

static inline void tell(char *text)
{
	if (send(SPF_WIRE_FD, text, strlen(text), 0) < 0)
		_exit(3);
	free(text);
}

/* An answer that says which process gave it. */
static inline void tell_costly(
	uint64_t id, unsigned ttl, unsigned terms, unsigned queries)
{
	struct spf_answer a;

	spf_answer_init(&a, SPF_PASS, "");
	snprintf(a.mechanism = realloc(a.mechanism, 20), 20, "%d", (int)getpid());
	a.ttl = ttl;
	a.queries = queries;
	a.terms = terms;
	tell(spf_wire_answer(id, &a));
	spf_answer_clear(&a);
}

static inline void tell_answer(uint64_t id, unsigned ttl, unsigned terms)
{
	tell_costly(id, ttl, terms, 1);
}

static inline void crash(const struct spf_wire_question *q)
{
	(void)q;
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}

static inline void leave(const struct spf_wire_question *q)
{
	(void)q;
	_exit(5);
}

static inline void hang(const struct spf_wire_question *q)
{
	(void)q;
	for (;;)
		pause();
}

static inline void babble(const struct spf_wire_question *q)
{
	(void)q;
	tell(strdup("{\"id\":1}"));
}

static inline void mistake(const struct spf_wire_question *q)
{
	tell_answer(q->id + 1, 60, 0);
}

static inline void twice(const struct spf_wire_question *q)
{
	tell_answer(q->id, 60, 0);
	tell_answer(q->id, 60, 0);
}

static inline void refuse(const struct spf_wire_question *q)
{
	(void)q;
	tell(spf_wire_refuse("no seccomp here"));
}

static inline void once(const struct spf_wire_question *q)
{
	tell_answer(q->id, 0, 0);
}

/* No question of DNS was needed for it. */
static inline void cheaply(const struct spf_wire_question *q)
{
	tell_costly(q->id, 60, 0, 0);
}

static inline void answer(const struct spf_wire_question *q)
{
	tell_answer(q->id, 60, 0);
}

/* Takes it, goes on with others, and answers all of them when there is SIGUSR1, the last
 * one first, with their numbers. */
static struct kept {
	uint64_t id;
	unsigned number;
} kept[SPF_CHECKS_MAX];
static unsigned nkept;

static inline void keep(const struct spf_wire_question *q)
{
	if (nkept == SPF_CHECKS_MAX)
		_exit(6);
	kept[nkept].id = q->id;
	sscanf(q->sender, "keep%u", &kept[nkept++].number);
}

static inline void release(void)
{
	while (nkept > 0) {
		nkept--;
		tell_answer(kept[nkept].id, 0, kept[nkept].number);
	}
}

static const struct {
	const char *sender;
	void (*act)(const struct spf_wire_question *q);
} acts[] = { { "crash", crash }, { "leave", leave }, { "hang", hang },
	{ "babble", babble }, { "mistake", mistake }, { "twice", twice },
	{ "refuse", refuse }, { "once", once }, { "cheap", cheaply }, { "keep", keep },
	{ "", answer } };

/* 0: the daemon is gone. */
static inline ssize_t take_question(void)
{
	static struct spf_wire_question q;
	static char buf[SPF_WIRE_MAX];
	const ssize_t n = recv(SPF_WIRE_FD, buf, sizeof(buf), 0);
	size_t i = 0;

	if (n == 0)
		return 0;
	if (n < 0 || spf_wire_read_question(buf, (size_t)n, &q) < 0)
		_exit(4);
	while (strncmp(acts[i].sender, q.sender, strlen(acts[i].sender)) != 0)
		i++;
	acts[i].act(&q);
	return n;
}

/* The whole of the worker. What was sent before the signal is taken before it, so poll
 * looks at the signal first. */
static inline int work(void)
{
	struct pollfd fds[2] = { { -1, POLLIN, 0 }, { SPF_WIRE_FD, POLLIN, 0 } };
	struct signalfd_siginfo info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fds[0].fd = signalfd(-1, &set, SFD_CLOEXEC);
	while (poll(fds, 2, -1) > 0) {
		if (fds[1].revents != 0) {
			if (take_question() == 0)
				_exit(0);
		} else if (read(fds[0].fd, &info, sizeof(info)) == sizeof(info)) {
			release();
		}
	}
	_exit(7);
}

/* --- the pool --- */

static struct spf_service *pool;

static inline void begin(unsigned workers)
{
	pool = spf_pool_new("/proc/self/exe", "worker", workers, NULL);
	assert_non_null(pool);
}

static inline int end(void **state)
{
	(void)state;
	if (pool != NULL) {
		spf_pool_stop(pool);
		spf_pool_free(pool);
	}
	pool = NULL;
	return 0;
}

static inline struct spf_ask *ask_from(
	const char *client, const char *sender, unsigned milliseconds)
{
	struct spf_question q = { .sender = sender, .helo = "mx" };

	assert_int_equal(cidr_parse(client, &q.client, NULL), 0);
	return pool->ask(pool, &q, milliseconds);
}

/* Of a network and a domain that no other sender has. */
static inline struct spf_ask *ask(const char *sender, unsigned milliseconds)
{
	char client[20];
	unsigned n = 0;

	for (const char *c = sender; *c != '\0'; c++)
		n = 31 * n + (unsigned char)*c;
	snprintf(client, sizeof(client), "10.%u.%u.7", n / 256 % 256, n % 256);
	return ask_from(client, sender, milliseconds);
}

/* Asks, waits, drops; who has answered, 0 for a temperror with these words in it. */
static inline long answered(const char *sender, unsigned milliseconds, const char *words)
{
	struct spf_ask *a = ask(sender, milliseconds);
	const struct spf_answer *got = pool->wait(pool, a, 0);
	long who = 0;

	if (got->result != SPF_TEMPERROR)
		who = strtol(got->mechanism, NULL, 10);
	else if (words == NULL || strstr(got->problem, words) == NULL)
		fail_msg("%s: %s", sender, got->problem);
	pool->drop(pool, a);
	return who;
}

static inline struct spf_pool_counts counts(void)
{
	struct spf_pool_counts c;

	spf_pool_count(pool, &c);
	return c;
}

/* Until when something is waited for that has to come. */
static inline int64_t in_a_long_time(void)
{
	return clock_monotonic() + LONG * 1000;
}

static inline void wait_a_moment(int64_t until, const char *what)
{
	if (clock_monotonic() >= until)
		fail_msg("waited in vain for %s", what);
	usleep(1000);
}

/* So many questions are in workers' hands. */
static inline void wait_for_busy(unsigned n)
{
	for (int64_t until = in_a_long_time(); counts().crew.busy != n;)
		wait_a_moment(until, "busy workers");
}

/* Asks what a worker hangs on.  On a busy machine that may not have come to the worker
 * by such a deadline: then once more, with another one. */
static inline void answered_late(const char *sender, const char *words)
{
	for (unsigned patience = SHORT; patience < LONG; patience *= 4) {
		struct spf_ask *a = ask(sender, patience);
		const struct spf_answer *got = pool->wait(pool, a, 0);
		const bool late = strstr(got->problem, words) != NULL;

		assert_true(late || strcmp(got->problem, "no worker is free") == 0);
		pool->drop(pool, a);
		if (late)
			return;
	}
	fail_msg("%s never comes to a worker", sender);
}

/* keep0 and so on. */
static inline struct spf_ask *ask_kept(unsigned number, unsigned milliseconds)
{
	char sender[20];

	snprintf(sender, sizeof(sender), "keep%u", number);
	return ask(sender, milliseconds);
}

/* The answer to what was kept; drops it. */
static inline void assert_kept(struct spf_ask *a, unsigned number, long who)
{
	const struct spf_answer *got = pool->wait(pool, a, 0);

	assert_int_equal(got->result, SPF_PASS);
	assert_int_equal(strtol(got->mechanism, NULL, 10), who);
	assert_int_equal(got->terms, number);
	pool->drop(pool, a);
}

/* As many questions as one worker may have. */
static inline void fill(struct spf_ask *asks[SPF_CHECKS_MAX])
{
	for (unsigned i = 0; i < SPF_CHECKS_MAX; i++)
		asks[i] = ask_kept(i, LONG);
	wait_for_busy(SPF_CHECKS_MAX);
}

#endif
