/*
 * Pools: which MTA is in which, whose policies and settings hold there, and what counts
 * apart (behaviour.md, "Pools").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/pool.h"
#include "../fixture.h"

#define BOB "bob@example.org"

static void test_of_mta(void **state)
{
	struct site *s = *state;
	struct settings settings;
	struct pool_table t = { 0 };
	struct err err = { ERR_BAD, "" };

	must(pool_table_load(&t, &settings, s->db, &err), &err);
	assert_null(pool_of_mta(&t, "mx1.example.org"));
	pool_table_clear(&t);
	site_pool(s, "out", "out.example.org", NULL);
	site_pool(s, "mx", "mx1.example.org", "mx2.example.org", NULL);
	site_pool(s, "bare", NULL);
	site_setting(s, "ipv6_prefix", "56");
	must(pool_table_load(&t, &settings, s->db, &err), &err);
	assert_int_equal(t.n, 3);
	assert_string_equal(t.pools[0].name, "bare");
	assert_string_equal(pool_of_mta(&t, "mx2.example.org")->name, "mx");
	assert_ptr_equal(
		pool_of_mta(&t, "mx1.example.org"), pool_of_mta(&t, "mx2.example.org"));
	assert_string_equal(pool_of_mta(&t, "out.example.org")->name, "out");
	assert_null(pool_of_mta(&t, "mx3.example.org"));
	assert_null(pool_of_mta(&t, "example.org"));
	assert_null(pool_of_mta(&t, ""));
	assert_null(pool_of_mta(&t, NULL));
	assert_int_equal(pool_of_mta(&t, "mx1.example.org")->settings.ipv6_prefix, 56);
	assert_ptr_equal(pool_by_id(&t, site_pool_id(s, "out")),
		pool_of_mta(&t, "out.example.org"));
	assert_null(pool_by_id(&t, 0));
	assert_null(pool_by_id(&t, 99));
	pool_table_clear(&t);
	pool_table_clear(&t);
}

/* An MTA is in one pool at most. */
static void test_at_most_one(void **state)
{
	struct site *s = *state;
	struct err err = { ERR_BAD, "" };

	site_pool(s, "mx", "mx1.example.org", NULL);
	site_pool(s, "out", NULL);
	assert_int_equal(db_run(s->db, SQL_POOL_ADD, &err, "ti", "mx1.example.org",
				 site_pool_id(s, "out")),
		-1);
}

/* However an address is spelled, it is one. */
static void test_hosts(void **state)
{
	static const struct {
		const char *given, *host, *address;
	} cases[] = {
		{ "MX1.example.org", "mx1.example.org", NULL },
		{ "submission", "submission", NULL },
		{ "192.0.2.25", "192.0.2.25", "192.0.2.25" },
		{ "[192.0.2.25]", "192.0.2.25", "192.0.2.25" },
		{ "::ffff:192.0.2.25", "192.0.2.25", "192.0.2.25" },
		{ "2001:DB8:0::25", "[ipv6:2001:db8::25]", "[ipv6:2001:db8::25]" },
		{ "[IPv6:2001:db8::25]", "[ipv6:2001:db8::25]", "[ipv6:2001:db8::25]" },
		{ "[ipv6:2001:db8::25]", "[ipv6:2001:db8::25]", "[ipv6:2001:db8::25]" },
		{ "192.0.2.0/24", NULL, NULL },
		{ "[192.0.2.25", NULL, NULL },
		{ "[mx1.example.org]", NULL, NULL },
		{ "[]", NULL, NULL },
		{ "[", NULL, NULL },
		{ "", NULL, NULL },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *host = pool_host(arena, cases[i].given),
			   *address = pool_address(arena, cases[i].given);

		assert_int_equal(host == NULL, cases[i].host == NULL);
		assert_int_equal(address == NULL, cases[i].address == NULL);
		if (host != NULL)
			assert_string_equal(host, cases[i].host);
		if (address != NULL)
			assert_string_equal(address, cases[i].address);
	}
	arena_free(arena);
}

