/*
 * The engine: which policies a message meets, what it is charged, its verdict and
 * its record (behaviour.md, "Policies", "Charging", "Failure").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"
#include "base/episode.h"

#include <pthread.h>
#include <stdatomic.h>

#define BOB "bob@example.org"

/* To n recipients. */
static struct outcome send_to(struct site *s, int64_t now, size_t n)
{
	struct mail mail = { 0 };

	for (size_t i = 0; i < n; i++)
		mail.rcpt[i] = "<alice@example.net>";
	return site_send(s, now, &mail);
}

static void test_nobody_cares(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "off", "limit=0/hour", "action=block", "enabled=no", NULL);
	site_group(s, "staff", "@example.com", NULL);
	site_policy(s, "others", "limit=0/hour", "action=block", "source=staff", NULL);
	o = SEND(s, NOW, 0);
	assert_int_equal(o.kind, VERDICT_ACCEPT);
	assert_string_equal(o.policy, "");
	assert_string_equal(o.object, "");
	assert_string_equal(o.text, "");
	assert_int_equal(o.free_at, 0);
	/* without a limit a policy matches, and lets everything go */
	site_policy(s, "free", "action=block", NULL);
	o = SEND(s, NOW, 0);
	assert_int_equal(o.kind, VERDICT_ACCEPT);
	assert_string_equal(o.policy, "free");
}

static void test_one_limit(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "out", "limit=3/hour", "action=defer", NULL);
	for (int i = 0; i < 3; i++) {
		o = SEND(s, NOW + i * CLOCK_SECOND, .sender = "<Bob@Example.org>");
		assert_int_equal(o.kind, VERDICT_ACCEPT);
		assert_string_equal(o.policy, "out");
		assert_string_equal(o.object, BOB);
	}
	o = SEND(s, NOW + 3 * CLOCK_SECOND, 0);
	assert_int_equal(o.kind, VERDICT_DEFER);
	assert_string_equal(o.code, "450");
	assert_string_equal(o.enhanced, "4.7.1");
	assert_non_null(strstr(o.text, "3/hour"));
	assert_non_null(strstr(o.text, BOB));
	/* at most 1/64 of the period too strict, never too lax */
	assert_true(o.free_at >= NOW + HOURS && o.free_at <= NOW + HOURS + HOURS / 64);
	assert_int_equal(SEND(s, o.free_at - 1, 0).kind, VERDICT_DEFER);
	assert_int_equal(SEND(s, o.free_at, 0).kind, VERDICT_ACCEPT);
	/* for others there was room all along */
	o = SEND(s, NOW, .sender = "<eve@example.org>");
	assert_int_equal(o.kind, VERDICT_ACCEPT);
}

static void test_actions(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "out", "limit=0/hour", "action=block", "reply=No: {policy} 100%",
		NULL);
	o = SEND(s, NOW, 0);
	assert_int_equal(o.kind, VERDICT_BLOCK);
	assert_string_equal(o.code, "550");
	assert_string_equal(o.enhanced, "5.7.1");
	assert_string_equal(o.text, "No: out 100%");
	site_policy(s, "out", "action=hold", "reply=", NULL);
	o = SEND(s, NOW, 0);
	assert_int_equal(o.kind, VERDICT_HOLD);
	assert_string_equal(o.code, "");
	assert_string_equal(o.text, "");
	assert_non_null(strstr(o.reason, "1 message, limit 0/hour"));
	site_policy(s, "out", "action=monitor", NULL);
	o = SEND(s, NOW, 0);
	assert_int_equal(o.kind, VERDICT_MONITOR);
	assert_string_equal(o.text, "");
	assert_string_equal(o.policy, "out");
}

/* One counter for each object: a login however it is written, a /64, what does
 * not parse; no policy without an object. */
static void test_objects(void **state)
{
	struct site *s = *state;

	site_policy(s, "by-login", "limit=9/hour", "key=login", NULL);
	site_policy(s, "by-sender", "limit=9/hour", "key=sender", NULL);
	site_policy(s, "by-client", "limit=9/hour", "key=client", NULL);
	SEND(s, NOW, .login = "BOB", .mta = "mx.example.net",
		.client = "2001:db8:1:2::3");
	SEND(s, NOW, .login = "bob@MX.example.net", .client = "2001:db8:1:2:ffff::");
	SEND(s, NOW, .sender = "<a@@b>", .client = "::ffff:192.0.2.7");
	SEND(s, NOW, .sender = "<c d@e>", .client = "192.0.2.7");
	SEND(s, NOW, .sender = "<>", .client = "192.0.2.7");
	assert_int_equal(site_used(s, "by-login", 0, "bob@mx.example.net", NOW), 2);
	assert_int_equal(site_used(s, "by-sender", 0, BOB, NOW), 2);
	assert_int_equal(site_used(s, "by-sender", 0, "<invalid>", NOW), 2);
	assert_int_equal(site_used(s, "by-client", 0, "2001:db8:1:2::/64", NOW), 2);
	assert_int_equal(site_used(s, "by-client", 0, "192.0.2.7", NOW), 3);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM bucket"), 5);
	assert_string_equal(SEND(s, NOW, .sender = "<>").policy, "");
}

