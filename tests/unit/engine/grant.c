/*
 * A grant lets so many messages more through until it ends, and none more; afterwards
 * what is in the window counts as it stands (behaviour.md, "Objects and grants").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../grants.h"
#include "engine/housekeep.h"

#define BOB "bob@example.org"
#define END (NOW + 10 * MINUTES)

/* How many of so many pass at that moment. */
static int passed(struct site *s, int64_t now, int tries)
{
	int n = 0;

	for (int i = 0; i < tries; i++)
		n += SEND(s, now, .early = i % 2 != 0).kind == VERDICT_ACCEPT;
	return n;
}

static void use_strategy(struct site *s, enum strategy strategy)
{
	char pair[40];

	site_sql(s, "DELETE FROM object_grant");
	snprintf(pair, sizeof(pair), "strategy=%s", strategy_name(strategy));
	site_policy(s, "out", "limit=10/hour", "action=defer", pair, NULL);
	s->engine.store->reset(s->engine.store, NULL, NULL);
}

/* 10 an hour and 4 more; what is used when the grant ends stays used. */
static void test_each_strategy(void **state)
{
	/* when less than 10 of the 14 that came at NOW are left, and then what fits */
	static const struct {
		int64_t room;
		int more;
	} after[] = {
		[STRATEGY_MOVING] = { NOW + HOURS, 10 },
		/* a 14th an hour, from the next hour on: 5 of them, rounded up */
		[STRATEGY_SLIDING] = { NOW + HOURS + HOURS * 5 / 14 + 1, 1 },
		[STRATEGY_FIXED] = { NOW + HOURS, 10 },
		/* it drains 10 an hour, granted or not */
		[STRATEGY_BUCKET] = { NOW + HOURS / 2, 1 },
	};
	struct site *s = *state;

	for (enum strategy i = STRATEGY_MOVING; i < STRATEGIES; i++) {
		use_strategy(s, i);
		assert_int_equal(passed(s, NOW, 15), 10);
		site_grant(s, BOB, "out", 4, END);
		assert_int_equal(passed(s, NOW, 9), 4);
		assert_int_equal(site_used(s, "out", 0, BOB, NOW), 14);
		assert_int_equal(passed(s, NOW + 5, 3), 0);
		assert_int_equal(passed(s, after[i].room - 1, 3), 0);
		assert_int_equal(passed(s, after[i].room, 20), after[i].more);
	}
}

/* To the microsecond. */
static void test_end(void **state)
{
	struct site *s = *state;

	for (enum strategy i = STRATEGY_MOVING; i < STRATEGIES; i++) {
		use_strategy(s, i);
		/* of a level one would drain in six minutes */
		assert_int_equal(passed(s, END - 2, 15), 10);
		site_grant(s, BOB, "out", 4, END);
		assert_int_equal(passed(s, END - 1, 2), 2);
		assert_int_equal(passed(s, END, 2), 0);
		assert_int_equal(passed(s, END - 1, 3), 2);
	}
}

static void test_whose(void **state)
{
	struct site *s = *state;

	site_policy(s, "out", "limit=1/hour,2/day", "action=defer", "priority=1", NULL);
	site_policy(s, "sum", "limit=5/hour", "action=defer", "key=policy", NULL);
	assert_int_equal(passed(s, NOW, 3), 1);
	/* both of its limits are raised, those of others are not */
	site_grant(s, BOB, "out", 10, END);
	assert_int_equal(passed(s, NOW, 9), 4);
	assert_string_equal(SEND(s, NOW, 0).policy, "sum");
	assert_int_equal(SEND(s, NOW, .sender = "<eve@example.org>").kind, VERDICT_DEFER);
	site_grant(s, "*", "sum", 3, END);
	assert_int_equal(passed(s, NOW, 9), 3);
	assert_int_equal(site_used(s, "out", 0, BOB, NOW), 8);
	assert_int_equal(site_used(s, "out", 1, BOB, NOW), 8);
	/* in each policy: here another 2, beside the 10 */
	site_grant(s, BOB, NULL, 2, END + 5);
	site_grant(s, "*", "sum", 100, END + 5);
	assert_int_equal(passed(s, NOW, 9), 5);
	assert_string_equal(SEND(s, NOW, 0).policy, "out");
	assert_int_equal(site_used(s, "out", 0, BOB, NOW), 13);
	/* the other one ends first */
	s->engine.store->reset(s->engine.store, NULL, NULL);
	assert_int_equal(passed(s, END, 9), 3);
	assert_int_equal(passed(s, END + 5, 9), 0);
}

