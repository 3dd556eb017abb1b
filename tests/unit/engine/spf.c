/*
 * Whether SPF of a message is checked, what is asked, and who waits (behaviour.md,
 * "SPF").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/spf.h"
#include "../fixture.h"
#include "../spf_fake.h"

#define BOB    "bob@example.org"
#define CLIENT "192.0.2.7"

static char lengthy[700], cut[SPF_TEXT_MAX + 1];

/* A local part longer than a question may be. */
static void make_lengthy(void)
{
	static const char domain[] = "@example.org";

	memset(lengthy, 'm', 600);
	memcpy(lengthy + 600, domain, sizeof(domain));
	memset(cut, 'm', SPF_TEXT_MAX);
	memcpy(cut + sizeof(cut) - sizeof(domain), domain, sizeof(domain));
}

static void test_the_question(void **state)
{
	static const struct {
		const char *given, *routed, *client, *helo; /* the mail's */
		const char *sender, *address, *name;	    /* the question's */
	} cases[] = {
		{ "<Bob@Example.ORG>", NULL, CLIENT, "mx.example.org", "bob@example.org",
			CLIENT, "mx.example.org" },
		{ "<bob@example.org>", "eve@example.net", CLIENT, NULL, "eve@example.net",
			CLIENT, "" },
		{ "<>", NULL, "::ffff:192.0.2.7", "mx", "", CLIENT, "mx" },
		{ "<\"bob\"@example.org>", NULL, "2001:db8:1:2:3::4", "mx",
			"bob@example.org", "2001:db8:1:2:3::4", "mx" },
		{ "<\"a b\"@example.org>", NULL, CLIENT, "mx", "\"a b\"@example.org",
			CLIENT, "mx" },
		{ "<bob@b\xc3\xbc"
		  "cher.example>",
			NULL, CLIENT, "mx", "bob@xn--bcher-kva.example", CLIENT, "mx" },
		/* no address, but an MTA may see a domain in it, and it is nobody else's
		 */
		{ "<a..b(x)@Example.org>", NULL, CLIENT, "mx", "a..b(x)@example.org",
			CLIENT, "mx" },
		{ "m\xc2\x85x@example.org", NULL, CLIENT, "mx", "m\xc2\x85x@example.org",
			CLIENT, "mx" },
		{ "<m\x01@x@example.org>", NULL, CLIENT, "mx", "m\x01@x@example.org",
			CLIENT, "mx" },
		{ "<@example.org>", NULL, CLIENT, "mx", "@example.org", CLIENT, "mx" },
		{ lengthy, NULL, CLIENT, "mx", cut, CLIENT, "mx" },
		{ "<\x01>", NULL, CLIENT, "mx", "<invalid>", CLIENT, "mx" },
	};
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_PASS);

	make_lengthy();
	site_setting(s, "spf_deadline", "3s");
	site_setting(s, "spf_max_waiting", "17");
	site_policy(s, "in", "spf=check", "action=block", NULL);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		assert_string_equal(
			SEND(s, NOW, .sender = cases[i].given, .routed = cases[i].routed,
				.client = cases[i].client, .helo = cases[i].helo)
				.spf,
			"pass");
		assert_string_equal(fake->sender, cases[i].sender);
		assert_string_equal(fake->client, cases[i].address);
		assert_string_equal(fake->helo, cases[i].name);
		assert_int_equal(fake->asked, i + 1);
		assert_int_equal(fake->waited, i + 1);
	}
	assert_int_equal(fake->milliseconds, 3000);
	assert_int_equal(fake->max_waiting, 17);
	fake_end(s);
}

/* However many policies look at it, and however often. */
static void test_once(void **state)
{
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_PASS);

	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "a", "spf=check", NULL);
	site_policy(s, "b", "spf=strict", "action=defer", NULL);
	site_policy(s, "c", "spf=check", "action=block", "destination=friends", NULL);
	site_policy(s, "d", "spf=check", "action=discard", "destination=friends", NULL);
	SEND(s, NOW, .client = CLIENT,
		.rcpt = { "<a@friends.net>", "<b@friends.net>", "<c@x.net>" });
	assert_int_equal(fake->asked, 1);
	assert_int_equal(fake->waited, 1);
	fake_end(s);
}

