/*
 * What becomes of commands that are at work, or wait to be, when their clients leave:
 * by the socket of a real server.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/runner.h"
#include "../house.h"

#include <sched.h>
#include <stdatomic.h>
#include <sys/eventfd.h>

#define MEMBERS 2000
#define WAITING 3

/* As if each row came from a slow disk: all of them take longer than an answer may. */
static int read_slowly(void *rows)
{
	atomic_fetch_add((atomic_uint *)rows, 1);
	usleep(10000);
	return 0;
}

/* Members of the group many. */
static void add_members(struct talk *t)
{
	for (int i = 0; i < MEMBERS;) {
		char command[4000];
		int n = snprintf(command, sizeof(command), "group add many");

		while (i < MEMBERS && n < 3900)
			n += snprintf(command + n, sizeof(command) - (size_t)n,
				" %d@example.org", i++);
		assert_memory_equal(ask(t, command), "200 ", 4);
	}
}

static struct talk *give(struct house *h, const char *line)
{
	struct talk *t = talk_open(h->socket);

	assert_true(hear(t));
	say(t, line, strlen(line));
	return t;
}

static atomic_bool begun;
static atomic_int interruptions;

/* A look at one moment, as dump and object show are. */
static int look(struct request *rq, struct err *err)
{
	if (db_exec(rq->live, "BEGIN", err) < 0)
		return -1;
	begun = true;
	while (interruptions < 3)
		sched_yield();
	return db_exec(rq->live, "ROLLBACK", err);
}

#define ROUNDS 2000

/* Interrupted again and again while it comes to its end: no moment outlasts it. */
static void test_a_moment_ends(void **state)
{
	char word[] = "dump", *dump[] = { word };
	int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct runner *r = runner_new(wake);
	struct house *h = *state;
	struct db *reader = db_open(h->site.database, DB_READER, NULL);
	size_t used;

	for (int i = 0; i < ROUNDS; i++) {
		struct task task = { .handler = look,
			.rq = { .live = reader,
				.command = command_find(dump, 1, &used, &task.err) } };

		begun = false;
		interruptions = 0;
		runner_submit(r, &task);
		while (!begun)
			sched_yield();
		for (; runner_finished(r) == NULL; interruptions++)
			runner_abandon(r, &task);
		assert_false(db_in_transaction(reader));
	}
	runner_stop(r);
	runner_free(r);
	db_close(reader);
	close(wake);
}

/* A search ends, be it at work or still waiting; a change does not. */
static void test_clients_that_leave(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_open(h->socket), *first, *waiting[WAITING], *change;
	atomic_uint rows = 0;

	assert_true(hear(t));
	add_members(t);
	sqlite3_progress_handler(
		db_handle(h->admin.readers[THREAD_SEARCHER]), 1, read_slowly, &rows);
	first = give(h, "group show many\n");
	for (int i = 0; i < WAITING; i++)
		waiting[i] = give(h, "group show many\n");
	change = give(h, "group add left @example.org\n");
	while (rows < 10)
		usleep(1000);
	talk_close(first);
	for (int i = 0; i < WAITING; i++)
		talk_close(waiting[i]);
	talk_close(change);
	while (strcmp(ask(t, "group list"), "200 2 rows") != 0)
		usleep(1000);
	assert_string_equal(ask(t, "group show left"), "200 1 row");
	assert_true(rows < MEMBERS);
	talk_close(t);
}

/* Who says that he sends no more still reads what comes. */
static void test_client_that_sends_no_more(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_open(h->socket);
	atomic_uint rows = 0;

	assert_true(hear(t));
	ask(t, "group add few a@example.org b@example.org c@example.org");
	sqlite3_progress_handler(
		db_handle(h->admin.readers[THREAD_SEARCHER]), 1, read_slowly, &rows);
	say(t, "group show few\n", strlen("group show few\n"));
	while (rows == 0)
		usleep(1000);
	shutdown(t->fd, SHUT_WR);
	assert_string_equal(answer(t), "200 3 rows");
	assert_false(hear(t));
	talk_close(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(test_a_moment_ends),
		HOUSE_TEST(test_clients_that_leave),
		HOUSE_TEST(test_client_that_sends_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
