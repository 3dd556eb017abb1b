/*
 * What is refused to all recipients alike, at MAIL or at each RCPT (behaviour.md, "When
 * it decides"); the steps that a session needs, and what becomes of a message that lacks
 * one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"
#include "engine/early.h"

#define BOB "bob@example.org"

#define TWO .rcpt = { "<a@friends.net>", "<x@strangers.net>" }

static int setup(void **state)
{
	site_setup(state);
	site_group(*state, "friends", "@friends.net", NULL);
	return 0;
}

#define EARLY_TEST(f) cmocka_unit_test_setup_teardown(f, setup, site_teardown)

/* At MAIL, where even the smallest cost has no room; it costs nothing, and is written
 * down like any other. */
static void test_at_mail(void **state)
{
	static const char *const counts[] = { "count=messages", "count=recipients" };
	struct site *s = *state;
	struct outcome o;

	for (size_t i = 0; i < LENGTH(counts); i++) {
		site_policy(s, "out", counts[i], "limit=1/hour", "action=block",
			"reply=No, {object}", NULL);
		assert_false(SEND(s, NOW, .early = true).at_mail);
		for (int k = 1; k < 4; k++) {
			o = SEND(s, NOW + k, .early = true, TWO);
			assert_true(o.at_mail);
			assert_int_equal(o.kind, VERDICT_BLOCK);
			assert_string_equal(o.code, "550");
			assert_string_equal(o.text, "No, " BOB);
			assert_string_equal(o.policy, "out");
		}
		assert_int_equal(site_used(s, "out", 0, BOB, NOW), 1);
	}
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM v_decisions"), 8);
	assert_int_equal(
		site_number(s, "SELECT COUNT(*) FROM v_decisions WHERE verdict = 'block' "
			       "AND object = '" BOB "'"),
		6);
	assert_false(SEND(s, NOW + HOURS, .early = true).at_mail);
}

/* What some costs would have room for is for the end. */
static void test_room_for_one(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "out", "count=recipients", "limit=1/hour", "action=defer", NULL);
	o = SEND(s, NOW, .early = true, TWO);
	assert_false(o.at_mail);
	assert_string_equal(o.told, "250 250");
	assert_int_equal(o.kind, VERDICT_DEFER);
}

/* Only defer and block; in a penalty; by hand. */
static void test_what_is_early(void **state)
{
	static const char *const actions[] = { "action=monitor", "action=hold",
		"action=discard" };
	struct site *s = *state;

	site_policy(s, "out", "limit=0/hour", NULL);
	for (size_t i = 0; i < LENGTH(actions); i++) {
		site_policy(s, "out", actions[i], NULL);
		assert_false(SEND(s, NOW, .early = true).at_mail);
	}
	site_policy(s, "out", "action=defer", "only-headers=yes", NULL);
	assert_false(SEND(s, NOW, .early = true).at_mail);
	site_policy(s, "out", "only-headers=no", "key=login", NULL);
	assert_false(SEND(s, NOW, .early = true).at_mail);
	assert_true(SEND(s, NOW, .early = true, .login = "bob").at_mail);
	site_policy(s, "out", "key=sender+", "limit=1/minute", "penalty=1h", NULL);
	assert_false(SEND(s, NOW, .early = true).at_mail);
	assert_true(SEND(s, NOW, .early = true).at_mail);
	assert_true(SEND(s, NOW + 2 * MINUTES, .early = true).at_mail);
	assert_int_equal(SEND(s, NOW + 2 * MINUTES, .early = true).free_at, NOW + HOURS);
	assert_false(SEND(s, NOW + HOURS, .early = true).at_mail);
	site_flag(s, BOB, FLAG_BLOCK, NOW + 3 * HOURS);
	assert_true(SEND(s, NOW + 2 * HOURS, .early = true).at_mail);
	assert_false(SEND(s, NOW + 3 * HOURS, .early = true).at_mail);
}

/* Never what is freed. */
static void test_freed(void **state)
{
	struct site *s = *state;

	site_policy(s, "out", "limit=0/hour", "action=defer", NULL);
	site_policy(s, "free", "type=bypass", "priority=1", "source=friends", NULL);
	assert_false(SEND(s, NOW, .early = true, .sender = "<a@friends.net>").at_mail);
	assert_true(SEND(s, NOW, .early = true).at_mail);
	/* who it is for is not known yet */
	site_policy(s, "free", "type=bypass+", "destination=friends", "source=any", NULL);
	assert_false(SEND(s, NOW, .early = true).at_mail);
	site_policy(s, "free", "type=regular", "stop=yes", NULL);
	assert_false(SEND(s, NOW, .early = true).at_mail);
	site_policy(s, "free", "stop=no", NULL);
	assert_true(SEND(s, NOW, .early = true).at_mail);
	site_policy(s, "free", "stop=yes", "priority=9", NULL);
	assert_true(SEND(s, NOW, .early = true).at_mail);
	site_flag(s, BOB, FLAG_BYPASS, 0);
	assert_false(SEND(s, NOW, .early = true).at_mail);
}

