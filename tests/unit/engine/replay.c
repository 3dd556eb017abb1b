/*
 * Tests of engine/replay: what a policy is not asked about, what cannot be known, what
 * keeps messages from it, and that nothing else hears of it.  That it comes to what was
 * said then is in replay_same.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"

#include "engine/replay.h"
#include "policy/alone.h"

#define BOB "bob@example.org"

static struct replay *try_with(struct site *s, const char *policy, size_t max)
{
	struct err err = { ERR_BAD, "" };
	struct policy p;
	struct policy_set *set;

	must(policy_record_find(s->db, policy, &p, &err), &err);
	set = policy_set_alone(s->db, NULL, &p, &err);
	must(set != NULL ? 0 : -1, &err);
	policy_clear(&p);
	return replay_new(set, policy, max);
}

static struct replay *try(struct site *s, const char *policy)
{
	return try_with(s, policy, 1000);
}

static struct replay_said said;

#define NOT_OFFERED ((enum replay_outcome) - 1)
#define NO_MTA	    ""

/* What is left out is the same each time; spf: one more than the result. */
static enum replay_outcome play(
	struct replay *r, int64_t now, const struct replay_row *given)
{
	struct replay_row row = *given;

	row.time = now;
	row.spf--;
	row.sender = row.sender != NULL ? row.sender : BOB;
	row.client = row.client != NULL ? row.client : "192.0.2.7";
	if (row.mta == NULL)
		row.mta = "mx.example.org";
	else if (*row.mta == '\0')
		row.mta = NULL;
	if (!replay_is_offered(&row))
		return NOT_OFFERED;
	replay_play(r, &row, &said);
	return said.outcome;
}

#define PLAY(r, now, ...) play(r, now, &(struct replay_row){ __VA_ARGS__ })

#define TO(...)                                                                          \
	.recipients = (const struct replay_recipient[]){ __VA_ARGS__ },                  \
	.nrecipients = LENGTH(((const struct replay_recipient[]){ __VA_ARGS__ }))

static void test_limit(void **state)
{
	struct site *s = *state;
	struct replay *r;

	site_policy(s, "out", "limit=2/hour", "action=defer", "enabled=no", NULL);
	site_flag(s, BOB, FLAG_BYPASS, 0);
	r = try(s, "out");
	assert_int_equal(replay_memory(r), HOURS);
	assert_int_equal(PLAY(r, NOW, .login = BOB), REPLAY_ROOM);
	assert_int_equal(said.nobjects, 1);
	assert_string_equal(said.objects[0].name, BOB);
	assert_false(said.objects[0].refused);
	assert_int_equal(said.hits[0].used, 1);
	assert_int_equal(PLAY(r, NOW + 1, .login = BOB), REPLAY_ROOM);
	assert_int_equal(PLAY(r, NOW + 2, .login = BOB), REPLAY_REFUSED);
	assert_true(said.objects[0].refused);
	assert_int_equal(PLAY(r, NOW + 2, .sender = "eve@example.org"), REPLAY_ROOM);
	assert_int_equal(PLAY(r, NOW + HOURS + 1, .login = BOB), REPLAY_ROOM);
	assert_int_equal(replay_counters(r), 2);
	replay_free(r);
	/* nobody was told, and no counter of mail was charged */
	assert_string_equal(site_totals(s, NULL), "");
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM decision"), 0);
	assert_int_equal(s->engine.store->count(s->engine.store), 0);
}

