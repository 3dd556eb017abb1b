/*
 * What SPF does to a message (behaviour.md, "SPF"; "When it decides"): which results a
 * policy acts on, with which codes; what it is charged, and whose word it is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"
#include "../spf_fake.h"

#define CLIENT "192.0.2.7"
#define BOB    "bob@example.org"

#define BIT(result) (1u << (result))

/* Every list with every result: the same bits. */
static void test_lists(void **state)
{
	static const struct {
		const char *spf;
		unsigned acted_on;
	} lists[] = {
		{ "spf=off", 0 },
		{ "spf=check", BIT(SPF_FAIL) },
		{ "spf=strict", BIT(SPF_FAIL) | BIT(SPF_SOFTFAIL) },
		{ "spf=none", BIT(SPF_NONE) },
		{ "spf=neutral,softfail", BIT(SPF_NEUTRAL) | BIT(SPF_SOFTFAIL) },
		{ "spf=none,neutral,softfail,fail,permerror",
			BIT(SPF_NONE) | BIT(SPF_NEUTRAL) | BIT(SPF_SOFTFAIL) |
				BIT(SPF_FAIL) | BIT(SPF_PERMERROR) },
	};
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_PASS);

	for (size_t i = 0; i < LENGTH(lists); i++) {
		site_policy(s, "in", lists[i].spf, "action=block", NULL);
		for (int r = 0; r < SPF_RESULTS; r++) {
			struct outcome o;

			fake->answer.result = (enum spf_result)r;
			o = SEND(s, NOW, .client = CLIENT);
			if ((o.kind == VERDICT_BLOCK) !=
				((lists[i].acted_on & BIT(r)) != 0))
				fail_msg("%s: %s %s", lists[i].spf,
					spf_result_name((enum spf_result)r), o.reason);
			assert_string_equal(
				o.spf, i == 0 ? "" : spf_result_name((enum spf_result)r));
		}
	}
	fake_end(s);
}

static void test_actions(void **state)
{
	static const struct {
		const char *action;
		enum verdict_kind kind;
		const char *fail, *permerror;
	} actions[] = {
		{ "action=monitor", VERDICT_MONITOR, " ", " " },
		{ "action=defer", VERDICT_DEFER, "451 4.7.23", "451 4.7.24" },
		{ "action=block", VERDICT_BLOCK, "550 5.7.23", "550 5.7.24" },
		{ "action=hold", VERDICT_HOLD, " ", " " },
		{ "action=discard", VERDICT_DISCARD, " ", " " },
	};
	static const enum spf_result results[] = { SPF_NONE, SPF_NEUTRAL, SPF_FAIL,
		SPF_SOFTFAIL, SPF_PERMERROR };
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_PASS);

	for (size_t i = 0; i < LENGTH(actions); i++) {
		site_policy(s, "in", "spf=none,neutral,softfail,fail,permerror",
			actions[i].action, NULL);
		for (size_t r = 0; r < LENGTH(results); r++) {
			char code[20], name[30];
			struct outcome o;

			fake->answer.result = results[r];
			o = SEND(s, NOW, .client = CLIENT);
			assert_int_equal(o.kind, actions[i].kind);
			snprintf(code, sizeof(code), "%s %s", o.code, o.enhanced);
			assert_string_equal(code, results[r] == SPF_PERMERROR
							  ? actions[i].permerror
							  : actions[i].fail);
			snprintf(name, sizeof(name), "SPF %s: example.org ",
				spf_result_name(results[r]));
			assert_ptr_equal(strstr(o.reason, name), o.reason);
			assert_non_null(strstr(o.reason, CLIENT));
			assert_string_equal(o.text, *o.code != '\0' ? o.reason : "");
			/* whom it may have forged is nobody's object */
			assert_string_equal(o.object, CLIENT);
			assert_string_equal(o.policy, "in");
			assert_int_equal(o.free_at, 0);
		}
	}
	fake_end(s);
}

