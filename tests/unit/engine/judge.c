/*
 * The judgement: whose word it is, and penalties (behaviour.md, "Policies": penalty;
 * "Charging").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/judge.h"
#include "../fixture.h"
#include "engine/record.h"

#define BOB "bob@example.org"

static void reset(struct site *s, const char *object)
{
	s->engine.store->reset(
		s->engine.store, site_is_of_key, &(struct counter_key){ 0, object });
}

/* From the first refusal for so long, not extended by later ones; then the limit alone
 * speaks again. */
static void test_begins_with_the_first_refusal(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "out", "limit=2/minute", "action=defer", "penalty=30m",
		"reply={wait}", NULL);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_ACCEPT);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_ACCEPT);
	/* nothing was refused so far: there is no penalty */
	assert_int_equal(SEND(s, NOW + 2 * MINUTES, 0).kind, VERDICT_ACCEPT);
	assert_int_equal(SEND(s, NOW + 2 * MINUTES, 0).kind, VERDICT_ACCEPT);
	o = SEND(s, NOW + 2 * MINUTES, 0);
	assert_int_equal(o.kind, VERDICT_DEFER);
	assert_string_equal(o.text, "1800");
	assert_int_equal(o.free_at, NOW + 32 * MINUTES);
	/* the limit has room again, the penalty lasts */
	for (int i = 10; i < 32; i++) {
		o = SEND(s, NOW + i * MINUTES, 0);
		assert_int_equal(o.kind, VERDICT_DEFER);
		assert_int_equal(o.free_at, NOW + 32 * MINUTES);
		assert_int_equal(site_used(s, "out", 0, BOB, NOW + i * MINUTES), 0);
	}
	assert_int_equal(SEND(s, NOW + 32 * MINUTES - 1, 0).kind, VERDICT_DEFER);
	assert_int_equal(SEND(s, NOW + 32 * MINUTES, 0).kind, VERDICT_ACCEPT);
	/* the next refusal is a first one again */
	assert_int_equal(SEND(s, NOW + 32 * MINUTES, 0).kind, VERDICT_ACCEPT);
	o = SEND(s, NOW + 32 * MINUTES + 5, 0);
	assert_int_equal(o.free_at, NOW + 62 * MINUTES + 5);
}

/* {wait} is the later of both, and so is the word for it. */
static void test_the_later_of_both(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "out", "limit=1/hour", "action=block", "penalty=10m",
		"reply={wait} {limit} {object}", NULL);
	SEND(s, NOW, 0);
	o = SEND(s, NOW, 0);
	assert_string_equal(o.text, "3600 1/hour " BOB);
	assert_int_equal(o.free_at, NOW + HOURS);
	/* the first penalty has gone: this is a first refusal again, and its penalty
	 * outlasts the limit */
	o = SEND(s, NOW + 55 * MINUTES, 0);
	assert_string_equal(o.text, "600 1/hour " BOB);
	o = SEND(s, NOW + 61 * MINUTES, 0);
	assert_int_equal(o.kind, VERDICT_BLOCK);
	assert_string_equal(o.text, "240 1/hour " BOB);
	assert_non_null(strstr(o.reason, "Penalty"));
	assert_string_equal(o.code, "550");
	assert_string_equal(o.object, BOB);
	assert_int_equal(SEND(s, NOW + 65 * MINUTES, 0).kind, VERDICT_ACCEPT);
}

/* Defer and block only; with each of them also where other policies have matched
 * before. */
static void test_actions(void **state)
{
	static const struct {
		const char *action;
		enum verdict_kind first, later;
	} actions[] = {
		{ "action=monitor", VERDICT_MONITOR, VERDICT_ACCEPT },
		{ "action=hold", VERDICT_HOLD, VERDICT_ACCEPT },
		{ "action=discard", VERDICT_DISCARD, VERDICT_ACCEPT },
		{ "action=defer", VERDICT_DEFER, VERDICT_DEFER },
		{ "action=block", VERDICT_BLOCK, VERDICT_BLOCK },
	};
	static const char *const before[] = { "enabled=no", "enabled=yes" };
	struct site *s = *state;

	site_policy(s, "before", "limit=9/hour", "priority=1", NULL);
	site_policy(s, "out", "limit=1/minute", "penalty=1h", NULL);
	for (size_t b = 0; b < LENGTH(before); b++) {
		site_policy(s, "before", before[b], NULL);
		for (size_t i = 0; i < LENGTH(actions); i++) {
			reset(s, NULL);
			site_policy(s, "out", actions[i].action, NULL);
			assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_ACCEPT);
			assert_int_equal(SEND(s, NOW, 0).kind, actions[i].first);
			assert_int_equal(
				SEND(s, NOW + 2 * MINUTES, 0).kind, actions[i].later);
		}
	}
	/* one that was begun does not outlive the change to another action */
	site_policy(s, "out", "action=monitor", NULL);
	assert_int_equal(SEND(s, NOW + 2 * MINUTES, 0).kind, VERDICT_ACCEPT);
}

