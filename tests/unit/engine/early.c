/*
 * What is decided before the end of a message (behaviour.md, "When it decides").  That it
 * comes to the same as at the end is in early_same.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/early.h"
#include "../fixture.h"
#include "engine/record.h"

#define BOB "bob@example.org"

/* Two friends, a stranger between them. */
#define THREE .rcpt = { "<a@friends.net>", "<x@strangers.net>", "<b@friends.net>" }

static int setup(void **state)
{
	site_setup(state);
	site_group(*state, "friends", "@friends.net", NULL);
	return 0;
}

#define EARLY_TEST(f) cmocka_unit_test_setup_teardown(f, setup, site_teardown)

/* Where the verdict can differ between recipients, each hears his own; the others go on,
 * and only those are charged. */
static void test_each_recipient(void **state)
{
	static const char *const actions[] = { "action=defer", "action=block" };
	static const char *const codes[] = { "250 450 250", "250 550 250" };
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "to", "destination=!friends", "limit=0/hour", NULL);
	site_policy(s, "count", "count=recipients", "limit=99/hour", "action=hold", NULL);
	for (size_t i = 0; i < LENGTH(actions); i++) {
		site_policy(s, "to", actions[i], NULL);
		o = SEND(s, NOW, THREE);
		assert_string_equal(o.told, codes[i]);
		assert_int_equal(o.kind, VERDICT_ACCEPT);
		assert_int_equal(site_used(s, "count", 0, BOB, NOW), 2 * (i + 1));
	}
	/* nobody is left */
	o = SEND(s, NOW, .rcpt = { "<x@strangers.net>" });
	assert_true(o.aborted);
	assert_string_equal(o.policy, "to");
	assert_string_equal(o.object, BOB);
	assert_non_null(strstr(o.text, "limit 0/hour"));
}

/* The same by a key: whoever has had enough, the domain that has. */
static void test_each_object(void **state)
{
	struct site *s = *state;

	site_policy(s, "r", "key=recipient", "limit=1/hour", "action=defer", NULL);
	assert_string_equal(SEND(s, NOW, THREE).told, "250 250 250");
	assert_string_equal(SEND(s, NOW, THREE).told, "450 450 450");
	assert_string_equal(
		SEND(s, NOW, .rcpt = { "<c@friends.net>", "<A@friends.net>" }).told,
		"250 450");
	assert_int_equal(site_used(s, "r", 0, "c@friends.net", NOW), 1);
	assert_int_equal(site_used(s, "r", 0, "a@friends.net", NOW), 1);
	site_policy(s, "r", "key=recipient-domain", NULL);
	/* messages: one for the domain, however many it has in it */
	assert_string_equal(SEND(s, NOW, THREE).told, "250 250 250");
	assert_string_equal(
		SEND(s, NOW, .rcpt = { "<a@friends.net>", "<a@x.net>" }).told, "450 250");
}

/* What monitors, holds or discards says nothing at RCPT. */
static void test_other_actions(void **state)
{
	static const char *const actions[] = { "action=monitor", "action=hold",
		"action=discard" };
	struct site *s = *state;

	site_policy(s, "to", "destination=friends", "limit=0/hour", NULL);
	for (size_t i = 0; i < LENGTH(actions); i++) {
		site_policy(s, "to", actions[i], NULL);
		assert_string_equal(SEND(s, NOW, THREE).told, "250 250 250");
	}
	site_policy(s, "to", "action=block", "only-headers=yes", NULL);
	assert_string_equal(SEND(s, NOW, THREE).told, "250 250 250");
	/* nor does what counts nothing hold anything back */
	site_policy(s, "to", "action=hold", NULL);
	site_policy(s, "x", "destination=friends", "limit=0/hour", "action=block", NULL);
	assert_string_equal(SEND(s, NOW, THREE).told, "550 250 550");
	site_policy(s, "x", "enabled=no", NULL);
	site_policy(s, "to", "only-headers=no", "enabled=no", NULL);
	assert_string_equal(SEND(s, NOW, THREE).told, "250 250 250");
}

