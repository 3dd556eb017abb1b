/*
 * Tests of src/spf/queue: who is next, who is beyond his share, and that nobody is
 * forgotten behind it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SIZE   80
#define CHECKS 16
#define SHARE  (CHECKS / 4)

static struct spf_queue *queue;

static int setup(void **state)
{
	(void)state;
	queue = spf_queue_new(SIZE, CHECKS);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	spf_queue_free(queue);
	return 0;
}

static const char *enter(
	struct spf_place *place, const char *client, const char *sender, int64_t until)
{
	struct spf_question q = { .sender = sender, .helo = "mx" };

	memset(place, 0, sizeof(*place));
	assert_int_equal(cidr_parse(client, &q.client, NULL), 0);
	return spf_queue_enter(queue, place, &q, until);
}

/* So many of one network, each of another domain; or the other way round. */
static void enter_many(struct spf_place *places, unsigned n, bool network)
{
	for (unsigned i = 0; i < n; i++) {
		char client[40], sender[40];

		snprintf(client, sizeof(client), "192.0.%u.%u", network ? 2 : i,
			network ? i : 7);
		snprintf(sender, sizeof(sender), "u%u@%s%u.example", i,
			network ? "d" : "D", network ? i : 0);
		assert_null(enter(&places[i], client, sender, 100));
	}
}

static struct spf_place *start_next(void)
{
	struct spf_place *place = spf_queue_next(queue);

	if (place != NULL)
		spf_queue_start(queue, place);
	return place;
}

static void forget(struct spf_place *places, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		spf_queue_forget(queue, &places[i]);
}

/* Beyond a quarter they wait, and others go first. */
static void check_running(bool network, const char *words)
{
	struct spf_place many[SHARE + 3], other;

	enter_many(many, SHARE + 3, network);
	assert_null(enter(&other, "198.51.100.7", "bob@other.example", 100));
	for (unsigned i = 0; i < SHARE; i++)
		assert_ptr_equal(start_next(), &many[i]);
	assert_ptr_equal(start_next(), &other);
	assert_null(start_next());
	assert_non_null(strstr(spf_queue_why(queue, &many[SHARE]), words));
	spf_queue_leave(queue, &many[1]);
	assert_ptr_equal(start_next(), &many[SHARE]);
	assert_null(start_next());
	assert_null(spf_queue_why(queue, &many[SHARE]));
	/* one that goes without its turn does not take it away from the next */
	spf_queue_leave(queue, &many[0]);
	spf_queue_leave(queue, &many[SHARE + 1]);
	assert_ptr_equal(start_next(), &many[SHARE + 2]);
	forget(many, SHARE + 3);
	forget(&other, 1);
}

static void test_running(void **state)
{
	(void)state;
	check_running(true, "network");
	check_running(false, "domain");
}

/* One network leaves half of what a domain has to others. */
static void test_both(void **state)
{
	struct spf_place many[SHARE], others[2];

	(void)state;
	for (unsigned i = 0; i < SHARE; i++)
		assert_null(enter(&many[i], "192.0.2.7", "bob@one.example", 100));
	for (unsigned i = 0; i < 2; i++)
		assert_null(enter(&others[i], i == 0 ? "198.51.100.7" : "203.0.113.7",
			"bob@one.example", 100));
	for (unsigned i = 0; i < SHARE / 2; i++)
		assert_ptr_equal(start_next(), &many[i]);
	assert_ptr_equal(start_next(), &others[0]);
	assert_ptr_equal(start_next(), &others[1]);
	assert_null(start_next());
	assert_string_equal(spf_queue_why(queue, &many[SHARE / 2]),
		"too many checks of the sender's domain for the client's network are "
		"under way");
	spf_queue_leave(queue, &others[0]);
	assert_null(start_next());
	spf_queue_leave(queue, &many[0]);
	assert_ptr_equal(start_next(), &many[SHARE / 2]);
	forget(many, SHARE);
	forget(others, 2);
}

/* Who came first goes first when he may, also before those who came while he could not.
 */
static void test_order(void **state)
{
	struct spf_place many[SHARE + 1], later[2];

	(void)state;
	enter_many(many, SHARE + 1, true);
	for (unsigned i = 0; i < SHARE; i++)
		assert_ptr_equal(start_next(), &many[i]);
	assert_null(start_next());
	assert_null(enter(&later[0], "198.51.100.7", "bob@one.example", 101));
	assert_null(enter(&later[1], "203.0.113.7", "bob@two.example", 101));
	spf_queue_leave(queue, &many[0]);
	assert_ptr_equal(start_next(), &many[SHARE]);
	assert_ptr_equal(start_next(), &later[0]);
	assert_ptr_equal(start_next(), &later[1]);
	forget(many, SHARE + 1);
	forget(later, 2);
}

