/*
 * object grant and what takes it back: what is refused, and what is said.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../house.h"

#define BOB "bob@example.org"

/* An answer has to hold these words. */
static void expect(struct talk *t, const char *command, const char *words)
{
	if (strstr(ask(t, command), words) == NULL)
		fail_msg("%s: %s", command, t->line);
}

static void expect_end(struct talk *t, const char *command, const char *end)
{
	const char *line = ask(t, command);

	if (strlen(line) < strlen(end) ||
		strcmp(line + strlen(line) - strlen(end), end) != 0)
		fail_msg("%s: %s", command, line);
}

static struct talk *begin(struct house *h)
{
	struct talk *t = talk_open(h->socket);

	hear(t);
	ask(t, "policy add out source=any destination=any limit=5/hour action=defer");
	ask(t, "policy add many source=any destination=any limit=5/hour "
	       "count=recipients");
	ask(t, "policy add big source=any destination=any limit=5M/hour count=bytes");
	ask(t, "policy add bare source=any destination=any");
	ask(t, "policy add free source=any destination=any type=bypass priority=9");
	ask(t, "policy add ip source=any destination=any limit=5/hour key=client");
	expect(t, "policy disable ip", "200 ");
	return t;
}

static void test_refused(void **state)
{
	static const struct {
		const char *command, *words;
	} bad[] = {
		{ "object grant " BOB " 0 for 2h",
			"not a number of messages: \"0\" (1 to 2000000000)" },
		{ "object grant " BOB " 2000000001 for 2h", "not a number of messages" },
		{ "object grant " BOB " -1 for 2h", "not a number of messages: \"-1\"" },
		{ "object grant " BOB " 5K for 2h", "not a number of messages: \"5K\"" },
		{ "object grant " BOB " 5", "missing: \"for DURATION\"" },
		{ "object grant " BOB " for 2h", "nor a keyword: \"2h\"" },
		{ "object grant " BOB " 5 for ever", "for: not a duration: \"ever\"" },
		{ "object grant " BOB " 5 for 0s", "for: not a duration" },
		{ "object grant " BOB " 5 for 11years", "for: not a duration" },
		{ "object grant " BOB " 5 for 2h because ''", "because: not a reason" },
		{ "object grant " BOB " 5 for 2h policy=none", "no policy \"none\"" },
		{ "object grant " BOB " 5 for 2h policy=many",
			"policy many counts recipients (messages alone can be granted)" },
		{ "object grant " BOB " 5 for 2h policy=big", "policy big counts bytes" },
		{ "object grant " BOB " 5 for 2h policy=bare",
			"policy bare has no limit" },
		{ "object grant " BOB " 5 for 2h policy=free",
			"policy free counts nothing" },
		{ "object grant " BOB " 5 for 2h policy=ip",
			"policy ip does not count for " BOB " (its key is client)" },
		{ "object grant * 5 for 2h policy=out",
			"policy out does not count for * (its key is sender+)" },
		{ "object grant @example.org 5 for 2h policy=out",
			"policy out does not count for @example.org" },
		{ "object grant 192.0.2.0/24 5 for 2h", "is a network, not an object" },
		{ "object grant 2001:db8::/48 5 for 2h", "is a network, not an object" },
		{ "object grant '' 5 for 2h", "not an object" },
	};
	struct house *h = *state;
	struct talk *t = begin(h);

	for (size_t i = 0; i < LENGTH(bad); i++)
		expect(t, bad[i].command, bad[i].words);
	assert_int_equal(site_number(&h->site, "SELECT COUNT(*) FROM object_grant"), 0);
	talk_close(t);
}

static void test_said(void **state)
{
	struct house *h = *state;
	struct talk *t = begin(h);

	expect(t, "object grant Bob@Example.org 200 for 2h policy=out",
		"200 " BOB " has 200 more in out until 20");
	expect_end(t, "object grant " BOB " 7 for 2h", "Z");
	expect(t, "object grant " BOB " 7 for 2h",
		" has 7 more in each policy that counts messages until ");
	/* the one of the policy is another one */
	expect(t, "object grant " BOB " because 'it fits' policy=out for 1h 50",
		"neither NAME=VALUE nor a keyword: \"it fits\"");
	expect(t, "object grant " BOB " 50 because 'it fits' policy=out for 1h",
		", instead of 200 until ");
	assert_string_equal(
		site_text(&h->site, "SELECT GROUP_CONCAT(IFNULL(policy, 'all') || amount "
				    "|| IFNULL(because, ''), ',') FROM (SELECT * FROM "
				    "v_grants ORDER BY policy)"),
		"all7,out50it fits");
	assert_string_equal(site_text(&h->site, "SELECT DISTINCT user FROM v_grants"),
		site_text(&h->site, "SELECT DISTINCT user FROM v_audit"));
	/* what is over is not there any more */
	site_sql(&h->site, "UPDATE object_grant SET until = 1");
	assert_null(strstr(ask(t, "object grant " BOB " 7 for 2h"), "instead"));
	talk_close(t);
}

