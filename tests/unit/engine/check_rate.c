/*
 * The rate check: what each key counts a message for, at what cost, and which policies
 * are looked at (behaviour.md, "Policies", "Charging").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"

#define BOB "bob@example.org"

#define ASSERT_USED(policy, object, n)                                                   \
	assert_int_equal(site_used(s, policy, 0, object, NOW), n)

/* To three people at two domains, one of them twice. */
#define SOME                                                                             \
	.rcpt = { "<a@example.net>", "<A@Example.net>", "<b@example.net>",               \
		"<c@example.com>" }

/* Once for each distinct object, or its recipients. */
static void test_recipients_of_a_message(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "r", "key=recipient", "limit=9/hour", NULL);
	site_policy(
		s, "r-all", "key=recipient", "count=recipients", "limit=9/hour", NULL);
	site_policy(s, "d", "key=recipient-domain", "limit=9/hour", NULL);
	site_policy(s, "d-all", "key=recipient-domain", "count=recipients",
		"limit=9/hour", NULL);
	o = SEND(s, NOW, SOME);
	assert_int_equal(o.kind, VERDICT_ACCEPT);
	assert_string_equal(o.policy, "d");
	assert_string_equal(o.object, "@example.net");
	ASSERT_USED("r", "a@example.net", 1);
	ASSERT_USED("r", "b@example.net", 1);
	ASSERT_USED("r", "c@example.com", 1);
	ASSERT_USED("r-all", "a@example.net", 2);
	ASSERT_USED("r-all", "b@example.net", 1);
	ASSERT_USED("d", "@example.net", 1);
	ASSERT_USED("d", "@example.com", 1);
	ASSERT_USED("d-all", "@example.net", 3);
	ASSERT_USED("d-all", "@example.com", 1);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM bucket"), 3 + 3 + 2 + 2);
	/* whoever sends it, the null sender too */
	SEND(s, NOW, .sender = "<>", .rcpt = { "<a@example.net>" });
	ASSERT_USED("r", "a@example.net", 2);
}

/* What does not parse is counted too. */
static void test_odd_recipients(void **state)
{
	struct site *s = *state;

	site_policy(s, "r", "key=recipient", "limit=9/hour", NULL);
	site_policy(s, "d", "key=recipient-domain", "limit=9/hour", NULL);
	SEND(s, NOW, .rcpt = { "<a b@example.net>", "<root>", "<c@@d>" });
	ASSERT_USED("r", "<invalid>", 1);
	ASSERT_USED("r", "root", 1);
	ASSERT_USED("d", "<invalid>", 1);
	SEND(s, NOW, .mta = "mx.example.net", .rcpt = { "<root>" });
	ASSERT_USED("r", "root@mx.example.net", 1);
	ASSERT_USED("d", "@mx.example.net", 1);
}

/* The destination says whom it is for. */
static void test_recipients_of_a_destination(void **state)
{
	struct site *s = *state;

	site_group(s, "friends", "@example.com", NULL);
	site_policy(
		s, "to", "key=recipient", "destination=friends", "limit=9/hour", NULL);
	site_policy(s, "not-to", "key=recipient-domain", "destination=!friends",
		"count=recipients", "limit=9/hour", NULL);
	SEND(s, NOW, SOME);
	ASSERT_USED("to", "c@example.com", 1);
	ASSERT_USED("to", "a@example.net", 0);
	ASSERT_USED("not-to", "@example.net", 3);
	ASSERT_USED("not-to", "@example.com", 0);
	/* with nobody it is for, it does not match */
	assert_string_equal(SEND(s, NOW, .rcpt = { "<x@example.com>" }).policy, "to");
	assert_string_equal(SEND(s, NOW, .rcpt = { "<x@example.edu>" }).policy, "not-to");
}

/* Where no recipient can be refused, one object without room refuses the whole message,
 * which is charged nowhere. */
static void test_one_full_object(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "r", "key=recipient", "limit=1/hour", "action=block", NULL);
	site_policy(s, "d", "key=recipient-domain", "count=recipients", "limit=9/hour",
		"action=defer", "priority=1", NULL);
	site_policy(s, "s", "limit=9/hour", "action=hold", "priority=9", NULL);
	SEND(s, NOW, .rcpt = { "<b@example.net>" });
	for (int i = 0; i < 3; i++) {
		o = SEND(s, NOW, .local = true, SOME);
		assert_int_equal(o.kind, VERDICT_BLOCK);
		assert_string_equal(o.policy, "r");
		assert_string_equal(o.object, "b@example.net");
		assert_non_null(strstr(o.text, "b@example.net"));
		ASSERT_USED("r", "a@example.net", 0);
		ASSERT_USED("r", "c@example.com", 0);
		ASSERT_USED("r", "b@example.net", 1);
		ASSERT_USED("d", "@example.net", 1);
		ASSERT_USED("d", "@example.com", 0);
		ASSERT_USED("s", BOB, 1);
	}
	assert_int_equal(
		SEND(s, NOW, .rcpt = { "<a@example.net>", "<c@example.com>" }).kind,
		VERDICT_ACCEPT);
	ASSERT_USED("d", "@example.net", 2);
	/* more than there is for one domain, at once */
	site_policy(s, "d", "limit=3/hour", NULL);
	o = SEND(s, NOW + 2 * HOURS, .local = true,
		.rcpt = { "<1@e.net>", "<2@e.net>", "<3@e.net>", "<4@e.net>" });
	assert_int_equal(o.kind, VERDICT_DEFER);
	assert_string_equal(o.object, "@e.net");
	assert_non_null(strstr(o.text, "4 recipients, limit 3/hour"));
}

