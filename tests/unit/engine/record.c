/*
 * What is written down of a message: its row of the history, what was refused to whom and
 * from where, traffic per second.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/record.h"
#include "../fixture.h"
#include "../spf_fake.h"

#define BOB "bob@example.org"

#define REFUSALS                                                                         \
	"SELECT IFNULL(GROUP_CONCAT(one, ', '), '') FROM (SELECT object || ' ' || "      \
	"IFNULL((SELECT name FROM policy WHERE id = policy_id), '-') || ' ' || refused " \
	"AS one FROM refusal ORDER BY object, policy_id)"
#define CLIENTS                                                                          \
	"SELECT IFNULL(GROUP_CONCAT(one, ', '), '') FROM (SELECT object || ' ' || "      \
	"client || ' ' || refused AS one FROM refused_client ORDER BY object, client)"
#define TRAFFIC                                                                          \
	"SELECT IFNULL(GROUP_CONCAT(one, ', '), '') FROM (SELECT policy || ' ' || "      \
	"(start - 1699999200) || ' ' || messages || ' ' || refused AS one "              \
	"FROM v_traffic WHERE policy <> 'all' ORDER BY 1)"

#define ASSERT_ROWS(sql, expected) assert_string_equal(site_text(s, sql), expected)

/* Whoever was refused, by whom, how often, when; a limit, a penalty, a flag. */
static void test_refusals(void **state)
{
	struct site *s = *state;

	site_policy(s, "out", "limit=1/hour", "action=defer", NULL);
	SEND(s, NOW, .client = "192.0.2.7");
	ASSERT_ROWS(REFUSALS, "");
	SEND(s, NOW + 1, .client = "192.0.2.7");
	SEND(s, NOW + 2, .client = "2001:db8::7");
	SEND(s, NOW + 3, 0);
	ASSERT_ROWS(REFUSALS, BOB " out 3");
	ASSERT_ROWS(CLIENTS, BOB " 192.0.2.7 1, " BOB " 2001:db8::/64 1");
	assert_int_equal(site_number(s, "SELECT first FROM refusal"), NOW + 1);
	assert_int_equal(site_number(s, "SELECT last FROM refusal"), NOW + 3);
	site_flag(s, BOB, FLAG_BLOCK, 0);
	SEND(s, NOW + 4, .client = "192.0.2.7");
	ASSERT_ROWS(REFUSALS, BOB " - 1, " BOB " out 3");
	ASSERT_ROWS(CLIENTS, BOB " 192.0.2.7 2, " BOB " 2001:db8::/64 1");
}

/* What kept nobody from sending is none: monitor, a bypass, an error. */
static void test_no_refusals(void **state)
{
	struct site *s = *state;

	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "out", "limit=0/hour", NULL);
	SEND(s, NOW, 0);
	site_policy(s, "out", "type=bypass", NULL);
	SEND(s, NOW, 0);
	site_policy(s, "out", "type=regular", "destination=friends", NULL);
	assert_string_equal(SEND(s, NOW, .hides = STEP_RCPT).code, "421");
	ASSERT_ROWS(REFUSALS, "");
	ASSERT_ROWS(
		"SELECT GROUP_CONCAT(verdict) FROM v_decisions", "monitor,bypass,error");
	/* what is held or discarded is one */
	site_policy(s, "out", "destination=any", "action=hold", NULL);
	SEND(s, NOW, 0);
	site_policy(s, "out", "action=discard", NULL);
	SEND(s, NOW, 0);
	ASSERT_ROWS(REFUSALS, BOB " out 2");
	/* some of the recipients: once a message, and not as that of the message too */
	site_policy(s, "out", "destination=friends", NULL);
	SEND(s, NOW,
		.rcpt = { "<a@friends.net>", "<b@friends.net>", "<x@strangers.net>" });
	ASSERT_ROWS(REFUSALS, BOB " out 3");
}

