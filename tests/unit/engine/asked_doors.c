/*
 * A message that comes by both doors: what the policy service has charged for it is paid
 * at the milter, and what is too much comes back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../door.h"

#define BOB "bob@example.org"

#define TWO "<a@x.net>", "<b@x.net>"

/* Two recipients at the policy service. */
static void ask_two(struct site *s)
{
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .rcpt = "a@x.net", .size = 100));
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .rcpt = "b@x.net", .size = 100));
}

/* Limits that have room for one such message alone. */
static void make_policies(struct site *s)
{
	site_policy(s, "m", "limit=1/hour", "key=sender", "action=defer", NULL);
	site_policy(s, "r", "limit=2/hour", "count=recipients", "key=client",
		"action=defer", NULL);
	site_policy(s, "t", "limit=1/hour", "key=recipient", "action=block", NULL);
	site_policy(s, "b", "limit=100/hour", "key=sender", "count=bytes", "action=block",
		NULL);
}

static void assert_one(struct site *s)
{
	ASSERT_USED(s, "m", BOB, 1);
	ASSERT_USED(s, "r", DOOR_CLIENT, 2);
	ASSERT_USED(s, "t", "a@x.net", 1);
	ASSERT_USED(s, "t", "b@x.net", 1);
	ASSERT_USED(s, "b", BOB, 100);
}

static void assert_none(struct site *s)
{
	ASSERT_USED(s, "m", BOB, 0);
	ASSERT_USED(s, "r", DOOR_CLIENT, 0);
	ASSERT_USED(s, "t", "a@x.net", 0);
	ASSERT_USED(s, "t", "b@x.net", 0);
	ASSERT_USED(s, "b", BOB, 0);
}

/* Whatever was asked about before, and whether the queue id was known by then. */
static void test_once(void **state)
{
	static const char *const queue_ids[] = { NULL, "", "4XyZ" };
	struct site *s = *state;

	make_policies(s);
	for (unsigned states = 0; states < 8; states++)
		for (size_t i = 0; i < LENGTH(queue_ids); i++) {
			const struct query q = {
				.nrecipients = 2, .size = 100, .queue_id = queue_ids[i]
			};
			struct query data = q, end = q;
			struct outcome o;

			data.state = ASKED_DATA;
			end.state = ASKED_END;
			s->engine.store->reset(s->engine.store, NULL, NULL);
			if (states & 1)
				ask_two(s);
			if (states & 2)
				ASSERT_SAID("DUNNO", door_ask(s, NOW, &data));
			if (states & 4)
				ASSERT_SAID("DUNNO", door_ask(s, NOW, &end));
			o = MILTER(s, NOW, .size = 100, .rcpt = { TWO });
			assert_string_equal(o.told, "250 250");
			ASSERT_SAID("DUNNO", o);
			assert_one(s);
			assert_int_equal(pending_count(s->engine.pending), 0);
			/* the next one is another one */
			o = MILTER(s, NOW, .size = 100, .rcpt = { TWO });
			assert_string_not_equal(o.code, "");
			assert_one(s);
		}
}

/* As it is: both hear of each step, the policy service before the milter. */
static void test_side_by_side(void **state)
{
	static const char *const rcpts[] = { "a@x.net", "b@x.net" };
	static const char *const given[] = { TWO };
	const struct mail mail = { .client = DOOR_CLIENT, .port = DOOR_PORT };
	struct site *s = *state;
	struct verdict v;
	struct begun *b;

	make_policies(s);
	b = site_begin(s, &mail);
	ASSERT_SAID("DUNNO", ASK(s, NOW, MAIL, .size = 100));
	assert_int_equal(engine_early(b->m, NOW).kind, VERDICT_ACCEPT);
	for (size_t i = 0; i < LENGTH(rcpts); i++) {
		const char *queue_id = i > 0 ? "4XyZ" : "";

		ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .rcpt = rcpts[i], .size = 100,
					     .queue_id = queue_id));
		v = engine_rcpt(b->m, given[i], NULL, queue_id, NOW);
		assert_int_equal(v.kind, VERDICT_ACCEPT);
	}
	assert_one(s);
	ASSERT_SAID("DUNNO",
		ASK(s, NOW, DATA, .nrecipients = 2, .size = 100, .queue_id = "4XyZ"));
	engine_body(b->m, 90);
	ASSERT_SAID("DUNNO",
		ASK(s, NOW, END, .nrecipients = 2, .size = 100, .queue_id = "4XyZ"));
	assert_one(s);
	v = engine_end(b->m, "4XyZ", NOW);
	assert_int_equal(v.kind, VERDICT_ACCEPT);
	site_finish(b);
	ASSERT_USED(s, "m", BOB, 1);
	ASSERT_USED(s, "b", BOB, 90);
	assert_int_equal(pending_count(s->engine.pending), 0);
}

