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
	assert_false(engine_steps(&s->engine, NOW + RETRY_WITHIN + 300) & STEP_HEADERS);
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

/* However many there are. */
static void test_many(void **state)
{
	struct retries *t = retries_new();
	struct session session = { .local = true };
	struct verdict v = { .kind = VERDICT_DEFER, .object = "o" };
	struct message m = { .arena = arena_new(), .session = &session };

	(void)state;
	m.sender.text = BOB;
	STAILQ_INIT(&m.recipients);
	for (unsigned i = 0; i < 3 * RETRY_MOST; i++) {
		m.nrecipients = i;
		assert_false(retries_meet(t, &m, &v, "Q", NOW));
		pending_row_release(m.row);
	}
	assert_true(retries_meet(t, &m, &v, "Q", NOW));
	pending_row_release(m.row);
	m.nrecipients = 0;
	assert_false(retries_meet(t, &m, &v, "Q", NOW));
	pending_row_release(m.row);
	arena_free(m.arena);
	retries_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RETRY_TEST(test_one_episode),
		RETRY_TEST(test_flood),
		RETRY_TEST(test_others),
		RETRY_TEST(test_blocked),
		RETRY_TEST(test_relaxed),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests_name("engine/retry", tests, NULL, NULL);
}