static void test_offered(void **state)
{
	static const struct {
		enum verdict_kind verdict;
		bool by_policy, by_hand, offered;
	} rows[] = {
		{ VERDICT_ACCEPT, false, true, true },
		{ VERDICT_ACCEPT, true, false, true },
		{ VERDICT_BYPASS, false, false, true },
		{ VERDICT_BYPASS, false, true, false },
		{ VERDICT_MONITOR, false, false, true },
		{ VERDICT_DEFER, false, false, false },
		{ VERDICT_DEFER, true, false, true },
		{ VERDICT_BLOCK, false, true, false },
		{ VERDICT_HOLD, false, false, false },
		{ VERDICT_DISCARD, true, false, true },
		{ VERDICT_ERROR, false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct replay_row row = { .verdict = rows[i].verdict,
			.by_policy = rows[i].by_policy,
			.by_hand = rows[i].by_hand };

		assert_int_equal(replay_is_offered(&row), rows[i].offered);
	}
}

/* The least that it can cost says something, or nothing. */
static void test_unknown_number(void **state)
{
	struct site *s = *state;
	struct replay *r;

	site_policy(s, "out", "limit=3/hour", "action=defer", "count=recipients", NULL);
	r = try(s, "out");
	assert_true(replay_wants_recipients(r));
	assert_int_equal(PLAY(r, NOW, 0), REPLAY_NO_RECIPIENTS);
	assert_int_equal(replay_counters(r), 0);
	assert_int_equal(PLAY(r, NOW, .accepted = 2), REPLAY_ROOM);
	assert_int_equal(PLAY(r, NOW, .accepted = 2), REPLAY_REFUSED);
	assert_int_equal(PLAY(r, NOW, 0), REPLAY_NO_RECIPIENTS);
	assert_int_equal(PLAY(r, NOW, TO({ "a@x.net", false })), REPLAY_ROOM);
	assert_int_equal(PLAY(r, NOW, 0), REPLAY_REFUSED);
	assert_int_equal(PLAY(r, NOW, .sender = "eve@x.net"), REPLAY_NO_RECIPIENTS);
	replay_free(r);
}

static void test_unknown_recipients(void **state)
{
	struct site *s = *state;
	struct replay *r;

	site_group(s, "friends", "@friends.net", NULL);
	site_policy(
		s, "out", "limit=1/hour", "action=defer", "destination=friends", NULL);
	r = try(s, "out");
	assert_int_equal(PLAY(r, NOW, .accepted = 1), REPLAY_NO_RECIPIENTS);
	assert_int_equal(PLAY(r, NOW, TO({ "a@x.net", false })), REPLAY_PASSED_BY);
	assert_int_equal(PLAY(r, NOW, TO({ "a@friends.net", false })), REPLAY_ROOM);
	/* one of the two */
	assert_int_equal(
		PLAY(r, NOW, TO({ "a@friends.net", false }, { "a@x.net", false })),
		REPLAY_REFUSED);
	assert_string_equal(said.objects[0].name, BOB);
	assert_int_equal(PLAY(r, NOW, .accepted = 1), REPLAY_NO_RECIPIENTS);
	replay_free(r);
}

static void test_unknown_size(void **state)
{
	struct site *s = *state;
	struct replay *r;

	site_policy(s, "out", "limit=1K/hour", "action=hold", "count=bytes", NULL);
	r = try(s, "out");
	assert_false(replay_wants_recipients(r));
	assert_int_equal(PLAY(r, NOW, 0), REPLAY_NO_SIZE);
	assert_int_equal(PLAY(r, NOW, .size = 1000), REPLAY_ROOM);
	assert_int_equal(PLAY(r, NOW, .size = 25), REPLAY_REFUSED);
	assert_int_equal(PLAY(r, NOW, 0), REPLAY_NO_SIZE);
	assert_int_equal(PLAY(r, NOW, .size = 24), REPLAY_ROOM);
	assert_int_equal(PLAY(r, NOW, 0), REPLAY_REFUSED);
	replay_free(r);
}

static void test_spf(void **state)
{
	struct site *s = *state;
	struct replay *r;

	site_policy(s, "out", "limit=2/hour", "action=defer", "spf=check", NULL);
	r = try(s, "out");
	assert_int_equal(PLAY(r, NOW, .spf = SPF_FAIL + 1), REPLAY_REFUSED);
	assert_string_equal(said.objects[0].name, "192.0.2.7");
	assert_false(said.no_spf);
	assert_int_equal(PLAY(r, NOW, .spf = SPF_PASS + 1), REPLAY_ROOM);
	assert_false(said.no_spf);
	assert_int_equal(PLAY(r, NOW, 0), REPLAY_ROOM);
	assert_true(said.no_spf);
	assert_int_equal(PLAY(r, NOW, .login = BOB), REPLAY_REFUSED);
	assert_false(said.no_spf);
	replay_free(r);
}

/* What stands before it: as far as it keeps messages from it, and no further. */
static void test_before(void **state)
{
	struct site *s = *state;
	struct replay *r;

	site_group(s, "boss", "boss@example.org", NULL);
	site_group(s, "guests", "guest@example.org", NULL);
	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "free", "source=boss", "type=bypass", "priority=1", NULL);
	site_policy(s, "late", "source=any", "type=bypass", "priority=9", NULL);
	site_policy(s, "full", "limit=0/hour", "action=block", "priority=1", NULL);
	site_policy(s, "ends", "source=guests", "destination=friends", "stop=yes",
		"limit=0/hour", "count=bytes", "action=block", "priority=1", NULL);
	site_policy(s, "off", "type=bypass", "priority=1", "enabled=no", NULL);
	site_setting(s, "default_limit", "0/year");
	site_policy(s, "out", "limit=1/hour", "action=defer", NULL);
	r = try(s, "out");
	assert_int_equal(PLAY(r, NOW, .sender = "boss@example.org"), REPLAY_PASSED_BY);
	assert_int_equal(PLAY(r, NOW, 0), REPLAY_ROOM);
	assert_int_equal(PLAY(r, NOW, 0), REPLAY_REFUSED);
	/* it depends on the recipients whether it gets there */
	assert_int_equal(
		PLAY(r, NOW, .sender = "guest@example.org"), REPLAY_NO_RECIPIENTS);
	assert_int_equal(PLAY(r, NOW, .sender = "guest@example.org",
				 TO({ "a@friends.net", false })),
		REPLAY_PASSED_BY);
	assert_int_equal(
		PLAY(r, NOW, .sender = "guest@example.org", TO({ "a@x.net", false })),
		REPLAY_ROOM);
	replay_free(r);
	/* what it does not say it has from the setting */
	site_policy(s, "out", "limit=none", NULL);
	r = try(s, "out");
	assert_int_equal(PLAY(r, NOW, 0), REPLAY_REFUSED);
	assert_int_equal(replay_memory(r), 365 * DAYS);
	replay_free(r);
}

