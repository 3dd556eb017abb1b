/*
 * Totals: each policy has one word on each message, whatever was told at which step.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/tell.h"
#include "../fixture.h"

#define BOB "bob@example.org"

static void test_at_the_end(void **state)
{
	struct site *s = *state;

	site_policy(s, "watch", "limit=0/hour", "priority=1", NULL);
	site_policy(s, "out", "limit=1/hour", "action=defer", "priority=2", NULL);
	site_policy(s, "behind", "limit=9/hour", "action=block", NULL);
	SEND(s, NOW, 0);
	SEND(s, NOW, 0);
	assert_string_equal(site_totals(s, NULL), "monitor 1 defer 1");
	assert_string_equal(site_totals(s, "watch"), "monitor 2");
	assert_string_equal(site_totals(s, "out"), "accept 1 defer 1");
	assert_string_equal(site_totals(s, "behind"), "accept 2");
}

/* A bypass counts for the policy that it is, and for the message if nothing else does. */
static void test_bypass(void **state)
{
	struct site *s = *state;

	site_policy(s, "out", "limit=9/hour", "action=defer", "priority=1", NULL);
	site_policy(s, "free", "type=bypass", NULL);
	SEND(s, NOW, 0);
	assert_string_equal(site_totals(s, NULL), "bypass 1");
	assert_string_equal(site_totals(s, "free"), "bypass 1");
	assert_string_equal(site_totals(s, "out"), "accept 1");
	site_policy(s, "out", "limit=0/hour", NULL);
	SEND(s, NOW, 0);
	assert_string_equal(site_totals(s, NULL), "bypass 1 defer 1");
	site_flag(s, BOB, FLAG_BYPASS, 0);
	SEND(s, NOW, 0);
	assert_string_equal(site_totals(s, NULL), "bypass 2 defer 1");
	assert_string_equal(site_totals(s, "out"), "accept 1 defer 1");
	site_flag(s, BOB, FLAG_BLOCK, 0);
	SEND(s, NOW, 0);
	assert_string_equal(site_totals(s, NULL), "bypass 2 defer 1 block 1");
}

/* At RCPT: one word of the policy on the message, however many heard it. */
static void test_at_rcpt(void **state)
{
	struct site *s = *state;

	site_policy(s, "r", "key=recipient", "limit=1/hour", "action=block", NULL);
	SEND(s, NOW, .rcpt = { "<a@x.net>", "<b@x.net>" });
	assert_string_equal(site_totals(s, "r"), "accept 1");
	/* some go on */
	SEND(s, NOW, .rcpt = { "<a@x.net>", "<b@x.net>", "<c@x.net>" });
	assert_string_equal(site_totals(s, "r"), "accept 1 block 1");
	assert_string_equal(site_totals(s, NULL), "accept 2");
	/* nobody does */
	SEND(s, NOW, .rcpt = { "<a@x.net>", "<b@x.net>" });
	assert_string_equal(site_totals(s, "r"), "accept 1 block 2");
	assert_string_equal(site_totals(s, NULL), "accept 2 block 1");
}

static void test_at_mail(void **state)
{
	struct site *s = *state;

	site_policy(s, "out", "limit=0/hour", "action=defer", NULL);
	SEND(s, NOW, .early = true);
	assert_string_equal(site_totals(s, "out"), "defer 1");
	SEND(s, NOW, .early = true, .hides = STEP_MAIL_ANSWER,
		.rcpt = { "<a@x.net>", "<b@x.net>" });
	assert_string_equal(site_totals(s, "out"), "defer 2");
	assert_string_equal(site_totals(s, NULL), "defer 2");
}

/* Told to reconnect it is an error, of all that had a word in it. */
static void test_lacking(void **state)
{
	struct site *s = *state;

	site_policy(s, "before", "limit=9/hour", "priority=1", NULL);
	site_policy(s, "r", "key=recipient", NULL);
	site_policy(s, "z", "priority=9", NULL);
	SEND(s, NOW, .hides = STEP_RCPT);
	assert_string_equal(site_totals(s, NULL), "error 1");
	assert_string_equal(site_totals(s, "before"), "error 1");
	assert_string_equal(site_totals(s, "r"), "error 1");
	assert_string_equal(site_totals(s, "z"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_at_the_end),
		SITE_TEST(test_bypass),
		SITE_TEST(test_at_rcpt),
		SITE_TEST(test_at_mail),
		SITE_TEST(test_lacking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
