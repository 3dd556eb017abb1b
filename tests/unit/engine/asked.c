/*
 * Messages that come in requests: each is charged once, whichever of its states are asked
 * about, how often, and for whatever is counted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../door.h"

#define BOB   "bob@example.org"
#define ALICE "alice@example.net"

static const char *const rcpts[] = { "a@x.net", "b@x.net", "c@y.net" };

/* Which states of a message are asked about. */
enum { AT_RCPT = 1, AT_DATA = 2, AT_END = 4 };

#define ANNOUNCED 1000 /* before the end */
#define SIZE	  900

struct plan {
	unsigned states;
	unsigned times; /* each request so often, as by several restrictions */
	size_t n;	/* of the recipients */
};

static void whole(struct site *s, const struct plan *p, enum asked_state state)
{
	struct query q = { .state = state,
		.login = "bob",
		.nrecipients = p->n,
		.rcpt = p->n == 1 ? rcpts[0] : "",
		.size = state == ASKED_END ? SIZE : ANNOUNCED };

	for (unsigned t = 0; t < p->times; t++)
		ASSERT_SAID("DUNNO", door_ask(s, NOW, &q));
}

/* One message by itself. */
static void run_plan(struct site *s, const struct plan *p)
{
	s->engine.store->reset(s->engine.store, NULL, NULL);
	for (size_t i = 0; p->states & AT_RCPT && i < p->n; i++)
		for (unsigned t = 0; t < p->times; t++)
			ASSERT_SAID(
				"DUNNO", ASK(s, NOW, RCPT, .login = "bob",
						 .rcpt = rcpts[i], .size = ANNOUNCED));
	if (p->states & AT_DATA)
		whole(s, p, ASKED_DATA);
	if (p->states & AT_END)
		whole(s, p, ASKED_END);
	pending_forget(s->engine.pending, "1");
}

static void assert_used(struct site *s, const struct plan *p, const char *policy,
	const char *object, uint64_t expected)
{
	uint64_t used = site_used(s, policy, 0, object, NOW);

	if (used != expected)
		fail_msg("states %u, %u times, %zu recipients: %s has used %d of %s",
			p->states, p->times, p->n, object, (int)used, policy);
}

static void for_all_plans(
	struct site *s, void (*check)(struct site *s, const struct plan *p))
{
	for (unsigned states = 1; states < 8; states++)
		for (unsigned times = 1; times <= 2; times++)
			for (size_t n = 1; n <= LENGTH(rcpts); n++) {
				const struct plan p = { states, times, n };

				run_plan(s, &p);
				check(s, &p);
			}
}

static void check_counts(struct site *s, const struct plan *p)
{
	uint64_t size = p->states & AT_END ? SIZE : ANNOUNCED;

	assert_used(s, p, "m", BOB, 1);
	assert_used(s, p, "r", BOB, p->n);
	assert_used(s, p, "b", BOB, size);
	assert_used(s, p, "login", "bob@mx.example.org", 1);
	assert_used(s, p, "site", "*", 1);
	assert_used(s, p, "watch", BOB, p->n);
}

/* Messages, recipients, octets; the first recipients of many are no more than one. */
static void test_counts(void **state)
{
	struct site *s = *state;

	site_setting(s, "login_realm", "mx.example.org");
	site_policy(s, "m", "limit=9/hour", "key=sender", "action=defer", NULL);
	site_policy(s, "r", "limit=9/hour", "key=sender", "count=recipients",
		"action=defer", NULL);
	site_policy(s, "b", "limit=9M/hour", "key=sender", "count=bytes", "action=defer",
		NULL);
	site_policy(s, "login", "limit=9/hour", "key=login", "action=block", NULL);
	site_policy(s, "site", "limit=9/hour", "key=policy", "action=hold", NULL);
	site_policy(s, "watch", "limit=9/hour", "key=sender", "count=recipients", NULL);
	for_all_plans(s, check_counts);
}

static bool knows(const struct plan *p)
{
	return p->states & AT_RCPT || p->n == 1;
}

