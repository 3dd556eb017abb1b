/*
 * What an administrator has said of objects comes before every policy (behaviour.md,
 * "Order", 1).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/object.h"
#include "../fixture.h"

#define BOB "bob@example.org"

/* A message from bob@example.org, logged in as carol, from there. */
#define LOGGED_IN .login = "Carol@Example.com", .client = "2001:db8:1:2::3"

static const struct {
	const char *object;
	/* without a login: from bob and the client alone */
	bool block, bypass, block_without, bypass_without;
} flags[] = {
	{ "carol@example.com", true, true, false, false },
	{ "@example.com", true, true, false, false },
	{ BOB, true, false, true, true },
	{ "@example.org", true, false, true, true },
	{ "2001:db8:1:2::/64", true, true, true, true },
	{ "2001:db8:1:3::/64", false, false, false, false },
	{ "bob@example.com", false, false, false, false },
	{ "@org", false, false, false, false },
	{ "*", false, false, false, false },
};

static void test_whose_flags(void **state)
{
	struct site *s = *state;

	site_policy(s, "out", "limit=0/hour", "action=defer", "key=policy", NULL);
	for (size_t i = 0; i < LENGTH(flags); i++) {
		site_sql(s, "DELETE FROM object_flag");
		site_flag(s, flags[i].object, FLAG_BLOCK, 0);
		assert_int_equal(SEND(s, NOW, LOGGED_IN).kind,
			flags[i].block ? VERDICT_BLOCK : VERDICT_DEFER);
		assert_int_equal(SEND(s, NOW, .client = "2001:db8:1:2::3").kind,
			flags[i].block_without ? VERDICT_BLOCK : VERDICT_DEFER);
		site_sql(s, "DELETE FROM object_flag");
		site_flag(s, flags[i].object, FLAG_BYPASS, 0);
		assert_int_equal(SEND(s, NOW, LOGGED_IN).kind,
			flags[i].bypass ? VERDICT_BYPASS : VERDICT_DEFER);
		assert_int_equal(SEND(s, NOW, .client = "2001:db8:1:2::3").kind,
			flags[i].bypass_without ? VERDICT_BYPASS : VERDICT_DEFER);
	}
}

static void test_words(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_flag(s, BOB, FLAG_BLOCK, 0);
	o = SEND(s, NOW, 0);
	assert_int_equal(o.kind, VERDICT_BLOCK);
	assert_string_equal(o.code, "550");
	assert_string_equal(o.enhanced, "5.7.1");
	assert_string_equal(
		o.text, "Account manually blocked, contact your administrator");
	assert_string_equal(o.object, BOB);
	assert_string_equal(o.policy, "");
	assert_string_equal(
		site_text(s, "SELECT verdict || object || reason FROM v_decisions"),
		"block" BOB BOB " is blocked by hand");
	/* the more of them are blocked, the same */
	site_flag(s, "@example.org", FLAG_BLOCK, 0);
	assert_string_equal(SEND(s, NOW, 0).object, BOB);
}

/* A blocked object wins over its bypass, that of others, and bypass policies. */
static void test_block_wins(void **state)
{
	struct site *s = *state;

	site_policy(s, "free", "type=bypass", NULL);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_BYPASS);
	site_flag(s, BOB, FLAG_BYPASS, 0);
	site_flag(s, "@example.org", FLAG_BYPASS, 0);
	site_flag(s, BOB, FLAG_BLOCK, 0);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_BLOCK);
	site_sql(s, "DELETE FROM object_flag WHERE flag = 'block'");
	site_flag(s, "192.0.2.7", FLAG_BLOCK, 0);
	assert_int_equal(SEND(s, NOW, .client = "192.0.2.7").kind, VERDICT_BLOCK);
	/* the sender, where the login is bypassed */
	site_flag(s, "carol@example.com", FLAG_BYPASS, 0);
	assert_int_equal(SEND(s, NOW, LOGGED_IN).kind, VERDICT_BYPASS);
	site_flag(s, BOB, FLAG_BLOCK, 0);
	assert_int_equal(SEND(s, NOW, LOGGED_IN).kind, VERDICT_BLOCK);
}

static uint64_t seen(struct site *s, const char *policy, enum verdict_kind kind)
{
	uint64_t counts[VERDICTS];
	char sql[200];

	snprintf(sql, sizeof(sql), "SELECT id FROM policy WHERE name = '%s'", policy);
	stats_read(s->engine.stats, site_number(s, sql), counts);
	return counts[kind];
}

