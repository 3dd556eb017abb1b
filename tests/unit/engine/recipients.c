/*
 * Recipients in the history: each of them in the order of the commands, and who was
 * refused alone; by both doors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../door.h"

#define ROWS                                                                             \
	"SELECT IFNULL(GROUP_CONCAT(one, ', '), '') FROM (SELECT message || ' ' || n "   \
	"|| ' ' || recipient || IIF(refused, ' ' || IFNULL(policy, '-'), '') AS one "    \
	"FROM v_recipients ORDER BY message, n)"

#define ASSERT_ROWS(expected) assert_string_equal(site_text(s, ROWS), expected)

static void test_all(void **state)
{
	struct site *s = *state;

	SEND(s, NOW, .rcpt = { "<a@x.net>" });
	ASSERT_ROWS("");
	site_setting(s, "history", "recipients");
	/* as objects are spelled; one that is said twice is there twice */
	SEND(s, NOW, .rcpt = { "<A@X.net>", "<a@x.net>", "<a b>", "<@r:c@x.net>" });
	ASSERT_ROWS("2 1 a@x.net, 2 2 a@x.net, 2 3 <invalid>, 2 4 c@x.net");
	assert_string_equal(
		site_text(
			s, "SELECT GROUP_CONCAT(IFNULL(domain, '-')) FROM v_recipients"),
		"x.net,x.net,-,x.net");
	assert_int_equal(
		site_number(s, "SELECT recipients FROM v_decisions WHERE id = 2"), 4);
	/* a session that does not show them has none, and is not turned away */
	assert_int_equal(
		SEND(s, NOW, .hides = STEP_RCPT | STEP_RCPT_ANSWER).kind, VERDICT_ACCEPT);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM v_recipients"), 4);
	site_setting(s, "recipients_rows", "0");
	SEND(s, NOW, .rcpt = { "<a@x.net>" });
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM v_recipients"), 4);
	assert_int_equal(
		site_number(s, "SELECT COUNT(*) FROM v_decisions WHERE recipients > 0"),
		1);
}

static void test_refused(void **state)
{
	struct site *s = *state;

	site_setting(s, "history", "recipients");
	site_policy(s, "r", "key=recipient", "limit=1/hour", "action=block", NULL);
	SEND(s, NOW, .rcpt = { "<a@x.net>" });
	SEND(s, NOW, .rcpt = { "<b@x.net>", "<a@x.net>", "<c@x.net>" });
	ASSERT_ROWS("1 1 a@x.net, 2 1 b@x.net, 2 2 a@x.net r, 2 3 c@x.net");
	/* nobody is left */
	SEND(s, NOW, .rcpt = { "<a@x.net>", "<b@x.net>" });
	assert_string_equal(
		site_text(s, "SELECT GROUP_CONCAT(recipient || policy) FROM v_recipients "
			     "WHERE message = 3"),
		"a@x.netr,b@x.netr");
}

static void test_discarded(void **state)
{
	struct site *s = *state;

	site_setting(s, "history", "recipients");
	site_group(s, "friends", "@friends.net", NULL);
	site_policy(
		s, "drop", "destination=friends", "limit=0/hour", "action=discard", NULL);
	SEND(s, NOW, .rcpt = { "<a@friends.net>", "<x@x.net>" });
	ASSERT_ROWS("1 1 a@friends.net drop, 1 2 x@x.net");
	/* refused by another policy, nothing was taken out of it */
	site_policy(s, "out", "limit=1/hour", "action=defer", "priority=9", NULL);
	SEND(s, NOW, .rcpt = { "<x@x.net>" });
	assert_int_equal(SEND(s, NOW, .rcpt = { "<a@friends.net>", "<x@x.net>" }).kind,
		VERDICT_DEFER);
	assert_string_equal(
		site_text(s, "SELECT GROUP_CONCAT(n || recipient || refused) FROM "
			     "v_recipients WHERE message = 3"),
		"1a@friends.net0,2x@x.net0");
}

