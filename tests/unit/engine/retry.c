/*
 * Local submissions that pickup tries again: one row, counted once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/retry.h"
#include "../fixture.h"

#include "engine/pending.h"

#define BOB "bob@example.org"

#define ROWS                                                                             \
	"SELECT IFNULL(GROUP_CONCAT(one, ', '), '') FROM (SELECT ((time - "              \
	"1699999200000000) / 60000000) || ' ' || verdict || ' ' || IFNULL(queue_id, "    \
	"'-') AS one FROM decision ORDER BY id)"

static int retry_setup(void **state)
{
	struct site *s;

	site_setup(state);
	s = *state;
	s->engine.retries = retries_new();
	site_policy(s, "out", "limit=1/hour", "action=defer", NULL);
	return 0;
}

static int retry_teardown(void **state)
{
	struct site *s = *state;

	retries_free(s->engine.retries);
	return site_teardown(state);
}

#define RETRY_TEST(f) cmocka_unit_test_setup_teardown(f, retry_setup, retry_teardown)

/* Until it goes: then that is a message more. */
static void test_one_episode(void **state)
{
	struct site *s = *state;

	SEND(s, NOW, .local = true, .queue_id = "A");
	SEND(s, NOW + MINUTES, .local = true, .queue_id = "B");
	SEND(s, NOW + 2 * MINUTES, .local = true, .queue_id = "C");
	SEND(s, NOW + 3 * MINUTES, .local = true, .queue_id = "D");
	assert_string_equal(site_text(s, ROWS), "0 accept A, 1 defer D");
	assert_string_equal(site_totals(s, "out"), "accept 1 defer 1");
	assert_int_equal(site_number(s, "SELECT refused FROM refusal"), 1);
	assert_int_equal(
		site_number(s, "SELECT defer FROM v_traffic_days WHERE policy = 'all'"),
		1);
	SEND(s, NOW + HOURS, .local = true, .queue_id = "E");
	assert_string_equal(site_text(s, ROWS), "0 accept A, 1 defer D, 60 accept E");
}

/* Of one sender, to as many recipients each: the header says which is which. */
static void test_flood(void **state)
{
	struct site *s = *state;
	char subject[20], id[40], queue_id[20];

	SEND(s, NOW, .local = true, .queue_id = "A");
	assert_false(engine_steps(&s->engine, NOW) & STEP_HEADERS);
	SEND(s, NOW, .local = true, .queue_id = "B", .hides = STEP_HEADERS);
	assert_true(engine_steps(&s->engine, NOW) & STEP_HEADERS);
	/* all of them, time and again; Postfix makes a Message-ID of the queue id */
	for (int i = 0; i < 3 * 100; i++) {
		snprintf(subject, sizeof(subject), "%d", i % 100 / 2);
		snprintf(queue_id, sizeof(queue_id), "Q%d", i);
		snprintf(id, sizeof(id), "<2026.%s@mx>", queue_id);
		SEND(s, NOW + i, .local = true, .queue_id = queue_id,
			.header = { "Subject", subject, "Message-Id",
				i % 2 == 0 ? "<own@x>" : id });
	}
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM decision"), 101);
	assert_string_equal(site_totals(s, "out"), "accept 1 defer 100");
	assert_int_equal(site_number(s, "SELECT refused FROM refusal"), 100);
	assert_true(engine_steps(&s->engine, NOW + RETRY_WITHIN - 1) & STEP_HEADERS);
	assert_false(engine_steps(&s->engine, NOW + RETRY_WITHIN + 600) & STEP_HEADERS);
}

/* Another one, a long pause, a client from elsewhere. */
static void test_others(void **state)
{
	struct site *s = *state;

	SEND(s, NOW, .local = true, .queue_id = "A");
	SEND(s, NOW + MINUTES, .local = true, .queue_id = "B");
	SEND(s, NOW + MINUTES, .local = true, .queue_id = "C", .login = BOB);
	SEND(s, NOW + MINUTES, .queue_id = "D");
	SEND(s, NOW + MINUTES, .queue_id = "E");
	SEND(s, NOW + MINUTES + RETRY_WITHIN + 1, .local = true, .queue_id = "F");
	assert_string_equal(site_text(s, ROWS),
		"0 accept A, 1 defer B, 1 defer C, 1 defer D, 1 defer E, 6 defer F");
	assert_int_equal(site_number(s, "SELECT refused FROM refusal"), 5);
}

/* What is blocked is sent back, and comes no more. */
static void test_blocked(void **state)
{
	struct site *s = *state;

	site_policy(s, "out", "action=block", NULL);
	for (int i = 0; i < 3; i++)
		SEND(s, NOW + i * MINUTES, .local = true, .queue_id = "A");
	assert_string_equal(site_text(s, ROWS), "0 accept A, 1 block A, 2 block A");
}

/* Without a history, and answered before it is stored. */
static void test_relaxed(void **state)
{
	struct site *s = *state;

	site_setting(s, "history", "off");
	s->engine.relaxed = true;
	for (int i = 0; i < 4; i++)
		SEND(s, NOW + i * MINUTES, .local = true);
	site_setting(s, "history", "messages");
	for (int i = 4; i < 7; i++)
		SEND(s, NOW + i * MINUTES, .local = true, .queue_id = "A");
	writer_stop(s->engine.writer);
	assert_string_equal(site_text(s, ROWS), "1 defer A");
	assert_int_equal(site_number(s, "SELECT refused FROM refusal"), 1);
}