static void test_pools(void **state)
{
	struct site *s = *state;
	struct replay *r;

	site_pool(s, "mx", "mx.example.org", NULL);
	site_pool(s, "out", "out.example.org", NULL);
	site_setting(s, "pool_counters", "yes");
	site_setting_of(s, "out", "pool_fallback", "yes");
	site_policy(s, "mx:few", "limit=1/hour", "action=defer", NULL);
	site_policy(s, "each", "limit=1/hour", "action=defer", "strategy=sliding", NULL);
	r = try(s, "mx:few");
	assert_int_equal(PLAY(r, NOW, .mta = "a.example.org"), REPLAY_PASSED_BY);
	assert_int_equal(PLAY(r, NOW, 0), REPLAY_ROOM);
	assert_int_equal(PLAY(r, NOW, 0), REPLAY_REFUSED);
	replay_free(r);
	r = try(s, "each");
	assert_int_equal(replay_memory(r), 2 * HOURS);
	assert_int_equal(PLAY(r, NOW, 0), REPLAY_PASSED_BY);
	assert_int_equal(PLAY(r, NOW, .mta = "out.example.org"), REPLAY_ROOM);
	assert_int_equal(PLAY(r, NOW, .mta = "a.example.org"), REPLAY_ROOM);
	assert_int_equal(PLAY(r, NOW, .mta = NO_MTA), REPLAY_REFUSED);
	replay_free(r);
}

static void test_full(void **state)
{
	struct site *s = *state;
	struct replay *r;
	char name[40];
	int i = 0;

	site_policy(s, "out", "limit=1/hour,2/day", NULL);
	r = try_with(s, "out", 100);
	do
		snprintf(name, sizeof(name), "user%d@example.org", i++);
	while (PLAY(r, NOW, .sender = name) == REPLAY_ROOM);
	assert_int_equal(said.outcome, REPLAY_FULL);
	assert_int_equal(i, 51);
	replay_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_limit),
		cmocka_unit_test(test_offered),
		SITE_TEST(test_unknown_number),
		SITE_TEST(test_unknown_recipients),
		SITE_TEST(test_unknown_size),
		SITE_TEST(test_spf),
		SITE_TEST(test_before),
		SITE_TEST(test_pools),
		SITE_TEST(test_full),
	};

	return cmocka_run_group_tests_name("engine/replay", tests, NULL, NULL);
}