/* Asked at MAIL; waited for only by a policy that matches. */
static void test_waits_when_it_has_to(void **state)
{
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_FAIL);
	struct mail mail = { .client = CLIENT };
	struct begun *b;

	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "in", "spf=check", "action=hold", "destination=friends", NULL);
	assert_string_equal(SEND(s, NOW, .client = CLIENT).spf, "");
	assert_int_equal(fake->asked, 1);
	assert_int_equal(fake->waited, 0);
	/* given up before its end, or dropped without a word */
	b = site_begin(s, &mail);
	assert_int_equal(fake->asked, 2);
	assert_int_equal(fake->open, 1);
	engine_abort(b->m, NOW);
	site_finish(b);
	assert_int_equal(fake->open, 0);
	site_finish(site_begin(s, &mail));
	/* at the end, too: the writer may keep the message for longer */
	b = site_begin(s, &mail);
	assert_int_equal(engine_end(b->m, NULL, NOW).kind, VERDICT_ACCEPT);
	assert_int_equal(fake->open, 0);
	assert_int_equal(fake->waited, 0);
	site_finish(b);
	/* what is not in hand at MAIL is not asked */
	site_policy(s, "in", "enabled=no", NULL);
	SEND(s, NOW, .client = CLIENT);
	assert_int_equal(fake->asked, 4);
	fake_end(s);
}

static const struct {
	const char *client, *login;
	bool local, checked;
} clients[] = {
	{ CLIENT, NULL, false, true },
	{ CLIENT, "bob", false, false },
	{ CLIENT, NULL, true, true }, /* the port is unknown, the address is not */
	{ NULL, NULL, true, false },
	{ NULL, NULL, false, false },
	{ "127.0.0.1", NULL, false, false },
	{ "127.0.0.1", NULL, true, false },
	{ "127.255.255.255", NULL, false, false },
	{ "126.255.255.255", NULL, false, true },
	{ "128.0.0.0", NULL, false, true },
	{ "10.0.0.0", NULL, false, false },
	{ "10.255.255.255", NULL, false, false },
	{ "9.255.255.255", NULL, false, true },
	{ "11.0.0.0", NULL, false, true },
	{ "172.15.255.255", NULL, false, true },
	{ "172.16.0.0", NULL, false, false },
	{ "172.31.255.255", NULL, false, false },
	{ "172.32.0.0", NULL, false, true },
	{ "192.167.255.255", NULL, false, true },
	{ "192.168.0.0", NULL, false, false },
	{ "192.168.255.255", NULL, false, false },
	{ "192.169.0.0", NULL, false, true },
	{ "169.254.0.0", NULL, false, false },
	{ "169.254.255.255", NULL, false, false },
	{ "169.255.0.0", NULL, false, true },
	{ "100.63.255.255", NULL, false, true },
	{ "100.64.0.0", NULL, false, false },
	{ "100.127.255.255", NULL, false, false },
	{ "100.128.0.0", NULL, false, true },
	{ "::1", NULL, false, false },
	{ "::2", NULL, false, true },
	{ "fc00::", NULL, false, false },
	{ "fdff:ffff::1", NULL, false, false },
	{ "fbff::1", NULL, false, true },
	{ "fe80::1", NULL, false, false },
	{ "febf::1", NULL, false, false },
	{ "fec0::1", NULL, false, true },
	{ "::ffff:10.1.2.3", NULL, false, false },
	{ "198.51.100.9", NULL, false, false },	 /* trusted */
	{ "2001:db8:7::9", NULL, false, false }, /* likewise */
	{ "198.51.101.9", NULL, false, true },
};

