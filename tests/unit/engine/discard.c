/*
 * Discarding: the whole message or some of its recipients, and that what is left is
 * judged and charged for itself (behaviour.md, "Policies", "Charging").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"

#define BOB "bob@example.org"

static uint64_t seen(struct site *s, const char *policy, enum verdict_kind kind)
{
	uint64_t counts[VERDICTS];
	char sql[200];

	snprintf(sql, sizeof(sql), "SELECT id FROM policy WHERE name = '%s'", policy);
	stats_read(s->engine.stats, site_number(s, sql), counts);
	return counts[kind];
}

#define LAST(column) "SELECT " column " FROM v_decisions ORDER BY time DESC LIMIT 1"

static void test_whole(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "drop", "limit=1/hour", "action=discard", "reply=unheard", NULL);
	site_policy(s, "other", "limit=9/hour", "action=block", NULL);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_ACCEPT);
	o = SEND(s, NOW + 1000, 0);
	assert_int_equal(o.kind, VERDICT_DISCARD);
	assert_string_equal(o.drops, "");
	assert_string_equal(o.code, "");
	assert_string_equal(o.text, "");
	assert_string_equal(o.policy, "drop");
	assert_string_equal(o.object, BOB);
	assert_non_null(strstr(o.reason, "1/hour"));
	assert_null(strstr(o.reason, "recipients)"));
	/* what does not go on is charged nowhere */
	assert_int_equal(site_used(s, "other", 0, BOB, NOW), 1);
	assert_string_equal(site_text(s, LAST("verdict")), "discard");
	assert_string_equal(site_text(s, LAST("policy")), "drop");
	assert_string_equal(site_text(s, LAST("reason")), o.reason);
	assert_int_equal(seen(s, "drop", VERDICT_DISCARD), 1);
	assert_int_equal(seen(s, "drop", VERDICT_ACCEPT), 1);
}

/* Who matches the destination goes, the others stay. */
static void test_destination(void **state)
{
	struct site *s = *state;
	struct outcome o;
	uint64_t all[VERDICTS];

	site_group(s, "friends", "@example.com", NULL);
	site_policy(
		s, "drop", "destination=friends", "limit=1/hour", "action=discard", NULL);
	assert_int_equal(
		SEND(s, NOW, .rcpt = { "<a@example.com>", "<b@example.net>" }).kind,
		VERDICT_ACCEPT);
	o = SEND(s, NOW + 1000,
		.rcpt = { "<A@Example.com>", "<b@example.net>", "<c@example.com>" });
	assert_int_equal(o.kind, VERDICT_DISCARD);
	/* as they were given, for who has to name them to the MTA */
	assert_string_equal(o.drops, "<A@Example.com> <c@example.com> ");
	assert_string_equal(o.policy, "drop");
	assert_string_equal(o.object, BOB);
	assert_non_null(strstr(o.reason, "1/hour"));
	assert_non_null(strstr(o.reason, "(2 of 3 recipients)"));
	assert_true(o.free_at >= NOW + HOURS);
	assert_string_equal(site_text(s, LAST("verdict")), "discard");
	assert_string_equal(site_text(s, LAST("reason")), o.reason);
	assert_string_equal(site_text(s, LAST("recipients")), "3");
	assert_int_equal(site_used(s, "drop", 0, BOB, NOW), 1);
	stats_read(s->engine.stats, 0, all);
	assert_int_equal(all[VERDICT_DISCARD], 1);
	assert_int_equal(seen(s, "drop", VERDICT_DISCARD), 1);
	/* none is left: the message */
	o = SEND(s, NOW + 2000, .rcpt = { "<a@example.com>", "<c@example.com>" });
	assert_int_equal(o.kind, VERDICT_DISCARD);
	assert_string_equal(o.drops, "");
	assert_null(strstr(o.reason, "recipients)"));
	/* nobody it is for */
	o = SEND(s, NOW + 3000, .rcpt = { "<b@example.net>" });
	assert_int_equal(o.kind, VERDICT_ACCEPT);
}

/* `!group` is the complement, invalid ones included. */
static void test_inverted_destination(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_group(s, "friends", "@example.com", NULL);
	site_policy(s, "drop", "destination=!friends", "limit=0/hour", "action=discard",
		NULL);
	o = SEND(s, NOW, .rcpt = { "<a@example.com>", "<b@example.net>", "<bad bad>" });
	assert_int_equal(o.kind, VERDICT_DISCARD);
	assert_string_equal(o.drops, "<b@example.net> <bad bad> ");
}