/* Each is put down to the policy that has taken it out. */
static void test_discarded_by_several(void **state)
{
	struct site *s = *state;

	site_setting(s, "history", "recipients");
	site_group(s, "friends", "@friends.net", NULL);
	site_group(s, "others", "@others.net", NULL);
	site_policy(
		s, "p1", "destination=friends", "limit=0/hour", "action=discard", NULL);
	site_policy(
		s, "p2", "destination=others", "limit=0/hour", "action=discard", NULL);
	SEND(s, NOW, .rcpt = { "<a@friends.net>", "<b@others.net>", "<x@x.net>" });
	ASSERT_ROWS("1 1 a@friends.net p1, 1 2 b@others.net p2, 1 3 x@x.net");
	/* the last of them has nothing left to go on */
	SEND(s, NOW, .rcpt = { "<b@others.net>", "<a@friends.net>" });
	assert_string_equal(
		site_text(s, "SELECT GROUP_CONCAT(recipient || IFNULL(policy, '')) FROM "
			     "v_recipients WHERE message = 2"),
		"b@others.net,a@friends.netp1");
	assert_string_equal(
		site_text(s, "SELECT policy FROM v_decisions WHERE id = 2"), "p2");
}

/* One after the other, in the one row of the message. */
static void test_asked(void **state)
{
	struct site *s = *state;

	site_setting(s, "history", "recipients");
	site_policy(s, "r", "key=recipient", "limit=1/hour", "action=block", NULL);
	ASK(s, NOW, RCPT, .rcpt = "a@x.net");
	ASK(s, NOW, RCPT, .rcpt = "b@x.net");
	ASK(s, NOW, RCPT, .rcpt = "b@x.net");
	ASSERT_ROWS("1 1 a@x.net, 1 2 b@x.net");
	ASK(s, NOW, RCPT, .instance = "2", .rcpt = "c@x.net");
	ASK(s, NOW, RCPT, .instance = "2", .rcpt = "a@x.net");
	ASK(s, NOW, RCPT, .instance = "2", .rcpt = "d@x.net");
	ASSERT_ROWS("1 1 a@x.net, 1 2 b@x.net, 2 1 c@x.net, 2 2 a@x.net r, 2 3 d@x.net");
	ASK(s, NOW, END, .instance = "2", .nrecipients = 2, .queue_id = "4XyZ");
	ASSERT_ROWS("1 1 a@x.net, 1 2 b@x.net, 2 1 c@x.net, 2 2 a@x.net r, 2 3 d@x.net");
	/* the milter sees all that went on, and does not know of the other one */
	MILTER(s, NOW, .rcpt = { "<c@x.net>", "<d@x.net>", "<e@x.net>" });
	assert_string_equal(
		site_text(s,
			"SELECT GROUP_CONCAT(recipient || refused) FROM v_recipients "
			"WHERE message = 2"),
		"a@x.net1,c@x.net0,d@x.net0,e@x.net0");
	/* only asked about at its end: one is all that is known */
	ASK(s, NOW, END, .instance = "3", .rcpt = "z@x.net", .nrecipients = 1);
	assert_string_equal(
		site_text(s, "SELECT GROUP_CONCAT(recipient) FROM v_recipients WHERE "
			     "message = 3"),
		"z@x.net");
}

/* The size, if it is wanted. */
static void test_size(void **state)
{
	struct site *s = *state;

	SEND(s, NOW, .size = 100);
	site_setting(s, "history_size", "yes");
	SEND(s, NOW, .size = 100);
	SEND(s, NOW, .size = 100, .hides = STEP_BODY);
	assert_string_equal(
		site_text(s, "SELECT GROUP_CONCAT(IFNULL(size, '-')) FROM v_decisions"),
		"-,100,-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_all),
		SITE_TEST(test_refused),
		SITE_TEST(test_discarded),
		SITE_TEST(test_discarded_by_several),
		DOOR_TEST(test_asked),
		SITE_TEST(test_size),
	};

	return cmocka_run_group_tests_name("engine/recipients", tests, NULL, NULL);
}