/* A setting of a pool holds for its MTAs, whatever the others have. */
static void test_settings(void **state)
{
	struct site *s = *state;
	struct policy_set *set;
	const struct settings *mx, *out;

	site_pool(s, "mx", "mx1.example.org", NULL);
	site_pool(s, "out", "out.example.org", NULL);
	site_setting(s, "null_sender", "count");
	site_setting_of(s, "mx", "null_sender", "skip");
	site_setting_of(s, "out", "on_error", "tempfail");
	site_setting(s, "login_realm", "example.org");
	site_setting_of(s, "out", "login_realm", "example.com");
	set = policy_slot_acquire(s->engine.slot);
	mx = policy_set_settings(set, pool_of_mta(&set->pools, "mx1.example.org"));
	out = policy_set_settings(set, pool_of_mta(&set->pools, "out.example.org"));
	assert_ptr_equal(policy_set_settings(set, NULL), &set->settings);
	assert_int_equal(mx->null_sender, NULL_SENDER_SKIP);
	assert_int_equal(out->null_sender, NULL_SENDER_COUNT);
	assert_int_equal(set->settings.null_sender, NULL_SENDER_COUNT);
	assert_int_equal(mx->on_error, ON_ERROR_ACCEPT);
	assert_int_equal(out->on_error, ON_ERROR_TEMPFAIL);
	assert_int_equal(set->settings.on_error, ON_ERROR_ACCEPT);
	assert_string_equal(mx->login_realm, "example.org");
	assert_string_equal(out->login_realm, "example.com");
	policy_slot_release(s->engine.slot, set);
	/* taken back, it is as everywhere */
	site_setting_of(s, "mx", "null_sender", NULL);
	set = policy_slot_acquire(s->engine.slot);
	mx = policy_set_settings(set, pool_of_mta(&set->pools, "mx1.example.org"));
	assert_int_equal(mx->null_sender, NULL_SENDER_COUNT);
	policy_slot_release(s->engine.slot, set);
}

/* What the settings of a pool change in the way of a message. */
static void test_settings_hold(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_pool(s, "mx", "mx1.example.org", NULL);
	site_setting(s, "pool_fallback", "yes");
	site_setting_of(s, "mx", "null_sender", "count");
	site_setting_of(s, "mx", "login_realm", "example.com");
	site_policy(s, "out", "limit=9/hour", NULL);
	o = SEND(s, NOW, .sender = "<>", .mta = "mx1.example.org");
	assert_string_equal(o.object, "<>");
	o = SEND(s, NOW, .sender = "<>", .mta = "mx9.example.org");
	assert_string_equal(o.policy, "");
	o = SEND(s, NOW, .login = "bob", .mta = "mx1.example.org");
	assert_string_equal(o.object, "bob@example.com");
	o = SEND(s, NOW, .login = "bob", .mta = "mx9.example.org");
	assert_string_equal(o.object, "bob@mx9.example.org");
}

#define FROM(host) SEND(s, NOW, .mta = host).kind

/* pool_counters: a general policy counts apart for each pool, MTAs in none share one. */
static void test_pool_counters(void **state)
{
	struct site *s = *state;

	site_pool(s, "mx", "mx1.example.org", "mx2.example.org", NULL);
	site_pool(s, "out", "out.example.org", NULL);
	site_setting(s, "pool_fallback", "yes");
	site_policy(s, "general", "limit=2/hour", "action=defer", NULL);
	site_policy(s, "mx:own", "limit=9/hour", NULL);
	assert_int_equal(FROM("mx1.example.org"), VERDICT_ACCEPT);
	assert_int_equal(FROM("other.example.org"), VERDICT_ACCEPT);
	/* one counter for all of them */
	assert_int_equal(FROM("out.example.org"), VERDICT_DEFER);
	assert_int_equal(site_used(s, "mx:own", 0, BOB, NOW), 1);
	site_setting(s, "pool_counters", "yes");
	/* that of those in none is the one that was */
	assert_int_equal(site_used(s, "general", 0, BOB, NOW), 2);
	assert_int_equal(FROM("other.example.org"), VERDICT_DEFER);
	assert_int_equal(FROM("mx1.example.org"), VERDICT_ACCEPT);
	assert_int_equal(FROM("mx2.example.org"), VERDICT_ACCEPT);
	assert_int_equal(FROM("mx1.example.org"), VERDICT_DEFER);
	assert_int_equal(FROM("out.example.org"), VERDICT_ACCEPT);
	assert_int_equal(site_used_in(s, "mx", "general", 0, BOB, NOW), 2);
	assert_int_equal(site_used_in(s, "out", "general", 0, BOB, NOW), 1);
	assert_int_equal(site_used(s, "general", 0, BOB, NOW), 2);
	/* the pool's own policy has one counter, as before */
	assert_int_equal(site_used(s, "mx:own", 0, BOB, NOW), 3);
	site_setting(s, "pool_counters", "no");
	assert_int_equal(FROM("out.example.org"), VERDICT_DEFER);
	/* what counted apart has gone for good */
	site_setting(s, "pool_counters", "yes");
	assert_int_equal(site_used_in(s, "mx", "general", 0, BOB, NOW), 0);
}