static void test_exempt(void **state)
{
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_FAIL);

	/* what the sender says of himself frees nobody */
	site_group(s, "relays", "198.51.100.0/24", "@example.org", "bob@example.org",
		"@mx.example.org", NULL);
	site_group(s, "more", "2001:db8:7::/48", NULL);
	site_setting(s, "spf_trusted", "relays,more");
	site_policy(s, "in", "spf=check", "action=block", NULL);
	for (size_t i = 0; i < LENGTH(clients); i++) {
		struct outcome o = SEND(s, NOW, .client = clients[i].client,
			.login = clients[i].login, .local = clients[i].local,
			.helo = "mx.example.org");
		unsigned asked = fake->asked;

		if ((o.kind == VERDICT_BLOCK) != clients[i].checked ||
			asked != clients[i].checked || fake->waited != clients[i].checked)
			fail_msg("%s login %s%s: %s, asked %u, waited %u",
				clients[i].client, clients[i].login,
				clients[i].local ? " local" : "", verdict_name(o.kind),
				asked, fake->waited);
		fake->asked = fake->waited = 0;
	}
	fake_end(s);
}

/* By hand, and by a policy before it; also where that is known at the end only. */
static void test_bypassed(void **state)
{
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_FAIL);

	site_policy(s, "in", "spf=check", "action=block", NULL);
	site_flag(s, CLIENT, FLAG_BYPASS, NOW + HOURS);
	assert_int_equal(SEND(s, NOW, .client = CLIENT).kind, VERDICT_BYPASS);
	assert_int_equal(fake->asked, 0);
	/* it ends while the message is on its way: then it is asked at the end */
	assert_int_equal(SEND(s, NOW + HOURS, .client = CLIENT).kind, VERDICT_BLOCK);
	assert_int_equal(fake->asked, 1);
	assert_int_equal(fake->waited, 1);
	site_flag(s, CLIENT, FLAG_BLOCK, NOW + HOURS);
	assert_string_equal(SEND(s, NOW, .client = CLIENT).enhanced, "5.7.1");
	assert_int_equal(fake->asked, 1);
	site_sql(s, "DELETE FROM object_flag");
	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "free", "type=bypass", "priority=1", NULL);
	assert_int_equal(SEND(s, NOW, .client = CLIENT).kind, VERDICT_BYPASS);
	assert_int_equal(fake->asked, 1);
	site_policy(s, "free", "type=bypass+", "destination=friends", NULL);
	assert_int_equal(
		SEND(s, NOW, .client = CLIENT, .rcpt = { "<a@friends.net>" }).kind,
		VERDICT_BYPASS);
	assert_int_equal(fake->asked, 2);
	assert_int_equal(fake->waited, 1);
	assert_int_equal(SEND(s, NOW, .client = CLIENT).kind, VERDICT_BLOCK);
	assert_int_equal(fake->waited, 2);
	fake_end(s);
}

/* A null sender has a policy, that of HELO, also where it is not counted. */
static void test_null_sender(void **state)
{
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_PASS);

	site_policy(
		s, "in", "spf=check", "action=block", "limit=0/hour", "key=sender", NULL);
	assert_int_equal(
		SEND(s, NOW, .sender = "<>", .client = CLIENT).kind, VERDICT_ACCEPT);
	assert_int_equal(fake->waited, 1);
	fake->answer.result = SPF_FAIL;
	assert_string_equal(
		SEND(s, NOW, .sender = "<>", .client = CLIENT).enhanced, "5.7.23");
	/* at RCPT, too */
	site_group(s, "friends", "@friends.net", NULL);
	site_policy(s, "in", "destination=friends", NULL);
	assert_string_equal(SEND(s, NOW, .sender = "<>", .client = CLIENT,
				    .rcpt = { "<a@friends.net>", "<b@x.net>" })
				    .told,
		"550 250");
	fake->answer.result = SPF_PASS;
	assert_string_equal(SEND(s, NOW, .sender = "<>", .client = CLIENT,
				    .rcpt = { "<a@friends.net>" })
				    .told,
		"250");
	/* not checked, it does not apply; nor does it ever without a login */
	assert_int_equal(
		SEND(s, NOW, .sender = "<>", .client = "10.0.0.1").kind, VERDICT_ACCEPT);
	fake->answer.result = SPF_FAIL;
	site_policy(s, "in", "key=login", "destination=any", NULL);
	assert_int_equal(
		SEND(s, NOW, .sender = "<>", .client = CLIENT).kind, VERDICT_ACCEPT);
	/* counted it is an object like any other */
	site_policy(s, "in", "key=sender", NULL);
	site_setting(s, "null_sender", "count");
	fake->answer.result = SPF_PASS;
	assert_string_equal(
		SEND(s, NOW, .sender = "<>", .client = CLIENT).enhanced, "5.7.1");
	fake_end(s);
}