/* Whose word it would be depends on the number of recipients: it is for the end. */
static void test_may_be_preceded(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "few", "count=recipients", "limit=1/hour", "action=defer",
		"priority=1", "key=client", NULL);
	site_policy(s, "none", "limit=0/hour", "action=block", NULL);
	o = SEND(s, NOW, .early = true, .client = "192.0.2.7", TWO);
	assert_false(o.at_mail);
	assert_string_equal(o.told, "250 250");
	assert_int_equal(o.kind, VERDICT_DEFER);
	assert_string_equal(o.policy, "few");
	o = SEND(s, NOW, .early = true, .client = "192.0.2.7");
	assert_int_equal(o.kind, VERDICT_BLOCK);
	/* it does not, where the first has no limit, or counts messages */
	site_policy(s, "few", "limit=none", NULL);
	assert_true(SEND(s, NOW, .early = true, .client = "192.0.2.7", TWO).at_mail);
	site_policy(s, "few", "limit=1/hour", "count=messages", NULL);
	o = SEND(s, NOW, .early = true, .client = "192.0.2.7", TWO);
	assert_true(o.at_mail);
	assert_string_equal(o.policy, "none");
}

/* A session that cannot answer MAIL says it at every RCPT alike. */
static void test_at_every_rcpt(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "out", "limit=1/hour", "action=defer", "penalty=2h", NULL);
	for (int i = 0; i < 3; i++) {
		o = SEND(s, NOW + i, .early = true, .hides = STEP_MAIL_ANSWER, TWO);
		assert_false(o.at_mail);
		assert_string_equal(o.told, i == 0 ? "250 250" : "450 450");
		assert_int_equal(o.aborted, i > 0);
		if (i > 0)
			assert_int_equal(o.free_at, NOW + 2 * HOURS + 1);
	}
	assert_int_equal(site_used(s, "out", 0, BOB, NOW), 1);
	site_flag(s, BOB, FLAG_BLOCK, 0);
	o = SEND(s, NOW, .early = true, .hides = STEP_MAIL_ANSWER, TWO);
	assert_string_equal(o.told, "550 550");
	assert_string_equal(o.policy, "");
	/* one that can answer neither, at the end */
	o = SEND(
		s, NOW, .early = true, .hides = STEP_MAIL_ANSWER | STEP_RCPT_ANSWER, TWO);
	assert_string_equal(o.told, "250 250");
	assert_int_equal(o.kind, VERDICT_BLOCK);
}

/* It is the same for all of them, even if room comes between. */
static void test_room_comes_between(void **state)
{
	struct site *s = *state;
	struct mail mail = { .hides = STEP_MAIL_ANSWER };
	struct begun *b;
	struct verdict v;

	site_policy(s, "out", "limit=1/hour", "action=defer", NULL);
	SEND(s, NOW, 0);
	b = site_begin(s, &mail);
	assert_null(engine_early(b->m, NOW).text);
	v = engine_rcpt(b->m, "<a@friends.net>", NULL, "4XyZ", NOW);
	assert_string_equal(v.code, "450");
	v = engine_rcpt(b->m, "<b@friends.net>", NULL, "4XyZ", NOW + 2 * HOURS);
	assert_string_equal(v.code, "450");
	engine_abort(b->m, NOW + 2 * HOURS);
	site_finish(b);
}

/* Before anybody was told, it is asked again: nothing is refused that the end would not.
 */
static void test_room_comes_before(void **state)
{
	struct site *s = *state;
	struct mail mail = { .hides = STEP_MAIL_ANSWER };
	struct begun *b;

	site_policy(s, "out", "limit=1/hour", "action=defer", NULL);
	SEND(s, NOW, 0);
	b = site_begin(s, &mail);
	assert_null(engine_early(b->m, NOW).text);
	assert_null(engine_rcpt(b->m, "<a@friends.net>", NULL, "4XyZ", NOW + HOURS).text);
	assert_null(engine_rcpt(b->m, "<b@friends.net>", NULL, "4XyZ", NOW + HOURS).text);
	assert_int_equal(engine_end(b->m, "4XyZ", NOW + HOURS).kind, VERDICT_ACCEPT);
	site_finish(b);
}

