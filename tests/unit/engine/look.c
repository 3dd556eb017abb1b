/*
 * Which policies are looked at, in which order, up to where (behaviour.md, "Policies",
 * "Order", "Pools").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/look.h"
#include "../fixture.h"

#define BOB "bob@example.org"

/* The matches of a message to these recipients, as "a b stop" or "a b bypass". */
static const char *looked(struct site *s, bool only_headers, const struct mail *mail)
{
	static char names[600];
	struct begun *b = site_begin(s, mail);
	const struct policy *stop = NULL;
	struct findings f = { 0 };
	struct outcome o = { 0 };

	site_recipients(b, mail, NOW, &o);
	look(b->m, only_headers, &f, &stop);
	*names = '\0';
	for (size_t i = 0; i < f.nmatches; i++)
		str_append(names, sizeof(names), "%s%s", i > 0 ? " " : "",
			f.matches[i].policy->name);
	if (stop != NULL)
		str_append(names, sizeof(names), " stop");
	if (f.bypass != NULL)
		str_append(names, sizeof(names), " bypass");
	if (f.lacking != NULL)
		str_append(names, sizeof(names), " lacks %s", f.lacking->name);
	site_finish(b);
	return names;
}

#define ASSERT_LOOKED(expected, ...)                                                     \
	assert_string_equal(                                                             \
		looked(*state, false, &(struct mail){ __VA_ARGS__ }), expected)

/* bypass: the source matches, so look no further, whoever it is for. */
static void test_bypass(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_group(s, "staff", BOB, "192.0.2.0/24", NULL);
	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "a", "priority=1", NULL);
	site_policy(s, "free", "type=bypass", "priority=2", "source=staff",
		"destination=friends", "limit=0/hour", "action=block", NULL);
	site_policy(s, "z", "limit=0/hour", "action=block", NULL);
	ASSERT_LOOKED("a free bypass", .rcpt = { "<x@y.net>" });
	ASSERT_LOOKED("a free bypass", .rcpt = { "<x@friends.net>" });
	ASSERT_LOOKED(
		"a z", .sender = "<eve@example.org>", .rcpt = { "<x@friends.net>" });
	ASSERT_LOOKED("free bypass", .sender = "<>", .client = "192.0.2.9");
	o = SEND(s, NOW, 0);
	assert_int_equal(o.kind, VERDICT_BYPASS);
	assert_string_equal(o.policy, "free");
	assert_string_equal(o.text, "");
	/* what was found so far counts, and may refuse */
	site_policy(s, "a", "limit=1/hour", "action=defer", NULL);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_BYPASS);
	assert_int_equal(site_used(s, "a", 0, BOB, NOW), 1);
	o = SEND(s, NOW, 0);
	assert_int_equal(o.kind, VERDICT_DEFER);
	assert_string_equal(o.policy, "a");
	/* a monitor policy records before it */
	site_policy(s, "a", "action=monitor", NULL);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_MONITOR);
	site_policy(s, "free", "enabled=no", NULL);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_BLOCK);
}

/* bypass+: and every recipient matches the destination. */
static void test_bypass_plus(void **state)
{
	struct site *s = *state;
	struct begun *b;

	site_group(s, "staff", BOB, NULL);
	site_group(s, "friends", "@friends.net", "x@strangers.net", NULL);
	site_policy(s, "free", "type=bypass+", "priority=2", "source=staff",
		"destination=friends", NULL);
	site_policy(s, "z", NULL);
	ASSERT_LOOKED("free bypass", .rcpt = { "<a@friends.net>" });
	ASSERT_LOOKED("free bypass", .rcpt = { "<a@friends.net>", "<x@strangers.net>" });
	ASSERT_LOOKED("z", .rcpt = { "<a@friends.net>", "<y@strangers.net>" });
	ASSERT_LOOKED("z", .rcpt = { "<y@strangers.net>", "<a@friends.net>" });
	ASSERT_LOOKED("z", .rcpt = { "<a b@friends.net>", "<a b@strangers.net>" });
	ASSERT_LOOKED("z", .sender = "<eve@example.org>", .rcpt = { "<a@friends.net>" });
	site_policy(s, "free", "destination=!friends", NULL);
	ASSERT_LOOKED("free bypass", .rcpt = { "<y@strangers.net>", "<z@z.net>" });
	ASSERT_LOOKED("z", .rcpt = { "<y@strangers.net>", "<a@friends.net>" });
	/* of nobody nothing is known: not that all are in a group */
	b = site_begin(s, &(struct mail){ 0 });
	assert_int_equal(look_at(b->m, b->m->set->policies[0]), REACH_DESTINATION);
	site_finish(b);
	site_policy(s, "free", "destination=any", NULL);
	ASSERT_LOOKED("free bypass", .rcpt = { "<y@strangers.net>", "<a@friends.net>" });
	/* a bypass has nobody it counts for, but for a key that is the login */
	site_policy(s, "free", "source=any", "key=login", NULL);
	ASSERT_LOOKED("z", .rcpt = { "<a@friends.net>" });
	ASSERT_LOOKED("free bypass", .login = "bob", .rcpt = { "<a@friends.net>" });
	site_policy(s, "free", "key=sender", NULL);
	ASSERT_LOOKED("free bypass", .sender = "<>", .rcpt = { "<a@friends.net>" });
}