/* A destination is matched by address or domain; `!` is the complement. */
static void test_destination(void **state)
{
	struct site *s = *state;

	site_group(s, "friends", "alice@example.net", "@example.com", NULL);
	site_policy(s, "to", "destination=friends", "limit=9/hour", NULL);
	site_policy(s, "not-to", "destination=!friends", "limit=9/hour", NULL);
	SEND(s, NOW, .rcpt = { "<Alice@example.net>" });
	SEND(s, NOW, .rcpt = { "<x@Example.COM>" });
	assert_int_equal(site_used(s, "to", 0, BOB, NOW), 2);
	assert_int_equal(site_used(s, "not-to", 0, BOB, NOW), 0);
	SEND(s, NOW, .rcpt = { "<eve@example.net>" });
	SEND(s, NOW, .rcpt = { "<not valid>" });
	assert_int_equal(site_used(s, "to", 0, BOB, NOW), 2);
	assert_int_equal(site_used(s, "not-to", 0, BOB, NOW), 2);
	SEND(s, NOW, .rcpt = { "<eve@example.net>", "<x@example.com>" });
	assert_int_equal(site_used(s, "to", 0, BOB, NOW), 3);
	assert_int_equal(site_used(s, "not-to", 0, BOB, NOW), 3);
}

/* Recipients: those that match the destination, each of them. */
static void test_count_recipients(void **state)
{
	struct site *s = *state;

	site_group(s, "friends", "@example.com", NULL);
	site_policy(s, "whole", "count=recipients", "limit=99/hour", NULL);
	site_policy(s, "to", "destination=friends", "count=recipients", "limit=99/hour",
		NULL);
	site_policy(s, "not-to", "destination=!friends", "count=recipients",
		"limit=99/hour", NULL);
	SEND(s, NOW,
		.rcpt = { "<a@example.com>", "<b@example.com>", "<c@example.net>",
			"<a@example.com>", "<bad bad>" });
	assert_int_equal(site_used(s, "whole", 0, BOB, NOW), 5);
	assert_int_equal(site_used(s, "to", 0, BOB, NOW), 3);
	assert_int_equal(site_used(s, "not-to", 0, BOB, NOW), 2);
}

/* A refused message costs nothing however often it is tried. */
static void test_refused_costs_nothing(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "out", "count=recipients", "limit=50/hour", "action=defer", NULL);
	assert_int_equal(send_to(s, NOW, 10).kind, VERDICT_ACCEPT);
	for (int i = 0; i < 20; i++) {
		o = send_to(s, NOW + i * CLOCK_SECOND, 41);
		assert_int_equal(o.kind, VERDICT_DEFER);
		assert_int_equal(o.free_at, NOW + HOURS);
	}
	assert_int_equal(site_used(s, "out", 0, BOB, NOW), 10);
	assert_int_equal(send_to(s, NOW + MINUTES, 40).kind, VERDICT_ACCEPT);
	/* what no wait helps */
	o = send_to(s, NOW + 9 * HOURS, 51);
	assert_int_equal(o.kind, VERDICT_DEFER);
	assert_non_null(strstr(o.text, "51 recipients, limit 50/hour"));
	assert_int_equal(o.free_at, WINDOW_NEVER);
	assert_string_equal(
		site_text(s, "SELECT free_at FROM v_decisions ORDER BY time DESC"),
		"(null)");
	assert_int_equal(site_used(s, "out", 0, BOB, NOW + 9 * HOURS), 0);
}