/* Monitors record what is refused at MAIL as they do at the end, before and behind the
 * policy that refuses. */
static void test_monitors_record(void **state)
{
	static const char *const reject[] = { "never", "always" };
	struct site *s = *state;
	uint64_t verdicts[VERDICTS];
	char where[60];

	site_policy(s, "before", "limit=0/hour", "priority=1", "rate-stats=yes", NULL);
	site_policy(s, "out", "limit=0/hour", "action=block", NULL);
	site_policy(s, "behind", "limit=0/hour", "priority=9", NULL);
	site_policy(s, "roomy", "limit=9/hour", "priority=9", NULL);
	for (unsigned i = 0; i < LENGTH(reject); i++) {
		site_setting(s, "reject_early", reject[i]);
		assert_int_equal(SEND(s, NOW, .early = true).at_mail, i == 1);
		for (unsigned p = 0; p < 3; p += 2) {
			snprintf(where, sizeof(where),
				"SELECT id FROM policy WHERE name = '%s'",
				p == 0 ? "before" : "behind");
			stats_read(s->engine.stats, site_number(s, where), verdicts);
			assert_int_equal(verdicts[VERDICT_MONITOR], i + 1);
		}
		assert_int_equal(site_number(s, "SELECT SUM(messages) FROM v_traffic "
						"WHERE policy = 'before'"),
			i + 1);
		assert_int_equal(site_used(s, "roomy", 0, BOB, NOW), 0);
	}
}

/* A policy that judges recipients comes before: it has its word with each, and a penalty
 * begins only for what was told. */
static void test_behind_such(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "to", "destination=friends", "limit=0/hour", "action=block", NULL);
	site_policy(s, "out", "limit=1/minute", "action=defer", "penalty=1d",
		"priority=9", NULL);
	SEND(s, NOW, .rcpt = { "<x@x.net>" });
	o = SEND(s, NOW, .early = true, .rcpt = { "<a@friends.net>" });
	assert_false(o.at_mail);
	assert_string_equal(o.told, "550");
	assert_string_equal(o.policy, "to");
	/* so far nobody was told of the other */
	o = SEND(s, NOW + 2 * MINUTES, .early = true, TWO);
	assert_string_equal(o.told, "550 250");
	assert_int_equal(o.kind, VERDICT_ACCEPT);
	o = SEND(s, NOW + 2 * MINUTES, .early = true, TWO);
	assert_string_equal(o.told, "550 450");
	o = SEND(s, NOW + 4 * MINUTES, .early = true, TWO);
	assert_string_equal(o.told, "550 450");
	/* where nobody can be told apart, it is for the end, which cannot do it */
	o = SEND(s, NOW + 4 * MINUTES, .early = true, .hides = STEP_RCPT_ANSWER, TWO);
	assert_false(o.at_mail);
	assert_string_equal(o.told, "250 250");
	assert_string_equal(o.code, "421");
	/* one that is of no interest to this sender is none that comes before */
	site_policy(s, "to", "source=friends", NULL);
	assert_true(SEND(s, NOW + 4 * MINUTES, .early = true, TWO).at_mail);
}

/* Known at MAIL and told to nobody, it begins no penalty. */
static void test_not_told(void **state)
{
	struct site *s = *state;
	struct mail mail = { .hides = STEP_MAIL_ANSWER };
	struct begun *b;

	site_policy(s, "out", "limit=1/minute", "action=defer", "penalty=1d", NULL);
	SEND(s, NOW, 0);
	b = site_begin(s, &mail);
	assert_null(engine_early(b->m, NOW).text);
	assert_non_null(b->m->early);
	engine_abort(b->m, NOW);
	site_finish(b);
	assert_int_equal(SEND(s, NOW + 2 * MINUTES, 0).kind, VERDICT_ACCEPT);
}

/* Whatever gets full between: all of them are refused. */
static void test_full_in_between(void **state)
{
	struct site *s = *state;
	struct mail mail = { .hides = STEP_MAIL_ANSWER, .client = "192.0.2.7" };
	struct begun *b;

	site_group(s, "staff", BOB, NULL);
	site_policy(s, "client", "limit=1/hour", "action=defer", "priority=1",
		"key=client", NULL);
	site_policy(s, "out", "limit=0/hour", "action=block", "source=staff", NULL);
	b = site_begin(s, &mail);
	assert_null(engine_early(b->m, NOW).text);
	assert_string_equal(
		engine_rcpt(b->m, "<a@x.net>", NULL, "4XyZ", NOW).code, "550");
	SEND(s, NOW, .sender = "<eve@example.org>", .client = "192.0.2.7");
	assert_string_equal(
		engine_rcpt(b->m, "<b@x.net>", NULL, "4XyZ", NOW).code, "550");
	engine_abort(b->m, NOW);
	site_finish(b);
}