/* A session that does not show HELO has begun before the policy. */
static void test_helo_is_needed(void **state)
{
	struct site *s = *state;

	fake_begin(s, SPF_PASS);
	site_policy(s, "in", "spf=check", "action=block", NULL);
	assert_string_equal(
		SEND(s, NOW, .client = CLIENT, .hides = STEP_HELO).code, "421");
	fake_end(s);
}

/* Nobody answers: that is a temperror. */
static void test_not_available(void **state)
{
	struct site *s = *state;
	struct outcome o;

	site_policy(s, "in", "spf=check", "action=block", NULL);
	o = SEND(s, NOW, .client = CLIENT);
	assert_int_equal(o.kind, VERDICT_ACCEPT);
	assert_string_equal(o.spf, "temperror");
	site_setting(s, "spf_temperror", "defer");
	o = SEND(s, NOW, .client = CLIENT);
	assert_string_equal(o.code, "451");
	assert_non_null(strstr(o.text, "SPF is not available"));
}

/* As a front end does it: the moment of the decision is read behind the wait. */
static int64_t decide_at(struct begun *b, const char *rcpt, const int64_t *clock)
{
	int64_t now;

	mail_waits = true;
	do
		now = *clock;
	while (rcpt != NULL ? engine_wait_rcpt(b->m, rcpt, NULL, now)
			    : engine_wait_end(b->m, now));
	mail_waits = false;
	return now;
}

/* What is counted, written down and told is of the moment behind the wait. */
static void test_the_moment_of_the_end(void **state)
{
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_PASS);
	struct mail mail = { .client = CLIENT };
	int64_t clock = NOW, begun = NOW;
	struct begun *b;
	struct verdict v;

	fake->clock = &clock;
	site_policy(s, "in", "spf=check", "action=defer", "limit=1/minute",
		"strategy=moving", "penalty=10m", NULL);
	b = site_begin(s, &mail);
	v = engine_end(b->m, NULL, decide_at(b, NULL, &clock));
	assert_int_equal(v.kind, VERDICT_ACCEPT);
	assert_int_equal(fake->waited, 1);
	assert_int_equal(site_number(s, "SELECT time FROM decision"), begun + FAKE_WAIT);
	site_finish(b);
	/* a minute after it had to wait there is room, not a minute after it came */
	assert_int_equal(site_used(s, "in", 0, BOB, begun + MINUTES), 1);
	assert_int_equal(site_used(s, "in", 0, BOB, begun + MINUTES + FAKE_WAIT), 0);
	b = site_begin(s, &mail);
	v = engine_end(b->m, NULL, decide_at(b, NULL, &clock));
	assert_int_equal(v.kind, VERDICT_DEFER);
	assert_int_equal(v.free_at, begun + 2 * FAKE_WAIT + 10 * MINUTES);
	site_finish(b);
	fake_end(s);
}

