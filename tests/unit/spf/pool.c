/*
 * Tests of src/spf/pool: questions of many threads, their answers, and who waits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "workers.h"

#include "base/episode.h"
#include "spf/trouble.h"

#include <pthread.h>

static void test_answers(void **state)
{
	long first, second;

	(void)state;
	begin(2);
	assert_int_equal(counts().crew.workers, 0);
	first = answered("a", LONG, NULL);
	second = answered("b", LONG, NULL);
	assert_true(first > 0 && first == second);
	assert_int_equal(counts().crew.workers, 1);
	assert_int_equal(counts().questions, 2);
	assert_int_equal(counts().temperrors, 0);
}

/* A question that the wire refuses kills no worker. */
static void test_no_address(void **state)
{
	struct spf_question q = { .sender = "a", .helo = "mx" };
	static const char *const clients[] = { NULL, "192.0.2.0/24", "::/0" };

	(void)state;
	begin(1);
	for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
		struct spf_ask *a;

		if (clients[i] != NULL)
			assert_int_equal(cidr_parse(clients[i], &q.client, NULL), 0);
		a = pool->ask(pool, &q, LONG);
		assert_string_equal(
			pool->wait(pool, a, 0)->problem, "there is no client address");
		pool->drop(pool, a);
	}
	assert_int_equal(counts().crew.workers, 0);
	assert_int_equal(counts().temperrors, 3);
}

static void test_kept(void **state)
{
	(void)state;
	begin(1);
	assert_true(answered("a", LONG, NULL) > 0);
	assert_int_equal(counts().cached, 0);
	assert_true(answered("a", LONG, NULL) > 0);
	assert_int_equal(counts().cached, 1);
	answered("once", LONG, NULL);
	answered("once", LONG, NULL);
	answered("cheap", LONG, NULL);
	answered("cheap", LONG, NULL);
	assert_int_equal(counts().cached, 1);
}

/* What 50 ask is one question. */
static void test_joined(void **state)
{
	struct spf_ask *asks[50];
	long who;

	(void)state;
	begin(1);
	who = answered("a", LONG, NULL);
	for (size_t i = 0; i < 50; i++)
		asks[i] = ask_kept(0, LONG);
	wait_for_busy(1);
	kill((pid_t)who, SIGUSR1);
	for (size_t i = 0; i < 50; i++) {
		assert_int_equal(pool->wait(pool, asks[i], 0)->result, SPF_PASS);
		assert_ptr_equal(
			pool->wait(pool, asks[i], 0), pool->wait(pool, asks[0], 0));
	}
	for (size_t i = 0; i < 50; i++)
		pool->drop(pool, asks[i]);
}

static void test_traces_are_their_own(void **state)
{
	struct spf_question q = { .sender = "a", .helo = "mx", .trace = true };
	struct spf_ask *one, *other;

	(void)state;
	begin(1);
	assert_int_equal(cidr_parse("192.0.2.7", &q.client, NULL), 0);
	one = pool->ask(pool, &q, LONG);
	other = pool->ask(pool, &q, LONG);
	assert_ptr_not_equal(pool->wait(pool, one, 0), pool->wait(pool, other, 0));
	pool->drop(pool, one);
	pool->drop(pool, other);
	assert_int_equal(counts().cached, 0);
}

/* Who asks by hand is counted nowhere, whatever comes of it. */
static void test_traces_are_not_counted(void **state)
{
	static const char *const senders[] = { "a", "a", "leave", "hang" };
	struct spf_question q = { .helo = "mx", .trace = true };
	struct spf_ask *one;

	(void)state;
	begin(2);
	for (size_t i = 0; i <= sizeof(senders) / sizeof(senders[0]); i++) {
		/* the last one has no address */
		q.sender = i < 4 ? senders[i] : "a";
		q.client.family = 0;
		if (i < 4)
			assert_int_equal(cidr_parse("192.0.2.7", &q.client, NULL), 0);
		one = pool->ask(pool, &q, i == 3 ? SHORT : LONG);
		assert_int_equal(pool->wait(pool, one, 0)->result,
			i < 2 ? SPF_PASS : SPF_TEMPERROR);
		pool->drop(pool, one);
	}
	assert_int_equal(counts().questions, 0);
	assert_int_equal(counts().cached, 0);
	assert_int_equal(counts().temperrors, 0);
}

/* A worker that can take no more: who waits for it waits until his own deadline; past the
 * number of those who may wait there is no waiting, and what was said stays. */
static void *wait_for_it(void *arg)
{
	pool->wait(pool, arg, 0);
	return NULL;
}

/* One whose wait is refused where one may wait long, as soon as another does. */
static struct spf_ask *refused_one(unsigned milliseconds)
{
	for (unsigned tried = 0; tried < LONG; tried += milliseconds) {
		struct spf_ask *a = ask("b", milliseconds);

		if (strcmp(pool->wait(pool, a, 1)->problem,
			    "too many messages wait for an answer") == 0)
			return a;
		pool->drop(pool, a);
	}
	fail_msg("all may wait");
	return NULL;
}