/* Where recipients or bytes are counted, nothing is granted: not even a byte. */
static void test_messages_alone(void **state)
{
	struct site *s = *state;

	site_policy(s, "out", "limit=1/hour", "action=defer", NULL);
	site_grant(s, BOB, NULL, 10, END);
	site_grant(s, BOB, "out", 10, END);
	assert_int_equal(passed(s, NOW, 30), 21);
	site_policy(s, "out", "count=recipients", NULL);
	assert_int_equal(passed(s, NOW, 3), 1);
	site_policy(s, "out", "count=bytes", "limit=10K/hour", NULL);
	assert_int_equal(SEND(s, NOW, .size = 10230).kind, VERDICT_ACCEPT);
	assert_int_equal(SEND(s, NOW, .size = 20).kind, VERDICT_DEFER);
	/* it was only asleep */
	site_policy(s, "out", "count=messages", "limit=1/hour", NULL);
	assert_int_equal(passed(s, NOW, 30), 21);
}

/* Each recipient's own, and those that are refused one by one. */
static void test_recipients(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "to", "limit=1/hour", "action=block", "key=recipient", NULL);
	site_grant(s, "a@x.net", "to", 1, END);
	SEND(s, NOW, .rcpt = { "<a@x.net>", "<b@x.net>" });
	o = SEND(s, NOW, .rcpt = { "<a@x.net>", "<b@x.net>" });
	assert_string_equal(o.told, "250 550");
	o = SEND(s, NOW, .rcpt = { "<a@x.net>", "<b@x.net>" });
	assert_string_equal(o.told, "550 550");
}

static void test_monitor(void **state)
{
	struct site *s = *state;

	site_policy(s, "watch", "limit=1/hour", NULL);
	site_grant(s, BOB, NULL, 1, END);
	assert_int_equal(passed(s, NOW, 3), 2);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_MONITOR);
	assert_int_equal(site_used(s, "watch", 0, BOB, NOW), 2);
}

/* The limit that is told is the one that was reached; and when there is room, with what
 * will have ended by then. */
static void test_words(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "out", "limit=10/hour", "action=defer",
		"reply=over {limit} wait {wait}", "strategy=bucket", NULL);
	site_grant(s, BOB, "out", 5, END);
	assert_int_equal(passed(s, NOW, 20), 15);
	o = SEND(s, NOW, 0);
	assert_string_equal(o.text, "over 15/hour wait 360");
	assert_non_null(strstr(o.reason, "Message limit 15/hour reached for " BOB));
	/* one drains in 6 minutes, and 6 have to be gone when the grant has ended */
	o = SEND(s, NOW + 5 * MINUTES, 0);
	assert_string_equal(o.text, "over 15/hour wait 60");
	assert_int_equal(SEND(s, NOW + 6 * MINUTES, 0).kind, VERDICT_ACCEPT);
	o = SEND(s, NOW + 6 * MINUTES, 0);
	assert_int_equal(o.free_at, NOW + 42 * MINUTES);
	assert_int_equal(SEND(s, END, 0).free_at, NOW + 42 * MINUTES);
	assert_int_equal(passed(s, NOW + 42 * MINUTES - 1, 1), 0);
	assert_int_equal(passed(s, NOW + 42 * MINUTES, 2), 1);
}