static void check_recipients(struct site *s, const struct plan *p)
{
	uint64_t x = p->n < 2 ? p->n : 2, y = p->n - x;
	bool known = knows(p);

	for (size_t i = 0; i < LENGTH(rcpts); i++)
		assert_used(s, p, "rcpt", rcpts[i], known && i < p->n);
	assert_used(s, p, "domain", "@x.net", known);
	assert_used(s, p, "domain", "@y.net", known && y > 0);
	assert_used(s, p, "domains", "@x.net", known ? x : 0);
	assert_used(s, p, "domains", "@y.net", known ? y : 0);
	assert_used(s, p, "to", BOB, known);
	assert_used(s, p, "tos", BOB, known ? x : 0);
	assert_used(s, p, "behind", BOB, 1);
}

/* By recipient, and to some of them; where only the end is asked about, they are known of
 * a message to one alone. */
static void test_by_recipient(void **state)
{
	struct site *s = *state;

	site_group(s, "xs", "@x.net", NULL);
	site_policy(s, "rcpt", "limit=9/hour", "key=recipient", "action=defer", NULL);
	site_policy(s, "domain", "limit=9/hour", "key=recipient-domain", "action=block",
		NULL);
	site_policy(s, "domains", "limit=9/hour", "key=recipient-domain",
		"count=recipients", "action=block", NULL);
	site_policy(s, "to", "limit=9/hour", "key=sender", "destination=xs",
		"action=block", NULL);
	site_policy(s, "tos", "limit=9/hour", "key=sender", "destination=xs",
		"count=recipients", "action=block", NULL);
	site_policy(s, "behind", "limit=9/hour", "key=sender", "priority=9",
		"action=block", NULL);
	for_all_plans(s, check_recipients);
}

/* At MAIL there is nobody to send to yet: it costs nothing. */
static void test_at_mail(void **state)
{
	struct site *s = *state;

	site_policy(s, "m", "limit=1/hour", "action=defer", NULL);
	ASSERT_SAID("DUNNO", ASK(s, NOW, MAIL, 0));
	ASSERT_SAID("DUNNO", ASK(s, NOW, MAIL, 0));
	ASSERT_USED(s, "m", BOB, 0);
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, 0));
	/* refused at MAIL, where early refusals are wanted */
	ASSERT_SAID("DUNNO", ASK(s, NOW, MAIL, .instance = "2"));
	site_setting(s, "reject_early", "always");
	ASSERT_SAID("450", ASK(s, NOW, MAIL, .instance = "2"));
	ASSERT_USED(s, "m", BOB, 1);
}

/* Messages of their own: another instance, or none at all. */
static void test_instances(void **state)
{
	struct site *s = *state;

	site_policy(s, "m", "limit=9/hour", "action=defer", NULL);
	ASK(s, NOW, RCPT, .instance = "1");
	ASK(s, NOW, RCPT, .instance = "2");
	ASSERT_USED(s, "m", BOB, 2);
	ASK(s, NOW, RCPT, .instance = "");
	ASK(s, NOW, RCPT, .instance = "");
	ASSERT_USED(s, "m", BOB, 4);
	assert_int_equal(pending_count(s->engine.pending), 2);
	/* an hour later it is another message, whatever it is called */
	site_policy(s, "m", "limit=9/day", NULL);
	s->engine.store->reset(s->engine.store, NULL, NULL);
	ASK(s, NOW, RCPT, .instance = "3");
	ASK(s, NOW + HOURS - 1, DATA, .instance = "3");
	assert_int_equal(site_used(s, "m", 0, BOB, NOW + HOURS), 1);
	ASK(s, NOW + HOURS, DATA, .instance = "3");
	assert_int_equal(site_used(s, "m", 0, BOB, NOW + HOURS), 2);
}

/* Each recipient is decided on by itself, and who is refused costs nothing. */
static void test_refused_recipient(void **state)
{
	struct site *s = *state;

	site_policy(s, "r", "limit=2/hour", "count=recipients", "action=defer", NULL);
	site_policy(s, "d", "limit=9/hour", "key=recipient-domain", "action=defer",
		"priority=9", NULL);
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .rcpt = "a@x.net"));
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .rcpt = "b@x.net"));
	ASSERT_SAID("450", ASK(s, NOW, RCPT, .rcpt = "c@y.net"));
	ASSERT_SAID("450", ASK(s, NOW, RCPT, .rcpt = "c@y.net"));
	/* asked about again, who was let pass still is */
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .rcpt = "a@x.net"));
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .rcpt = "A@X.net"));
	ASSERT_SAID("DUNNO", ASK(s, NOW, DATA, .nrecipients = 2));
	ASSERT_SAID("DUNNO", ASK(s, NOW, END, .nrecipients = 2));
	ASSERT_USED(s, "r", BOB, 2);
	ASSERT_USED(s, "d", "@x.net", 1);
	ASSERT_USED(s, "d", "@y.net", 0);
}

