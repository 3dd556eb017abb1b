/*
 * Commands that wait, while others do not: by the socket of a real server, over a DNS
 * that keeps silent until it is told to speak, and over a history that cannot be read
 * until then.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../house.h"
#include "admin/request.h"
#include "spf/service.h"

#include <semaphore.h>
#include <stdatomic.h>

#define DEAD	"spf check client=192.0.2.7 sender=bob@dead.example\n"
#define EXPLAIN "explain client=192.0.2.7 sender=bob@dead.example"
#define ALIVE	"spf check client=192.0.2.7 sender=bob@alive.example"
#define MOST	(64 / 8) /* of the clients of a house, those that may wait for DNS */
#define NOBODY	65534	 /* no root, and no owner of a house */

/* What is asked of a dead domain waits until somebody posts. */
static struct {
	sem_t speaks;
	atomic_int waiting;
} dns;

struct spf_ask {
	struct spf_answer answer;
	bool dead;
};

static struct spf_ask *silent_ask(
	struct spf_service *service, const struct spf_question *q, unsigned milliseconds)
{
	struct spf_ask *ask = mem_calloc(1, sizeof(*ask));

	(void)service;
	(void)milliseconds;
	spf_answer_init(&ask->answer, SPF_PASS, "");
	ask->dead = strstr(q->sender, "dead") != NULL;
	return ask;
}

static const struct spf_answer *silent_wait(
	struct spf_service *service, struct spf_ask *ask, unsigned max_waiting)
{
	(void)service;
	(void)max_waiting;
	if (ask->dead) {
		dns.waiting++;
		while (sem_wait(&dns.speaks) < 0)
			continue;
		dns.waiting--;
	}
	return &ask->answer;
}

static void silent_drop(struct spf_service *service, struct spf_ask *ask)
{
	(void)service;
	spf_answer_clear(&ask->answer);
	free(ask);
}

/* What the reporter begins to read waits as well; for sqlite3_trace_v2(). */
static int wait_to_read(unsigned what, void *arg, void *statement, void *text)
{
	(void)what;
	(void)arg;
	(void)statement;
	(void)text;
	dns.waiting++;
	while (sem_wait(&dns.speaks) < 0)
		continue;
	dns.waiting--;
	return 0;
}

static struct spf_service silent = { silent_ask, silent_wait, silent_drop };

static int setup(void **state)
{
	struct house *h;

	house_setup(state);
	h = *state;
	sem_init(&dns.speaks, 0, 0);
	h->site.engine.spf = &silent;
	h->roles.read_group = getegid();
	return 0;
}

/* Nobody is left waiting, whatever a test has come to. */
static int teardown(void **state)
{
	struct house *h = *state;

	for (int i = 0; i < SERVER_CLIENTS_MAX; i++)
		sem_post(&dns.speaks);
	server_stop(h->server);
	h->server = NULL;
	h->site.engine.spf = NULL;
	sem_destroy(&dns.speaks);
	return house_teardown(state);
}

static struct talk *begin(struct house *h)
{
	struct talk *t = talk_open(h->socket);

	assert_true(hear(t));
	return t;
}

/* A client whose command waits for an answer; `waiting` do, then. */
static struct talk *ask_dead(struct house *h, const char *command, int waiting)
{
	struct talk *t = begin(h);

	say(t, command, strlen(command));
	for (int i = 0; dns.waiting < waiting; i++) {
		if (i == 60000)
			fail_msg("%d of %d wait for DNS", dns.waiting, waiting);
		usleep(1000);
	}
	return t;
}

/* Clients from that one on, up to the one with that number: some are asked for, the
 * others wait for an asker. */
static void ask_many(struct house *h, struct talk **dead, int from, int to)
{
	for (int i = from; i < to; i++)
		dead[i] = ask_dead(h, DEAD, i < ADMIN_ASKERS ? i + 1 : ADMIN_ASKERS);
}

/* DNS speaks, and so many have their answers. */
static void answer_many(struct talk **dead, int n)
{
	for (int i = 0; i < n; i++)
		sem_post(&dns.speaks);
	for (int i = 0; i < n; i++) {
		assert_string_equal(answer(dead[i]), "200 1 row");
		talk_close(dead[i]);
	}
}

/* What others have sent, or that they have left, is known to the server: it looks at all
 * clients in each of its rounds, and this takes two. */
