/*
 * What is said of a message that comes in requests: one row of the history, one in the
 * totals, one check of SPF, however often it is asked about, and by both doors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../door.h"
#include "../spf_fake.h"

#include "base/episode.h"

#define BOB "bob@example.org"
#define TWO "<a@x.net>", "<b@x.net>"

#define ROWS                                                                             \
	"SELECT IFNULL(GROUP_CONCAT(one, ', '), '') FROM (SELECT verdict || ' ' || "     \
	"IFNULL(queue_id, '-') || ' ' || IFNULL(recipients, '-') || ' ' || "             \
	"IFNULL(size, '-') AS one FROM decision ORDER BY id)"
#define REASON "SELECT reason FROM decision"
#define REFUSALS                                                                         \
	"SELECT IFNULL(GROUP_CONCAT(one, ', '), '') FROM (SELECT object || ' ' || "      \
	"refused AS one FROM refusal ORDER BY object)"
#define TRAFFIC                                                                          \
	"SELECT IFNULL(GROUP_CONCAT(one, ', '), '') FROM (SELECT messages || ' ' || "    \
	"refused AS one FROM v_traffic WHERE policy <> 'all' ORDER BY start)"
/* what the history has, and what each step of the traffic has of all mail */
#define WHOLE                                                                            \
	"SELECT GROUP_CONCAT(DISTINCT one) FROM (SELECT verdict || COUNT(*) AS one "     \
	"FROM decision GROUP BY verdict UNION ALL SELECT IIF(accept > 0, 'accept' || "   \
	"accept, IIF(block > 0, 'block' || block, 'hold' || hold)) FROM traffic "        \
	"WHERE policy_id = 0)"

#define ASSERT_ROWS(sql, expected) assert_string_equal(site_text(s, sql), expected)

#define ASSERT_TOTALS(policy, expected)                                                  \
	assert_string_equal(site_totals(s, policy), expected)

static void test_accepted(void **state)
{
	struct site *s = *state;

	site_policy(s, "m", "limit=9/hour", "action=defer", "rate-stats=yes", NULL);
	ASK(s, NOW, RCPT, .rcpt = "a@x.net", .size = 10);
	ASSERT_ROWS(ROWS, "accept - 1 -");
	ASK(s, NOW + 1, RCPT, .rcpt = "b@x.net", .size = 10, .queue_id = "4XyZ");
	ASSERT_ROWS(ROWS, "accept 4XyZ 2 -");
	ASK(s, NOW + 2, DATA, .nrecipients = 2, .size = 10, .queue_id = "4XyZ");
	ASSERT_ROWS(ROWS, "accept 4XyZ 2 -");
	ASK(s, NOW + 3, END, .nrecipients = 2, .size = 12, .queue_id = "4XyZ");
	ASSERT_ROWS(ROWS, "accept 4XyZ 2 12");
	MILTER(s, NOW + 4, .rcpt = { TWO });
	ASSERT_ROWS(ROWS, "accept 4XyZ 2 12");
	ASSERT_TOTALS(NULL, "accept 1");
	ASSERT_TOTALS("m", "accept 1");
	ASSERT_ROWS(TRAFFIC, "1 0");
	ASSERT_ROWS(WHOLE, "accept1");
	assert_int_equal(site_number(s, "SELECT time FROM decision"), NOW);
	/* the next one has its own */
	ASK(s, NOW + 5, RCPT, .instance = "2", .rcpt = "a@x.net");
	ASSERT_ROWS(ROWS, "accept 4XyZ 2 12, accept - 1 -");
	ASSERT_TOTALS(NULL, "accept 2");
}

/* Some recipients are refused, the others go on: it is accepted, and says so. */
static void test_refused_recipients(void **state)
{
	struct site *s = *state;

	site_policy(s, "r", "limit=1/hour", "count=recipients", "action=defer",
		"rate-stats=yes", NULL);
	ASK(s, NOW, RCPT, .rcpt = "a@x.net");
	ASK(s, NOW, RCPT, .rcpt = "b@x.net");
	ASK(s, NOW, RCPT, .rcpt = "c@x.net");
	ASSERT_ROWS(ROWS, "accept - 1 -");
	ASSERT_ROWS(REASON,
		"Recipient limit 1/hour reached for " BOB ", room again in 60 "
		"minutes (to 2 of 3 recipients)");
	ASSERT_TOTALS(NULL, "accept 1");
	ASSERT_TOTALS("r", "defer 1");
	ASSERT_ROWS(REFUSALS, BOB " 1");
	ASSERT_ROWS(TRAFFIC, "1 1");
	ASK(s, NOW, END, .nrecipients = 1, .size = 5, .queue_id = "4XyZ");
	ASSERT_ROWS(ROWS, "accept 4XyZ 1 5");
	ASSERT_ROWS(REASON,
		"Recipient limit 1/hour reached for " BOB ", room again in 60 "
		"minutes (to 2 of 3 recipients)");
	MILTER(s, NOW, .size = 5, .rcpt = { "<a@x.net>" });
	ASSERT_ROWS(ROWS, "accept 4XyZ 1 5");
	ASSERT_TOTALS(NULL, "accept 1");
	ASSERT_TOTALS("r", "defer 1");
	ASSERT_ROWS(REFUSALS, BOB " 1");
	ASSERT_ROWS(TRAFFIC, "1 1");
}

