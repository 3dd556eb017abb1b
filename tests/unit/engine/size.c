/*
 * count = bytes: what a message of some size costs, for whom, when it is known, and in
 * which words (behaviour.md, "Policies").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"

#define BOB "bob@example.org"
#define K   1024
#define M   (1024 * K)

#define ASSERT_USED(policy, object, n)                                                   \
	assert_int_equal(site_used(s, policy, 0, object, NOW), n)

/* Names and values of headers, and the body, in however many pieces. */
static void test_what_counts(void **state)
{
	struct site *s = *state;
	struct begun *b;

	site_policy(s, "out", "count=bytes", "limit=1K/hour", NULL);
	b = site_begin(s, &(struct mail){ 0 });
	engine_header(b->m, "Subject", "hello");
	engine_header(b->m, "X", "");
	engine_body(b->m, 100);
	engine_body(b->m, 0);
	engine_body(b->m, 23);
	assert_int_equal(engine_end(b->m, "4XyZ", NOW).kind, VERDICT_ACCEPT);
	site_finish(b);
	ASSERT_USED("out", BOB, 7 + 5 + 1 + 123);
}

/* One at least: nothing passes for nothing. */
static void test_empty(void **state)
{
	struct site *s = *state;

	site_policy(s, "none", "count=bytes", "limit=0/hour", "action=block", NULL);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_BLOCK);
	assert_non_null(strstr(
		SEND(s, NOW, .size = 12 * M).reason, "1 message, limit 0/hour for " BOB));
	site_policy(s, "none", "limit=2/hour", NULL);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_ACCEPT);
	ASSERT_USED("none", BOB, 1);
}

/* The size once for each object, and once for a sender, however many recipients. */
static void test_keys(void **state)
{
	struct site *s = *state;

	site_group(s, "friends", "@example.com", NULL);
	site_policy(s, "sender", "count=bytes", "limit=1M/hour", NULL);
	site_policy(s, "to", "count=bytes", "limit=1M/hour", "destination=friends", NULL);
	site_policy(s, "r", "count=bytes", "limit=1M/hour", "key=recipient", NULL);
	site_policy(s, "d", "count=bytes", "limit=1M/hour", "key=recipient-domain", NULL);
	SEND(s, NOW, .size = 1000,
		.rcpt = { "<a@example.net>", "<A@example.net>", "<b@example.net>",
			"<c@example.com>", "<d@example.com>" });
	ASSERT_USED("sender", BOB, 1000);
	ASSERT_USED("to", BOB, 1000);
	ASSERT_USED("r", "a@example.net", 1000);
	ASSERT_USED("r", "c@example.com", 1000);
	ASSERT_USED("d", "@example.net", 1000);
	ASSERT_USED("d", "@example.com", 1000);
	SEND(s, NOW, .size = 1000, .rcpt = { "<a@example.net>" });
	ASSERT_USED("to", BOB, 1000);
}

static void test_words(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "out", "count=bytes", "limit=10M/hour", "action=defer", NULL);
	assert_int_equal(SEND(s, NOW, .size = 10 * M).kind, VERDICT_ACCEPT);
	o = SEND(s, NOW, .size = 1);
	assert_string_equal(o.text,
		"Size limit 10M/hour reached for " BOB ", try again in 60 minutes");
	assert_int_equal(o.free_at, NOW + HOURS);
	/* what no wait helps; rounded up, so that it is more than the limit */
	o = SEND(s, NOW, .size = 10 * M + 1);
	assert_string_equal(o.text, "11M message, limit 10M/hour for " BOB);
	assert_int_equal(o.free_at, WINDOW_NEVER);
	o = SEND(s, NOW, .size = 12 * M);
	assert_string_equal(o.text, "12M message, limit 10M/hour for " BOB);
	site_policy(s, "out", "limit=1500/hour", NULL);
	o = SEND(s, NOW, .size = 2000);
	assert_string_equal(o.text, "2000 byte message, limit 1500/hour for " BOB);
}