/* At RCPT: for each object; the message itself is what its end made of it. */
static void test_at_rcpt(void **state)
{
	struct site *s = *state;

	site_policy(s, "r", "key=recipient", "limit=1/hour", "action=block", NULL);
	SEND(s, NOW, .rcpt = { "<a@x.net>", "<b@x.net>" });
	SEND(s, NOW + 1, .client = "192.0.2.7",
		.rcpt = { "<a@x.net>", "<b@x.net>", "<c@x.net>", "<b@x.net>" });
	ASSERT_ROWS(REFUSALS, "a@x.net r 1, b@x.net r 1");
	ASSERT_ROWS(CLIENTS, "a@x.net 192.0.2.7 1, b@x.net 192.0.2.7 1");
	ASSERT_ROWS("SELECT verdict || recipients || reason FROM decision WHERE id = 2",
		"accept1Message limit 1/hour reached for a@x.net, room again in 60 "
		"minutes "
		"(to 3 of 4 recipients)");
	/* given up, since nobody was left: once, as what the first was told */
	SEND(s, NOW + 2, .rcpt = { "<a@x.net>", "<b@x.net>" });
	ASSERT_ROWS(REFUSALS, "a@x.net r 2, b@x.net r 2");
	ASSERT_ROWS("SELECT verdict || policy || object FROM decision WHERE id = 3",
		"blockra@x.net");
	ASSERT_ROWS("SELECT COUNT(*) FROM decision", "3");
}

/* Of two policies, for the same object. */
static void test_of_two_policies(void **state)
{
	struct site *s = *state;

	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "in", "destination=friends", "limit=0/hour", "action=block", NULL);
	site_policy(
		s, "out", "destination=!friends", "limit=0/hour", "action=block", NULL);
	SEND(s, NOW, .rcpt = { "<a@friends.net>", "<x@x.net>", "<b@friends.net>" });
	ASSERT_ROWS(REFUSALS, BOB " in 1, " BOB " out 1");
}

/* One that has room in another message is told so, and is not refused. */
static void test_split(void **state)
{
	struct site *s = *state;

	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "to", "destination=friends", "count=recipients", "limit=1/hour",
		"action=block", NULL);
	assert_string_equal(
		SEND(s, NOW, .rcpt = { "<a@friends.net>", "<b@friends.net>" }).told,
		"250 452");
	ASSERT_ROWS(REFUSALS, "");
	SEND(s, NOW, .rcpt = { "<b@friends.net>" });
	ASSERT_ROWS(REFUSALS, BOB " to 1");
}

/* Some refused at RCPT, and what was left at the end. */
static void test_at_rcpt_and_at_the_end(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "r", "key=recipient", "limit=1/hour", "action=block", NULL);
	site_policy(s, "out", "limit=1/hour", "action=defer", "priority=9", NULL);
	SEND(s, NOW, .rcpt = { "<a@x.net>" });
	o = SEND(s, NOW + 1, .rcpt = { "<a@x.net>", "<b@x.net>" });
	assert_string_equal(o.told, "550 250");
	assert_int_equal(o.kind, VERDICT_DEFER);
	ASSERT_ROWS(REFUSALS, "a@x.net r 1, " BOB " out 1");
	ASSERT_ROWS("SELECT verdict || policy || object FROM decision WHERE id = 2",
		"deferout" BOB);
}

/* An abort of which nothing was refused leaves nothing; nor does what is only asked. */
static void test_aborted(void **state)
{
	struct site *s = *state;
	struct mail mail = { .client = "192.0.2.7" };
	struct session session = { .steps = STEPS_ALL };
	struct policy_set *set;
	struct message *m;
	struct begun *b = site_begin(s, &mail);

	engine_abort(b->m, NOW);
	site_finish(b);
	site_policy(s, "r", "key=recipient", "limit=0/hour", "action=block", "penalty=1d",
		NULL);
	set = policy_slot_acquire(s->engine.slot);
	m = engine_ask(&s->engine, &session, set, NULL, "<bob@example.org>", NULL);
	assert_non_null(engine_rcpt(m, "<a@x.net>", NULL, NULL, NOW).text);
	engine_abort(m, NOW);
	engine_drop(m);
	policy_slot_release(s->engine.slot, set);
	ASSERT_ROWS("SELECT COUNT(*) FROM decision", "0");
	ASSERT_ROWS(REFUSALS, "");
	site_policy(s, "out", "limit=0/hour", "action=defer", "priority=1", NULL);
	set = policy_slot_acquire(s->engine.slot);
	m = engine_ask(&s->engine, &session, set, NULL, "<bob@example.org>", NULL);
	assert_non_null(engine_early(m, NOW).text);
	engine_drop(m);
	policy_slot_release(s->engine.slot, set);
	ASSERT_ROWS("SELECT COUNT(*) FROM decision", "0");
	ASSERT_ROWS(REFUSALS, "");
	site_policy(s, "out", "enabled=no", NULL);
	site_policy(s, "r", "limit=1/hour", NULL);
	assert_string_equal(SEND(s, NOW, .rcpt = { "<a@x.net>" }).told, "250");
}

