/*
 * What does not go on costs nothing, what cannot be known follows on_error, and many at
 * once get exactly what there is, with refusals before the end in between (behaviour.md,
 * "Charging").  Made for a build with -fsanitize=thread; threads only count, main looks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../grants.h"

#include "base/episode.h"

#include <pthread.h>
#include <stdatomic.h>

#define BOB "bob@example.org"

#define SENDERS	 8
#define ATTEMPTS 125 /* a thousand in all */

/* A counter that is in the database alone, and the database cannot be read. */
static void test_unreadable(void **state)
{
	struct site *s = *state;
	char text[EPISODE_TEXT_MAX];
	struct outcome o;

	site_policy(s, "out", "limit=2/hour", "action=block", NULL);
	site_stop(s);
	site_start_with(s, 0, NOW);
	SEND(s, NOW, 0);
	SEND(s, NOW, 0);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_BLOCK);
	site_sql(s, "ALTER TABLE bucket RENAME TO elsewhere");
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_ERROR);
	assert_true(episode_say(text));
	assert_non_null(strstr(text, "cannot read counters"));
	site_setting(s, "on_error", "tempfail");
	o = SEND(s, NOW, 0);
	assert_int_equal(o.kind, VERDICT_ERROR);
	assert_string_equal(o.enhanced, "4.3.0");
	site_sql(s, "ALTER TABLE elsewhere RENAME TO bucket");
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_BLOCK);
	assert_false(episode_say(text));
	assert_int_equal(site_number(s, "SELECT SUM(count) FROM bucket"), 2);
}

/* It ends without a message, too: none may come, since others were told of it. */
static void test_read_again(void **state)
{
	struct site *s = *state;
	struct counter_store *store;
	char text[EPISODE_TEXT_MAX];

	site_policy(s, "out", "limit=2/hour", "action=block", NULL);
	site_stop(s);
	site_start_with(s, 0, NOW);
	store = s->engine.store;
	SEND(s, NOW, 0);
	site_sql(s, "ALTER TABLE bucket RENAME TO elsewhere");
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_ERROR);
	store->sweep(store, NOW);
	assert_true(episode_say(text));
	site_sql(s, "ALTER TABLE elsewhere RENAME TO bucket");
	assert_true(episode_say(text));
	store->sweep(store, NOW);
	assert_false(episode_say(text));
}

/* However often it is tried, wherever it is refused. */
static void test_refused_costs_nothing(void **state)
{
	static const struct mail mails[] = {
		{ .rcpt = { "<a@friends.net>", "<x@x.net>" } },
		{ .rcpt = { "<a@friends.net>", "<x@x.net>" }, .local = true },
		{ .rcpt = { "<a@friends.net>" } },
		{ .rcpt = { "<x@x.net>", "<y@x.net>", "<z@x.net>" } },
		{ .rcpt = { "<x@x.net>" }, .hides = STEP_RCPT },
	};
	static const char *const settings[] = { "auto", "never" };
	struct site *s = *state;

	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "first", "limit=99/hour", "key=policy", "action=block",
		"priority=1", NULL);
	site_policy(s, "to", "destination=friends", "limit=0/hour", "action=block",
		"priority=2", NULL);
	site_policy(s, "few", "count=recipients", "limit=2/hour", "action=defer", NULL);
	site_policy(s, "watch", "limit=99/hour", "priority=9", NULL);
	SEND(s, NOW, .rcpt = { "<x@x.net>", "<y@x.net>" });
	for (int try = 0; try < 20; try++) {
		site_setting(s, "reject_early", settings[try % 2]);
		for (size_t i = 0; i < LENGTH(mails); i++) {
			struct mail mail = mails[i];
			struct outcome o;

			mail.early = true;
			o = site_send(s, NOW + try, &mail);
			assert_true(o.kind == VERDICT_DEFER || o.kind == VERDICT_BLOCK ||
				    strcmp(o.code, "421") == 0);
		}
	}
	assert_int_equal(site_used(s, "first", 0, "*", NOW), 1);
	assert_int_equal(site_used(s, "few", 0, BOB, NOW), 2);
	assert_int_equal(site_used(s, "watch", 0, BOB, NOW), 1);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM bucket"), 3);
}

struct race {
	struct site *site;
	atomic_int next;
	atomic_int passed, at_mail, at_rcpt, at_end, strange;
};

static void attempt(struct race *r, int i)
{
	struct mail mail = { .client = "192.0.2.7",
		.early = i % 3 != 0,
		.hides = i % 5 == 0 ? STEP_MAIL_ANSWER : 0,
		.rcpt = { "<a@friends.net>", "<x@x.net>" } };
	struct outcome o = site_send(r->site, NOW + i, &mail);

	if (o.kind == VERDICT_ACCEPT)
		atomic_fetch_add(&r->passed, 1);
	else if (o.kind != VERDICT_DEFER)
		atomic_fetch_add(&r->strange, 1);
	else
		atomic_fetch_add(o.at_mail   ? &r->at_mail
				 : o.aborted ? &r->at_rcpt
					     : &r->at_end,
			1);
}