/* Before the end it is asked for the least: with room for one octet nobody is refused. */
static void test_early(void **state)
{
	struct site *s = *state;
	struct mail mail = { .size = 600, .early = true };

	site_setting(s, "reject_early", "always");
	site_policy(s, "out", "count=bytes", "limit=1000/hour", "action=defer", NULL);
	assert_int_equal(site_send(s, NOW, &mail).kind, VERDICT_ACCEPT);
	assert_false(site_send(s, NOW, &mail).at_mail);
	ASSERT_USED("out", BOB, 600);
	mail.size = 400;
	assert_int_equal(site_send(s, NOW, &mail).kind, VERDICT_ACCEPT);
	assert_true(site_send(s, NOW, &mail).at_mail);
	/* each recipient by himself */
	site_policy(s, "out", "key=recipient", "limit=500/hour", NULL);
	SEND(s, NOW, .size = 500, .rcpt = { "<a@example.net>" });
	assert_string_equal(
		SEND(s, NOW, .size = 9, .rcpt = { "<a@example.net>", "<b@example.net>" })
			.told,
		"450 250");
	ASSERT_USED("out", "b@example.net", 9);
}

/* What comes behind says nothing early: when the size is known, another may have the
 * first word. */
static void test_early_behind(void **state)
{
	struct site *s = *state;
	struct mail mail = { .size = 9, .early = true };
	struct outcome o;

	site_setting(s, "reject_early", "always");
	site_policy(s, "a", "count=bytes", "limit=5/hour", "action=defer", NULL);
	site_policy(s, "b", "limit=0/hour", "action=block", NULL);
	o = site_send(s, NOW, &mail);
	assert_false(o.at_mail);
	assert_string_equal(o.policy, "a");
	mail.size = 5;
	assert_string_equal(site_send(s, NOW, &mail).policy, "b");
}

/* Without the facts nothing is decided. */
static void test_lacking(void **state)
{
	static const unsigned hidden[] = { STEP_HEADERS, STEP_BODY, STEPS_SIZE };
	struct site *s = *state;

	site_policy(s, "out", "count=bytes", "limit=1M/hour", NULL);
	for (size_t i = 0; i < LENGTH(hidden); i++)
		assert_string_equal(
			SEND(s, NOW, .size = 9, .hides = hidden[i]).code, "421");
	assert_int_equal(engine_steps(&s->engine, NOW), STEPS_SIZE);
	site_policy(s, "out", "enabled=no", NULL);
	assert_int_equal(engine_steps(&s->engine, NOW), 0);
	site_policy(s, "out", "enabled=yes", "only-headers=yes", NULL);
	assert_int_equal(engine_steps(&s->engine, NOW), 0);
}

/* The history has it where a policy needed it, and where it is all of it. */
static void test_history(void **state)
{
	struct site *s = *state;
	struct begun *b;

	SEND(s, NOW, .size = 5);
	site_policy(s, "r", "count=bytes", "limit=9/hour", "action=defer",
		"key=recipient", NULL);
	SEND(s, NOW + 1, .size = 6);
	SEND(s, NOW + 2, .size = 7);
	SEND(s, NOW + 3, .size = 8, .hides = STEP_BODY);
	/* a recipient is refused, and the client goes away in the middle of the body */
	SEND(s, NOW + 4, .size = 3);
	b = site_begin(s, &(struct mail){ 0 });
	engine_rcpt(b->m, "<alice@example.net>", NULL, "4XyZ", NOW + 5);
	engine_rcpt(b->m, "<b@example.net>", NULL, "4XyZ", NOW + 5);
	engine_body(b->m, 99);
	engine_abort(b->m, NOW + 5);
	site_finish(b);
	assert_string_equal(
		site_text(s, "SELECT GROUP_CONCAT(IFNULL(size, '-'), ' ') FROM "
			     "(SELECT size FROM decision ORDER BY time)"),
		"- 6 7 - 3 -");
}

/* What a policy before it may refuse at the end, by the size, is said by nobody else
 * before that. */
static void test_is_awaited(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "size", "destination=friends", "count=bytes", "limit=1/hour",
		"action=block", "priority=1", NULL);
	site_policy(s, "none", "limit=0/hour", "action=defer", NULL);
	o = SEND(s, NOW, .early = true, .size = 3, .rcpt = { "<a@friends.net>" });
	assert_string_equal(o.told, "250");
	assert_string_equal(o.policy, "size");
	assert_string_equal(o.code, "550");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_what_counts),
		SITE_TEST(test_empty),
		SITE_TEST(test_keys),
		SITE_TEST(test_words),
		SITE_TEST(test_early),
		SITE_TEST(test_early_behind),
		SITE_TEST(test_lacking),
		SITE_TEST(test_history),
		SITE_TEST(test_is_awaited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