struct crowd {
	struct retries *retries;
	struct session session;
	struct verdict v;
	struct message m;
};

static int crowd_setup(void **state)
{
	struct crowd *c = mem_calloc(1, sizeof(*c));

	c->retries = retries_new();
	c->session.local = true;
	c->v = (struct verdict){ .kind = VERDICT_DEFER, .object = "o" };
	c->m.session = &c->session;
	c->m.sender.text = BOB;
	STAILQ_INIT(&c->m.recipients);
	*state = c;
	return 0;
}

static int crowd_teardown(void **state)
{
	struct crowd *c = *state;

	retries_free(c->retries);
	free(c);
	return 0;
}

#define CROWD_TEST(f) cmocka_unit_test_setup_teardown(f, crowd_setup, crowd_teardown)

/* Number i: was it there before? */
static bool meet(struct crowd *c, unsigned i, int64_t now)
{
	bool again;

	c->m.arena = arena_new();
	c->m.nrecipients = i;
	again = retries_meet(c->retries, &c->m, &c->v, "Q", now);
	pending_row_release(c->m.row);
	arena_free(c->m.arena);
	return again;
}

/* All from one number to another, each so long after the other: how many are new? */
static unsigned pass(
	struct crowd *c, unsigned from, unsigned end, int64_t now, int64_t apart)
{
	unsigned fresh = 0;

	for (unsigned i = from; i < end; i++, now += apart)
		fresh += !meet(c, i, now);
	return fresh;
}

/* However many there are, none is counted twice. */
static void test_many(void **state)
{
	struct crowd *c = *state;
	unsigned all = RETRY_MOST + 500;

	assert_int_equal(pass(c, 0, all, NOW, 0), RETRY_MOST + 1);
	assert_int_equal(pass(c, 0, all, NOW + MINUTES, 0), 0);
	assert_int_equal(pass(c, 0, all, NOW + 2 * MINUTES, 0), 0);
	/* there is room again, and yet they are the same */
	assert_int_equal(pass(c, RETRY_MOST, all, NOW + 7 * MINUTES, 0), 0);
	assert_int_equal(pass(c, RETRY_MOST, all, NOW + 12 * MINUTES, 0), 0);
	/* when none has come for long they are new ones */
	assert_int_equal(pass(c, RETRY_MOST, all, NOW + 3 * HOURS, 0), 500);
}

/* Whose names are made up, too. */
static void test_many_objects(void **state)
{
	struct crowd *c = *state;
	char name[20];

	assert_int_equal(pass(c, 0, RETRY_MOST, NOW, 0), RETRY_MOST);
	c->v.object = name;
	for (int round = 0; round < 2; round++)
		for (unsigned i = 0, fresh = 0; i < RETRY_OBJECTS + 500; i++) {
			snprintf(name, sizeof(name), "%u", i);
			fresh += !meet(c, i, NOW + round);
			assert_int_equal(fresh, round > 0	    ? 0
						: i < RETRY_OBJECTS ? i + 1
								    : RETRY_OBJECTS + 1);
		}
}

/* Pickup needs longer and longer for all of them, and then there are fewer. */
static void test_slow(void **state)
{
	struct crowd *c = *state;

	assert_int_equal(pass(c, 0, 100, NOW, 2 * CLOCK_SECOND), 100);
	assert_int_equal(pass(c, 0, 100, NOW + 4 * MINUTES, 4 * CLOCK_SECOND), 0);
	assert_int_equal(pass(c, 0, 100, NOW + 11 * MINUTES, 8 * CLOCK_SECOND), 0);
	assert_int_equal(pass(c, 0, 100, NOW + 25 * MINUTES, 8 * CLOCK_SECOND), 0);
	assert_int_equal(pass(c, 0, 1, NOW + 100 * MINUTES, 0), 1);
	assert_int_equal(pass(c, 0, 1, NOW + 105 * MINUTES + 1, 0), 1);
}

/* What is of the clock's future is of now. */
static void test_set_back(void **state)
{
	struct crowd *c = *state;

	assert_int_equal(pass(c, 0, 10, NOW + 3 * HOURS, 0), 10);
	assert_true(retries_are_waiting(c->retries, NOW + 3 * HOURS));
	assert_false(retries_are_waiting(c->retries, NOW));
	assert_int_equal(pass(c, 0, 1, NOW, 0), 0);
	assert_true(retries_are_waiting(c->retries, NOW));
	assert_int_equal(pass(c, 1, 10, NOW + RETRY_WITHIN + 1, 0), 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RETRY_TEST(test_one_episode),
		RETRY_TEST(test_flood),
		RETRY_TEST(test_others),
		RETRY_TEST(test_blocked),
		RETRY_TEST(test_relaxed),
		CROWD_TEST(test_many),
		CROWD_TEST(test_many_objects),
		CROWD_TEST(test_slow),
		CROWD_TEST(test_set_back),
	};

	return cmocka_run_group_tests_name("engine/retry", tests, NULL, NULL);
}