/* No limit is looked at, none is charged; only-headers policies still act. */
static void test_bypass(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "tags", "only-headers=yes", "limit=0/hour", "action=block", NULL);
	site_policy(s, "out", "limit=9/hour", "action=defer", NULL);
	site_policy(s, "each", "limit=0/hour", "action=defer", "key=recipient", NULL);
	site_flag(s, BOB, FLAG_BYPASS, 0);
	o = SEND(s, NOW, .early = true);
	assert_int_equal(o.kind, VERDICT_BYPASS);
	assert_string_equal(o.told, "250");
	assert_string_equal(o.object, BOB);
	assert_string_equal(o.policy, "");
	assert_int_equal(site_used(s, "out", 0, BOB, NOW), 0);
	assert_int_equal(seen(s, "tags", VERDICT_ACCEPT), 1);
	assert_int_equal(seen(s, "out", VERDICT_ACCEPT), 0);
	assert_string_equal(site_text(s, "SELECT verdict FROM v_decisions"), "bypass");
	/* others are not freed by it */
	assert_int_equal(SEND(s, NOW, .sender = "<eve@example.org>").kind, VERDICT_DEFER);
	/* nor he where somebody has logged in */
	assert_int_equal(SEND(s, NOW, .login = "eve@example.net").kind, VERDICT_DEFER);
}

/* Neither needs a policy, and each lasts as long as it was said. */
static void test_until(void **state)
{
	struct site *s = *state;

	site_flag(s, BOB, FLAG_BLOCK, NOW + HOURS);
	site_flag(s, BOB, FLAG_BYPASS, NOW + 2 * HOURS);
	assert_int_equal(SEND(s, NOW + HOURS - 1, 0).kind, VERDICT_BLOCK);
	assert_int_equal(SEND(s, NOW + HOURS, 0).kind, VERDICT_BYPASS);
	assert_int_equal(SEND(s, NOW + 2 * HOURS - 1, 0).kind, VERDICT_BYPASS);
	assert_int_equal(SEND(s, NOW + 2 * HOURS, 0).kind, VERDICT_ACCEPT);
	/* also where those of others last */
	site_flag(s, "eve@example.net", FLAG_BLOCK, 0);
	assert_int_equal(SEND(s, NOW + HOURS - 1, 0).kind, VERDICT_BLOCK);
	assert_int_equal(SEND(s, NOW + HOURS, 0).kind, VERDICT_BYPASS);
	site_flag(s, "@example.org", FLAG_BLOCK, 0);
	assert_int_equal(SEND(s, NOW + 2000 * DAYS, 0).kind, VERDICT_BLOCK);
}

/* Odd ones have flags too; an IPv6 client as wide as the setting says. */
static void test_odd_objects(void **state)
{
	struct site *s = *state;

	site_flag(s, "<>", FLAG_BLOCK, 0);
	site_flag(s, "<invalid>", FLAG_BLOCK, 0);
	assert_int_equal(SEND(s, NOW, .sender = "<>").kind, VERDICT_BLOCK);
	assert_int_equal(SEND(s, NOW, .sender = "<a b@c>").kind, VERDICT_BLOCK);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_ACCEPT);
	site_setting(s, "ipv6_prefix", "48");
	site_flag(s, "2001:db8:1::/48", FLAG_BLOCK, 0);
	assert_int_equal(SEND(s, NOW, .client = "2001:db8:1:77::3").kind, VERDICT_BLOCK);
	site_flag(s, "192.0.2.7", FLAG_BYPASS, 0);
	assert_int_equal(SEND(s, NOW, .client = "::ffff:192.0.2.7").kind, VERDICT_BYPASS);
	assert_int_equal(SEND(s, NOW, .client = "192.0.2.8").kind, VERDICT_ACCEPT);
}

/* Refused by hand, it costs nothing and punishes nobody. */
static void test_block_costs_nothing(void **state)
{
	struct site *s = *state;

	site_policy(s, "out", "limit=2/hour", "action=defer", "penalty=1d", NULL);
	site_policy(s, "each", "limit=0/hour", "action=defer", "key=recipient", NULL);
	site_flag(s, BOB, FLAG_BLOCK, NOW + 1);
	for (int i = 0; i < 5; i++)
		assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_BLOCK);
	assert_int_equal(site_used(s, "out", 0, BOB, NOW), 0);
	assert_int_equal(seen(s, "each", VERDICT_DEFER), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_whose_flags),
		SITE_TEST(test_words),
		SITE_TEST(test_block_wins),
		SITE_TEST(test_bypass),
		SITE_TEST(test_until),
		SITE_TEST(test_odd_objects),
		SITE_TEST(test_block_costs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
