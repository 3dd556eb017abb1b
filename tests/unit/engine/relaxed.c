/*
 * durability = relaxed: messages are answered before they are stored, and stored all the
 * same, when their session and everything of the front end is gone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"
#include "../gate.h"

static void test_answered_first(void **state)
{
	struct site *s = *state;
	struct outcome o;
	struct gate g;

	s->engine.relaxed = true;
	site_policy(s, "out", "limit=2/hour", "action=defer", "rate-stats=yes", NULL);
	gate_shut(&g, s->engine.writer);
	o = SEND(s, NOW, .client = "192.0.2.1", .mta = "mx1.example.org");
	assert_int_equal(o.kind, VERDICT_ACCEPT);
	o = SEND(s, NOW, .client = "192.0.2.2", .mta = "mx2.example.org");
	assert_int_equal(o.kind, VERDICT_ACCEPT);
	/* limits hold at once */
	o = SEND(s, NOW, .client = "192.0.2.3", .mta = "mx3.example.org");
	assert_int_equal(o.kind, VERDICT_DEFER);
	assert_int_equal(site_number(s, "SELECT count(*) FROM v_decisions"), 0);
	gate_open(&g);
	site_stop(s);
	/* each with what was its own */
	assert_string_equal(
		site_text(s,
			"SELECT group_concat(queue_id || ' ' || client || ' ' || mta "
			"|| ' ' || policy || ' ' || sender, ', ') FROM (SELECT * "
			"FROM v_decisions ORDER BY client)"),
		"4XyZ 192.0.2.1 mx1.example.org out bob@example.org, "
		"4XyZ 192.0.2.2 mx2.example.org out bob@example.org, "
		"4XyZ 192.0.2.3 mx3.example.org out bob@example.org");
	assert_int_equal(site_number(s, "SELECT sum(refused) FROM refusal"), 1);
	assert_int_equal(site_number(s, "SELECT sum(count) FROM bucket"), 2);
}

/* Also what was refused before its end, and a message that was given up. */
static void test_early_ones(void **state)
{
	struct site *s = *state;
	struct gate g;

	s->engine.relaxed = true;
	site_policy(s, "rcpt", "limit=0/hour", "key=recipient", "action=block", NULL);
	site_group(s, "evil", "eve@example.org", NULL);
	site_policy(s, "mail", "source=evil", "limit=0/hour", "action=block", NULL);
	gate_shut(&g, s->engine.writer);
	assert_true(SEND(s, NOW, .rcpt = { "<a@x.net>" }).aborted);
	assert_true(SEND(s, NOW, .sender = "<eve@example.org>", .early = true).at_mail);
	gate_open(&g);
	site_stop(s);
	assert_int_equal(
		site_number(
			s, "SELECT count(*) FROM v_decisions WHERE verdict = 'block'"),
		2);
}

/* The name in HELO is the session's. */
static void test_spf(void **state)
{
	struct site *s = *state;
	struct gate g;

	s->engine.relaxed = true;
	site_policy(s, "in", "spf=check", NULL);
	gate_shut(&g, s->engine.writer);
	SEND(s, NOW, .sender = "<>", .client = "192.0.2.7", .helo = "mx.example.org");
	gate_open(&g);
	site_stop(s);
	assert_string_equal(site_text(s, "SELECT domain FROM v_spf"), "mx.example.org");
}

/* While nothing can be stored, on_error decides, as without it; what was answered before
 * is stored when that is over. */
static void test_trouble(void **state)
{
	struct site *s = *state;
	struct outcome o;

	s->engine.relaxed = true;
	site_setting(s, "on_error", "tempfail");
	site_policy(s, "out", "limit=99999/hour", "action=defer", NULL);
	site_sql(s, "BEGIN IMMEDIATE");
	for (int i = 0; i < 3; i++)
		assert_int_equal(SEND(s, NOW, .queue_id = "before").kind, VERDICT_ACCEPT);
	/* until a batch has failed */
	for (int i = 0; i < 1000; i++) {
		o = SEND(s, NOW, .queue_id = "before");
		if (o.kind != VERDICT_ACCEPT)
			break;
		usleep(20000);
	}
	assert_string_equal(o.code, "451");
	assert_string_equal(SEND(s, NOW).code, "451");
	site_sql(s, "COMMIT");
	while (SEND(s, NOW, .queue_id = "after").kind != VERDICT_ACCEPT)
		usleep(20000);
	site_stop(s);
	assert_int_equal(site_number(s, "SELECT count(*) FROM v_decisions WHERE queue_id "
					"NOT IN ('before', 'after')"),
		0);
	assert_true(site_number(s, "SELECT count(*) FROM v_decisions") >= 4);
	assert_int_equal(site_number(s, "SELECT count(*) FROM v_decisions"),
		site_number(s, "SELECT sum(count) FROM bucket"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_answered_first),
		SITE_TEST(test_early_ones),
		SITE_TEST(test_spf),
		SITE_TEST(test_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