/* A limit of 0 refuses all but what is granted; a level too can be granted again. */
static void test_nothing_but_the_grant(void **state)
{
	struct site *s = *state;
	struct outcome o;

	for (enum strategy i = STRATEGY_MOVING; i < STRATEGIES; i++) {
		use_strategy(s, i);
		site_policy(s, "out", "limit=0/hour", NULL);
		assert_int_equal(passed(s, NOW, 2), 0);
		site_grant(s, BOB, NULL, 3, END);
		assert_int_equal(passed(s, NOW, 9), 3);
		o = SEND(s, NOW, 0);
		assert_int_equal(o.free_at, WINDOW_NEVER);
		assert_string_equal(o.text, "Message limit 3/hour reached for " BOB
					    ", try again in 60 minutes");
		assert_int_equal(passed(s, END, 2), 0);
		assert_string_equal(
			SEND(s, END, 0).text, "1 message, limit 0/hour for " BOB);
		site_grant(s, BOB, NULL, 2, NOW + 2 * DAYS);
		assert_int_equal(passed(s, NOW + DAYS, 9), 2);
	}
}

/* A penalty is another matter: room does not end it. */
static void test_penalty(void **state)
{
	struct site *s = *state;

	site_policy(s, "out", "limit=1/hour", "action=defer", "penalty=30m", NULL);
	assert_int_equal(passed(s, NOW, 2), 1);
	site_grant(s, BOB, "out", 5, NOW + DAYS);
	assert_int_equal(passed(s, NOW + 30 * MINUTES - 1, 3), 0);
	assert_int_equal(passed(s, NOW + 30 * MINUTES, 9), 5);
	/* the next one begins with what is refused then */
	assert_int_equal(passed(s, NOW + 60 * MINUTES - 1, 1), 0);
}

static void test_rename_and_delete(void **state)
{
	struct err err = { ERR_BAD, "" };
	struct site *s = *state;
	struct policy p;

	site_policy(s, "out", "limit=1/hour", "action=defer", NULL);
	site_grant(s, BOB, "out", 2, END);
	assert_int_equal(passed(s, NOW, 2), 2);
	must(policy_record_find(s->db, "out", &p, &err), &err);
	must(policy_record_rename(s->db, &p, "new", &err), &err);
	policy_clear(&p);
	site_publish(s);
	assert_int_equal(passed(s, NOW, 2), 1);
	assert_int_equal(passed(s, END, 1), 0);
	/* of another policy of that name it is none */
	must(policy_record_find(s->db, "new", &p, &err), &err);
	must(policy_record_delete(s->db, &p, &err), &err);
	policy_clear(&p);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM object_grant"), 0);
	site_policy(s, "new", "limit=1/hour", "action=defer", NULL);
	assert_int_equal(passed(s, NOW, 3), 1);
}

/* A message keeps what it began with. */
static void test_message_in_hand(void **state)
{
	struct site *s = *state;
	struct mail mail = { 0 };
	struct outcome o = { 0 };
	struct begun *b;

	site_policy(s, "out", "limit=0/hour", "action=defer", NULL);
	site_grant(s, BOB, NULL, 1, END);
	b = site_begin(s, &mail);
	site_sql(s, "DELETE FROM object_grant");
	site_publish(s);
	assert_true(site_recipients(b, &mail, NOW, &o));
	assert_int_equal(engine_end(b->m, "4XyZ", NOW).kind, VERDICT_ACCEPT);
	site_finish(b);
	assert_int_equal(passed(s, NOW, 1), 0);
}

/* What the database holds is found again, and goes when it is over. */
static void test_kept(void **state)
{
	struct site *s = *state;

	site_policy(s, "out", "limit=1/hour", "action=defer", NULL);
	site_grant(s, BOB, NULL, 5, END);
	site_grant(s, "eve@example.org", NULL, 5, END + 1);
	assert_int_equal(passed(s, NOW, 3), 3);
	site_stop(s);
	site_start(s, NOW);
	assert_int_equal(passed(s, NOW, 9), 3);
	site_keep_house(s, END - 1);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM object_grant"), 2);
	site_keep_house(s, END);
	assert_string_equal(site_text(s, "SELECT GROUP_CONCAT(object) FROM object_grant"),
		"eve@example.org");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_each_strategy),
		SITE_TEST(test_end),
		SITE_TEST(test_whose),
		SITE_TEST(test_messages_alone),
		SITE_TEST(test_recipients),
		SITE_TEST(test_monitor),
		SITE_TEST(test_words),
		SITE_TEST(test_nothing_but_the_grant),
		SITE_TEST(test_penalty),
		SITE_TEST(test_rename_and_delete),
		SITE_TEST(test_message_in_hand),
		SITE_TEST(test_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