/* `!group` is the exact complement, of sources and of destinations, networks included. */
static void test_inverted(void **state)
{
	struct site *s = *state;

	site_group(s, "staff", BOB, "@example.com", "192.0.2.0/24", NULL);
	site_policy(s, "in", "source=staff", NULL);
	site_policy(s, "out", "source=!staff", NULL);
	ASSERT_LOOKED("in", 0);
	ASSERT_LOOKED("in", .sender = "<x@example.com>");
	ASSERT_LOOKED("in", .sender = "<eve@example.net>", .client = "192.0.2.255");
	ASSERT_LOOKED("out", .sender = "<eve@example.net>", .client = "192.0.3.0");
	ASSERT_LOOKED("out", .sender = "<a b@c>");
	ASSERT_LOOKED("in", .login = "x@example.com", .sender = "<eve@example.net>");
	ASSERT_LOOKED("out", .login = "eve@example.net");
	site_policy(s, "in", "key=sender", NULL);
	site_policy(s, "out", "key=sender", NULL);
	ASSERT_LOOKED("in", .login = "eve@example.net");
}

/* stop: no policy after this one, if it matched: with room or without. */
static void test_stop(void **state)
{
	struct site *s = *state;

	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "last", "priority=1", "stop=yes", "destination=friends",
		"limit=0/hour", NULL);
	site_policy(s, "z", NULL);
	ASSERT_LOOKED("last stop", .rcpt = { "<y@y.net>", "<a@friends.net>" });
	ASSERT_LOOKED("z", .rcpt = { "<y@y.net>" });
	site_policy(s, "last", "only-headers=yes", NULL);
	ASSERT_LOOKED("last stop", .rcpt = { "<a@friends.net>" });
	site_policy(s, "last", "priority=9", NULL);
	ASSERT_LOOKED("z last stop", .rcpt = { "<a@friends.net>" });
}

/* only-headers: it matches, and counts nothing, refuses nothing, needs nobody to count
 * for; they act where a flag has freed from all others. */
static void test_only_headers(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "tags", "only-headers=yes", "limit=0/hour", "action=block",
		"priority=1", "penalty=1d", NULL);
	site_policy(s, "z", "limit=9/hour", "action=defer", NULL);
	ASSERT_LOOKED("tags z", 0);
	ASSERT_LOOKED("tags", .sender = "<>");
	o = SEND(s, NOW, .early = true);
	assert_int_equal(o.kind, VERDICT_ACCEPT);
	assert_int_equal(site_used(s, "tags", 0, BOB, NOW), 0);
	assert_int_equal(site_used(s, "z", 0, BOB, NOW), 1);
	assert_string_equal(looked(s, true, &(struct mail){ 0 }), "tags");
	site_policy(s, "tags", "key=login", NULL);
	ASSERT_LOOKED("z", 0);
	site_policy(s, "tags", "key=recipient", NULL);
	ASSERT_LOOKED("tags z", 0);
	SEND(s, NOW, 0);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM bucket"), 1);
}