/* The peek counts what the accepted recipients will cost; one too many for this message
 * alone is told to come in another. */
static void test_peek_counts_accepted(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "to", "destination=friends", "count=recipients", "limit=2/hour",
		"action=block", "penalty=1d", NULL);
	o = SEND(s, NOW,
		.rcpt = { "<a@friends.net>", "<x@x.net>", "<b@friends.net>",
			"<c@friends.net>", "<y@x.net>", "<d@friends.net>" });
	assert_string_equal(o.told, "250 250 250 452 250 452");
	assert_int_equal(o.kind, VERDICT_ACCEPT);
	assert_int_equal(site_used(s, "to", 0, BOB, NOW), 2);
	/* the full one is not that: it is refused, and from then on in a penalty */
	o = SEND(s, NOW + 1, .rcpt = { "<c@friends.net>" });
	assert_string_equal(o.told, "550");
	assert_int_equal(o.free_at, NOW + 1 + DAYS);
	o = SEND(s, NOW + 2 * HOURS, .rcpt = { "<c@friends.net>" });
	assert_string_equal(o.told, "550");
}

static void test_split_words(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "to", "destination=!friends", "count=recipients", "limit=1/hour",
		"action=defer", "reply=of the policy", NULL);
	o = SEND(s, NOW, .sender = "<eve@x.net>",
		.rcpt = { "<a@x.net>", "<b@x.net>", "<c@x.net>" });
	assert_string_equal(o.told, "250 452 452");
	assert_string_equal(o.text, "");
	assert_string_equal(site_text(s, "SELECT reason FROM v_decisions"),
		"Recipient limit 1/hour of eve@x.net leaves no room in this message, try "
		"another one (to 2 of 3 recipients)");
}

/* Nothing to come can give it room where it has none alone; nor where messages are
 * counted. */
static void test_no_split(void **state)
{
	struct site *s = *state;

	site_policy(s, "to", "destination=friends", "count=recipients", "limit=0/hour",
		"action=defer", NULL);
	assert_string_equal(SEND(s, NOW, THREE).told, "450 250 450");
	site_policy(s, "to", "limit=2/hour,1/day", NULL);
	assert_string_equal(SEND(s, NOW, THREE).told, "250 250 452");
	assert_string_equal(SEND(s, NOW, THREE).told, "450 250 450");
	site_policy(s, "to", "count=messages", "limit=1/hour", NULL);
	assert_string_equal(SEND(s, NOW, THREE).told, "250 250 250");
	assert_string_equal(SEND(s, NOW, THREE).told, "450 250 450");
	/* each object's own recipients count, nobody else's */
	site_policy(s, "to", "key=recipient", "count=recipients", "limit=2/hour", NULL);
	assert_string_equal(
		SEND(s, NOW,
			.rcpt = { "<a@friends.net>", "<b@friends.net>", "<a@friends.net>",
				"<b@friends.net>", "<a@friends.net>" })
			.told,
		"250 250 250 250 452");
}

/* Postfix takes a refused recipient of its own for a mistake of the administrator's: the
 * whole message is decided on, at its end. */
static void test_local(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "to", "destination=friends", "limit=0/hour", "action=block", NULL);
	site_policy(s, "whole", "limit=9/hour", "action=defer", "count=recipients", NULL);
	o = SEND(s, NOW, .local = true, .early = true, THREE);
	assert_string_equal(o.told, "250 250 250");
	assert_int_equal(o.kind, VERDICT_BLOCK);
	assert_string_equal(o.policy, "to");
	assert_int_equal(site_used(s, "whole", 0, BOB, NOW), 0);
	/* nor is anything told at MAIL */
	site_policy(s, "whole", "limit=0/hour", "priority=1", NULL);
	o = SEND(s, NOW, .local = true, .early = true, THREE);
	assert_false(o.at_mail);
	assert_string_equal(o.told, "250 250 250");
	assert_int_equal(o.kind, VERDICT_DEFER);
	site_flag(s, BOB, FLAG_BLOCK, 0);
	o = SEND(s, NOW, .local = true, .early = true, THREE);
	assert_string_equal(o.told, "250 250 250");
	assert_int_equal(o.kind, VERDICT_BLOCK);
	assert_string_equal(o.policy, "");
}