static void test_waiting(void **state)
{
	struct spf_ask *asks[SPF_CHECKS_MAX], *hanging, *queued, *other;
	const struct spf_answer *got;
	pthread_t thread;

	(void)state;
	begin(1);
	fill(asks);
	hanging = asks[0];
	queued = ask("a", SHORT);
	got = pool->wait(pool, queued, 0);
	assert_int_equal(got->result, SPF_TEMPERROR);
	pool->drop(pool, queued);
	assert_int_equal(pthread_create(&thread, NULL, wait_for_it, hanging), 0);
	other = refused_one(2 * SPF_POOL_BRIEF / 1000);
	got = pool->wait(pool, other, 0);
	assert_ptr_equal(pool->wait(pool, other, 0), got);
	pool->drop(pool, other);
	/* the one in the queue, and those for whom there was no room */
	assert_true(counts().temperrors >= 2);
	spf_pool_stop(pool);
	pthread_join(thread, NULL);
	got = pool->wait(pool, hanging, 0);
	assert_int_equal(got->result, SPF_TEMPERROR);
	assert_string_equal(got->problem, "themisd stops");
	assert_true(got->inside);
	for (unsigned i = 0; i < SPF_CHECKS_MAX; i++)
		pool->drop(pool, asks[i]);
	hanging = ask("a", LONG);
	got = pool->wait(pool, hanging, 0);
	assert_string_equal(got->problem, "themisd stops");
	assert_true(got->inside);
	pool->drop(pool, hanging);
	spf_pool_free(pool);
	pool = NULL;
}

static void test_bound(void **state)
{
	static struct spf_ask *asks[SPF_CHECKS_MAX + SPF_POOL_QUEUE + 1];
	const size_t all = sizeof(asks) / sizeof(asks[0]);
	size_t n = SPF_CHECKS_MAX;

	(void)state;
	begin(1);
	fill(asks);
	while (n < all) {
		char sender[20];

		snprintf(sender, sizeof(sender), "%zu", n);
		asks[n++] = ask(sender, LONG);
	}
	assert_non_null(strstr(pool->wait(pool, asks[n - 1], 0)->problem, "too many"));
	while (n > 0)
		pool->drop(pool, asks[--n]);
}

/* Of 4 checks that one network may have at a time the fifth waits, and others go first.
 */
static void test_shares(void **state)
{
	struct spf_ask *asks[SPF_CHECKS_MAX / 4 + 1];
	const unsigned share = SPF_CHECKS_MAX / 4;
	long who;

	(void)state;
	begin(1);
	for (unsigned i = 0; i <= share; i++) {
		char sender[20];

		snprintf(sender, sizeof(sender), "keep%u@%u", i, i);
		asks[i] = ask_from("192.0.2.7", sender, i < share ? LONG : SHORT);
		wait_for_busy(i < share ? i + 1 : share);
	}
	who = answered("a", LONG, NULL);
	assert_true(who > 0);
	assert_int_equal(counts().crew.busy, share);
	assert_string_equal(pool->wait(pool, asks[share], 0)->problem,
		"too many checks for the client's network are under way");
	kill((pid_t)who, SIGUSR1);
	for (unsigned i = 0; i < share; i++)
		assert_int_equal(pool->wait(pool, asks[i], 0)->result, SPF_PASS);
	for (unsigned i = 0; i <= share; i++)
		pool->drop(pool, asks[i]);
}

/* One who waits less than who came before him. */
static void test_shorter(void **state)
{
	struct spf_ask *asks[SPF_CHECKS_MAX], *longer, *shorter;
	struct episode_seen list[EPISODES];

	(void)state;
	begin(1);
	fill(asks);
	longer = ask("a", LONG);
	shorter = ask("b", 1);
	/* by the pool's thread: nobody waits for it here */
	for (int64_t until = in_a_long_time(); episode_list(list) == 0;)
		wait_a_moment(until, "an episode");
	assert_string_equal(list[0].state, "spf-room");
	assert_string_equal(pool->wait(pool, shorter, 0)->problem, "no worker is free");
	pool->drop(pool, shorter);
	pool->drop(pool, longer);
	for (unsigned i = 0; i < SPF_CHECKS_MAX; i++)
		pool->drop(pool, asks[i]);
}

/* Asked and never waited for: nothing is left over. */
static void test_dropped(void **state)
{
	(void)state;
	begin(2);
	for (int i = 0; i < 100; i++) {
		char sender[20];

		snprintf(sender, sizeof(sender), "%d", i);
		pool->drop(pool, ask(sender, LONG));
	}
	pool->drop(pool, NULL);
	assert_true(answered("last", LONG, NULL) > 0);
}

static void *ask_often(void *arg)
{
	for (int i = 0; i < 200; i++) {
		char sender[20];

		snprintf(sender, sizeof(sender), i % 3 ? "%d" : "once%d",
			i % 7 + *(int *)arg);
		if (answered(sender, LONG, NULL) == 0)
			return arg;
	}
	return NULL;
}

static void test_threads(void **state)
{
	pthread_t threads[8];
	int from[8];

	(void)state;
	begin(4);
	for (int i = 0; i < 8; i++) {
		from[i] = i;
		assert_int_equal(
			pthread_create(&threads[i], NULL, ask_often, &from[i]), 0);
	}
	for (int i = 0; i < 8; i++) {
		void *failed;

		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	assert_int_equal(counts().questions, 8 * 200);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		/* first: trouble of others goes on for a while */
		cmocka_unit_test_teardown(test_shorter, end),
		cmocka_unit_test_teardown(test_answers, end),
		cmocka_unit_test_teardown(test_no_address, end),
		cmocka_unit_test_teardown(test_kept, end),
		cmocka_unit_test_teardown(test_joined, end),
		cmocka_unit_test_teardown(test_traces_are_their_own, end),
		cmocka_unit_test_teardown(test_traces_are_not_counted, end),
		cmocka_unit_test_teardown(test_waiting, end),
		cmocka_unit_test_teardown(test_bound, end),
		cmocka_unit_test_teardown(test_shares, end),
		cmocka_unit_test_teardown(test_dropped, end),
		cmocka_unit_test_teardown(test_threads, end),
	};

	(void)argv;
	if (argc == 2)
		return work();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