/* A limit and a penalty that are the pool's. */
static void test_limits_of_a_pool(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_pool(s, "mx", "mx1.example.org", NULL);
	site_pool(s, "out", "out.example.org", NULL);
	site_setting(s, "pool_fallback", "yes");
	site_setting(s, "pool_counters", "yes");
	site_setting(s, "default_limit", "1/minute");
	site_setting_of(s, "mx", "default_limit", "2/minute");
	site_setting_of(s, "mx", "default_penalty", "1h");
	site_policy(s, "general", "action=defer", NULL);
	assert_int_equal(FROM("out.example.org"), VERDICT_ACCEPT);
	o = SEND(s, NOW, .mta = "out.example.org");
	assert_int_equal(o.kind, VERDICT_DEFER);
	assert_int_equal(o.free_at, NOW + MINUTES);
	for (int i = 0; i < 2; i++)
		assert_int_equal(FROM("mx1.example.org"), VERDICT_ACCEPT);
	o = SEND(s, NOW, .mta = "mx1.example.org");
	assert_int_equal(o.free_at, NOW + HOURS);
	/* a penalty in one pool is none elsewhere */
	assert_int_equal(
		SEND(s, NOW + MINUTES, .mta = "mx1.example.org").kind, VERDICT_DEFER);
	assert_int_equal(
		SEND(s, NOW + MINUTES, .mta = "out.example.org").kind, VERDICT_ACCEPT);
	assert_int_equal(
		SEND(s, NOW + MINUTES, .mta = "other.example.org").kind, VERDICT_ACCEPT);
	/* the policies of the pool inherit from it as well */
	site_policy(s, "mx:own", "key=policy", NULL);
	assert_int_equal(site_number(s, "SELECT amount FROM policy_limit l JOIN policy p "
					"ON p.id = policy_id WHERE p.name = 'mx:own'"),
		2);
}

/* A pool that goes takes its counters and limits along. */
static void test_a_pool_that_goes(void **state)
{
	struct site *s = *state;

	site_pool(s, "mx", "mx1.example.org", NULL);
	site_setting(s, "pool_fallback", "yes");
	site_setting(s, "pool_counters", "yes");
	site_policy(s, "general", "limit=2/hour", "penalty=1h", NULL);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM policy_limit"), 4);
	SEND(s, NOW, .mta = "mx1.example.org");
	SEND(s, NOW, .mta = "other.example.org");
	site_sql(s, "DELETE FROM pool");
	site_settle(s);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM policy_limit"), 2);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM bucket"), 1);
	SEND(s, NOW, .mta = "mx1.example.org");
	assert_int_equal(site_used(s, "general", 0, BOB, NOW), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DATABASE_TEST(test_of_mta),
		DATABASE_TEST(test_at_most_one),
		cmocka_unit_test(test_hosts),
		SITE_TEST(test_settings),
		SITE_TEST(test_settings_hold),
		SITE_TEST(test_pool_counters),
		SITE_TEST(test_limits_of_a_pool),
		SITE_TEST(test_a_pool_that_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