/* Behind a bypass+ with a destination nobody knows before the end. */
static void test_behind_a_bypass(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_group(s, "vip", "@vip.net", NULL);
	site_policy(s, "free", "type=bypass+", "destination=vip", "priority=3",
		"key=client", NULL);
	site_policy(s, "to", "destination=friends", "limit=0/hour", "action=block", NULL);
	o = SEND(s, NOW, .client = "192.0.2.7", THREE);
	assert_string_equal(o.told, "250 250 250");
	assert_int_equal(o.kind, VERDICT_BLOCK);
	o = SEND(s, NOW, .client = "192.0.2.7", .rcpt = { "<a@vip.net>", "<b@vip.net>" });
	assert_int_equal(o.kind, VERDICT_BYPASS);
	/* also where it does not apply in the end, but not where its source does not */
	site_policy(s, "free", "source=vip", NULL);
	assert_string_equal(SEND(s, NOW, THREE).told, "550 250 550");
	site_policy(s, "free", "source=any", "enabled=no", NULL);
	assert_string_equal(SEND(s, NOW, THREE).told, "550 250 550");
	/* nor where it comes later */
	site_policy(s, "free", "enabled=yes", "priority=9", NULL);
	assert_string_equal(SEND(s, NOW, THREE).told, "550 250 550");
	/* a bypass, or one that stops, says at once that nothing is looked at */
	site_policy(s, "free", "type=regular", "destination=any", "stop=yes",
		"priority=3", NULL);
	assert_string_equal(
		SEND(s, NOW, .client = "192.0.2.7", THREE).told, "250 250 250");
	site_policy(s, "free", "stop=no", NULL);
	site_policy(s, "free", "type=bypass", "priority=3", NULL);
	o = SEND(s, NOW, THREE);
	assert_string_equal(o.told, "250 250 250");
	assert_int_equal(o.kind, VERDICT_BYPASS);
}

/* Every other policy never refuses one recipient among accepted ones. */
static void test_whole_message(void **state)
{
	static const char *const keys[] = { "key=sender+", "key=client", "key=policy",
		"key=domain" };
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "out", "count=recipients", "limit=2/hour", "action=defer", NULL);
	for (size_t i = 0; i < LENGTH(keys); i++) {
		site_policy(s, "out", keys[i], NULL);
		o = SEND(s, NOW, .early = true, .client = "192.0.2.7", THREE);
		assert_string_equal(o.told, "250 250 250");
		assert_int_equal(o.kind, VERDICT_DEFER);
		assert_non_null(strstr(o.text, "3 recipients, limit 2/hour"));
	}
	/* also not where another asks for answers to each */
	site_policy(s, "to", "destination=friends", "limit=9/hour", "action=block", NULL);
	o = SEND(s, NOW, .early = true, .client = "192.0.2.7", THREE);
	assert_string_equal(o.told, "250 250 250");
	assert_int_equal(o.kind, VERDICT_DEFER);
	assert_int_equal(site_used(s, "to", 0, BOB, NOW), 0);
}

/* The first in order without room gives the verdict: what is refused as a whole is not
 * refused to one of its recipients by a later one. */