/* All of them: it is what they were told; until one is let pass. */
static void test_all_refused(void **state)
{
	struct site *s = *state;

	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "r", "limit=0/hour", "destination=!friends", "action=block",
		"rate-stats=yes", NULL);
	ASK(s, NOW, RCPT, .rcpt = "a@x.net");
	ASK(s, NOW, RCPT, .rcpt = "b@x.net");
	ASSERT_ROWS(ROWS, "block - - -");
	ASSERT_TOTALS(NULL, "block 1");
	ASSERT_TOTALS("r", "block 1");
	ASSERT_ROWS(REFUSALS, BOB " 1");
	ASSERT_ROWS(TRAFFIC, "1 1");
	ASSERT_ROWS(WHOLE, "block1");
	ASK(s, NOW + 2 * CLOCK_SECOND, RCPT, .rcpt = "c@friends.net");
	ASSERT_ROWS(ROWS, "accept - 1 -");
	ASSERT_TOTALS(NULL, "accept 1");
	ASSERT_TOTALS("r", "block 1");
	/* in the second in which it came first */
	ASSERT_ROWS(WHOLE, "accept1");
	ASSERT_ROWS("SELECT COUNT(*) FROM v_traffic WHERE policy = 'all'", "1");
}

/* Let pass at first, and refused as a whole. */
static void test_refused_at_the_end(void **state)
{
	struct site *s = *state;

	site_policy(s, "b", "limit=100/hour", "count=bytes", "action=block",
		"rate-stats=yes", NULL);
	ASK(s, NOW, RCPT, 0);
	ASSERT_TOTALS(NULL, "accept 1");
	ASK(s, NOW, END, .nrecipients = 1, .size = 200, .queue_id = "4XyZ");
	ASK(s, NOW, END, .nrecipients = 1, .size = 200, .queue_id = "4XyZ");
	ASSERT_ROWS(ROWS, "block 4XyZ 1 200");
	ASSERT_TOTALS(NULL, "block 1");
	ASSERT_TOTALS("b", "block 1");
	ASSERT_ROWS(TRAFFIC, "1 1");
	ASSERT_ROWS(WHOLE, "block1");
	ASSERT_ROWS("SELECT COUNT(*) FROM decision", "1");
}

static void test_held(void **state)
{
	struct site *s = *state;

	site_policy(s, "h", "limit=0/hour", "action=hold", NULL);
	ASK(s, NOW, RCPT, 0);
	ASK(s, NOW, DATA, .nrecipients = 1);
	ASK(s, NOW, END, .nrecipients = 1);
	ASSERT_ROWS(ROWS, "hold - 1 -");
	MILTER(s, NOW, 0);
	ASSERT_ROWS(ROWS, "hold 4XyZ 1 -");
	ASSERT_TOTALS(NULL, "hold 1");
	ASSERT_TOTALS("h", "hold 1");
	ASSERT_ROWS(REFUSALS, BOB " 1");
}

/* Monitors count a message as the worst that they have said of it. */
static void test_monitor(void **state)
{
	struct site *s = *state;

	site_policy(s, "w", "limit=1/hour", "count=recipients", NULL);
	ASK(s, NOW, RCPT, .rcpt = "a@x.net");
	ASSERT_TOTALS("w", "accept 1");
	ASK(s, NOW, RCPT, .rcpt = "b@x.net");
	ASK(s, NOW, DATA, .nrecipients = 2);
	ASSERT_TOTALS("w", "monitor 1");
	ASSERT_TOTALS(NULL, "monitor 1");
	ASSERT_ROWS(ROWS, "monitor - 2 -");
}

/* Without a history there is none. */
static void test_no_history(void **state)
{
	struct site *s = *state;

	site_setting(s, "history", "off");
	site_policy(s, "m", "limit=1/hour", "action=block", NULL);
	ASK(s, NOW, RCPT, 0);
	ASK(s, NOW, DATA, .nrecipients = 1);
	ASK(s, NOW, END, .instance = "2", .nrecipients = 1);
	ASSERT_ROWS(ROWS, "");
	ASSERT_TOTALS(NULL, "accept 1 block 1");
	/* as it is by now */
	site_setting(s, "history", "messages");
	ASK(s, NOW, END, .nrecipients = 1, .size = 3);
	ASSERT_ROWS(ROWS, "accept - 1 3");
}

/* Its row was trimmed meanwhile: it gets another one. */
static void test_row_gone(void **state)
{
	struct site *s = *state;

	ASK(s, NOW, RCPT, 0);
	ASSERT_ROWS(ROWS, "accept - 1 -");
	site_sql(s, "DELETE FROM decision");
	ASK(s, NOW, END, .nrecipients = 1, .size = 3);
	ASSERT_ROWS(ROWS, "accept - 1 3");
}