/* A limit that others have filled meanwhile does not refuse who has paid. */
static void test_paid_has_room(void **state)
{
	struct site *s = *state;

	site_policy(s, "m", "limit=2/hour", "action=defer", "penalty=10m", NULL);
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, 0));
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .instance = "2"));
	/* and begins a penalty */
	ASSERT_SAID("450", ASK(s, NOW, RCPT, .instance = "3"));
	ASSERT_SAID("DUNNO", ASK(s, NOW, DATA, .nrecipients = 1));
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .rcpt = "b@x.net"));
	ASSERT_SAID("DUNNO", ASK(s, NOW, END, .nrecipients = 2));
	ASSERT_SAID("450", ASK(s, NOW, END, .instance = "4"));
	ASSERT_USED(s, "m", BOB, 2);
}

/* Refused as a whole, nothing of it is charged; nor is it later, when there is room. */
static void test_refused_at_the_end(void **state)
{
	struct site *s = *state;

	site_policy(s, "m", "limit=9/hour", "action=defer", "priority=1", NULL);
	site_policy(s, "r", "limit=9/hour", "key=recipient", "action=defer", NULL);
	site_policy(s, "b", "limit=2000/hour", "count=bytes", "action=block", NULL);
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .rcpt = "a@x.net", .size = 10));
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .rcpt = "b@x.net", .size = 10));
	ASSERT_SAID("DUNNO", ASK(s, NOW, DATA, .nrecipients = 2, .size = 10));
	ASSERT_USED(s, "m", BOB, 1);
	ASSERT_USED(s, "r", "b@x.net", 1);
	ASSERT_USED(s, "b", BOB, 10);
	ASSERT_SAID("550", ASK(s, NOW, END, .nrecipients = 2, .size = 3000));
	ASSERT_USED(s, "m", BOB, 0);
	ASSERT_USED(s, "r", "a@x.net", 0);
	ASSERT_USED(s, "r", "b@x.net", 0);
	ASSERT_USED(s, "b", BOB, 0);
	/* a second restriction asks the same: it hears the same */
	ASSERT_SAID("550", ASK(s, NOW, END, .nrecipients = 2, .size = 3000));
	ASSERT_USED(s, "m", BOB, 0);
}

/* Announced too large, or too small. */
static void test_size(void **state)
{
	struct site *s = *state;

	site_policy(s, "b", "limit=5000/hour", "count=bytes", "action=block", NULL);
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .size = 5000));
	ASSERT_USED(s, "b", BOB, 5000);
	ASSERT_SAID("DUNNO", ASK(s, NOW, END, .nrecipients = 1, .size = 100));
	ASSERT_USED(s, "b", BOB, 100);
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .instance = "2", .size = 0));
	ASSERT_USED(s, "b", BOB, 101);
	ASSERT_SAID("DUNNO",
		ASK(s, NOW, END, .instance = "2", .nrecipients = 1, .size = 200));
	ASSERT_USED(s, "b", BOB, 300);
	ASSERT_SAID("550", ASK(s, NOW, RCPT, .instance = "3", .size = 4701));
	ASSERT_USED(s, "b", BOB, 300);
}

/* As many recipients, and octets, as can be said. */
static void test_huge(void **state)
{
	struct site *s = *state;

	site_policy(s, "w", "limit=9/hour", "count=recipients", NULL);
	site_policy(s, "r", "limit=9/hour", "count=recipients", "action=defer", NULL);
	site_policy(s, "b", "limit=9/hour", "count=bytes", "action=block", NULL);
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .size = 1));
	ASSERT_SAID("550", ASK(s, NOW, END, .nrecipients = 1, .size = INT64_MAX));
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .instance = "2", .size = 1));
	ASSERT_SAID("450", ASK(s, NOW, DATA, .instance = "2", .nrecipients = INT64_MAX));
	ASSERT_USED(s, "w", BOB, 0);
	ASSERT_USED(s, "r", BOB, 0);
	ASSERT_USED(s, "b", BOB, 0);
}