static void test_networks(void **state)
{
	static const struct {
		const char *one, *other;
		bool same;
	} cases[] = { { "192.0.2.1", "192.0.2.254", true },
		{ "192.0.2.1", "192.0.3.1", false },
		{ "2001:db8:1:2::1", "2001:db8:1:ffff::1", true },
		{ "2001:db8:1::1", "2001:db8:2::1", false } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct spf_place one, other;

		assert_null(enter(&one, cases[i].one, "a@one.example", 100));
		assert_null(enter(&other, cases[i].other, "a@other.example", 100));
		assert_int_equal(
			one.shares[SPF_SHARE_NETWORK] == other.shares[SPF_SHARE_NETWORK],
			cases[i].same);
		assert_ptr_not_equal(
			one.shares[SPF_SHARE_DOMAIN], other.shares[SPF_SHARE_DOMAIN]);
		forget(&one, 1);
		forget(&other, 1);
	}
}

static void test_queued(void **state)
{
	struct spf_place many[SIZE / 4], more, all[SIZE];
	unsigned n = 0;
	const char *why;

	(void)state;
	enter_many(many, SIZE / 4, true);
	why = enter(&more, "192.0.2.200", "a@more.example", 100);
	assert_non_null(strstr(why, "network"));
	forget(many, SIZE / 4);
	enter_many(many, SIZE / 4, false);
	/* the null sender's domain is its HELO; capitals are none of their own */
	why = enter(&more, "198.51.100.7", "u@d0.EXAMPLE", 100);
	assert_non_null(strstr(why, "domain"));
	forget(many, SIZE / 4);
	for (; n < SIZE; n++) {
		char client[40], sender[40];

		snprintf(client, sizeof(client), "192.0.%u.7", n);
		snprintf(sender, sizeof(sender), "a@d%u.example", n);
		assert_null(enter(&all[n], client, sender, 100));
	}
	why = enter(&more, "198.51.100.7", "a@more.example", 100);
	assert_string_equal(why, "too many questions wait for a worker");
	forget(all, SIZE);
}

static void test_deadlines(void **state)
{
	static const int64_t untils[] = { 50, 20, 90, 20, 10 };
	static const unsigned order[] = { 4, 1, 3, 0, 2 };
	struct spf_place places[5];

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		assert_null(enter(&places[i], "192.0.2.7", "a@one.example", untils[i]));
	for (unsigned i = 0; i < 5; i++) {
		assert_ptr_equal(spf_queue_first(queue), &places[order[i]]);
		spf_queue_forget(queue, &places[order[i]]);
	}
	assert_null(spf_queue_first(queue));
}

/* Of three places a network has two, and a domain. */
static void test_waiting(void **state)
{
	const enum spf_wait wait = SPF_WAIT_LONG;
	struct spf_place a, b, c;

	(void)state;
	assert_null(enter(&a, "192.0.2.1", "a@one.example", 100));
	assert_null(enter(&b, "192.0.2.2", "a@two.example", 100));
	assert_null(enter(&c, "198.51.100.7", "a@two.example", 100));
	assert_null(spf_queue_wait(queue, &a, wait, 3));
	assert_null(spf_queue_wait(queue, &b, wait, 3));
	assert_non_null(strstr(spf_queue_wait(queue, &a, wait, 3), "network"));
	assert_null(spf_queue_wait(queue, &c, wait, 3));
	assert_string_equal(spf_queue_wait(queue, &c, wait, 3),
		"too many messages wait for an answer");
	spf_queue_waited(queue, &a, wait);
	assert_non_null(strstr(spf_queue_wait(queue, &c, wait, 3), "domain"));
	assert_null(spf_queue_wait(queue, &a, wait, 0));
	spf_queue_waited(queue, &a, wait);
	spf_queue_waited(queue, &b, wait);
	spf_queue_waited(queue, &c, wait);
	assert_null(spf_queue_wait(queue, &a, wait, 1));
	assert_non_null(spf_queue_wait(queue, &b, wait, 1));
	spf_queue_waited(queue, &a, wait);
	forget(&a, 1);
	forget(&b, 1);
	forget(&c, 1);
}