/* All limits must have room; none is charged where one has not. */
static void test_all_limits(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "out", "limit=2/minute,3/hour", "action=defer", NULL);
	SEND(s, NOW, 0);
	SEND(s, NOW, 0);
	o = SEND(s, NOW, 0);
	assert_int_equal(o.kind, VERDICT_DEFER);
	assert_non_null(strstr(o.text, "2/minute"));
	assert_int_equal(o.free_at, NOW + MINUTES);
	assert_int_equal(site_used(s, "out", 1, BOB, NOW), 2);
	assert_int_equal(SEND(s, NOW + 2 * MINUTES, 0).kind, VERDICT_ACCEPT);
	o = SEND(s, NOW + 3 * MINUTES, 0);
	assert_int_equal(o.kind, VERDICT_DEFER);
	assert_non_null(strstr(o.text, "3/hour"));
	assert_int_equal(site_used(s, "out", 0, BOB, NOW + 3 * MINUTES), 0);
}

/* Where several limits are full, the reply says when there is room in all. */
static void test_wait_for_all_limits(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(
		s, "out", "limit=1/minute,1/hour", "action=defer", "reply={wait}", NULL);
	SEND(s, NOW, 0);
	o = SEND(s, NOW, 0);
	assert_int_equal(o.kind, VERDICT_DEFER);
	assert_string_equal(o.text, "3600");
	assert_int_equal(o.free_at, NOW + HOURS);
}

/* The enforcing policies are charged in one step or not at all, and the first
 * in order without room gives the verdict. */
static void test_several_policies(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "a", "limit=9/hour", "action=block", "priority=1", NULL);
	site_policy(
		s, "b", "limit=2/hour", "action=defer", "priority=2", "key=client", NULL);
	site_policy(s, "c", "limit=2/hour", "action=block", "priority=3", NULL);
	site_policy(s, "m", "limit=9/hour", "action=monitor", "priority=0", NULL);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			SEND(s, NOW, .client = "192.0.2.7").kind, VERDICT_ACCEPT);
	o = SEND(s, NOW, .client = "192.0.2.7");
	assert_int_equal(o.kind, VERDICT_DEFER);
	assert_string_equal(o.policy, "b");
	assert_string_equal(o.object, "192.0.2.7");
	assert_int_equal(site_used(s, "a", 0, BOB, NOW), 2);
	assert_int_equal(site_used(s, "m", 0, BOB, NOW), 2);
	site_policy(s, "c", "priority=1", NULL);
	o = SEND(s, NOW, .client = "192.0.2.7");
	assert_int_equal(o.kind, VERDICT_BLOCK);
	assert_string_equal(o.policy, "c");
	/* equal priorities: by name */
	site_policy(s, "b", "priority=1", NULL);
	assert_string_equal(SEND(s, NOW, .client = "192.0.2.7").policy, "b");
}

/* A monitor policy never stands in the way: it records, and without room its own
 * counters stay, all of them. */
static void test_monitor(void **state)
{
	struct site *s = *state;
	struct outcome o;
	uint64_t seen[VERDICTS];

	site_policy(s, "m", "limit=9/minute,1/hour", "priority=1", NULL);
	site_policy(s, "out", "limit=3/hour", "action=defer", "priority=2", NULL);
	site_policy(s, "z", "limit=0/hour", "priority=3", NULL);
	for (int i = 0; i < 3; i++) {
		o = SEND(s, NOW, 0);
		assert_int_equal(o.kind, VERDICT_MONITOR);
		assert_string_equal(o.policy, i == 0 ? "z" : "m");
		assert_string_equal(o.text, "");
	}
	assert_int_equal(site_used(s, "m", 0, BOB, NOW), 1);
	assert_int_equal(site_used(s, "m", 1, BOB, NOW), 1);
	assert_int_equal(site_used(s, "out", 0, BOB, NOW), 3);
	o = SEND(s, NOW, 0);
	assert_int_equal(o.kind, VERDICT_DEFER);
	assert_string_equal(o.policy, "out");
	/* the one behind the refusal has recorded too */
	stats_read(s->engine.stats,
		site_number(s, "SELECT id FROM policy WHERE name = 'z'"), seen);
	assert_int_equal(seen[VERDICT_MONITOR], 4);
	stats_read(s->engine.stats, 0, seen);
	assert_int_equal(seen[VERDICT_MONITOR], 3);
	assert_int_equal(seen[VERDICT_DEFER], 1);
}

#define ROW                                                                              \
	"SELECT quote(time)||quote(queue_id)||quote(verdict)||quote(policy)||"           \
	"quote(object)||quote(login)||quote(sender)||quote(client)||quote(mta)||"        \
	"quote(recipients)||quote(size)||quote(free_at) FROM v_decisions WHERE "         \
	"queue_id = "

