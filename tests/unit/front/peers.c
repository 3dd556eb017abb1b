/*
 * Tests of front/peers: who is silent for too long, and who makes room, by a clock given.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/peers.h"

#include "../fixture.h"
#include "front/inflight.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define T0     ((int64_t)1700000000 * 1000000)
#define CLIENT 4

/* Connections 0 to 3, one a second, each with its client. */
struct place {
	struct peers all;
	struct peer *peer[CLIENT];
	int client[CLIENT];
};

static void never_came(struct peer *p)
{
	(void)p;
	fail_msg("nothing is in hand");
}

static const struct peer_site nowhere = { .came = never_came, .wait = never_came };

static int setup(void **state)
{
	struct place *p = mem_calloc(1, sizeof(*p));

	peers_init(&p->all, CLIENT);
	for (int i = 0; i < CLIENT; i++) {
		int fd[2];

		assert_int_equal(
			socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
		p->peer[i] = peer_new(fd[0], &nowhere, T0 + i * 1000000);
		p->client[i] = fd[1];
		peers_add(&p->all, p->peer[i]);
	}
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	for (int i = 0; i < CLIENT; i++) {
		peers_remove(&p->all, p->peer[i]);
		peer_free(p->peer[i]);
		close(p->client[i]);
	}
	assert_int_equal(p->all.n, 0);
	assert_int_equal(p->all.leaving, 0);
	free(p);
	return 0;
}

/* Was it shut down? */
static bool is_over(const struct place *p, int i)
{
	char octet;

	return recv(p->client[i], &octet, 1, MSG_DONTWAIT) == 0;
}

/* It says this, and has its turn. */
static void hear(struct place *p, int i, const char *text, int64_t now)
{
	struct err err;

	assert_int_equal(send(p->client[i], text, strlen(text), 0), strlen(text));
	assert_int_equal(peer_turn(p->peer[i], &err), PEER_READS);
	peers_note(&p->all, p->peer[i], now);
}

static void test_silence(void **state)
{
	struct place *p = *state;

	peers_watch(&p->all, T0 + PEERS_IDLE - 1);
	assert_false(is_over(p, 0));
	peers_watch(&p->all, T0 + PEERS_IDLE);
	assert_true(is_over(p, 0));
	assert_false(is_over(p, 1));
	/* once */
	peers_watch(&p->all, T0 + PEERS_IDLE);
	assert_int_equal(p->all.leaving, 1);
}

#define A_REQUEST "request=smtpd_access_policy\nprotocol_state=VRFY\n\n"

static void test_slow_requests(void **state)
{
	struct place *p = *state;
	int64_t begun = T0 + 50 * (int64_t)1000000;

	hear(p, 0, "request=smtpd_access_policy\n", begun);
	/* an octet now and then makes it no younger */
	hear(p, 0, "sen", begun + PEERS_SLOW / 2);
	peers_watch(&p->all, begun + PEERS_SLOW - 1);
	assert_false(is_over(p, 0));
	peers_watch(&p->all, begun + PEERS_SLOW);
	assert_true(is_over(p, 0));
	/* one who is always ahead with the next one is not slow */
	hear(p, 2, A_REQUEST "request", begun);
	hear(p, 2, "=smtpd_access_policy\nprotocol_state=VRFY\n\nre",
		begun + PEERS_SLOW - 1);
	peers_watch(&p->all, begun + PEERS_SLOW);
	assert_false(is_over(p, 2));
	/* one that was answered is silent since then */
	hear(p, 1, A_REQUEST, begun);
	peers_watch(&p->all, T0 + 1000000 + PEERS_IDLE);
	assert_false(p->peer[1]->leaving);
	peers_watch(&p->all, begun + PEERS_IDLE);
	assert_true(p->peer[1]->leaving);
}

static void test_in_hand(void **state)
{
	struct place *p = *state;

	p->peer[0]->in_hand = true;
	p->peer[1]->has_more = true;
	peers_watch(&p->all, T0 + 10 * PEERS_IDLE);
	assert_false(is_over(p, 0));
	assert_false(is_over(p, 1));
	assert_true(is_over(p, 2));
	p->peer[1]->has_more = false;
}

static void test_room(void **state)
{
	struct place *p = *state;

	/* who has spoken last is last, who is in a request and who has spoken unheard is
	 * not silent */
	hear(p, 0, A_REQUEST, T0 + 9 * 1000000);
	hear(p, 1, "request", T0 + 9 * 1000000);
	assert_int_equal(send(p->client[2], "r", 1, 0), 1);
	assert_true(peers_make_room(&p->all));
	assert_true(is_over(p, 3));
	/* until it has left there is room for that one alone */
	p->all.max--;
	assert_true(peers_make_room(&p->all));
	assert_true(p->peer[0]->leaving);
	p->all.max--;
	assert_false(peers_make_room(&p->all));
}

static void test_room_is_there(void **state)
{
	struct place *p = *state;

	p->all.max = CLIENT + 1;
	assert_true(peers_make_room(&p->all));
	assert_int_equal(p->all.leaving, 0);
}

static unsigned in_hand(void)
{
	unsigned sessions, messages;

	inflight_count(&sessions, &messages);
	return messages;
}

/* Leaves no room for an answer. */
static void stop_up(const struct place *p, int i)
{
	while (send(p->peer[i]->fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1)
		continue;
	assert_true(errno == EAGAIN || errno == EWOULDBLOCK);
}

static void read_all(const struct place *p, int i)
{
	char octets[4096];

	while (recv(p->client[i], octets, sizeof(octets), MSG_DONTWAIT) > 0)
		continue;
}

/* What was answered is in hand until that is sent, or will not be. */
static void test_unsent(void **state)
{
	static const char request[] = "request=smtpd_access_policy\n"
				      "protocol_state=CONNECT\n\n";
	struct place *p = *state;
	struct err err;

	hear(p, 0, request, T0);
	assert_int_equal(in_hand(), 0);
	for (int i = 0; i < 2; i++) {
		stop_up(p, i);
		assert_int_equal(
			send(p->client[i], request, strlen(request), 0), strlen(request));
		assert_int_equal(peer_turn(p->peer[i], &err), PEER_WRITES);
	}
	assert_int_equal(in_hand(), 2);
	read_all(p, 0);
	assert_int_equal(peer_turn(p->peer[0], &err), PEER_READS);
	assert_int_equal(in_hand(), 1);
	close(p->client[1]);
	p->client[1] = -1;
	assert_int_equal(peer_turn(p->peer[1], &err), PEER_ENDS);
	peers_remove(&p->all, p->peer[1]);
	peer_free(p->peer[1]);
	assert_int_equal(in_hand(), 0);
	p->peer[1] = peer_new(dup(p->peer[0]->fd), &nowhere, T0);
	peers_add(&p->all, p->peer[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_silence, setup, teardown),
		cmocka_unit_test_setup_teardown(test_slow_requests, setup, teardown),
		cmocka_unit_test_setup_teardown(test_in_hand, setup, teardown),
		cmocka_unit_test_setup_teardown(test_room, setup, teardown),
		cmocka_unit_test_setup_teardown(test_room_is_there, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unsent, setup, teardown),
	};

	return cmocka_run_group_tests_name("front/peers", tests, NULL, NULL);
}