static void test_words(void **state)
{
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_FAIL);
	char problem[SPF_TEXT_MAX + 1];
	struct outcome o;

	site_policy(s, "in", "spf=fail,permerror,none", "action=block", NULL);
	assert_string_equal(SEND(s, NOW, .client = CLIENT).text,
		"SPF fail: example.org does not permit 192.0.2.7 to send for it (-all)");
	fake->answer.result = SPF_PERMERROR;
	fake->answer.problem = problem;
	memset(problem, 'x', SPF_TEXT_MAX);
	problem[SPF_TEXT_MAX] = '\0';
	o = SEND(s, NOW, .client = CLIENT);
	assert_ptr_equal(strstr(o.text, "SPF permerror: example.org "), o.text);
	assert_int_equal(strlen(o.text), 490);
	fake->answer.result = SPF_NONE;
	fake->answer.problem = fake->answer.mechanism = fake->answer.domain =
		(char *)(uintptr_t) "";
	assert_string_equal(SEND(s, NOW, .client = CLIENT).text,
		"SPF none: the sender says nothing of 192.0.2.7");
	site_policy(
		s, "in", "reply=No {limit} {object} {policy} {queue_id} {wait}", NULL);
	o = SEND(s, NOW, .client = "2001:db8::9");
	assert_string_equal(o.text, "No SPF none 2001:db8::/64 in 4XyZ 0");
	assert_string_equal(o.reason, "SPF none: the sender says nothing of 2001:db8::9");
	fake_end(s);
}

/* A temperror is for later, whatever the action, or passes; a monitor does not refuse. */
static void test_temperror(void **state)
{
	static const char *const actions[] = { "action=defer", "action=block",
		"action=hold", "action=discard", "action=monitor" };
#define TOO_MANY " cannot be checked now (too many messages wait for an answer)"
	static const struct {
		const char *sender, *helo, *text;
	} unchecked[] = {
		{ "<eve@Example.NET>", "mx.example.com", "SPF of example.net" TOO_MANY },
		{ "<>", "MX.example.com", "SPF of mx.example.com" TOO_MANY },
		{ "<>", NULL, "SPF" TOO_MANY },
		{ "<>", "\x01 \n", "SPF" TOO_MANY },
		{ "<\x01>", "mx.example.com", "SPF" TOO_MANY },
	};
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_TEMPERROR);
	struct outcome o;
	size_t i;

	fake->answer.problem = (char *)(uintptr_t) "no server answers";
	for (i = 0; i < LENGTH(actions); i++) {
		site_policy(s, "in", "spf=strict", actions[i], "reply=No", NULL);
		site_setting(s, "spf_temperror", "accept");
		o = SEND(s, NOW, .client = CLIENT);
		assert_int_equal(o.kind, VERDICT_ACCEPT);
		assert_string_equal(o.spf, "temperror");
		site_setting(s, "spf_temperror", "defer");
		o = SEND(s, NOW, .client = CLIENT);
		if (i + 1 == LENGTH(actions)) {
			assert_int_equal(o.kind, VERDICT_ACCEPT);
			continue;
		}
		assert_int_equal(o.kind, VERDICT_DEFER);
		assert_string_equal(o.code, "451");
		assert_string_equal(o.enhanced, "4.4.3");
		assert_string_equal(o.text,
			"SPF of example.org cannot be checked now (no server answers)");
		fake->answer.inside = true;
		o = SEND(s, NOW, .client = CLIENT);
		assert_string_equal(o.text,
			"SPF of example.org cannot be checked now (there was no way to "
			"check it)");
		fake->answer.inside = false;
		assert_string_equal(o.reason, o.text);
	}
	site_policy(s, "in", "action=block", NULL);
	/* nobody has looked at it: then it is the domain of the question, if it has one
	 */
	fake->answer.domain = (char *)(uintptr_t) "";
	fake->answer.problem = (char *)(uintptr_t) "too many messages wait for an answer";
	for (i = 0; i < LENGTH(unchecked); i++)
		assert_string_equal(
			SEND(s, NOW, .client = CLIENT, .sender = unchecked[i].sender,
				.helo = unchecked[i].helo)
				.text,
			unchecked[i].text);
	/* who does not look at SPF does not care */
	site_policy(s, "in", "spf=off", "action=block", NULL);
	assert_int_equal(SEND(s, NOW, .client = CLIENT).kind, VERDICT_ACCEPT);
	fake_end(s);
}

/* What SPF stops is charged nowhere, before it and behind it, and begins no penalty; what
 * it lets pass is charged as ever. */