#define OF_NO_USE "; note: no policy counts messages for it now"

static void test_notes(void **state)
{
	struct house *h = *state;
	struct talk *t = begin(h);

	expect_end(t, "object grant 192.0.2.7 5 for 2h", OF_NO_USE);
	expect_end(t, "object grant 2001:db8::1 5 for 2h policy=ip", OF_NO_USE);
	ask(t, "policy enable ip");
	expect_end(t, "object grant 192.0.2.7 5 for 2h policy=ip", "Z");
	expect_end(t, "object grant * 5 for 2h", OF_NO_USE);
	ask(t, "policy set ip key=policy");
	expect_end(t, "object grant * 5 for 2h policy=ip", "Z");
	expect_end(t, "object grant @example.org 5 for 2h", OF_NO_USE);
	expect_end(t, "object grant <> 5 for 2h policy=out", OF_NO_USE);
	ask(t, "setting set null_sender count");
	expect(t, "object grant <> 5 for 2h policy=out", ", instead of 5 until ");
	assert_null(strstr(t->line, "note"));
	talk_close(t);
}

static void test_notes_of_flags_and_penalties(void **state)
{
	struct house *h = *state;
	struct talk *t = begin(h);

	ask(t, "object bypass " BOB);
	expect_end(t, "object grant " BOB " 5 for 2h", "; note: it is bypassed");
	ask(t, "object block " BOB);
	expect_end(
		t, "object grant " BOB " 6 for 2h policy=out", "; note: it is blocked");
	expect(t, "object clear " BOB " grant", "200 " BOB " is cleared of grant");
	ask(t, "object clear " BOB);
	ask(t, "policy set out limit=0/hour penalty=1h");
	ask(t, "policy delete free");
	assert_int_equal(SEND(&h->site, clock_now(), 0).kind, VERDICT_DEFER);
	expect_end(t, "object grant " BOB " 5 for 2h policy=out",
		", only object reset ends it");
	expect(t, "object grant " BOB " 6 for 2h", "; note: its penalty of out lasts ");
	ask(t, "policy add else source=any destination=any limit=5/hour");
	expect_end(t, "object grant " BOB " 5 for 2h policy=else", "Z");
	talk_close(t);
}

static void test_clear(void **state)
{
	struct house *h = *state;
	struct talk *t = begin(h);

	expect(t, "object clear " BOB,
		BOB " is not blocked or bypassed, and has no grant");
	expect(t, "object clear " BOB " grant", BOB " has no grant");
	expect(t, "object clear " BOB " room",
		"not what can be cleared: \"room\" (block, bypass or grant)");
	ask(t, "object grant " BOB " 5 for 2h");
	ask(t, "object grant " BOB " 5 for 2h policy=out");
	ask(t, "object block " BOB);
	expect(t, "object clear " BOB " bypass", BOB " is not bypassed");
	expect(t, "object clear " BOB " block", "200 " BOB " is cleared of block");
	expect(t, "object clear " BOB " block", BOB " is not blocked");
	expect(t, "object clear " BOB, "200 " BOB " is cleared");
	assert_int_equal(site_number(&h->site, "SELECT COUNT(*) FROM object_grant"), 0);
	ask(t, "object grant " BOB " 5 for 2h");
	ask(t, "object block " BOB);
	expect(t, "object clear " BOB " grant", "200 " BOB " is cleared of grant");
	assert_int_equal(site_number(&h->site, "SELECT COUNT(*) FROM object_flag"), 1);
	talk_close(t);
}

/* The row of the last answer holds that. */
static void expect_row(struct talk *t, const char *command, int rows, const char *part)
{
	ask(t, command);
	assert_int_equal(t->rows, rows);
	if (strstr(t->row, part) == NULL)
		fail_msg("%s: %s", command, t->row);
}