/* Of a monitor policy only the full object's counters stay, in all its limits. */
static void test_monitor(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "m", "key=recipient", "limit=1/hour,9/day", NULL);
	site_policy(s, "out", "limit=9/hour", "action=block", "priority=9", NULL);
	SEND(s, NOW, .rcpt = { "<b@example.net>" });
	o = SEND(s, NOW, SOME);
	assert_int_equal(o.kind, VERDICT_MONITOR);
	assert_string_equal(o.policy, "m");
	assert_string_equal(o.object, "b@example.net");
	for (size_t limit = 0; limit < 2; limit++) {
		assert_int_equal(site_used(s, "m", limit, "a@example.net", NOW), 1);
		assert_int_equal(site_used(s, "m", limit, "b@example.net", NOW), 1);
		assert_int_equal(site_used(s, "m", limit, "c@example.com", NOW), 1);
	}
	ASSERT_USED("out", BOB, 2);
}

/* All mail of the policy together. */
static void test_policy(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "whole", "key=policy", "limit=3/hour", "action=defer", NULL);
	SEND(s, NOW, 0);
	SEND(s, NOW, .sender = "<eve@example.com>", .client = "192.0.2.7");
	SEND(s, NOW, .sender = "<>", .login = "carol");
	ASSERT_USED("whole", "*", 3);
	o = SEND(s, NOW, .sender = "<>");
	assert_int_equal(o.kind, VERDICT_DEFER);
	assert_string_equal(o.object, "*");
	assert_string_equal(site_text(s, "SELECT DISTINCT object FROM v_decisions"), "*");
}

static void test_domains(void **state)
{
	struct site *s = *state;

	site_policy(s, "d", "key=domain", "limit=9/hour", NULL);
	site_policy(s, "d-plus", "key=domain+", "limit=9/hour", NULL);
	SEND(s, NOW, 0);
	SEND(s, NOW, .sender = "<eve@Example.ORG>", .login = "bob@example.com");
	SEND(s, NOW, .sender = "<>", .login = "bob@example.com");
	SEND(s, NOW, .sender = "<>");
	SEND(s, NOW, .sender = "<a@@b>");
	ASSERT_USED("d", "@example.org", 2);
	ASSERT_USED("d", "@example.com", 1);
	ASSERT_USED("d", "<invalid>", 1);
	ASSERT_USED("d-plus", "@example.org", 1);
	ASSERT_USED("d-plus", "@example.com", 2);
	ASSERT_USED("d-plus", "<invalid>", 1);
	ASSERT_USED("d", "<>", 0);
	site_setting(s, "null_sender", "count");
	SEND(s, NOW, .sender = "<>");
	ASSERT_USED("d", "<>", 1);
	ASSERT_USED("d-plus", "<>", 1);
}

/* What is not counted for the sender is counted whatever null_sender says. */
static void test_null_sender(void **state)
{
	static const char *const rules[] = { "skip", "count" };
	struct site *s = *state;

	site_policy(s, "client", "key=client", "limit=9/hour", NULL);
	site_policy(s, "r", "key=recipient", "limit=9/hour", NULL);
	site_policy(s, "d", "key=recipient-domain", "limit=9/hour", NULL);
	site_policy(s, "whole", "key=policy", "limit=9/hour", NULL);
	site_policy(s, "s", "key=sender", "limit=9/hour", NULL);
	for (size_t i = 0; i < LENGTH(rules); i++) {
		site_setting(s, "null_sender", rules[i]);
		SEND(s, NOW, .sender = "<>", .client = "192.0.2.7",
			.rcpt = { "<a@example.net>" });
		ASSERT_USED("client", "192.0.2.7", i + 1);
		ASSERT_USED("r", "a@example.net", i + 1);
		ASSERT_USED("d", "@example.net", i + 1);
		ASSERT_USED("whole", "*", i + 1);
		ASSERT_USED("s", "<>", i);
	}
}