static unsigned steps_of(struct site *s, int64_t now)
{
	return engine_steps(&s->engine, now);
}

/* auto: sessions ask for it while anything is being refused. */
static void test_reject_early(void **state)
{
	struct site *s = *state;
	int64_t room;

	assert_int_equal(steps_of(s, NOW), 0);
	site_setting(s, "reject_early", "always");
	assert_int_equal(steps_of(s, NOW), STEP_MAIL_ANSWER);
	site_setting(s, "reject_early", "auto");
	site_policy(s, "out", "limit=1/minute", "action=defer", NULL);
	SEND(s, NOW, 0);
	assert_int_equal(steps_of(s, NOW), 0);
	room = SEND(s, NOW, 0).free_at;
	assert_int_equal(room, NOW + MINUTES);
	assert_int_equal(steps_of(s, room - 1), STEP_MAIL_ANSWER);
	assert_int_equal(steps_of(s, room), 0);
	/* what never has room: for a while; the later moment of all counts */
	site_policy(s, "out", "limit=0/minute", NULL);
	SEND(s, NOW, 0);
	site_policy(s, "out", "limit=1/minute", NULL);
	SEND(s, NOW, 0);
	assert_int_equal(steps_of(s, NOW + HOURS - 1), STEP_MAIL_ANSWER);
	assert_int_equal(steps_of(s, NOW + HOURS), 0);
	site_flag(s, BOB, FLAG_BYPASS, 0);
	assert_int_equal(steps_of(s, NOW + HOURS), 0);
	site_flag(s, BOB, FLAG_BLOCK, NOW + 2 * HOURS);
	assert_int_equal(steps_of(s, NOW + 2 * HOURS - 1), STEP_MAIL_ANSWER);
	assert_int_equal(steps_of(s, NOW + 2 * HOURS), 0);
	/* what policies need they need anyhow */
	site_policy(s, "to", "destination=friends", "action=block", NULL);
	site_setting(s, "reject_early", "never");
	assert_int_equal(steps_of(s, NOW), STEP_RCPT | STEP_RCPT_ANSWER);
}

/* Refused at MAIL or at RCPT is being refused, too. */
static void test_reject_early_goes_on(void **state)
{
	struct site *s = *state;

	site_policy(s, "to", "destination=friends", "limit=0/hour", "action=block", NULL);
	SEND(s, NOW, .rcpt = { "<x@x.net>" });
	assert_false(steps_of(s, NOW) & STEP_MAIL_ANSWER);
	SEND(s, NOW, TWO);
	assert_true(steps_of(s, NOW) & STEP_MAIL_ANSWER);
	assert_false(steps_of(s, NOW + HOURS) & STEP_MAIL_ANSWER);
	site_policy(s, "out", "limit=0/hour", "action=block", "priority=1", NULL);
	assert_true(SEND(s, NOW + HOURS, .early = true).at_mail);
	assert_true(steps_of(s, NOW + HOURS) & STEP_MAIL_ANSWER);
}

static void test_never(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_setting(s, "reject_early", "never");
	site_policy(s, "out", "limit=0/hour", "action=defer", NULL);
	o = SEND(s, NOW, .early = true, TWO);
	assert_false(o.at_mail);
	assert_string_equal(o.told, "250 250");
	assert_int_equal(o.kind, VERDICT_DEFER);
	site_flag(s, BOB, FLAG_BLOCK, 0);
	o = SEND(s, NOW, .early = true, TWO);
	assert_string_equal(o.told, "250 250");
	assert_int_equal(o.kind, VERDICT_BLOCK);
}

/* Policies that need a step which the session lacks: 421, charged nowhere. */
static const struct {
	const char *one, *two;
	unsigned hides;
	bool lacks;
} lacks[] = {
	{ "destination=friends", "action=monitor", STEP_RCPT, true },
	{ "destination=friends", "action=block", STEP_RCPT_ANSWER, true },
	{ "destination=friends", "action=hold", STEP_RCPT_ANSWER, false },
	{ "key=recipient", "action=defer", STEP_RCPT_ANSWER, true },
	{ "count=recipients", "action=block", STEP_RCPT, true },
	{ "count=recipients", "action=block", STEP_RCPT_ANSWER, false },
	{ "destination=friends", "type=bypass", STEP_RCPT, false },
	{ "destination=friends", "type=bypass+", STEP_RCPT, true },
	{ "destination=friends", "enabled=no", STEP_RCPT, false },
	{ "destination=friends", "source=friends", STEP_RCPT, false },
	{ "destination=friends", "key=login", STEP_RCPT, false },
	{ "action=block", "key=policy", STEPS_ALL, false },
};