static void test_shown(void **state)
{
	struct house *h = *state;
	struct talk *t = begin(h);

	ask(t, "policy delete free");
	ask(t, "object grant " BOB " 20 for 2h policy=out because 'a party'");
	expect_row(t, "object show " BOB, 1,
		"\"grants\":[{\"policy\":\"out\",\"amount\":20,\"until\":\"20");
	expect_row(t, "object show eve@example.org", 1, "\"grants\":[]");
	expect_row(t, "object list", 1,
		"{\"object\":\"" BOB "\",\"flag\":\"grant\",\"granted\":20,\"until\":\"");
	expect_row(t, "object list flag=grant policy=out", 1, "\"because\":\"a party\"");
	ask(t, "object list policy=many");
	assert_int_equal(t->rows, 0);
	ask(t, "object block " BOB);
	expect_row(t, "object list flag=block", 1, "\"granted\":null");
	ask(t, "object list " BOB);
	assert_int_equal(t->rows, 2);
	ask(t, "object clear " BOB " block");
	expect_row(t, "explain sender=" BOB " policy=out", 4, "");
	/* as a line of the limit */
	say(t, "explain sender=" BOB " policy=out\n",
		strlen("explain sender=" BOB " policy=out\n"));
	assert_true(hear(t) && hear(t));
	assert_non_null(
		strstr(t->line, "\"why\":\"20 of the limit are granted until 20"));
	assert_non_null(strstr(t->line, "\"limit\":\"25/hour\",\"used\":0"));
	answer(t);
	talk_close(t);
}

/* The views raise what the engine raises. */
static void test_views(void **state)
{
	struct house *h = *state;
	struct talk *t = begin(h);

	ask(t, "policy delete free");
	ask(t, "object grant " BOB " 5 for 2h");
	assert_int_equal(SEND(&h->site, clock_now(), 0).kind, VERDICT_ACCEPT);
	assert_string_equal(
		site_text(&h->site,
			"SELECT GROUP_CONCAT(policy || ' ' || \"limit\" || ' ' "
			"|| amount || ' ' || granted, ', ') FROM (SELECT * "
			"FROM v_counters ORDER BY policy)"),
		"big 5M/hour 5242880 0, many 5/hour 5 0, out 10/hour 10 5");
	site_sql(&h->site, "UPDATE object_grant SET until = 1");
	assert_string_equal(site_text(&h->site, "SELECT \"limit\" FROM v_counters WHERE "
						"policy = 'out' AND granted = 0"),
		"5/hour");
	assert_int_equal(site_number(&h->site, "SELECT COUNT(*) FROM v_grants"), 0);
	talk_close(t);
}

static int64_t last_of(struct house *h)
{
	struct policy_set *set = policy_slot_acquire(h->site.engine.slot);
	int64_t last = grant_last(set->grants);

	policy_slot_release(h->site.engine.slot, set);
	return last;
}

/* No transaction has to do with grants; what several commands do at once is live. */
static void test_staged(void **state)
{
	struct house *h = *state;
	struct talk *t = begin(h);
	char undo[60];

	ask(t, "object grant " BOB " 5 for 2h");
	ask(t, "object block " BOB);
	expect(t, "begin", "200 ");
	expect(t, "object grant " BOB " 6 for 2h", "501 object grant acts at once");
	expect(t, "abort", "200 ");
	expect(t, "begin load", "200 ");
	expect(t, "object clear " BOB " grant", "501 grants are taken back at once");
	expect(t, "object clear " BOB, "200 ");
	expect(t, "object clear " BOB, "550 ");
	expect(t, "commit", "200 ");
	assert_int_equal(site_number(&h->site, "SELECT COUNT(*) FROM object_flag"), 0);
	assert_true(last_of(h) > 0);
	snprintf(undo, sizeof(undo), "audit undo %lld",
		(long long)site_number(&h->site,
			"SELECT id FROM audit WHERE command LIKE 'object grant%'"));
	expect(t, undo, "200 ");
	assert_int_equal(last_of(h), 0);
	talk_close(t);
}

/* Whose object would be spelled in another way. */
static void test_prefix(void **state)
{
	struct house *h = *state;
	struct talk *t = begin(h);

	ask(t, "object grant 2001:db8::1 5 for 2h");
	expect(t, "setting set ipv6_prefix 56",
		"IPv6 clients are blocked, bypassed or granted more (2001:db8::/64)");
	ask(t, "object clear 2001:db8::1");
	expect(t, "setting set ipv6_prefix 56", "200 ");
	talk_close(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(test_refused),
		HOUSE_TEST(test_said),
		HOUSE_TEST(test_notes),
		HOUSE_TEST(test_notes_of_flags_and_penalties),
		HOUSE_TEST(test_clear),
		HOUSE_TEST(test_shown),
		HOUSE_TEST(test_views),
		HOUSE_TEST(test_staged),
		HOUSE_TEST(test_prefix),
	};

	clock_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