/* Also without a history; and where nothing is to be stored, nothing waits. */
static void test_history_off(void **state)
{
	struct site *s = *state;

	site_setting(s, "history", "off");
	site_policy(s, "out", "limit=1/hour", "action=defer", NULL);
	SEND(s, NOW, 0);
	SEND(s, NOW, 0);
	SEND(s, NOW, .early = true);
	ASSERT_ROWS(REFUSALS, BOB " out 2");
	ASSERT_ROWS("SELECT COUNT(*) FROM decision", "0");
	/* what was refused to one, where the others cost nothing */
	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "out", "limit=0/hour", "destination=friends", NULL);
	SEND(s, NOW, .rcpt = { "<a@friends.net>", "<x@x.net>" });
	ASSERT_ROWS(REFUSALS, BOB " out 3");
	site_policy(s, "out", "destination=any", NULL);
	site_policy(s, "out", "limit=none", NULL);
	writer_stop(s->engine.writer);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_ACCEPT);
	site_policy(s, "out", "rate-stats=yes", NULL);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_ERROR);
}

/* How many messages it matched in each second, and how many it kept from being sent. */
static void test_traffic(void **state)
{
	struct site *s = *state;

	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "out", "limit=3/hour", "action=defer", "rate-stats=yes", NULL);
	site_policy(s, "to", "destination=friends", "limit=1/hour", "rate-stats=yes",
		"action=block", "priority=1", NULL);
	site_policy(s, "silent", "limit=9/hour", NULL);
	SEND(s, NOW, 0);
	SEND(s, NOW + CLOCK_SECOND / 2, 0);
	SEND(s, NOW + CLOCK_SECOND, .rcpt = { "<a@friends.net>" });
	ASSERT_ROWS(TRAFFIC, "out 0 2 0, out 1 1 0, to 1 1 0");
	SEND(s, NOW + 2 * CLOCK_SECOND, 0);
	ASSERT_ROWS(TRAFFIC, "out 0 2 0, out 1 1 0, out 2 1 1, to 1 1 0");
	/* refused at RCPT it is one message that matched, also if others go on */
	site_sql(s, "DELETE FROM traffic");
	SEND(s, NOW + 3 * CLOCK_SECOND, .rcpt = { "<a@friends.net>", "<b@friends.net>" });
	ASSERT_ROWS(TRAFFIC, "to 3 1 1");
	site_policy(s, "out", "limit=9/hour", NULL);
	SEND(s, NOW + 4 * CLOCK_SECOND, .rcpt = { "<a@friends.net>", "<x@x.net>" });
	ASSERT_ROWS(TRAFFIC, "out 4 1 0, to 3 1 1, to 4 1 1");
	/* at MAIL */
	site_sql(s, "DELETE FROM traffic");
	site_policy(s, "out", "limit=0/hour", "priority=0", NULL);
	assert_true(SEND(s, NOW + 5 * CLOCK_SECOND, .early = true).at_mail);
	ASSERT_ROWS(TRAFFIC, "out 5 1 1");
}