/* A message that was refused at DATA leaves what it was told; the next one of the
 * session, which the milter sees before the policy service does, is another one. */
static void test_stale(void **state)
{
	const struct mail mail = {
		.client = DOOR_CLIENT, .port = DOOR_PORT, .hides = STEP_MAIL_ANSWER
	};
	struct site *s = *state;
	struct begun *b;

	site_policy(s, "m", "limit=9/hour", "key=sender", "action=defer", NULL);
	site_policy(s, "few", "limit=1/hour", "count=recipients", "key=client",
		"action=defer", NULL);
	b = site_begin(s, &mail);
	engine_rcpt(b->m, "<a@x.net>", NULL, "", NOW);
	engine_rcpt(b->m, "<b@x.net>", NULL, "1A", NOW);
	ASSERT_SAID("450",
		ASK(s, NOW, DATA, .instance = "1", .nrecipients = 2, .queue_id = "1A"));
	engine_abort(b->m, NOW);
	site_finish(b);
	b = site_begin(s, &mail);
	engine_rcpt(b->m, "<a@x.net>", NULL, "", NOW);
	ASSERT_SAID("DUNNO",
		ASK(s, NOW, DATA, .instance = "2", .nrecipients = 1, .queue_id = "2B"));
	assert_int_equal(engine_end(b->m, "2B", NOW).kind, VERDICT_ACCEPT);
	site_finish(b);
	ASSERT_USED(s, "m", BOB, 1);
	ASSERT_USED(s, "few", DOOR_CLIENT, 1);
	assert_string_equal(
		site_text(s, "SELECT group_concat(verdict || queue_id) FROM decision"),
		"defer1A,accept2B");
}

/* Of another connection, sender or queue id. */
static void test_others(void **state)
{
	struct site *s = *state;

	site_policy(s, "m", "limit=99/hour", "key=policy", "action=defer", NULL);
	ASK(s, NOW, RCPT, .queue_id = "1");
	ASSERT_USED(s, "m", "*", 1);
	SEND(s, NOW, .client = DOOR_CLIENT, .port = DOOR_PORT + 1, .queue_id = "2");
	ASSERT_USED(s, "m", "*", 2);
	SEND(s, NOW, .client = "192.0.2.8", .port = DOOR_PORT, .queue_id = "2");
	ASSERT_USED(s, "m", "*", 3);
	SEND(s, NOW, .client = DOOR_CLIENT, .queue_id = "2");
	ASSERT_USED(s, "m", "*", 4);
	MILTER(s, NOW, .sender = "<eve@example.com>", .queue_id = "2");
	ASSERT_USED(s, "m", "*", 5);
	MILTER(s, NOW, .queue_id = "2");
	ASSERT_USED(s, "m", "*", 6);
	/* and the one */
	MILTER(s, NOW, .queue_id = "1");
	ASSERT_USED(s, "m", "*", 6);
	MILTER(s, NOW, .queue_id = "1");
	ASSERT_USED(s, "m", "*", 7);
}

/* An hour later it has not come: who comes then is another one. */
static void test_late(void **state)
{
	struct site *s = *state;

	site_policy(s, "m", "limit=99/day", "action=defer", NULL);
	ASK(s, NOW, RCPT, 0);
	MILTER(s, NOW + HOURS - 1, 0);
	assert_int_equal(site_used(s, "m", 0, BOB, NOW + HOURS), 1);
	ASK(s, NOW, RCPT, 0);
	MILTER(s, NOW + HOURS, 0);
	assert_int_equal(site_used(s, "m", 0, BOB, NOW + HOURS), 3);
}

/* The milter pays what is missing. */
static void test_more(void **state)
{
	struct site *s = *state;

	site_policy(s, "m", "limit=1/hour", "key=sender", "action=defer", NULL);
	site_policy(s, "r", "limit=4/hour", "key=sender", "count=recipients",
		"action=defer", NULL);
	site_policy(s, "b", "limit=500/hour", "key=sender", "count=bytes", "action=block",
		NULL);
	ask_two(s);
	ASSERT_SAID("DUNNO",
		MILTER(s, NOW, .size = 500, .rcpt = { TWO, "<c@x.net>", "<d@x.net>" }));
	ASSERT_USED(s, "m", BOB, 1);
	ASSERT_USED(s, "r", BOB, 4);
	ASSERT_USED(s, "b", BOB, 500);
}

/* And has back what was too much. */
static void test_fewer(void **state)
{
	struct site *s = *state;

	make_policies(s);
	ask_two(s);
	ASSERT_SAID("DUNNO", MILTER(s, NOW, .size = 30, .rcpt = { "<b@x.net>" }));
	ASSERT_USED(s, "m", BOB, 1);
	ASSERT_USED(s, "r", DOOR_CLIENT, 1);
	ASSERT_USED(s, "t", "a@x.net", 0);
	ASSERT_USED(s, "t", "b@x.net", 1);
	ASSERT_USED(s, "b", BOB, 30);
}