static void test_record(void **state)
{
	struct site *s = *state;
	struct outcome o;

	SEND(s, NOW, .queue_id = "A1", .sender = "<>");
	site_policy(s, "out", "limit=1/hour", "action=defer", NULL);
	SEND(s, NOW + 1234, .queue_id = "B2", .login = "Bob", .client = "2001:db8::7",
		.mta = "mx.example.net");
	o = SEND(s, NOW + 2 * CLOCK_SECOND, .queue_id = "C3", .login = "bob",
		.mta = "mx.example.net");
	assert_string_equal(site_text(s, ROW "'A1'"),
		"'2023-11-14T22:00:00.000Z''A1''accept'"
		"NULLNULLNULL'<>'NULLNULLNULLNULLNULL");
	assert_string_equal(site_text(s, ROW "'B2'"),
		"'2023-11-14T22:00:00.001Z''B2''accept''out''bob@mx.example.net'"
		"'bob@mx.example.net''bob@example.org''2001:db8::7''mx.example.net'"
		"NULLNULLNULL");
	/* the moment of room is told rounded up */
	assert_string_equal(site_text(s, ROW "'C3'"),
		"'2023-11-14T22:00:02.000Z''C3''defer''out''bob@mx.example.net'"
		"'bob@mx.example.net''bob@example.org'NULL'mx.example.net'NULLNULL"
		"'2023-11-14T23:00:00.002Z'");
	assert_string_equal(
		site_text(s, "SELECT reason FROM v_decisions WHERE queue_id = 'C3'"),
		o.reason);
	assert_string_equal(
		site_text(s, "SELECT COUNT(*) FROM v_decisions WHERE reason IS NULL"),
		"2");
}

static void test_history(void **state)
{
	struct site *s = *state;

	site_policy(s, "out", "limit=9/hour", NULL);
	site_setting(s, "history", "off");
	send_to(s, NOW, 3);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM v_decisions"), 0);
	assert_int_equal(site_number(s, "SELECT SUM(count) FROM bucket"), 1);
	site_setting(s, "history", "messages");
	send_to(s, NOW, 3);
	assert_string_equal(site_text(s, "SELECT recipients FROM v_decisions"), "(null)");
	/* a policy that needs them makes them known */
	site_policy(s, "out", "count=recipients", NULL);
	send_to(s, NOW + 1, 3);
	assert_string_equal(
		site_text(s, "SELECT recipients FROM decision ORDER BY time DESC"), "3");
}

/* What was answered is stored; what was not ended costs nothing. */
static void test_stored_before_answered(void **state)
{
	struct site *s = *state;
	struct session session = { .steps = STEPS_ALL };

	site_policy(s, "out", "limit=3/hour", "action=defer", NULL);
	for (int i = 1; i <= 2; i++) {
		SEND(s, NOW, 0);
		assert_int_equal(site_number(s, "SELECT SUM(count) FROM bucket"), i);
		assert_int_equal(site_number(s, "SELECT COUNT(*) FROM v_decisions"), i);
	}
	engine_drop(
		engine_mail(&s->engine, &session, "<bob@example.org>", NULL, NULL, NOW));
	engine_drop(NULL);
	site_stop(s);
	site_start(s, NOW + MINUTES);
	assert_int_equal(site_used(s, "out", 0, BOB, NOW + MINUTES), 2);
	assert_int_equal(SEND(s, NOW + MINUTES, 0).kind, VERDICT_ACCEPT);
	assert_int_equal(SEND(s, NOW + MINUTES, 0).kind, VERDICT_DEFER);
}

/* A message keeps the set it began with; a charge of a policy that has gone
 * meanwhile is dropped and fails nobody's mail. */
static void test_set_is_kept(void **state)
{
	struct site *s = *state;
	struct session session = { .steps = STEPS_ALL };
	struct message *m;

	site_policy(s, "out", "limit=1/hour", "action=defer", "reply=old", NULL);
	SEND(s, NOW, 0);
	m = engine_mail(&s->engine, &session, "<bob@example.org>", NULL, NULL, NOW);
	site_policy(s, "out", "limit=9/hour", "reply=new", NULL);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_ACCEPT);
	assert_string_equal(engine_end(m, NULL, NOW).text, "old");
	engine_drop(m);
	m = engine_mail(&s->engine, &session, "<eve@example.org>", NULL, NULL, NOW);
	site_sql(s, "DELETE FROM policy; DELETE FROM bucket");
	site_publish(s);
	assert_int_equal(engine_end(m, NULL, NOW).kind, VERDICT_ACCEPT);
	engine_drop(m);
	assert_int_equal(site_number(s, "SELECT COUNT(*) FROM bucket"), 0);
}