static void settle(struct talk *t)
{
	ask(t, "group list");
	ask(t, "group list");
}

/* Whatever waits for DNS, these do not. */
static void expect_looks(struct talk *t)
{
	assert_string_equal(ask(t, "object list"), "200 0 rows");
	assert_string_equal(ask(t, "counter list"), "200 0 rows");
	assert_string_equal(ask(t, "top objects"), "200 0 rows");
	assert_string_equal(ask(t, "group list"), "200 0 rows");
}

static void test_one_dead_domain(void **state)
{
	struct house *h = *state;
	struct talk *t = begin(h), *first, *second;

	ask(t, "policy add in source=any destination=any spf=check");
	first = ask_dead(h, DEAD, 1);
	second = ask_dead(h, EXPLAIN " dns=yes\n", 2);
	expect_looks(t);
	assert_string_equal(ask(t, EXPLAIN), "200 4 rows");
	assert_string_equal(ask(t, ALIVE), "200 1 row");
	assert_int_equal(dns.waiting, 2);
	sem_post(&dns.speaks);
	sem_post(&dns.speaks);
	assert_string_equal(answer(first), "200 1 row");
	assert_memory_equal(answer(second), "200 ", 4);
	talk_close(first);
	talk_close(second);
	talk_close(t);
}

/* All askers are at work, and others wait for them: as many as may. */
static void test_many(void **state)
{
	struct house *h = *state;
	struct talk *dead[MOST], *t = begin(h);

	ask_many(h, dead, 0, MOST);
	settle(t);
	expect_looks(t);
	assert_string_equal(
		ask(t, ALIVE), "451 8 checks are waiting already, try again later");
	answer_many(dead, MOST);
	assert_string_equal(ask(t, ALIVE), "200 1 row");
	talk_close(t);
}

/* Those who may only look leave half of the places to the others. */
static void test_readers(void **state)
{
	struct house *h = *state;
	struct talk *dead[MOST], *t, *reader;

	if (geteuid() != 0)
		return; /* he is nobody but himself */
	t = begin(h);
	assert_int_equal(seteuid(NOBODY), 0);
	ask_many(h, dead, 0, MOST / 2);
	reader = begin(h);
	settle(t);
	assert_string_equal(
		ask(reader, ALIVE), "451 4 checks are waiting already, try again later");
	assert_string_equal(ask(reader, "object list"), "200 0 rows");
	assert_int_equal(seteuid(0), 0);
	ask_many(h, dead, MOST / 2, MOST);
	settle(t);
	assert_string_equal(
		ask(t, ALIVE), "451 8 checks are waiting already, try again later");
	answer_many(dead, MOST);
	assert_string_equal(ask(reader, ALIVE), "200 1 row");
	talk_close(reader);
	talk_close(t);
}

/* Who leaves before his turn asks nothing; the place is free again. */
static void test_who_leaves(void **state)
{
	struct house *h = *state;
	struct talk *dead[MOST], *t = begin(h);

	ask_many(h, dead, 0, MOST);
	settle(t);
	for (int i = ADMIN_ASKERS; i < MOST; i++)
		talk_close(dead[i]);
	settle(t);
	answer_many(dead, ADMIN_ASKERS);
	assert_string_equal(ask(t, ALIVE), "200 1 row");
	assert_int_equal(dns.waiting, 0);
	talk_close(t);
}

/* Somebody's report takes its time; so does the next one, and whoever looks does not. */
static void test_long_report(void **state)
{
	struct house *h = *state;
	struct talk *t = begin(h), *first, *second;
	sqlite3 *reader = db_handle(h->admin.readers[THREAD_REPORTER]);

	sqlite3_trace_v2(reader, SQLITE_TRACE_STMT, wait_to_read, NULL);
	first = ask_dead(h, "report traffic\n", 1);
	second = ask_dead(h, "policy suggest key=login\n", 1);
	settle(t);
	assert_int_equal(dns.waiting, 1);
	expect_looks(t);
	assert_string_equal(ask(t, "object show bob@example.org"), "200 1 row");
	sqlite3_interrupt(reader);
	for (int i = 0; i < SERVER_CLIENTS_MAX; i++)
		sem_post(&dns.speaks);
	assert_true(hear(first));
	assert_true(hear(second));
	talk_close(first);
	talk_close(second);
	talk_close(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_dead_domain, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_readers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_who_leaves, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_report, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