/* What is missing has no room: all of it comes back. */
static void test_refused_by_the_milter(void **state)
{
	struct site *s = *state;

	make_policies(s);
	ask_two(s);
	ASSERT_SAID("550", MILTER(s, NOW, .size = 101, .rcpt = { TWO }));
	assert_none(s);
	assert_int_equal(pending_count(s->engine.pending), 0);
}

/* A recipient that the milter refuses. */
static void test_refused_at_rcpt(void **state)
{
	struct site *s = *state;
	struct outcome o;

	make_policies(s);
	site_policy(s, "m", "limit=2/hour", NULL);
	ASK(s, NOW, RCPT, .rcpt = "a@x.net", .instance = "2", .port = 1);
	ASK(s, NOW, RCPT, .rcpt = "b@x.net");
	o = MILTER(s, NOW, .size = 1, .rcpt = { TWO });
	assert_string_equal(o.told, "550 250");
	ASSERT_USED(s, "t", "a@x.net", 1);
	ASSERT_USED(s, "t", "b@x.net", 1);
	ASSERT_USED(s, "m", BOB, 2);
}

static void test_aborted(void **state)
{
	struct site *s = *state;
	const struct mail mail = {
		.client = DOOR_CLIENT, .port = DOOR_PORT, .rcpt = { TWO }
	};
	struct outcome o = { 0 };
	struct begun *b;

	make_policies(s);
	ask_two(s);
	b = site_begin(s, &mail);
	assert_true(site_recipients(b, &mail, NOW, &o));
	engine_abort(b->m, NOW);
	site_finish(b);
	assert_none(s);
	assert_int_equal(pending_count(s->engine.pending), 0);
	/* one that nobody has paid for gives nothing back */
	MILTER(s, NOW, .size = 100, .rcpt = { TWO });
	b = site_begin(s, &mail);
	engine_abort(b->m, NOW);
	site_finish(b);
	assert_one(s);
}

/* The next request of a message that the milter has had is another message. */
static void test_the_milter_first(void **state)
{
	struct site *s = *state;

	site_policy(s, "m", "limit=99/hour", "action=defer", NULL);
	MILTER(s, NOW, 0);
	ASK(s, NOW, RCPT, 0);
	ASSERT_USED(s, "m", BOB, 2);
	MILTER(s, NOW, 0);
	ASK(s, NOW, END, .nrecipients = 1);
	ASSERT_USED(s, "m", BOB, 3);
}

/* A recipient whom the policy service refused. */
static void test_refused_by_the_door(void **state)
{
	struct site *s = *state;

	site_policy(s, "r", "limit=1/hour", "count=recipients", "action=defer", NULL);
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .rcpt = "a@x.net"));
	ASSERT_SAID("450", ASK(s, NOW, RCPT, .rcpt = "b@x.net"));
	ASSERT_SAID("DUNNO", MILTER(s, NOW, .rcpt = { "<a@x.net>" }));
	ASSERT_USED(s, "r", BOB, 1);
}

/* Held or discarded there, it is so here. */
static void test_sealed(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "m", "limit=9/hour", "action=defer", "priority=1", NULL);
	site_policy(s, "h", "limit=0/hour", "action=hold", NULL);
	ASSERT_SAID("HOLD", ASK(s, NOW, RCPT, 0));
	site_policy(s, "h", "enabled=no", NULL);
	o = MILTER(s, NOW, 0);
	ASSERT_SAID("HOLD", o);
	assert_true(strstr(o.reason, "limit 0/hour") != NULL);
	ASSERT_USED(s, "m", BOB, 0);
	ASSERT_SAID("DUNNO", MILTER(s, NOW, 0));
	ASSERT_USED(s, "m", BOB, 1);
	site_policy(s, "h", "enabled=yes", "action=discard", NULL);
	ASSERT_SAID("DISCARD", ASK(s, NOW, END, .nrecipients = 1, .queue_id = "4XyZ"));
	ASSERT_SAID("DISCARD", MILTER(s, NOW, 0));
	ASSERT_USED(s, "m", BOB, 1);
}