/* DNS is asked once, and the answer counted once. */
static void test_spf(void **state)
{
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_PASS);
	uint64_t results[SPF_RESULTS];

	site_policy(s, "in", "spf=check", "limit=9/hour", "action=block", NULL);
	ASK(s, NOW, RCPT, .rcpt = "a@x.net", .helo = "mx.example.org");
	assert_string_equal(fake->helo, "mx.example.org");
	assert_string_equal(fake->client, DOOR_CLIENT);
	assert_string_equal(fake->sender, BOB);
	ASK(s, NOW, RCPT, .rcpt = "b@x.net");
	ASK(s, NOW, DATA, .nrecipients = 2);
	ASK(s, NOW, END, .nrecipients = 2, .queue_id = "4XyZ");
	assert_int_equal(fake->asked, 1);
	stats_read_spf(s->engine.stats, 0, results);
	assert_int_equal(results[SPF_PASS], 1);
	MILTER(s, NOW, .rcpt = { TWO });
	stats_read_spf(s->engine.stats, 0, results);
	assert_int_equal(results[SPF_PASS], 1);
	ASSERT_ROWS("SELECT GROUP_CONCAT(spf) FROM decision", "pass");
	fake_end(s);
}

static void test_spf_fails(void **state)
{
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_FAIL);
	struct outcome o;

	site_policy(s, "m", "limit=9/hour", "priority=1", "action=defer", NULL);
	site_policy(s, "in", "spf=check", "action=block", NULL);
	o = ASK(s, NOW, RCPT, 0);
	assert_string_equal(o.code, "550");
	assert_string_equal(o.enhanced, "5.7.23");
	ASSERT_USED(s, "m", BOB, 0);
	/* whoever is logged in needs none */
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .instance = "2", .login = BOB));
	assert_int_equal(fake->asked, 1);
	site_policy(s, "in", "action=hold", NULL);
	ASSERT_SAID("HOLD", ASK(s, NOW, END, .instance = "3", .nrecipients = 1));
	fake_end(s);
}

/* Is it going on? */
static bool wants_recipients(void)
{
	struct episode_seen list[EPISODES];
	size_t n = episode_list(list);

	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].state, "recipients") == 0)
			return true;
	return false;
}

/* What needs recipients is passed over where they are not known, and that is said. */
static void calm_down(struct site *s)
{
	pending_sweep(s->engine.pending, NOW + PENDING_CALM);
	assert_false(wants_recipients());
}

static void test_unknown_recipients(void **state)
{
	struct site *s = *state;

	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "to", "limit=0/hour", "destination=!friends", "action=block",
		"enabled=no", NULL);
	ASSERT_SAID("DUNNO", ASK(s, NOW, DATA, .nrecipients = 2));
	assert_false(wants_recipients());
	site_policy(s, "to", "enabled=yes", NULL);
	ASSERT_SAID("DUNNO", ASK(s, NOW, DATA, .instance = "2", .nrecipients = 2));
	assert_true(wants_recipients());
	ASSERT_TOTALS("to", "");
	/* of a message to one the recipient is told */
	ASSERT_SAID("550",
		ASK(s, NOW, DATA, .instance = "3", .nrecipients = 1, .rcpt = "a@x.net"));
	/* it is over when it has not been so for a while */
	assert_true(wants_recipients());
	calm_down(s);
	/* some of them are not all of them */
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .instance = "4", .rcpt = "a@friends.net"));
	ASSERT_SAID("DUNNO", ASK(s, NOW, DATA, .instance = "4", .nrecipients = 2));
	assert_true(wants_recipients());
	calm_down(s);
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .instance = "5", .rcpt = "a@friends.net"));
	ASSERT_SAID("DUNNO", ASK(s, NOW, DATA, .instance = "5", .nrecipients = 1));
	assert_false(wants_recipients());
}

/* What needs the content, or takes single recipients out, is for the milter. */
static void test_beyond(void **state)
{
	struct site *s = *state;

	site_policy(s, "t", "limit=0/hour", "key=recipient", "action=discard", NULL);
	site_policy(s, "h", "limit=0/hour", "only-headers=yes", "action=block", NULL);
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, 0));
	ASSERT_SAID("DUNNO", ASK(s, NOW, DATA, .nrecipients = 1));
	ASSERT_SAID("DUNNO", ASK(s, NOW, END, .nrecipients = 1));
	ASSERT_TOTALS("t", "");
	ASSERT_TOTALS("h", "");
	ASSERT_SAID("DISCARD", MILTER(s, NOW, 0));
	ASSERT_ROWS(ROWS, "discard 4XyZ 1 -");
	ASSERT_TOTALS(NULL, "discard 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DOOR_TEST(test_accepted),
		DOOR_TEST(test_refused_recipients),
		DOOR_TEST(test_all_refused),
		DOOR_TEST(test_refused_at_the_end),
		DOOR_TEST(test_held),
		DOOR_TEST(test_monitor),
		DOOR_TEST(test_no_history),
		DOOR_TEST(test_row_gone),
		DOOR_TEST(test_spf),
		DOOR_TEST(test_spf_fails),
		DOOR_TEST(test_unknown_recipients),
		DOOR_TEST(test_beyond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