static void test_charges_nothing(void **state)
{
	static const char *const actions[] = { "action=defer", "action=block",
		"action=hold", "action=discard" };
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_FAIL);

	site_policy(s, "before", "limit=9/hour", "action=defer", "priority=1", NULL);
	site_policy(s, "watch", "limit=9/hour", "priority=2", NULL);
	site_policy(s, "in", "spf=check", "limit=9/hour", "penalty=1h", NULL);
	site_policy(s, "z", "limit=9/hour", "action=block", "priority=9", NULL);
	for (size_t i = 0; i < LENGTH(actions); i++) {
		site_policy(s, "in", actions[i], NULL);
		SEND(s, NOW, .client = CLIENT);
		assert_int_equal(site_used(s, "before", 0, BOB, NOW), 0);
		assert_int_equal(site_used(s, "watch", 0, BOB, NOW), 0);
		assert_int_equal(site_used(s, "in", 0, BOB, NOW), 0);
		assert_int_equal(site_used(s, "z", 0, BOB, NOW), 0);
	}
	fake->answer.result = SPF_PASS;
	assert_int_equal(SEND(s, NOW, .client = CLIENT).kind, VERDICT_ACCEPT);
	assert_int_equal(site_used(s, "before", 0, BOB, NOW), 1);
	assert_int_equal(site_used(s, "in", 0, BOB, NOW), 1);
	/* of whom it seems to be nothing was refused; the client was */
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM refusal WHERE object <> "
					"'" CLIENT "'"),
		0);
	assert_int_equal(site_number(s, "SELECT SUM(refused) FROM refusal"), 4);
	fake_end(s);
}

/* A monitor policy records, and its own counters stay; those of others do not. */
static void test_monitor(void **state)
{
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_FAIL);
	struct outcome o;

	site_policy(s, "watch", "spf=check", "limit=9/hour", "priority=1", NULL);
	site_policy(s, "out", "limit=2/hour", "action=defer", NULL);
	o = SEND(s, NOW, .client = CLIENT);
	assert_int_equal(o.kind, VERDICT_MONITOR);
	assert_string_equal(o.policy, "watch");
	assert_int_equal(site_used(s, "watch", 0, BOB, NOW), 0);
	assert_int_equal(site_used(s, "out", 0, BOB, NOW), 1);
	fake->answer.result = SPF_PASS;
	assert_int_equal(SEND(s, NOW, .client = CLIENT).kind, VERDICT_ACCEPT);
	assert_int_equal(site_used(s, "watch", 0, BOB, NOW), 1);
	assert_int_equal(SEND(s, NOW, .client = CLIENT).kind, VERDICT_DEFER);
	fake_end(s);
}

/* The first policy in order, by its SPF or for want of room, gives the verdict; within a
 * policy SPF does. */
static void test_order(void **state)
{
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_FAIL);
	struct outcome o;

	site_policy(s, "a", "limit=0/hour", "action=defer", "priority=1", NULL);
	site_policy(
		s, "b", "spf=check", "action=block", "limit=0/hour", "priority=2", NULL);
	o = SEND(s, NOW, .client = CLIENT);
	assert_string_equal(o.policy, "a");
	assert_string_equal(o.enhanced, "4.7.1");
	assert_string_equal(o.spf, "fail");
	site_policy(s, "a", "priority=3", NULL);
	o = SEND(s, NOW, .client = CLIENT);
	assert_string_equal(o.policy, "b");
	assert_string_equal(o.enhanced, "5.7.23");
	fake->answer.result = SPF_PASS;
	assert_string_equal(SEND(s, NOW, .client = CLIENT).enhanced, "5.7.1");
	fake_end(s);
}

/* One with a destination refuses its recipients at RCPT; the others go on. */
static void test_at_rcpt(void **state)
{
	static const char *const with[] = { "destination=friends", "key=recipient" };
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_FAIL);
	struct outcome o;

	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "in", "spf=check", "action=block", "limit=9/hour",
		"destination=friends", "penalty=1h", NULL);
	o = SEND(s, NOW, .client = CLIENT,
		.rcpt = { "<a@friends.net>", "<b@x.net>", "<c@friends.net>" });
	assert_string_equal(o.told, "550 250 550");
	assert_int_equal(o.kind, VERDICT_ACCEPT);
	assert_string_equal(o.spf, "fail");
	assert_int_equal(fake->waited, 1);
	assert_int_equal(site_used(s, "in", 0, BOB, NOW), 0);
	/* in the history it is a message that went on, and says why some did not get it
	 */
	assert_string_equal(site_text(s, "SELECT verdict || ' ' || spf || ' ' || "
					 "(reason LIKE 'SPF fail: %(to 2 of 3 %') "
					 "FROM decision"),
		"accept fail 1");
	for (size_t i = 0; i < LENGTH(with); i++) {
		site_policy(s, "in", "destination=any", with[i], NULL);
		o = SEND(s, NOW, .client = CLIENT, .rcpt = { "<a@friends.net>" });
		assert_true(o.aborted);
		assert_string_equal(o.enhanced, "5.7.23");
		assert_string_equal(o.object, CLIENT);
	}
	/* it is not that another message would have room */
	site_policy(
		s, "in", "destination=friends", "key=sender", "count=recipients", NULL);
	assert_string_equal(
		SEND(s, NOW, .client = CLIENT, .rcpt = { "<a@friends.net>" }).enhanced,
		"5.7.23");
	site_policy(s, "in", "destination=any", "key=recipient", "count=messages", NULL);
	/* a session that began before the policy */
	assert_string_equal(
		SEND(s, NOW, .client = CLIENT, .hides = STEP_RCPT_ANSWER).code, "421");
	fake->answer.result = SPF_PASS;
	assert_string_equal(SEND(s, NOW, .client = CLIENT).told, "250");
	site_setting(s, "spf_temperror", "defer");
	fake->answer.result = SPF_TEMPERROR;
	assert_string_equal(SEND(s, NOW, .client = CLIENT).told, "451");
	fake_end(s);
}