/* What store resets end: of that object, of that limit's ids, of all. */
static void test_reset_ends_it(void **state)
{
	struct site *s = *state;

	site_policy(s, "out", "limit=1/minute", "action=defer", "penalty=1h", NULL);
	SEND(s, NOW, 0);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_DEFER);
	assert_int_equal(SEND(s, NOW + 2 * MINUTES, 0).kind, VERDICT_DEFER);
	reset(s, "eve@example.org");
	assert_int_equal(SEND(s, NOW + 2 * MINUTES, 0).kind, VERDICT_DEFER);
	reset(s, BOB);
	assert_int_equal(SEND(s, NOW + 2 * MINUTES, 0).kind, VERDICT_ACCEPT);
	assert_int_equal(SEND(s, NOW + 2 * MINUTES, 0).kind, VERDICT_DEFER);
	reset(s, NULL);
	assert_int_equal(SEND(s, NOW + 3 * MINUTES, 0).kind, VERDICT_ACCEPT);
	assert_int_equal(SEND(s, NOW + 3 * MINUTES, 0).kind, VERDICT_DEFER);
	/* a policy without a limit refuses nothing */
	site_policy(s, "out", "limit=none", NULL);
	assert_int_equal(SEND(s, NOW + 3 * MINUTES, 0).kind, VERDICT_ACCEPT);
}

/* The policy's own word comes before the setting's, 0 included. */
static void test_default_penalty(void **state)
{
	struct site *s = *state;

	site_setting(s, "default_penalty", "1h");
	site_policy(s, "own", "limit=1/minute", "action=defer", "penalty=5m",
		"key=client", NULL);
	site_policy(s, "none", "limit=1/minute", "action=defer", "penalty=0",
		"key=policy", NULL);
	site_policy(s, "heir", "limit=1/minute", "action=defer", NULL);
	site_policy(s, "own", "enabled=no", NULL);
	site_policy(s, "none", "enabled=no", NULL);
	SEND(s, NOW, 0);
	assert_int_equal(SEND(s, NOW, 0).free_at, NOW + HOURS);
	site_policy(s, "heir", "enabled=no", NULL);
	site_policy(s, "none", "enabled=yes", NULL);
	SEND(s, NOW, 0);
	assert_int_equal(SEND(s, NOW, 0).free_at, NOW + MINUTES);
	site_policy(s, "none", "enabled=no", NULL);
	site_policy(s, "own", "enabled=yes", NULL);
	SEND(s, NOW, .client = "192.0.2.7");
	assert_int_equal(SEND(s, NOW, .client = "192.0.2.7").free_at, NOW + 5 * MINUTES);
	/* without a default there is none; whoever had his own keeps it */
	site_setting(s, "default_penalty", "0");
	assert_int_equal(
		SEND(s, NOW + 2 * MINUTES, .client = "192.0.2.7").kind, VERDICT_DEFER);
	site_policy(s, "own", "enabled=no", NULL);
	site_policy(s, "heir", "enabled=yes", NULL);
	assert_int_equal(SEND(s, NOW + 2 * MINUTES, 0).kind, VERDICT_ACCEPT);
}

/* Each object for itself; of a message only those without room. */
static void test_each_object(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "r", "key=recipient", "limit=1/minute", "action=block",
		"penalty=1h", NULL);
	SEND(s, NOW, .rcpt = { "<a@x.net>" });
	o = SEND(s, NOW, .local = true, .rcpt = { "<b@x.net>", "<a@x.net>" });
	assert_int_equal(o.kind, VERDICT_BLOCK);
	assert_string_equal(o.object, "a@x.net");
	assert_int_equal(
		SEND(s, NOW + 2 * MINUTES, .rcpt = { "<a@x.net>" }).kind, VERDICT_BLOCK);
	assert_int_equal(
		SEND(s, NOW + 2 * MINUTES, .rcpt = { "<b@x.net>" }).kind, VERDICT_ACCEPT);
}

/* Only the one that gives the verdict punishes; all the same it is charged nowhere. */
static void test_only_who_refuses(void **state)
{
	struct site *s = *state;

	site_policy(s, "a", "limit=1/hour", "action=defer", "penalty=2h", NULL);
	site_policy(s, "b", "limit=1/minute", "action=block", "penalty=2h", "key=client",
		NULL);
	SEND(s, NOW, .client = "192.0.2.7");
	assert_string_equal(SEND(s, NOW, .client = "192.0.2.7").policy, "a");
	assert_int_equal(SEND(s, NOW + 2 * MINUTES, .client = "192.0.2.7",
				 .sender = "<eve@example.org>")
				 .kind,
		VERDICT_ACCEPT);
}

