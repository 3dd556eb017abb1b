/*
 * Times of trouble, as the history has them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/trouble.h"
#include "../fixture.h"

#include "base/episode.h"

#define ROWS                                                                             \
	"SELECT IFNULL(GROUP_CONCAT(one, ', '), '') FROM (SELECT state || ' ' || "       \
	"(begun_at - 1699999200000000) || ' ' || IFNULL(ended_at - 1699999200000000, "   \
	"'-') AS one FROM v_trouble ORDER BY begun_at, state)"

#define ASSERT_ROWS(expected)                                                            \
	do {                                                                             \
		writer_settle(s);                                                        \
		assert_string_equal(site_text(s, ROWS), expected);                       \
	} while (0)

static int run_nothing(struct writer_job *job, struct db *db, struct err *err)
{
	(void)job;
	(void)db;
	(void)err;
	return 0;
}

/* What nobody waits for goes with what is waited for. */
static void writer_settle(struct site *s)
{
	struct writer_job job = { .kind = WRITER_RECORD, .run = run_nothing };

	assert_int_equal(writer_do(s->engine.writer, &job, NULL), 0);
}

static void test_begun_and_ended(void **state)
{
	struct site *s = *state;
	struct trouble_log *log = trouble_log_new(s->engine.writer);

	trouble_log_watch(log, NOW);
	ASSERT_ROWS("");
	episode_begin(EPISODE_DNS, NOW + 1, "no answer\nfrom \x01");
	trouble_log_watch(log, NOW + 2);
	trouble_log_watch(log, NOW + 3);
	ASSERT_ROWS("dns 1 -");
	assert_string_equal(site_text(s, "SELECT said FROM v_trouble"),
		"DNS does not answer: no answer\\x0afrom \\x01");
	episode_begin(EPISODE_SPF, NOW + 4, "why");
	trouble_log_watch(log, NOW + 5);
	episode_end(EPISODE_DNS, NOW + 6);
	trouble_log_watch(log, NOW + 7);
	ASSERT_ROWS("dns 1 7, spf 4 -");
	/* it had only paused: the same goes on */
	episode_begin(EPISODE_DNS, NOW + 8, "again");
	trouble_log_watch(log, NOW + 9);
	ASSERT_ROWS("dns 1 -, spf 4 -");
	episode_end(EPISODE_DNS, NOW + 10);
	episode_end(EPISODE_SPF, NOW + 10);
	trouble_log_watch(log, NOW + 11);
	ASSERT_ROWS("dns 1 11, spf 4 11");
	trouble_log_free(log);
}

/* Nobody has looked while it was there. */
static void test_short(void **state)
{
	struct site *s = *state;
	struct trouble_log *log = trouble_log_new(s->engine.writer);

	trouble_log_watch(log, NOW);
	episode_begin(EPISODE_PEERS, NOW + 1, "why");
	episode_end(EPISODE_PEERS, NOW + 2);
	trouble_log_watch(log, NOW + 3);
	trouble_log_watch(log, NOW + 4);
	ASSERT_ROWS("policy-connections 1 2");
	/* one in hand is over, and another one, too */
	episode_begin(EPISODE_PEERS, NOW + 2 * MINUTES, "why");
	trouble_log_watch(log, NOW + 2 * MINUTES);
	episode_end(EPISODE_PEERS, NOW + 2 * MINUTES + 1);
	episode_begin(EPISODE_PEERS, NOW + 4 * MINUTES, "why");
	episode_end(EPISODE_PEERS, NOW + 4 * MINUTES + 1);
	trouble_log_watch(log, NOW + 4 * MINUTES + 2);
	ASSERT_ROWS("policy-connections 1 2, policy-connections 120000000 240000002, "
		    "policy-connections 240000000 240000001");
	/* it had paused, and has again */
	episode_begin(EPISODE_PEERS, NOW + 4 * MINUTES + 5, "why");
	episode_end(EPISODE_PEERS, NOW + 4 * MINUTES + 6);
	trouble_log_watch(log, NOW + 4 * MINUTES + 7);
	ASSERT_ROWS("policy-connections 1 2, policy-connections 120000000 240000002, "
		    "policy-connections 240000000 240000006");
	trouble_log_free(log);
}

/* The process ends in the middle of it. */
static void test_restart(void **state)
{
	struct site *s = *state;
	struct trouble_log *log = trouble_log_new(s->engine.writer);
	struct err err = { ERR_BAD, "" };

	episode_begin(EPISODE_LOG, NOW + 2 * MINUTES, "why");
	trouble_log_watch(log, NOW + 2 * MINUTES);
	writer_settle(s);
	trouble_log_free(log);
	episode_end(EPISODE_LOG, NOW + 3 * MINUTES);
	must(trouble_log_begin(s->db, NOW + 5 * MINUTES, &err), &err);
	ASSERT_ROWS("log 120000000 300000000");
}

/* The trouble is that nothing can be stored: it is told afterwards. */
static void test_store(void **state)
{
	struct site *s = *state;
	struct trouble_log *log = trouble_log_new(s->engine.writer);

	site_sql(s, "CREATE TRIGGER broken BEFORE INSERT ON decision BEGIN SELECT "
		    "RAISE(ABORT, 'broken'); END");
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_ERROR);
	trouble_log_watch(log, clock_now());
	trouble_log_watch(log, clock_now());
	assert_string_equal(site_text(s, "SELECT COUNT(*) FROM trouble"), "0");
	site_sql(s, "DROP TRIGGER broken");
	while (writer_do(s->engine.writer,
		       &(struct writer_job){ .kind = WRITER_RECORD, .run = run_nothing },
		       NULL) < 0)
		usleep(10000);
	trouble_log_watch(log, clock_now());
	writer_settle(s);
	assert_string_equal(site_text(s, "SELECT GROUP_CONCAT(state) FROM v_trouble "
					 "WHERE ended_at >= begun_at"),
		"store");
	trouble_log_free(log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_begun_and_ended),
		SITE_TEST(test_short),
		SITE_TEST(test_restart),
		SITE_TEST(test_store),
	};

	clock_start();
	return cmocka_run_group_tests_name("engine/trouble", tests, NULL, NULL);
}