/* With a key by recipient only those whose limit is full go. */
static void test_key_recipient(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "drop", "key=recipient", "limit=1/hour", "action=discard", NULL);
	SEND(s, NOW, .rcpt = { "<a@example.com>", "<c@example.com>" });
	o = SEND(s, NOW + 1000,
		.rcpt = { "<a@example.com>", "<b@example.com>", "<c@example.com>",
			"<d@example.com>", "<A@example.com>" });
	assert_int_equal(o.kind, VERDICT_DISCARD);
	assert_string_equal(o.drops, "<a@example.com> <c@example.com> <A@example.com> ");
	assert_non_null(strstr(o.reason, "(3 of 5 recipients)"));
	/* the others are charged: they go on */
	assert_int_equal(site_used(s, "drop", 0, "a@example.com", NOW), 1);
	assert_int_equal(site_used(s, "drop", 0, "b@example.com", NOW), 1);
	assert_int_equal(site_used(s, "drop", 0, "d@example.com", NOW), 1);
	o = SEND(s, NOW + 2000, .rcpt = { "<a@example.com>", "<b@example.com>" });
	assert_int_equal(o.kind, VERDICT_DISCARD);
	assert_string_equal(o.drops, "");
}

/* The same by domain, within a destination; a domain that alone has too many. */
static void test_key_recipient_domain(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_group(s, "friends", "@.example.com", NULL);
	site_policy(s, "drop", "key=recipient-domain", "count=recipients", "limit=2/hour",
		"destination=friends", "action=discard", NULL);
	o = SEND(s, NOW,
		.rcpt = { "<a@example.com>", "<b@example.com>", "<c@example.com>",
			"<a@example.net>", "<b@example.net>", "<c@example.net>",
			"<a@sub.example.com>", "<b@sub.example.com>" });
	assert_int_equal(o.kind, VERDICT_DISCARD);
	assert_string_equal(o.drops, "<a@example.com> <b@example.com> <c@example.com> ");
	assert_int_equal(site_used(s, "drop", 0, "@example.com", NOW), 0);
	assert_int_equal(site_used(s, "drop", 0, "@sub.example.com", NOW), 2);
	assert_int_equal(site_used(s, "drop", 0, "@example.net", NOW), 0);
}

/* What is left is looked at as if the others had never been there. */
static void test_the_rest_is_charged(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_group(s, "friends", "@example.com", NULL);
	site_policy(s, "drop", "destination=friends", "limit=0/hour", "action=discard",
		"priority=1", NULL);
	site_policy(s, "to", "destination=friends", "limit=9/hour", "action=block", NULL);
	site_policy(s, "count", "count=recipients", "limit=3/hour", "action=defer",
		"priority=7", NULL);
	site_policy(s, "each", "key=recipient", "limit=9/hour", "action=defer", NULL);
	/* three are more than there is room for, two are not */
	SEND(s, NOW, .rcpt = { "<x@example.net>" });
	o = SEND(s, NOW,
		.rcpt = { "<a@example.com>", "<x@example.net>", "<y@example.net>" });
	assert_int_equal(o.kind, VERDICT_DISCARD);
	assert_string_equal(o.drops, "<a@example.com> ");
	assert_int_equal(site_used(s, "count", 0, BOB, NOW), 3);
	assert_int_equal(site_used(s, "to", 0, BOB, NOW), 0);
	assert_int_equal(site_used(s, "each", 0, "a@example.com", NOW), 0);
	assert_int_equal(site_used(s, "each", 0, "x@example.net", NOW), 2);
	assert_int_equal(seen(s, "drop", VERDICT_DISCARD), 1);
	assert_int_equal(seen(s, "drop", VERDICT_ACCEPT), 0);
	assert_int_equal(seen(s, "count", VERDICT_ACCEPT), 2);
}