/* Those who wait briefly are counted by themselves, and are more. */
static void test_briefly(void **state)
{
	const enum spf_wait wait = SPF_WAIT_BRIEFLY;
	struct spf_place a, b, c;

	(void)state;
	assert_null(enter(&a, "192.0.2.1", "a@one.example", 100));
	assert_null(enter(&b, "198.51.100.7", "a@two.example", 100));
	assert_null(enter(&c, "203.0.113.7", "a@three.example", 100));
	assert_null(spf_queue_wait(queue, &a, SPF_WAIT_LONG, 1));
	for (unsigned i = 0; i < SPF_QUEUE_BRIEF; i++)
		assert_null(spf_queue_wait(queue, i % 2 == 0 ? &a : &b, wait, 1));
	assert_string_equal(spf_queue_wait(queue, &c, wait, 1),
		"too many messages wait for an answer");
	spf_queue_waited(queue, &b, wait);
	assert_non_null(strstr(spf_queue_wait(queue, &a, wait, 1), "network"));
	assert_null(spf_queue_wait(queue, &c, wait, 1));
	/* where more may wait long */
	assert_null(spf_queue_wait(queue, &a, wait, SPF_QUEUE_BRIEF + 2));
	assert_non_null(spf_queue_wait(queue, &a, wait, SPF_QUEUE_BRIEF + 2));
	forget(&a, 1);
	forget(&b, 1);
	forget(&c, 1);
}

/* Whoever asks by hand may wait, and takes the place of no message. */
static void test_waiting_by_hand(void **state)
{
	struct spf_question q = {
		.sender = "a@one.example", .helo = "mx", .trace = true
	};
	const enum spf_wait wait = SPF_WAIT_LONG;
	struct spf_place by_hand = { 0 }, a;

	(void)state;
	assert_int_equal(cidr_parse("192.0.2.1", &q.client, NULL), 0);
	assert_null(spf_queue_enter(queue, &by_hand, &q, 100));
	assert_null(enter(&a, "192.0.2.1", "a@one.example", 100));
	assert_null(spf_queue_wait(queue, &by_hand, wait, 0));
	assert_null(spf_queue_wait(queue, &a, wait, 1));
	assert_null(spf_queue_wait(queue, &by_hand, wait, 1));
	spf_queue_waited(queue, &by_hand, wait);
	assert_non_null(spf_queue_wait(queue, &a, wait, 1));
	spf_queue_waited(queue, &by_hand, wait);
	spf_queue_waited(queue, &a, wait);
	assert_null(spf_queue_wait(queue, &a, wait, 1));
	spf_queue_waited(queue, &a, wait);
	forget(&by_hand, 1);
	forget(&a, 1);
}

/* --- whatever comes and goes --- */

#define NETWORKS 3
#define DOMAINS	 3
#define PLACES	 (SIZE / 8)

static struct member {
	struct spf_place place;
	unsigned network, domain;
	enum { OUT, QUEUED, RUNNING } state;
} members[PLACES];

static bool may_run(const struct member *m)
{
	unsigned network = 0, domain = 0, both = 0;

	for (unsigned i = 0; i < PLACES; i++) {
		const struct member *other = &members[i];

		if (other->state != RUNNING)
			continue;
		network += other->network == m->network;
		domain += other->domain == m->domain;
		both += other->network == m->network && other->domain == m->domain;
	}
	return network < SHARE && domain < SHARE && both < SHARE / 2;
}

static void come_or_go(struct member *m)
{
	char client[40], sender[40];

	if (m->state != OUT) {
		spf_queue_forget(queue, &m->place);
		m->state = OUT;
		return;
	}
	m->network = (unsigned)rand() % NETWORKS;
	m->domain = (unsigned)rand() % DOMAINS;
	snprintf(client, sizeof(client), "192.0.%u.7", m->network);
	snprintf(sender, sizeof(sender), "a@d%u.example", m->domain);
	assert_null(enter(&m->place, client, sender, rand() % 100));
	m->state = QUEUED;
}

static void test_nobody_forgotten(void **state)
{
	(void)state;
	srand(7);
	for (int step = 0; step < 20000; step++) {
		struct spf_place *place;

		come_or_go(&members[rand() % PLACES]);
		while (rand() % 4 > 0 && (place = spf_queue_next(queue)) != NULL) {
			struct member *m = (struct member *)place;

			assert_true(may_run(m));
			spf_queue_start(queue, place);
			m->state = RUNNING;
		}
		if (spf_queue_next(queue) != NULL)
			continue;
		for (unsigned i = 0; i < PLACES; i++)
			assert_false(members[i].state == QUEUED && may_run(&members[i]));
	}
	for (unsigned i = 0; i < PLACES; i++)
		if (members[i].state != OUT)
			come_or_go(&members[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_running, setup, teardown),
		cmocka_unit_test_setup_teardown(test_both, setup, teardown),
		cmocka_unit_test_setup_teardown(test_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_networks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_queued, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deadlines, setup, teardown),
		cmocka_unit_test_setup_teardown(test_waiting, setup, teardown),
		cmocka_unit_test_setup_teardown(test_waiting_by_hand, setup, teardown),
		cmocka_unit_test_setup_teardown(test_briefly, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nobody_forgotten, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