/* Nor does it at RCPT, where there is no room either. */
static void test_no_penalty_at_rcpt(void **state)
{
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_PASS);

	site_policy(s, "in", "spf=check", "action=block", "limit=1/minute", "penalty=1h",
		"key=recipient", NULL);
	assert_string_equal(SEND(s, NOW, .client = CLIENT).told, "250");
	fake->answer.result = SPF_FAIL;
	assert_string_equal(SEND(s, NOW, .client = CLIENT).enhanced, "5.7.23");
	fake->answer.result = SPF_PASS;
	assert_string_equal(SEND(s, NOW + 2 * MINUTES, .client = CLIENT).told, "250");
	fake_end(s);
}

/* Behind a policy that will stop the whole message by its SPF nobody is told something
 * else at RCPT, and no penalty begins. */
static void test_behind_the_whole(void **state)
{
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_FAIL);
	struct outcome o;

	site_policy(s, "in", "spf=check", "action=block", "priority=1", NULL);
	site_policy(s, "r", "key=recipient", "limit=1/minute", "action=defer",
		"penalty=1h", NULL);
	fake->answer.result = SPF_PASS;
	assert_string_equal(SEND(s, NOW, .client = CLIENT).told, "250");
	fake->answer.result = SPF_FAIL;
	o = SEND(s, NOW, .client = CLIENT);
	assert_string_equal(o.told, "250");
	assert_string_equal(o.enhanced, "5.7.23");
	fake->answer.result = SPF_PASS;
	assert_string_equal(SEND(s, NOW + 2 * MINUTES, .client = CLIENT).told, "250");
	assert_string_equal(SEND(s, NOW + 2 * MINUTES, .client = CLIENT).told, "450");
	/* a monitor stands in nobody's way */
	fake->answer.result = SPF_FAIL;
	site_policy(s, "in", "action=monitor", NULL);
	assert_string_equal(SEND(s, NOW + 2 * MINUTES, .client = CLIENT).told, "450");
	fake_end(s);
}

/* Nothing is said at MAIL where SPF may say something else at the end; what comes before
 * that is. */
static void test_not_at_mail(void **state)
{
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_FAIL);
	uint64_t said[VERDICTS];
	struct outcome o;

	site_setting(s, "reject_early", "always");
	site_policy(
		s, "in", "spf=check", "action=block", "limit=0/hour", "priority=5", NULL);
	site_policy(s, "out", "limit=0/hour", "action=defer", "priority=9", NULL);
	o = SEND(s, NOW, .client = CLIENT, .early = true);
	assert_false(o.at_mail);
	assert_string_equal(o.enhanced, "5.7.23");
	/* not checked, it is as if the policy did not look at it */
	assert_true(SEND(s, NOW, .client = "127.0.0.1", .early = true).at_mail);
	/* by what comes first */
	site_policy(s, "out", "priority=1", NULL);
	fake->waited = 0;
	assert_true(SEND(s, NOW, .client = CLIENT, .early = true).at_mail);
	assert_int_equal(fake->waited, 0);
	/* a monitor is no reason to wait, and has nothing to record then */
	site_policy(s, "out", "priority=9", NULL);
	site_policy(s, "in", "action=monitor", NULL);
	o = SEND(s, NOW, .client = CLIENT, .early = true);
	assert_true(o.at_mail);
	assert_string_equal(o.policy, "out");
	assert_int_equal(fake->waited, 0);
	stats_read(s->engine.stats,
		site_number(s, "SELECT id FROM policy WHERE name = 'in'"), said);
	assert_int_equal(said[VERDICT_MONITOR], 0);
	/* behind one that judges recipients it is said to those whom that lets pass */
	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "in", "action=block", "destination=friends", NULL);
	o = SEND(s, NOW, .client = CLIENT, .early = true,
		.rcpt = { "<a@friends.net>", "<b@x.net>" });
	assert_string_equal(o.told, "550 450");
	fake_end(s);
}