static void test_lacking_steps(void **state)
{
	struct site *s = *state;
	struct outcome o;
	uint64_t used = 0;

	site_policy(s, "before", "limit=99/hour", "priority=1", "action=defer", NULL);
	for (size_t i = 0; i < LENGTH(lacks); i++) {
		site_policy(s, "p", "source=any", "destination=any", "key=sender+",
			"type=regular", "enabled=yes", "count=messages", "action=monitor",
			lacks[i].one, lacks[i].two, NULL);
		o = SEND(s, NOW, .hides = lacks[i].hides);
		if ((strcmp(o.code, "421") == 0) != lacks[i].lacks)
			fail_msg("%s %s: %s", lacks[i].one, lacks[i].two, o.code);
		used += !lacks[i].lacks;
		assert_int_equal(site_used(s, "before", 0, BOB, NOW), used);
		if (!lacks[i].lacks)
			continue;
		assert_string_equal(o.enhanced, "4.3.2");
		assert_string_equal(o.text, "policy changed, please reconnect");
		assert_int_equal(o.kind, VERDICT_ERROR);
		assert_non_null(strstr(o.reason, "policy p"));
		/* on_error has no word in this */
		site_setting(s, "on_error", i % 2 ? "accept" : "tempfail");
	}
}

/* What would be told to reconnect at its end is not refused before; but what a bypass, or
 * one that stops, keeps from being asked needs nothing. */
static void test_lacking_is_not_early(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "out", "limit=0/hour", "action=block", "priority=1", NULL);
	site_policy(s, "to", "destination=friends", NULL);
	o = SEND(s, NOW, .early = true, .hides = STEP_RCPT);
	assert_false(o.at_mail);
	assert_string_equal(o.code, "421");
	site_policy(s, "out", "stop=yes", NULL);
	assert_true(SEND(s, NOW, .early = true, .hides = STEP_RCPT).at_mail);
	site_policy(s, "out", "stop=no", NULL);
	site_policy(s, "free", "type=bypass", "priority=2", NULL);
	o = SEND(s, NOW, .early = true, .hides = STEP_RCPT);
	assert_true(o.at_mail);
	assert_string_equal(o.code, "550");
	site_policy(s, "free", "type=bypass+", NULL);
	assert_true(SEND(s, NOW, .early = true, .hides = STEP_RCPT).at_mail);
	/* whether that does is not known yet */
	site_policy(s, "free", "destination=friends", NULL);
	site_policy(s, "to", "destination=!friends", "action=block", NULL);
	o = SEND(s, NOW, .early = true, .hides = STEP_RCPT_ANSWER,
		.rcpt = { "<x@x.net>" });
	assert_false(o.at_mail);
	assert_string_equal(o.code, "421");
	site_policy(s, "free", "type=regular", "stop=yes", NULL);
	o = SEND(s, NOW, .early = true, .hides = STEP_RCPT_ANSWER,
		.rcpt = { "<x@x.net>" });
	assert_false(o.at_mail);
	assert_string_equal(o.code, "421");
	/* by hand: whatever the session shows */
	site_policy(s, "free", "enabled=no", NULL);
	assert_false(SEND(s, NOW, .early = true, .hides = STEP_RCPT).at_mail);
	site_flag(s, BOB, FLAG_BLOCK, 0);
	assert_true(SEND(s, NOW, .early = true, .hides = STEP_RCPT).at_mail);
	assert_int_equal(SEND(s, NOW, .hides = STEP_RCPT).kind, VERDICT_BLOCK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EARLY_TEST(test_at_mail),
		EARLY_TEST(test_room_for_one),
		EARLY_TEST(test_what_is_early),
		EARLY_TEST(test_freed),
		EARLY_TEST(test_may_be_preceded),
		EARLY_TEST(test_at_every_rcpt),
		EARLY_TEST(test_room_comes_between),
		EARLY_TEST(test_room_comes_before),
		EARLY_TEST(test_monitors_record),
		EARLY_TEST(test_behind_such),
		EARLY_TEST(test_not_told),
		EARLY_TEST(test_full_in_between),
		EARLY_TEST(test_reject_early),
		EARLY_TEST(test_reject_early_goes_on),
		EARLY_TEST(test_never),
		EARLY_TEST(test_lacking_steps),
		EARLY_TEST(test_lacking_is_not_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