/* Fewer recipients at the end than were let pass: others refused them. */
static void test_fewer(void **state)
{
	struct site *s = *state;

	site_policy(s, "r", "limit=9/hour", "count=recipients", "action=defer", NULL);
	for (size_t i = 0; i < LENGTH(rcpts); i++)
		ASK(s, NOW, RCPT, .rcpt = rcpts[i]);
	ASSERT_USED(s, "r", BOB, 3);
	ASK(s, NOW, DATA, .nrecipients = 1, .rcpt = rcpts[1]);
	ASSERT_USED(s, "r", BOB, 1);
	/* and more, which came another way */
	ASK(s, NOW, END, .nrecipients = 5);
	ASSERT_USED(s, "r", BOB, 5);
}

static void assert_sealed(struct site *s, const char *action, const char *word)
{
	s->engine.store->reset(s->engine.store, NULL, NULL);
	site_policy(s, "r", action, NULL);
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .rcpt = "a@x.net"));
	ASSERT_USED(s, "m", BOB, 1);
	ASSERT_SAID(word, ASK(s, NOW, RCPT, .rcpt = "b@x.net"));
	ASSERT_USED(s, "m", BOB, 0);
	ASSERT_USED(s, "r", BOB, 0);
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .rcpt = "b@x.net"));
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .rcpt = "c@x.net"));
	ASSERT_SAID("DUNNO", ASK(s, NOW, DATA, .nrecipients = 3));
	ASSERT_SAID("DUNNO", ASK(s, NOW, END, .nrecipients = 3));
	ASSERT_USED(s, "m", BOB, 0);
	ASSERT_USED(s, "r", BOB, 0);
	pending_forget(s->engine.pending, "1");
	ASSERT_SAID(word, ASK(s, NOW, END, .nrecipients = 3));
	ASSERT_SAID("DUNNO", ASK(s, NOW, END, .nrecipients = 3));
	ASSERT_USED(s, "m", BOB, 0);
	pending_forget(s->engine.pending, "1");
}

/* Held or discarded it is once, and nothing else of it matters. */
static void test_sealed(void **state)
{
	struct site *s = *state;

	site_policy(s, "m", "limit=9/hour", "action=defer", "priority=1", NULL);
	site_policy(s, "r", "limit=1/hour", "count=recipients", NULL);
	assert_sealed(s, "action=hold", "HOLD");
	assert_sealed(s, "action=discard", "DISCARD");
}

/* A monitor lets pass, and counts what has room. */
static void test_monitor(void **state)
{
	struct site *s = *state;

	site_policy(s, "m", "limit=1/hour", NULL);
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, 0));
	ASSERT_SAID("DUNNO", ASK(s, NOW, DATA, .nrecipients = 1));
	ASSERT_USED(s, "m", BOB, 1);
	assert_int_equal(ASK(s, NOW, RCPT, .instance = "2").kind, VERDICT_MONITOR);
	assert_int_equal(ASK(s, NOW, DATA, .instance = "2", .nrecipients = 1).kind,
		VERDICT_MONITOR);
	/* who has paid is not told either */
	assert_int_equal(ASK(s, NOW, END, .nrecipients = 1).kind, VERDICT_ACCEPT);
	ASSERT_USED(s, "m", BOB, 1);
}

static void test_flags(void **state)
{
	struct site *s = *state;

	site_policy(s, "m", "limit=0/hour", "action=block", NULL);
	site_flag(s, BOB, FLAG_BYPASS, 0);
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, 0));
	ASSERT_SAID("DUNNO", ASK(s, NOW, END, .nrecipients = 1));
	ASSERT_USED(s, "m", BOB, 0);
	site_flag(s, "192.0.2.7", FLAG_BLOCK, 0);
	ASSERT_SAID("550", ASK(s, NOW, RCPT, .instance = "2"));
	ASSERT_SAID("550", ASK(s, NOW, END, .instance = "2", .nrecipients = 1));
	/* that of a client holds for all of it */
	ASSERT_SAID("550", ASK(s, NOW, DATA, .nrecipients = 1));
}