static void test_order_at_rcpt(void **state)
{
	static const char *const settings[] = { "never", "auto", "always" };
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "out", "limit=1/hour", "action=defer", "priority=1", NULL);
	site_policy(s, "to", "destination=friends", "limit=0/hour", "action=block",
		"penalty=1d", NULL);
	SEND(s, NOW, .rcpt = { "<x@x.net>" });
	for (size_t i = 0; i < LENGTH(settings); i++) {
		site_setting(s, "reject_early", settings[i]);
		o = SEND(s, NOW, .early = true, THREE);
		assert_int_equal(o.kind, VERDICT_DEFER);
		assert_string_equal(o.policy, "out");
		assert_string_equal(o.told, i == 0 ? "250 250 250" : "");
		assert_int_equal(o.at_mail, i > 0);
	}
	/* in the other order each hears of his own */
	site_policy(s, "out", "priority=9", NULL);
	for (size_t i = 0; i < LENGTH(settings); i++) {
		site_setting(s, "reject_early", settings[i]);
		o = SEND(s, NOW, .early = true, THREE);
		assert_false(o.at_mail);
		assert_string_equal(o.told, i == 0 ? "550 250 550" : "550 450 550");
	}
	/* without one recipient there may be room for the others */
	site_policy(s, "out", "priority=1", "count=recipients", NULL);
	o = SEND(s, NOW + 2 * HOURS, .early = true,
		.rcpt = { "<x@x.net>", "<a@friends.net>" });
	assert_string_equal(o.told, "250 550");
	assert_int_equal(o.kind, VERDICT_ACCEPT);
}

/* Hold and discard take what they have no room for, whatever a later one says. */
static void test_behind_hold_and_discard(void **state)
{
	static const char *const actions[] = { "action=hold", "action=discard" };
	static const enum verdict_kind kinds[] = { VERDICT_HOLD, VERDICT_DISCARD };
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "to", "destination=friends", "limit=0/hour", "action=block", NULL);
	site_policy(s, "whole", "limit=0/hour", "action=defer", NULL);
	for (size_t i = 0; i < LENGTH(actions); i++) {
		site_policy(s, "keep", actions[i], "limit=0/hour", "priority=1", NULL);
		o = SEND(s, NOW, .early = true, THREE);
		assert_string_equal(o.told, "250 250 250");
		assert_int_equal(o.kind, kinds[i]);
		site_policy(s, "keep", "limit=9/hour", NULL);
		o = SEND(s, NOW, .early = true, THREE);
		assert_string_equal(o.told, "550 250 550");
		assert_int_equal(o.kind, VERDICT_DEFER);
	}
}

/* Who only asks changes nothing, not even what sessions are asked for. */
static void test_only_asked(void **state)
{
	struct site *s = *state;
	struct session session = { .steps = STEPS_ALL };
	struct policy_set *set;
	struct decision d = { 0 };
	struct message *m;

	site_policy(s, "out", "limit=0/hour", "action=block", "penalty=1h", NULL);
	set = policy_slot_acquire(s->engine.slot);
	m = engine_ask(&s->engine, &session, set, NULL, "<" BOB ">", NULL);
	assert_string_equal(engine_early(m, NOW).code, "550");
	engine_rcpt(m, "<a@friends.net>", NULL, NULL, NOW);
	assert_int_equal(engine_decide(m, &d, NULL, NOW).kind, VERDICT_BLOCK);
	engine_drop(m);
	policy_slot_release(s->engine.slot, set);
	assert_int_equal(engine_steps(&s->engine, NOW) & STEP_MAIL_ANSWER, 0);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM decision"), 0);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_BLOCK);
	assert_int_not_equal(engine_steps(&s->engine, NOW) & STEP_MAIL_ANSWER, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EARLY_TEST(test_each_recipient),
		EARLY_TEST(test_each_object),
		EARLY_TEST(test_other_actions),
		EARLY_TEST(test_peek_counts_accepted),
		EARLY_TEST(test_split_words),
		EARLY_TEST(test_no_split),
		EARLY_TEST(test_local),
		EARLY_TEST(test_behind_a_bypass),
		EARLY_TEST(test_whole_message),
		EARLY_TEST(test_order_at_rcpt),
		EARLY_TEST(test_behind_hold_and_discard),
		EARLY_TEST(test_only_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