static void *send_many(void *arg)
{
	struct race *r = arg;

	for (int i = 0; i < ATTEMPTS; i++)
		attempt(r, atomic_fetch_add(&r->next, 1));
	return NULL;
}

static void run_race(struct race *r)
{
	pthread_t threads[SENDERS];

	for (int t = 0; t < SENDERS; t++)
		assert_int_equal(pthread_create(&threads[t], NULL, send_many, r), 0);
	for (int i = 0; i < 20; i++) {
		site_policy(r->site, "wide", i % 2 ? "priority=1" : "priority=9", NULL);
		engine_steps(&r->site->engine, NOW);
	}
	for (int t = 0; t < SENDERS; t++)
		pthread_join(threads[t], NULL);
	assert_int_equal(atomic_load(&r->strange), 0);
	assert_int_equal(atomic_load(&r->passed) + atomic_load(&r->at_mail) +
				 atomic_load(&r->at_rcpt) + atomic_load(&r->at_end),
		SENDERS * ATTEMPTS);
}

/* 1,000 parallel attempts at 100/hour let exactly 100 through, while sets are swapped. */
static void test_exactly_the_limit(void **state)
{
	struct site *s = *state;
	struct race r = { .site = s };

	site_policy(s, "out", "limit=100/hour", "action=defer", "key=client", NULL);
	site_policy(s, "wide", "limit=2000/hour", "action=block", NULL);
	run_race(&r);
	assert_int_equal(atomic_load(&r.passed), 100);
	assert_true(atomic_load(&r.at_mail) > 0);
	assert_true(atomic_load(&r.at_end) > 0);
	assert_int_equal(site_used(s, "out", 0, "192.0.2.7", NOW), 100);
	assert_int_equal(site_used(s, "wide", 0, BOB, NOW), 100);
	assert_int_equal(
		site_number(s, "SELECT COUNT(*) FROM v_decisions"), SENDERS * ATTEMPTS);
	assert_int_equal(
		site_number(s, "SELECT refused FROM refusal WHERE object = '192.0.2.7'"),
		SENDERS * ATTEMPTS - 100);
}

/* With 50 more for some of the time, exactly 150. */
static void test_exactly_the_grant(void **state)
{
	struct site *s = *state;
	struct race r = { .site = s };

	site_policy(s, "out", "limit=100/hour", "action=defer", "key=client", NULL);
	site_policy(s, "wide", "limit=2000/hour", "action=block", NULL);
	site_grant(s, "192.0.2.7", "out", 50, NOW + MINUTES);
	run_race(&r);
	assert_int_equal(atomic_load(&r.passed), 150);
	assert_int_equal(site_used(s, "out", 0, "192.0.2.7", NOW), 150);
	assert_int_equal(site_used(s, "wide", 0, BOB, NOW), 150);
	/* the grant is over, and what was used counts */
	assert_int_equal(
		SEND(s, NOW + MINUTES, .client = "192.0.2.7").kind, VERDICT_DEFER);
}

/* The same where each recipient is told apart; nor does a penalty begin twice. */
static void test_exactly_the_limit_of_recipients(void **state)
{
	struct site *s = *state;
	struct race r = { .site = s };

	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "to", "destination=friends", "limit=100/hour", "action=defer",
		"penalty=1d", NULL);
	site_policy(s, "net", "key=recipient-domain", "limit=100/hour", "action=defer",
		"priority=9", "penalty=1d", NULL);
	site_policy(s, "wide", "limit=2000/hour", "action=block", NULL);
	run_race(&r);
	assert_int_equal(site_used(s, "to", 0, BOB, NOW), 100);
	assert_int_equal(site_used(s, "net", 0, "@friends.net", NOW), 100);
	assert_int_equal(site_used(s, "net", 0, "@x.net", NOW), 100);
	assert_int_equal(
		site_used(s, "wide", 0, BOB, NOW), (uint64_t)atomic_load(&r.passed));
	assert_true(atomic_load(&r.at_rcpt) > 0);
	assert_int_equal(
		site_number(s, "SELECT MAX(count) FROM bucket b JOIN policy_limit l ON "
			       "l.id = b.limit_id AND kind = 'penalty'"),
		1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_unreadable),
		SITE_TEST(test_read_again),
		SITE_TEST(test_refused_costs_nothing),
		SITE_TEST(test_exactly_the_limit),
		SITE_TEST(test_exactly_the_grant),
		SITE_TEST(test_exactly_the_limit_of_recipients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