/* A refusal is of the whole message: nobody is taken out of what is sent again. */
static void test_refusal(void **state)
{
	static const char *const priorities[] = { "priority=1", "priority=9" };
	struct site *s = *state;
	struct outcome o;

	site_group(s, "friends", "@example.com", NULL);
	site_policy(
		s, "drop", "destination=friends", "limit=0/hour", "action=discard", NULL);
	site_policy(s, "late", "limit=0/hour", "action=defer", NULL);
	site_policy(s, "other", "limit=9/hour", "action=block", NULL);
	for (size_t i = 0; i < LENGTH(priorities); i++) {
		site_policy(s, "drop", priorities[i], NULL);
		o = SEND(s, NOW, .rcpt = { "<a@example.com>", "<b@example.net>" });
		assert_int_equal(o.kind, VERDICT_DEFER);
		assert_string_equal(o.code, "450");
		assert_string_equal(o.policy, "late");
		assert_string_equal(o.drops, "");
		assert_int_equal(site_used(s, "other", 0, BOB, NOW), 0);
	}
	/* as the only one that it said is what is counted */
	assert_string_equal(site_text(s, LAST("verdict")), "defer");
	assert_int_equal(seen(s, "late", VERDICT_DEFER), 2);
}

/* Held without those: the hold decides. */
static void test_hold(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_group(s, "friends", "@example.com", NULL);
	site_policy(s, "drop", "destination=friends", "limit=0/hour", "action=discard",
		"priority=1", NULL);
	site_policy(s, "keep", "limit=0/hour", "action=hold", NULL);
	site_policy(s, "other", "limit=9/hour", "action=block", NULL);
	o = SEND(s, NOW, .rcpt = { "<a@example.com>", "<b@example.net>" });
	assert_int_equal(o.kind, VERDICT_HOLD);
	assert_string_equal(o.policy, "keep");
	assert_string_equal(o.drops, "<a@example.com> ");
	assert_string_equal(site_text(s, LAST("verdict")), "hold");
	assert_int_equal(site_used(s, "other", 0, BOB, NOW), 0);
	assert_int_equal(seen(s, "keep", VERDICT_HOLD), 1);
	assert_int_equal(seen(s, "drop", VERDICT_DISCARD), 1);
	/* before it in order, the hold is of all */
	site_policy(s, "keep", "priority=0", NULL);
	o = SEND(s, NOW, .rcpt = { "<a@example.com>", "<b@example.net>" });
	assert_int_equal(o.kind, VERDICT_HOLD);
	assert_string_equal(o.drops, "");
}

/* A monitor policy records and stands in nobody's way. */
static void test_monitor(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_group(s, "friends", "@example.com", NULL);
	site_policy(
		s, "drop", "destination=friends", "limit=0/hour", "action=discard", NULL);
	site_policy(s, "full", "limit=0/hour", "priority=1", NULL);
	site_policy(s, "roomy", "limit=9/hour", "count=recipients", "priority=1", NULL);
	o = SEND(s, NOW, .rcpt = { "<a@example.com>", "<b@example.net>" });
	assert_int_equal(o.kind, VERDICT_DISCARD);
	assert_string_equal(o.policy, "drop");
	assert_string_equal(o.drops, "<a@example.com> ");
	assert_int_equal(site_used(s, "full", 0, BOB, NOW), 0);
	assert_int_equal(site_used(s, "roomy", 0, BOB, NOW), 1);
	assert_int_equal(seen(s, "full", VERDICT_MONITOR), 1);
	assert_int_equal(seen(s, "roomy", VERDICT_ACCEPT), 1);
}

/* One after the other, in order; the first is what is told. */
static void test_several(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_group(s, "com", "@example.com", NULL);
	site_group(s, "net", "@example.net", NULL);
	site_policy(
		s, "first", "destination=com", "limit=0/hour", "action=discard", NULL);
	site_policy(
		s, "second", "destination=net", "limit=0/hour", "action=discard", NULL);
	o = SEND(s, NOW,
		.rcpt = { "<b@example.net>", "<a@example.com>", "<c@example.edu>" });
	assert_int_equal(o.kind, VERDICT_DISCARD);
	assert_string_equal(o.policy, "first");
	assert_string_equal(o.drops, "<a@example.com> <b@example.net> ");
	assert_int_equal(seen(s, "first", VERDICT_DISCARD), 1);
	assert_int_equal(seen(s, "second", VERDICT_DISCARD), 1);
	/* together they leave none */
	o = SEND(s, NOW, .rcpt = { "<b@example.net>", "<a@example.com>" });
	assert_int_equal(o.kind, VERDICT_DISCARD);
	assert_string_equal(o.drops, "");
}