/* By the client address, its port and the sender, however these are written. */
static void test_spelling(void **state)
{
	struct site *s = *state;

	site_policy(s, "m", "limit=99/hour", "key=policy", "action=defer", NULL);
	ASK(s, NOW, RCPT, .sender = "Bob@EXAMPLE.org");
	MILTER(s, NOW, .sender = "<bob@example.ORG>");
	ASSERT_USED(s, "m", "*", 1);
	ASK(s, NOW, RCPT, .sender = "a b@example.org");
	MILTER(s, NOW, .sender = "<\"a b\"@example.org>");
	ASSERT_USED(s, "m", "*", 2);
	ASK(s, NOW, RCPT, .sender = "a..b@example.org");
	MILTER(s, NOW, .sender = "<\"a..b\"@example.org>");
	ASSERT_USED(s, "m", "*", 3);
	ASK(s, NOW, RCPT, .sender = "a.@example.org");
	MILTER(s, NOW, .sender = "<\"a.\"@example.org>");
	ASSERT_USED(s, "m", "*", 4);
	ASK(s, NOW, RCPT, .sender = "@example.org");
	MILTER(s, NOW, .sender = "<\"\"@example.org>");
	ASSERT_USED(s, "m", "*", 5);
	ASK(s, NOW, RCPT, .sender = "", .client = "2001:db8::7");
	SEND(s, NOW, .sender = "<>", .client = "2001:DB8:0::7", .port = DOOR_PORT);
	ASSERT_USED(s, "m", "*", 6);
}

/* What begins a penalty is not one's own message. */
static void test_penalty(void **state)
{
	struct site *s = *state;

	site_policy(s, "m", "limit=1/hour", "penalty=2h", "action=defer", NULL);
	ASK(s, NOW, RCPT, 0);
	ASSERT_SAID("450", ASK(s, NOW, RCPT, .instance = "2", .port = 1));
	ASSERT_SAID("DUNNO", MILTER(s, NOW, 0));
	ASSERT_USED(s, "m", BOB, 1);
	ASSERT_SAID("450", MILTER(s, NOW + 61 * MINUTES, 0));
}

/* From one process to the next. */
static void test_restart(void **state)
{
	struct site *s = *state;
	struct err err = { ERR_BAD, "" };

	make_policies(s);
	ask_two(s);
	engine_suspend(&s->engine);
	pending_table_free(s->engine.pending);
	site_stop(s);
	site_start(s, NOW);
	s->engine.pending = pending_table_new();
	must(engine_resume(&s->engine, s->db, NOW, &err), &err);
	assert_one(s);
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .rcpt = "a@x.net", .size = 100));
	ASSERT_SAID("DUNNO", ASK(s, NOW, DATA, .nrecipients = 2, .size = 100));
	assert_one(s);
	ASSERT_SAID("DUNNO", MILTER(s, NOW, .size = 100, .rcpt = { TWO }));
	assert_one(s);
}

/* Nothing can be stored from now on. */
static void break_store(struct site *s)
{
	site_sql(s, "ALTER TABLE decision RENAME TO elsewhere");
}

static void mend_store(struct site *s)
{
	site_sql(s, "ALTER TABLE elsewhere RENAME TO decision");
}

/* Refused for that, a message has back what it has paid, at either door. */
static void test_not_stored(void **state)
{
	struct site *s = *state;

	site_setting(s, "on_error", "tempfail");
	make_policies(s);
	ask_two(s);
	break_store(s);
	ASSERT_SAID("451",
		ASK(s, NOW, RCPT, .rcpt = "", .size = 100, .instance = "2", .port = 1,
			.sender = "eve@example.com", .client = "192.0.2.8"));
	assert_one(s);
	ASSERT_SAID("451", ASK(s, NOW, DATA, .nrecipients = 2, .size = 100));
	assert_none(s);
	mend_store(s);
	ask_two(s);
	break_store(s);
	ASSERT_SAID("451", MILTER(s, NOW, .size = 100, .rcpt = { TWO }));
	assert_none(s);
	mend_store(s);
}

/* Let pass all the same, it has paid for the next request, too. */
static void test_not_stored_accepted(void **state)
{
	struct site *s = *state;

	site_setting(s, "on_error", "accept");
	make_policies(s);
	break_store(s);
	ask_two(s);
	assert_one(s);
	ASSERT_SAID("DUNNO", ASK(s, NOW, DATA, .nrecipients = 2, .size = 100));
	ASSERT_SAID("DUNNO", MILTER(s, NOW, .size = 100, .rcpt = { TWO }));
	assert_one(s);
	mend_store(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DOOR_TEST(test_once),
		DOOR_TEST(test_side_by_side),
		DOOR_TEST(test_stale),
		DOOR_TEST(test_others),
		DOOR_TEST(test_late),
		DOOR_TEST(test_more),
		DOOR_TEST(test_fewer),
		DOOR_TEST(test_refused_by_the_milter),
		DOOR_TEST(test_refused_at_rcpt),
		DOOR_TEST(test_aborted),
		DOOR_TEST(test_the_milter_first),
		DOOR_TEST(test_refused_by_the_door),
		DOOR_TEST(test_sealed),
		DOOR_TEST(test_spelling),
		DOOR_TEST(test_penalty),
		DOOR_TEST(test_restart),
		DOOR_TEST(test_not_stored),
		DOOR_TEST(test_not_stored_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