/* Recipients of a policy whose object is the sender's. */
static void test_recipients_for_a_sender(void **state)
{
	struct site *s = *state;

	site_policy(s, "whole", "key=policy", "count=recipients", "limit=99/hour", NULL);
	site_policy(s, "d", "key=domain", "count=recipients", "limit=99/hour", NULL);
	SEND(s, NOW, SOME);
	ASSERT_USED("whole", "*", 4);
	ASSERT_USED("d", "@example.org", 4);
}

/* No policy after one that matched, whatever it came to. */
static void test_stop(void **state)
{
	static const char *const limits[] = { "limit=none", "limit=9/hour",
		"limit=0/hour" };
	static const enum verdict_kind kinds[] = { VERDICT_ACCEPT, VERDICT_ACCEPT,
		VERDICT_MONITOR };
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "before", "limit=99/hour", "priority=1", NULL);
	site_policy(s, "stops", "stop=yes", "priority=2", NULL);
	site_policy(s, "behind", "limit=0/hour", "action=block", NULL);
	for (size_t i = 0; i < LENGTH(limits); i++) {
		site_policy(s, "stops", limits[i], NULL);
		o = SEND(s, NOW, 0);
		assert_int_equal(o.kind, kinds[i]);
		ASSERT_USED("before", BOB, i + 1);
	}
	site_policy(s, "stops", "action=defer", NULL);
	o = SEND(s, NOW, 0);
	assert_int_equal(o.kind, VERDICT_DEFER);
	assert_string_equal(o.policy, "stops");
	site_policy(s, "stops", "stop=no", "limit=9/hour", NULL);
	assert_string_equal(SEND(s, NOW, 0).policy, "behind");
}

/* What does not match does not stop. */
static void test_unmatched_does_not_stop(void **state)
{
	struct site *s = *state;

	site_group(s, "others", "@example.edu", NULL);
	site_policy(s, "behind", "limit=0/hour", "action=block", "priority=9", NULL);
	site_policy(s, "stops", "stop=yes", "source=others", NULL);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_BLOCK);
	assert_int_equal(SEND(s, NOW, .sender = "<x@example.edu>").kind, VERDICT_ACCEPT);
	site_policy(s, "stops", "source=any", "destination=others", NULL);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_BLOCK);
	assert_int_equal(SEND(s, NOW, .rcpt = { "<a@b.net>", "<x@example.edu>" }).kind,
		VERDICT_ACCEPT);
	site_policy(s, "stops", "key=recipient", NULL);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_BLOCK);
	assert_int_equal(
		SEND(s, NOW, .rcpt = { "<x@example.edu>" }).kind, VERDICT_ACCEPT);
	/* nor what has nobody to count for */
	site_policy(s, "stops", "key=login", "destination=any", NULL);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_BLOCK);
	assert_int_equal(SEND(s, NOW, .login = "bob").kind, VERDICT_ACCEPT);
	site_policy(s, "stops", "key=sender", NULL);
	site_policy(s, "behind", "key=policy", NULL);
	assert_int_equal(SEND(s, NOW, .sender = "<>").kind, VERDICT_BLOCK);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_ACCEPT);
	site_policy(s, "stops", "enabled=no", NULL);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_BLOCK);
}

#define MANY 5000

static enum verdict_kind send_many(struct site *s, int64_t now)
{
	struct session session = { .steps = STEPS_ALL, .local = true };
	struct message *m =
		engine_mail(&s->engine, &session, "<bob@example.org>", NULL, NULL, NOW);
	enum verdict_kind kind;
	char rcpt[40];

	for (int i = 0; i < MANY; i++) {
		snprintf(rcpt, sizeof(rcpt), "<user%d@example.com>", i);
		engine_rcpt(m, rcpt, NULL, NULL, now);
	}
	kind = engine_end(m, NULL, now).kind;
	engine_drop(m);
	return kind;
}

static void test_many_recipients(void **state)
{
	struct site *s = *state;

	site_policy(s, "r", "key=recipient", "limit=1/hour", "action=block", NULL);
	site_policy(s, "d", "key=recipient-domain", "limit=9/hour", "action=block", NULL);
	assert_int_equal(send_many(s, NOW), VERDICT_ACCEPT);
	assert_int_equal(send_many(s, NOW), VERDICT_BLOCK);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM bucket"), MANY + 1);
	assert_int_equal(site_number(s, "SELECT SUM(count) FROM bucket"), MANY + 1);
	assert_int_equal(send_many(s, NOW + 2 * HOURS), VERDICT_ACCEPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_recipients_of_a_message),
		SITE_TEST(test_odd_recipients),
		SITE_TEST(test_recipients_of_a_destination),
		SITE_TEST(test_one_full_object),
		SITE_TEST(test_monitor),
		SITE_TEST(test_policy),
		SITE_TEST(test_domains),
		SITE_TEST(test_null_sender),
		SITE_TEST(test_recipients_for_a_sender),
		SITE_TEST(test_stop),
		SITE_TEST(test_unmatched_does_not_stop),
		SITE_TEST(test_many_recipients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