/* A policy that refuses one and takes another has matched once. */
static void test_traffic_of_both(void **state)
{
	struct site *s = *state;

	site_policy(s, "r", "key=recipient", "limit=1/hour", "action=block",
		"rate-stats=yes", NULL);
	SEND(s, NOW, .rcpt = { "<a@x.net>" });
	SEND(s, NOW + CLOCK_SECOND, .rcpt = { "<a@x.net>", "<b@x.net>", "<A@x.net>" });
	ASSERT_ROWS(TRAFFIC, "r 0 1 0, r 1 1 1");
}

/* Taken out by a policy that discards, it is refused, too. */
static void test_traffic_of_discards(void **state)
{
	struct site *s = *state;

	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "drop", "destination=friends", "limit=0/hour", "action=discard",
		"rate-stats=yes", "key=policy", NULL);
	site_policy(s, "watch", "limit=0/hour", "rate-stats=yes", NULL);
	SEND(s, NOW, .rcpt = { "<a@friends.net>" });
	ASSERT_ROWS(TRAFFIC, "drop 0 1 1, watch 0 1 0");
	SEND(s, NOW + CLOCK_SECOND, .rcpt = { "<a@friends.net>", "<x@x.net>" });
	ASSERT_ROWS(TRAFFIC, "drop 0 1 1, drop 1 1 1, watch 0 1 0, watch 1 1 0");
}

/* The checked domain and whose it is, whether the sender parses or not, and whether there
 * was an answer or not; the sender's own costs the history nothing. */
static void test_spf(void **state)
{
	static const struct {
		const char *sender, *helo;
		const char *stored, *shown; /* NULL is "-" */
	} cases[] = {
		{ "<bob@Example.org>", "mx.example.net", "-", "example.org mailfrom" },
		{ "<\"a@b.net\"@example.org.>", "x.net", "-", "example.org mailfrom" },
		{ "<a..b@Example.org>", "x.net", "example.org", "example.org mailfrom" },
		{ "<x@a@example.org>", "x.net", "example.org", "example.org mailfrom" },
		{ "<a b>", "x.net", "", "- mailfrom" },
		{ "<bob>", "x.net", "", "- mailfrom" },
		{ "<bob@[192.0.2.7]>", "x.net", "", "- mailfrom" },
		{ "<bob@localhost>", "x.net", "", "- mailfrom" },
		{ "<>", "mx.example.net.", "mx.example.net", "mx.example.net helo" },
		{ "<>", "m\xc3\xbc.net", "xn--m-eha.net", "xn--m-eha.net helo" },
		{ "<>", "\x01.net", "\\x01.net", "\\x01.net helo" },
		{ "<>", "[192.0.2.7]", "", "- helo" },
		{ "<>", NULL, "", "- helo" },
	};
	struct site *s = *state;

	site_policy(s, "in", "spf=check", NULL);
	for (size_t i = 0; i < 2 * LENGTH(cases); i++) {
		size_t n = i / 2;

		if (i % 2 != 0) /* with an answer, and without */
			fake_begin(s, SPF_FAIL);
		SEND(s, NOW, .sender = cases[n].sender, .helo = cases[n].helo,
			.client = "192.0.2.7");
		if (i % 2 != 0)
			fake_end(s);
		ASSERT_ROWS(
			"SELECT IFNULL(spf_domain, '-') FROM decision", cases[n].stored);
		ASSERT_ROWS("SELECT IFNULL(domain, '-') || ' ' || identity FROM v_spf",
			cases[n].shown);
		site_sql(s, "DELETE FROM decision");
	}
	/* what was not checked has none */
	SEND(s, NOW, .sender = "<>", .client = "10.0.0.1", .helo = "mx.example.net");
	ASSERT_ROWS("SELECT IFNULL(spf_domain, '-') FROM decision", "-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_refusals),
		SITE_TEST(test_no_refusals),
		SITE_TEST(test_at_rcpt),
		SITE_TEST(test_of_two_policies),
		SITE_TEST(test_split),
		SITE_TEST(test_at_rcpt_and_at_the_end),
		SITE_TEST(test_aborted),
		SITE_TEST(test_history_off),
		SITE_TEST(test_traffic),
		SITE_TEST(test_traffic_of_both),
		SITE_TEST(test_traffic_of_discards),
		SITE_TEST(test_spf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