static void test_blocked_meanwhile(void **state)
{
	struct site *s = *state;

	site_policy(s, "m", "limit=9/hour", "action=block", NULL);
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, 0));
	site_flag(s, BOB, FLAG_BLOCK, 0);
	ASSERT_SAID("550", ASK(s, NOW, DATA, .nrecipients = 1));
	ASSERT_USED(s, "m", BOB, 0);
}

/* Addresses as the MTA has them inside: a local part that needs quotes has none. */
static void test_addresses(void **state)
{
	struct site *s = *state;

	site_policy(s, "s", "limit=9/hour", "key=sender", "action=defer", NULL);
	site_policy(s, "r", "limit=9/hour", "key=recipient", "action=defer", NULL);
	ASK(s, NOW, RCPT, .sender = "a b@example.org", .rcpt = "c\"d\\@x.net");
	ASSERT_USED(s, "s", "\"a b\"@example.org", 1);
	ASSERT_USED(s, "r", "\"c\\\"d\\\\\"@x.net", 1);
	ASK(s, NOW, RCPT, .instance = "2", .sender = "Bob@Example.ORG",
		.rcpt = "postmaster");
	ASSERT_USED(s, "s", BOB, 1);
	ASSERT_USED(s, "r", "postmaster", 1);
	ASK(s, NOW, RCPT, .instance = "3", .sender = "a@b@example.org", .rcpt = "");
	ASSERT_USED(s, "s", "\"a@b\"@example.org", 1);
}

/* The null sender counts as it does at the milter, and as nobody else. */
static void test_null_sender(void **state)
{
	struct site *s = *state;

	site_policy(s, "s", "limit=9/hour", "action=defer", NULL);
	site_policy(s, "l", "limit=9/hour", "key=login", "action=defer", NULL);
	ASK(s, NOW, RCPT, .sender = "");
	ASSERT_USED(s, "s", "<>", 0);
	pending_forget(s->engine.pending, "1");
	site_setting(s, "null_sender", "count");
	ASK(s, NOW, RCPT, .sender = "");
	SEND(s, NOW, .sender = "<>", .client = "192.0.2.9");
	ASSERT_USED(s, "s", "<>", 2);
	/* without a login there is nobody whom a policy by login counts for */
	ASSERT_USED(s, "l", "<>", 0);
	ASSERT_USED(s, "l", "", 0);
}

/* The pool that the request comes in by. */
static void test_pools(void **state)
{
	struct site *s = *state;

	site_pool(s, "in", "192.0.2.25", "mx.example.org", "submission", NULL);
	site_policy(s, "in:p", "limit=0/hour", "action=block", NULL);
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, 0));
	ASSERT_SAID("550", ASK(s, NOW, RCPT, .instance = "2", .mta = "mx.example.org"));
	ASSERT_SAID("550", ASK(s, NOW, RCPT, .instance = "3", .server = "192.0.2.25"));
	ASSERT_SAID("550", ASK(s, NOW, RCPT, .instance = "4", .context = "submission"));
	ASSERT_SAID("DUNNO", ASK(s, NOW, RCPT, .instance = "5", .server = "192.0.2.26",
				     .context = "smtp"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DOOR_TEST(test_counts),
		DOOR_TEST(test_by_recipient),
		DOOR_TEST(test_at_mail),
		DOOR_TEST(test_instances),
		DOOR_TEST(test_refused_recipient),
		DOOR_TEST(test_paid_has_room),
		DOOR_TEST(test_refused_at_the_end),
		DOOR_TEST(test_size),
		DOOR_TEST(test_huge),
		DOOR_TEST(test_fewer),
		DOOR_TEST(test_sealed),
		DOOR_TEST(test_monitor),
		DOOR_TEST(test_flags),
		DOOR_TEST(test_blocked_meanwhile),
		DOOR_TEST(test_addresses),
		DOOR_TEST(test_null_sender),
		DOOR_TEST(test_pools),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