/* Policies of the MTA's pool, then the general ones if pool_fallback; each ascending. */
static void test_pools(void **state)
{
	struct site *s = *state;

	site_pool(s, "mx", "mx1.example.org", "mx2.example.org", NULL);
	site_pool(s, "out", "out.example.org", NULL);
	site_pool(s, "bare", "bare.example.org", NULL);
	site_policy(s, "g1", "priority=1", NULL);
	site_policy(s, "g2", "priority=2", NULL);
	site_policy(s, "mx:b", "priority=7", NULL);
	site_policy(s, "mx:a", "priority=8", NULL);
	site_policy(s, "out:c", "priority=0", NULL);
	for (int fallback = 0; fallback < 2; fallback++) {
		site_setting(s, "pool_fallback", fallback ? "yes" : "no");
		ASSERT_LOOKED(fallback ? "mx:b mx:a g1 g2" : "mx:b mx:a",
			.mta = "MX2.example.org");
		ASSERT_LOOKED(
			fallback ? "out:c g1 g2" : "out:c", .mta = "out.example.org");
		ASSERT_LOOKED(fallback ? "g1 g2" : "", .mta = "bare.example.org");
		ASSERT_LOOKED("g1 g2", .mta = "other.example.org");
		ASSERT_LOOKED("g1 g2", .mta = NULL);
	}
	/* for one of them; its own word counts, not that of others */
	site_setting_of(s, "mx", "pool_fallback", "no");
	ASSERT_LOOKED("mx:b mx:a", .mta = "mx1.example.org");
	ASSERT_LOOKED("out:c g1 g2", .mta = "out.example.org");
	site_setting(s, "pool_fallback", "no");
	site_setting_of(s, "mx", "pool_fallback", "yes");
	ASSERT_LOOKED("mx:b mx:a g1 g2", .mta = "mx1.example.org");
	ASSERT_LOOKED("out:c", .mta = "out.example.org");
	/* what ends the look in a pool ends it for the general ones */
	site_policy(s, "mx:a", "type=bypass", NULL);
	ASSERT_LOOKED("mx:b mx:a bypass", .mta = "mx1.example.org");
	site_policy(s, "mx:b", "stop=yes", NULL);
	ASSERT_LOOKED("mx:b stop", .mta = "mx1.example.org");
}

/* A step that is lacking ends the look at the policy that needs it, and nothing else
 * does: not one that does not match, nor one behind a bypass. */
static void test_lacking(void **state)
{
	struct site *s = *state;

	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "a", "priority=1", NULL);
	site_policy(s, "to", "destination=friends", "priority=2", NULL);
	site_policy(s, "z", "priority=3", NULL);
	ASSERT_LOOKED("a lacks to", .hides = STEP_RCPT);
	ASSERT_LOOKED("a to z", .rcpt = { "<x@friends.net>" });
	site_policy(s, "to", "source=friends", NULL);
	ASSERT_LOOKED("a z", .hides = STEP_RCPT);
	site_policy(s, "to", "source=any", NULL);
	site_policy(s, "a", "type=bypass", NULL);
	ASSERT_LOOKED("a bypass", .hides = STEP_RCPT);
	site_policy(s, "a", "type=regular", "stop=yes", NULL);
	ASSERT_LOOKED("a stop", .hides = STEP_RCPT);
}

static enum reach reach_of(struct site *s, const struct mail *mail, bool source)
{
	struct begun *b = site_begin(s, mail);
	struct outcome o = { 0 };
	enum reach reach;

	site_recipients(b, mail, NOW, &o);
	reach = (source ? look_source : look_at)(b->m, b->m->set->policies[0]);
	site_finish(b);
	return reach;
}

/* Why a policy does not match. */
static void test_reach(void **state)
{
	struct site *s = *state;
	const struct mail bob = { .rcpt = { "<x@friends.net>" } };

	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "p", "limit=1/hour", NULL);
	assert_int_equal(reach_of(s, &bob, false), REACH_MATCHES);
	site_policy(s, "p", "destination=!friends", NULL);
	assert_int_equal(reach_of(s, &bob, false), REACH_DESTINATION);
	assert_int_equal(reach_of(s, &bob, true), REACH_MATCHES);
	site_policy(s, "p", "key=login", NULL);
	assert_int_equal(reach_of(s, &bob, false), REACH_OBJECT);
	site_policy(s, "p", "source=friends", NULL);
	assert_int_equal(reach_of(s, &bob, false), REACH_SOURCE);
	site_policy(s, "p", "enabled=no", NULL);
	assert_int_equal(reach_of(s, &bob, true), REACH_DISABLED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_bypass),
		SITE_TEST(test_bypass_plus),
		SITE_TEST(test_inverted),
		SITE_TEST(test_stop),
		SITE_TEST(test_only_headers),
		SITE_TEST(test_pools),
		SITE_TEST(test_lacking),
		SITE_TEST(test_reach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