/* While nothing can be stored: accept keeps the charge, tempfail gives it back,
 * what is refused stays refused.  Once it can, nothing is lost. */
static void check_on_error(struct site *s)
{
	struct outcome o;

	site_policy(s, "out", "limit=2/hour", "action=block", NULL);
	site_setting(s, "on_error", "tempfail");
	site_sql(s, "ALTER TABLE bucket RENAME TO elsewhere");
	for (int i = 0; i < 3; i++) {
		o = SEND(s, NOW, 0);
		assert_int_equal(o.kind, VERDICT_ERROR);
		assert_string_equal(o.code, "451");
		assert_string_equal(o.enhanced, "4.3.0");
	}
	assert_int_equal(site_used(s, "out", 0, BOB, NOW), 0);
	site_setting(s, "on_error", "accept");
	for (int i = 0; i < 2; i++) {
		o = SEND(s, NOW, 0);
		assert_int_equal(o.kind, VERDICT_ERROR);
		assert_string_equal(o.text, "");
	}
	assert_int_equal(site_used(s, "out", 0, BOB, NOW), 2);
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_BLOCK);
}

static void test_on_error(void **state)
{
	struct site *s = *state;
	char text[EPISODE_TEXT_MAX];
	uint64_t seen[VERDICTS];

	check_on_error(s);
	assert_true(episode_say(text));
	assert_non_null(strstr(text, "cannot store"));
	stats_read(s->engine.stats, 0, seen);
	assert_int_equal(seen[VERDICT_ERROR], 5);
	site_sql(s, "ALTER TABLE elsewhere RENAME TO bucket");
	SEND(s, NOW, .sender = "<eve@example.org>");
	assert_int_equal(
		site_number(s, "SELECT count FROM bucket WHERE object LIKE 'bob%'"), 2);
	assert_false(episode_say(text));
	/* a writer that has ended is one more reason */
	writer_stop(s->engine.writer);
	assert_int_equal(SEND(s, NOW, .sender = "<eve@example.org>").kind, VERDICT_ERROR);
	assert_int_equal(site_used(s, "out", 0, "eve@example.org", NOW), 2);
}

#define SENDERS	 8
#define ATTEMPTS 60

static atomic_int passed, refused;

static void *send_many(void *arg)
{
	for (int i = 0; i < ATTEMPTS; i++) {
		enum verdict_kind kind = SEND(arg, NOW + i, .client = "192.0.2.7").kind;

		atomic_fetch_add(kind == VERDICT_ACCEPT ? &passed : &refused,
			kind == VERDICT_ACCEPT || kind == VERDICT_DEFER);
	}
	return NULL;
}

/* Parallel attempts at 100/hour let exactly 100 through, while sets are swapped. */
static void test_exactly_the_limit(void **state)
{
	struct site *s = *state;
	pthread_t threads[SENDERS];

	site_policy(s, "by-client", "limit=100/hour", "action=defer", "key=client", NULL);
	site_policy(s, "by-sender", "limit=300/hour", "action=defer", NULL);
	for (int t = 0; t < SENDERS; t++)
		assert_int_equal(pthread_create(&threads[t], NULL, send_many, s), 0);
	for (int i = 0; i < 20; i++)
		site_policy(s, "by-sender", i % 2 ? "priority=1" : "priority=9", NULL);
	for (int t = 0; t < SENDERS; t++)
		pthread_join(threads[t], NULL);
	assert_int_equal(atomic_load(&passed), 100);
	assert_int_equal(atomic_load(&refused), SENDERS * ATTEMPTS - 100);
	assert_int_equal(site_used(s, "by-sender", 0, BOB, NOW), 100);
	assert_int_equal(site_number(s, "SELECT SUM(count) FROM bucket"), 200);
	assert_int_equal(
		site_number(s, "SELECT COUNT(*) FROM v_decisions"), SENDERS * ATTEMPTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_nobody_cares),
		SITE_TEST(test_one_limit),
		SITE_TEST(test_actions),
		SITE_TEST(test_objects),
		SITE_TEST(test_destination),
		SITE_TEST(test_count_recipients),
		SITE_TEST(test_refused_costs_nothing),
		SITE_TEST(test_all_limits),
		SITE_TEST(test_wait_for_all_limits),
		SITE_TEST(test_several_policies),
		SITE_TEST(test_monitor),
		SITE_TEST(test_record),
		SITE_TEST(test_history),
		SITE_TEST(test_stored_before_answered),
		SITE_TEST(test_set_is_kept),
		SITE_TEST(test_on_error),
		SITE_TEST(test_exactly_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