/* What is refused by SPF is no reason for sessions to ask for MAIL. */
static void test_sessions_stay_short(void **state)
{
	struct site *s = *state;

	fake_begin(s, SPF_FAIL);
	site_policy(s, "in", "spf=check", "action=block", NULL);
	assert_int_equal(SEND(s, NOW, .client = CLIENT).kind, VERDICT_BLOCK);
	assert_int_equal(engine_steps(&s->engine, NOW) & STEP_MAIL_ANSWER, 0);
	fake_end(s);
}

/* With a destination the matching recipients; without one the message. */
static void test_discard(void **state)
{
	struct site *s = *state;
	struct outcome o;

	fake_begin(s, SPF_FAIL);
	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "in", "spf=check", "action=discard", "destination=friends", NULL);
	site_policy(s, "out", "limit=9/hour", "count=recipients", "action=defer", NULL);
	o = SEND(s, NOW, .client = CLIENT, .rcpt = { "<a@friends.net>", "<b@x.net>" });
	assert_int_equal(o.kind, VERDICT_DISCARD);
	assert_string_equal(o.drops, "<a@friends.net> ");
	assert_string_equal(o.spf, "fail");
	assert_int_equal(site_used(s, "out", 0, BOB, NOW), 1);
	site_policy(s, "in", "key=recipient", NULL);
	assert_string_equal(
		SEND(s, NOW, .client = CLIENT,
			.rcpt = { "<a@friends.net>", "<b@x.net>", "<c@friends.net>" })
			.drops,
		"<a@friends.net> <c@friends.net> ");
	o = SEND(s, NOW, .client = CLIENT, .rcpt = { "<a@friends.net>" });
	assert_int_equal(o.kind, VERDICT_DISCARD);
	assert_string_equal(o.drops, "");
	assert_int_equal(site_used(s, "out", 0, BOB, NOW), 2);
	fake_end(s);
}

/* What is written down, and what is counted: a message once, a policy that looked once.
 */
static void test_totals(void **state)
{
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_FAIL);
	uint64_t results[SPF_RESULTS];

	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "in", "spf=check", "action=block", "destination=friends", NULL);
	site_policy(s, "watch", "spf=strict", NULL);
	SEND(s, NOW, .client = CLIENT, .rcpt = { "<a@friends.net>", "<b@x.net>" });
	SEND(s, NOW, .client = CLIENT, .rcpt = { "<b@x.net>" });
	fake->answer.result = SPF_PASS;
	SEND(s, NOW, .client = CLIENT, .rcpt = { "<a@friends.net>" });
	SEND(s, NOW, .client = "127.0.0.1", .rcpt = { "<a@friends.net>" });
	stats_read_spf(s->engine.stats, 0, results);
	assert_int_equal(results[SPF_FAIL], 2);
	assert_int_equal(results[SPF_PASS], 1);
	assert_int_equal(results[SPF_NONE], 0);
	stats_read_spf(s->engine.stats,
		site_number(s, "SELECT id FROM policy WHERE name = 'in'"), results);
	assert_int_equal(results[SPF_FAIL], 1);
	assert_int_equal(results[SPF_PASS], 1);
	assert_string_equal(
		site_text(s,
			"SELECT GROUP_CONCAT(verdict || ' ' || IFNULL(spf, '-'), '; ')"
			" FROM (SELECT * FROM decision ORDER BY id)"),
		"monitor fail; monitor fail; accept pass; accept -");
	fake_end(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_lists),
		SITE_TEST(test_actions),
		SITE_TEST(test_words),
		SITE_TEST(test_temperror),
		SITE_TEST(test_charges_nothing),
		SITE_TEST(test_monitor),
		SITE_TEST(test_order),
		SITE_TEST(test_at_rcpt),
		SITE_TEST(test_no_penalty_at_rcpt),
		SITE_TEST(test_behind_the_whole),
		SITE_TEST(test_not_at_mail),
		SITE_TEST(test_sessions_stay_short),
		SITE_TEST(test_discard),
		SITE_TEST(test_totals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