/* A message that never fits begins one, too. */
static void test_too_much(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "out", "limit=1/minute", "count=recipients", "action=defer",
		"penalty=1h", NULL);
	o = SEND(s, NOW, .rcpt = { "<a@x.net>", "<b@x.net>" });
	assert_int_equal(o.kind, VERDICT_DEFER);
	assert_int_equal(o.free_at, WINDOW_NEVER);
	assert_non_null(strstr(o.text, "2 recipients, limit 1/minute"));
	o = SEND(s, NOW + 2 * MINUTES, 0);
	assert_int_equal(o.kind, VERDICT_DEFER);
	assert_int_equal(o.free_at, NOW + HOURS);
}

/* Where nothing is refused nothing is punished: in a penalty of one policy, others are
 * not charged. */
static void test_penalty_costs_nothing(void **state)
{
	struct site *s = *state;

	site_policy(s, "out", "limit=1/minute", "action=defer", "penalty=1h", NULL);
	site_policy(s, "wide", "limit=9/day", "action=block", "key=policy", NULL);
	for (int i = 0; i < 30; i++)
		SEND(s, NOW + i * MINUTES / 2, 0);
	assert_int_equal(site_used(s, "wide", 0, "*", NOW), 1);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM bucket b JOIN policy_limit "
					"l ON l.id = b.limit_id AND kind = 'penalty'"),
		1);
}

/* It lasts over a restart, whatever the strategy. */
static void test_stored(void **state)
{
	static const char *const strategies[] = { "strategy=moving", "strategy=fixed" };
	struct site *s = *state;

	for (size_t i = 0; i < LENGTH(strategies); i++) {
		int64_t t = NOW + (int64_t)i * DAYS + 50 * MINUTES;

		site_policy(s, "out", strategies[i], "limit=1/minute", "action=defer",
			"penalty=1h", NULL);
		SEND(s, t, 0);
		assert_int_equal(SEND(s, t, 0).kind, VERDICT_DEFER);
		site_stop(s);
		site_start(s, t + MINUTES);
		assert_int_equal(SEND(s, t + HOURS - 1, 0).kind, VERDICT_DEFER);
		assert_int_equal(SEND(s, t + HOURS, 0).kind, VERDICT_ACCEPT);
	}
}

/* What is only asked about is told what it would be, and begins and costs nothing. */
static void test_asked_about(void **state)
{
	struct site *s = *state;
	struct session session = { .steps = STEPS_ALL };
	struct policy_set *set;

	site_policy(s, "out", "limit=1/minute", "action=defer", "penalty=1h", NULL);
	set = policy_slot_acquire(s->engine.slot);
	for (int sent = 0; sent < 2; sent++) {
		for (int i = 0; i < 3; i++) {
			struct message *m = engine_ask(&s->engine, &session, set, NULL,
				"<bob@example.org>", NULL);
			struct decision d = { 0 };
			struct verdict v = engine_decide(m, &d, NULL, NOW);

			assert_int_equal(v.kind, sent ? VERDICT_DEFER : VERDICT_ACCEPT);
			assert_int_equal(v.free_at, sent ? NOW + HOURS : 0);
			assert_int_equal(site_used(s, "out", 0, BOB, NOW), sent);
			engine_drop(m);
		}
		assert_int_equal(
			SEND(s, NOW + sent * 2 * MINUTES, 0).kind, VERDICT_ACCEPT);
	}
	policy_slot_release(s->engine.slot, set);
}

/* As many limits as a policy can have, and a penalty. */
static void test_with_all_limits(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "out",
		"limit=1/minute,2/2minutes,3/3minutes,4/4minutes,5/5minutes,6/6minutes,"
		"7/7minutes,8/8minutes",
		"action=defer", "penalty=1h", NULL);
	SEND(s, NOW, 0);
	o = SEND(s, NOW, 0);
	assert_int_equal(o.kind, VERDICT_DEFER);
	assert_int_equal(o.free_at, NOW + HOURS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_begins_with_the_first_refusal),
		SITE_TEST(test_the_later_of_both),
		SITE_TEST(test_actions),
		SITE_TEST(test_reset_ends_it),
		SITE_TEST(test_default_penalty),
		SITE_TEST(test_each_object),
		SITE_TEST(test_only_who_refuses),
		SITE_TEST(test_too_much),
		SITE_TEST(test_penalty_costs_nothing),
		SITE_TEST(test_stored),
		SITE_TEST(test_asked_about),
		SITE_TEST(test_with_all_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