/* Without room in one that stops, what is left goes on to nobody behind it. */
static void test_stop(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "drop", "key=recipient", "limit=1/hour", "action=discard",
		"priority=1", "stop=yes", NULL);
	site_policy(s, "behind", "limit=0/hour", "action=block", NULL);
	SEND(s, NOW, .rcpt = { "<a@example.com>" });
	o = SEND(s, NOW, .rcpt = { "<a@example.com>", "<b@example.com>" });
	assert_int_equal(o.kind, VERDICT_DISCARD);
	assert_string_equal(o.drops, "<a@example.com> ");
	assert_int_equal(site_used(s, "drop", 0, "b@example.com", NOW), 1);
}

/* While nothing can be stored: accept goes on without those that are dropped,
 * tempfail drops nobody and charges nothing; what goes nowhere needs neither. */
static void test_on_error(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_group(s, "friends", "@example.com", NULL);
	site_policy(
		s, "drop", "destination=friends", "limit=0/hour", "action=discard", NULL);
	site_policy(s, "other", "limit=9/hour", "action=block", NULL);
	site_setting(s, "on_error", "tempfail");
	site_sql(s, "ALTER TABLE bucket RENAME TO elsewhere");
	o = SEND(s, NOW, .rcpt = { "<a@example.com>", "<b@example.net>" });
	assert_int_equal(o.kind, VERDICT_ERROR);
	assert_string_equal(o.code, "451");
	assert_string_equal(o.drops, "");
	assert_int_equal(site_used(s, "other", 0, BOB, NOW), 0);
	assert_int_equal(seen(s, "drop", VERDICT_DISCARD), 0);
	site_setting(s, "on_error", "accept");
	o = SEND(s, NOW, .rcpt = { "<a@example.com>", "<b@example.net>" });
	assert_int_equal(o.kind, VERDICT_ERROR);
	assert_string_equal(o.code, "");
	assert_string_equal(o.drops, "<a@example.com> ");
	assert_int_equal(site_used(s, "other", 0, BOB, NOW), 1);
	assert_int_equal(seen(s, "other", VERDICT_ERROR), 2);
	o = SEND(s, NOW, .rcpt = { "<a@example.com>" });
	assert_int_equal(o.kind, VERDICT_DISCARD);
	assert_string_equal(o.drops, "");
}

#define MANY 5000

static void name_reader(char reader[40], int i)
{
	snprintf(reader, 40, "<user%d@example.com>", i);
}

static void begin_many(struct message *m, int n)
{
	char reader[40];

	for (int i = 0; i < n; i++) {
		name_reader(reader, i);
		engine_rcpt(m, reader, NULL, NULL, NOW);
	}
}

/* A list's message, half of whose readers have had enough. */
static void test_many(void **state)
{
	struct site *s = *state;
	struct session session = { .steps = STEPS_ALL };
	struct message *m;
	const struct recipient *r;
	struct verdict v;
	char reader[40];
	int dropped = 0;

	site_policy(s, "drop", "key=recipient", "limit=1/hour", "action=discard", NULL);
	m = engine_mail(&s->engine, &session, "<bob@example.org>", NULL, NULL, NOW);
	begin_many(m, MANY / 2);
	assert_int_equal(engine_end(m, "A", NOW).kind, VERDICT_ACCEPT);
	engine_drop(m);
	m = engine_mail(&s->engine, &session, "<bob@example.org>", NULL, NULL, NOW);
	begin_many(m, MANY);
	v = engine_end(m, "B", NOW);
	assert_int_equal(v.kind, VERDICT_DISCARD);
	assert_non_null(v.drops);
	STAILQ_FOREACH(r, v.drops, link) {
		name_reader(reader, dropped++);
		assert_string_equal(r->given, reader);
	}
	assert_int_equal(dropped, MANY / 2);
	engine_drop(m);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM bucket"), MANY);
	assert_int_equal(site_number(s, "SELECT SUM(count) FROM bucket"), MANY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_whole),
		SITE_TEST(test_destination),
		SITE_TEST(test_inverted_destination),
		SITE_TEST(test_key_recipient),
		SITE_TEST(test_key_recipient_domain),
		SITE_TEST(test_the_rest_is_charged),
		SITE_TEST(test_refusal),
		SITE_TEST(test_hold),
		SITE_TEST(test_monitor),
		SITE_TEST(test_several),
		SITE_TEST(test_stop),
		SITE_TEST(test_on_error),
		SITE_TEST(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