static void test_the_moment_of_a_recipient(void **state)
{
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_PASS);
	struct mail mail = { .client = CLIENT };
	int64_t clock = NOW;
	struct begun *b;
	struct verdict v;

	site_policy(s, "in", "spf=check", "action=defer", "limit=1/minute", "penalty=10m",
		"key=recipient", NULL);
	assert_string_equal(
		SEND(s, NOW, .client = CLIENT, .rcpt = { "<a@x.net>" }).told, "250");
	fake->waited = 0;
	fake->clock = &clock;
	b = site_begin(s, &mail);
	v = engine_rcpt(b->m, "<a@x.net>", NULL, NULL, decide_at(b, "<a@x.net>", &clock));
	assert_int_equal(v.kind, VERDICT_DEFER);
	assert_int_equal(v.free_at, NOW + FAKE_WAIT + 10 * MINUTES);
	/* once */
	assert_int_equal(decide_at(b, "<b@x.net>", &clock), NOW + FAKE_WAIT);
	assert_int_equal(decide_at(b, NULL, &clock), NOW + FAKE_WAIT);
	assert_int_equal(fake->waited, 1);
	site_finish(b);
	/* who is refused before nobody waits for */
	site_policy(s, "before", "action=block", "limit=0/hour", "key=recipient",
		"priority=1", NULL);
	assert_string_equal(SEND(s, clock, .client = CLIENT).code, "550");
	assert_int_equal(fake->waited, 1);
	/* SPF that is for the end to judge, and before who refuses here: only then */
	site_policy(s, "whole", "spf=check", "action=block", "priority=0", NULL);
	site_policy(s, "in", "enabled=no", NULL);
	b = site_begin(s, &mail);
	decide_at(b, "<a@x.net>", &clock);
	assert_int_equal(fake->waited, 2);
	site_finish(b);
	site_policy(s, "before", "limit=9/hour", NULL);
	b = site_begin(s, &mail);
	decide_at(b, "<a@x.net>", &clock);
	assert_int_equal(fake->waited, 2);
	decide_at(b, NULL, &clock);
	assert_int_equal(fake->waited, 3);
	site_finish(b);
	fake_end(s);
}

/* A flag that ends while the message waits, or just before: nobody waits behind that. */
static void test_flags_of_the_moment(void **state)
{
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_FAIL);
	struct mail mail = { .client = CLIENT };
	int64_t clock = NOW;
	struct begun *b;

	fake->clock = &clock;
	site_policy(s, "in", "spf=check", "action=block", NULL);
	site_flag(s, CLIENT, FLAG_BYPASS, NOW + 1);
	b = site_begin(s, &mail);
	assert_false(engine_wait_end(b->m, NOW));
	assert_int_equal(engine_end(b->m, NULL, NOW).kind, VERDICT_BYPASS);
	site_finish(b);
	assert_int_equal(fake->waited, 0);
	clock = NOW + 1;
	b = site_begin(s, &mail);
	assert_int_equal(
		engine_end(b->m, NULL, decide_at(b, NULL, &clock)).kind, VERDICT_BLOCK);
	assert_int_equal(fake->waited, 1);
	site_finish(b);
	fake_end(s);
}

/* Of a message that is only asked about it is asked for if that is said. */
static void test_dry(void **state)
{
	struct site *s = *state;
	struct fake *fake = fake_begin(s, SPF_FAIL);
	struct policy_set *set;
	struct session session = { .steps = STEPS_ALL };
	struct message *m;

	site_policy(s, "in", "spf=check", "action=block", NULL);
	cidr_parse(CLIENT, &session.client, NULL);
	fake->max_waiting = 99;
	set = policy_slot_acquire(s->engine.slot);
	for (int dns = 0; dns <= 1; dns++) {
		m = engine_ask(
			&s->engine, &session, set, NULL, "<bob@example.org>", NULL);
		m->dns = dns != 0;
		assert_null(m->spf_exempt);
		assert_int_equal(spf_against(m, set->policies[0]) != NULL, dns);
		assert_int_equal(fake->asked, dns);
		engine_drop(m);
	}
	session.local = true;
	session.client.family = 0;
	m = engine_ask(&s->engine, &session, set, NULL, "<bob@example.org>", NULL);
	m->dns = true;
	assert_string_equal(m->spf_exempt, "it is submitted on this host");
	assert_null(spf_against(m, set->policies[0]));
	assert_int_equal(fake->asked, 1);
	engine_drop(m);
	policy_slot_release(s->engine.slot, set);
	/* it takes the place of no message that waits */
	assert_int_equal(fake->max_waiting, 0);
	fake->late = 0; /* who asks has no clock to read behind it */
	fake_end(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_the_question),
		SITE_TEST(test_once),
		SITE_TEST(test_waits_when_it_has_to),
		SITE_TEST(test_exempt),
		SITE_TEST(test_bypassed),
		SITE_TEST(test_null_sender),
		SITE_TEST(test_helo_is_needed),
		SITE_TEST(test_not_available),
		SITE_TEST(test_the_moment_of_the_end),
		SITE_TEST(test_the_moment_of_a_recipient),
		SITE_TEST(test_flags_of_the_moment),
		SITE_TEST(test_dry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
