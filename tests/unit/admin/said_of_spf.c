/*
 * What commands say of SPF: explain, which asks DNS only if it is told to, and changes
 * nothing; stats; tail.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../house.h"
#include "../spf_fake.h"

#define EXPLAIN "explain sender=bob@example.org rcpt=a@friends.net "

/* Is there a row with all of these words? */
static void expect_row(struct talk *t, const char *command, const char *words)
{
	bool found = false;

	say(t, command, strlen(command));
	say(t, "\n", 1);
	while (hear(t) && strncmp(t->line, "150 ", 4) == 0)
		found |= strstr(t->line, words) != NULL;
	if (strncmp(t->line, "200 ", 4) != 0 || !found)
		fail_msg("%s: no row with %s (%s)", command, words, t->line);
}

static void test_explain(void **state)
{
	struct house *h = *state;
	struct fake *fake = fake_begin(&h->site, SPF_FAIL);
	struct talk *t = talk_open(h->socket);
	uint64_t results[SPF_RESULTS];

	hear(t);
	ask(t, "policy add in source=any destination=any spf=check action=block "
	       "limit=5/hour");
	expect_row(t, EXPLAIN "client=192.0.2.7",
		"\"why\":\"SPF would be checked: say dns=yes to ask\"");
	expect_row(t, EXPLAIN "client=192.0.2.7", "\"limit\":\"5/hour\",\"used\":0");
	expect_row(t, EXPLAIN "client=192.0.2.7 dns=no", "\"verdict\":\"accept\"");
	assert_int_equal(fake->asked, 0);
	expect_row(t, EXPLAIN "client=192.0.2.7 dns=yes helo=mx.example.org",
		"\"why\":\"SPF is fail, by -all of example.org\"");
	assert_string_equal(fake->helo, "mx.example.org");
	assert_string_equal(fake->sender, "bob@example.org");
	assert_int_equal(fake->asked, 1);
	expect_row(t, EXPLAIN "client=192.0.2.7 dns=yes",
		"\"reply\":\"550 5.7.23 SPF fail: example.org does not permit");
	expect_row(t, EXPLAIN "client=192.0.2.7 dns=yes",
		"\"policy\":\"in\",\"matches\":\"yes\",\"object\":\"192.0.2.7\"");
	expect_row(t, EXPLAIN "client=10.1.2.3 dns=yes",
		"\"why\":\"SPF is not checked: the client is in a private network");
	expect_row(t, EXPLAIN "client=127.0.0.1 dns=yes",
		"\"why\":\"SPF is not checked: the client is on this host\"");
	ask(t, "group add relays 198.51.100.0/24");
	ask(t, "setting set spf_trusted relays");
	expect_row(t, EXPLAIN "client=198.51.100.7 dns=yes",
		"\"why\":\"SPF is not checked: the client is in a group of spf_trusted");
	expect_row(t, EXPLAIN "dns=yes",
		"\"why\":\"SPF is not checked: there is no client address");
	expect_row(t, EXPLAIN "client=192.0.2.7 login=bob dns=yes",
		"\"why\":\"SPF is not checked: the client is logged in");
	assert_int_equal(fake->asked, 3);
	fake->answer.result = SPF_PERMERROR;
	fake->answer.problem = (char *)(uintptr_t) "two records";
	expect_row(t, EXPLAIN "client=192.0.2.7 dns=yes",
		"\"why\":\"SPF is permerror: two records\"");
	fake->answer.problem = fake->answer.mechanism = (char *)(uintptr_t) "";
	fake->answer.result = SPF_NONE;
	expect_row(t, EXPLAIN "client=192.0.2.7 dns=yes", "\"SPF is none\"");
	/* at RCPT, where that is decided there */
	ask(t, "group add friends @friends.net");
	ask(t, "policy set in destination=friends spf=none");
	expect_row(t, EXPLAIN "client=192.0.2.7 dns=yes",
		"{\"at\":\"RCPT a@friends.net\",\"policy\":\"in\",\"matches\":null,"
		"\"object\":\"192.0.2.7\"");
	stats_read_spf(h->site.engine.stats, 0, results);
	for (int r = 0; r < SPF_RESULTS; r++)
		assert_int_equal(results[r], 0);
	assert_int_equal(fake->open, 0);
	fake->late = 0; /* explain has no clock to read behind it */
	if (strstr(ask(t, EXPLAIN "dns=maybe"), "dns: not a value: \"maybe\" (yes or "
						"no)") == NULL)
		fail_msg("%s", t->line);
	talk_close(t);
	fake_end(&h->site);
}

/* How it comes to the result, what the message would get, and what is missing. */
static void test_explain_more(void **state)
{
	struct house *h = *state;
	struct fake *fake = fake_begin(&h->site, SPF_NONE);
	struct talk *t = talk_open(h->socket);

	hear(t);
	ask(t, "policy add in source=any destination=any spf=check action=block");
	expect_row(t, EXPLAIN "client=192.0.2.7 dns=yes",
		"{\"at\":\"END\",\"header\":\"Received-SPF: none (");
	expect_row(t, EXPLAIN "client=192.0.2.7 dns=yes",
		"{\"at\":\"END\",\"trace\":\"-all  matches: fail\"}");
	/* the null sender has the policy of HELO */
	fake->answer.problem = (char *)(uintptr_t) "no name";
	expect_row(t, "explain sender=<> client=192.0.2.7 dns=yes",
		"\"SPF is none: no name (give helo=NAME)\"");
	expect_row(t, "explain sender=<> client=192.0.2.7 dns=yes helo=mx",
		"\"SPF is none: no name\"");
	fake->late = 0; /* likewise */
	talk_close(t);
	fake_end(&h->site);
}

/* The rows with these words. */
static int count_rows(struct talk *t, const char *command, const char *words)
{
	int n = 0;

	say(t, command, strlen(command));
	say(t, "\n", 1);
	while (hear(t) && strncmp(t->line, "150 ", 4) == 0)
		n += strstr(t->line, words) != NULL;
	assert_int_equal(strncmp(t->line, "200 ", 4), 0);
	return n;
}

/* Wherever SPF was asked, it is told once how that went. */
static void test_explain_rcpt(void **state)
{
	static const char *const step = "\"trace\":\"-all  matches: fail\"}",
				 one[] = EXPLAIN "client=192.0.2.7 dns=yes",
				 two[] = EXPLAIN "rcpt=b@x.net client=192.0.2.7 dns=yes";
	struct house *h = *state;
	struct fake *fake = fake_begin(&h->site, SPF_FAIL);
	struct talk *t = talk_open(h->socket);

	hear(t);
	ask(t, "group add friends @friends.net");
	ask(t, "policy add in source=any destination=friends spf=check action=block");
	expect_row(t, two, "\"why\":\"SPF is fail, by -all of example.org\"}");
	expect_row(t, two, "{\"at\":\"RCPT a@friends.net\",\"trace\":\"-all  matches");
	assert_int_equal(count_rows(t, two, step), 1);
	/* nobody is left */
	assert_int_equal(count_rows(t, one, step), 1);
	assert_int_equal(count_rows(t, one, "no recipient is left"), 1);
	/* refused for something else, by a policy that does not look at SPF */
	fake->answer.result = SPF_PASS;
	ask(t, "policy add full source=any destination=any key=recipient limit=0/hour "
	       "action=block priority=9");
	assert_int_equal(count_rows(t, one, "\"policy\":\"full\""), 1);
	assert_int_equal(count_rows(t, one, step), 1);
	ask(t, "policy delete full");
	/* taken out at the end */
	fake->answer.result = SPF_FAIL;
	ask(t, "policy set in action=discard");
	expect_row(t, two,
		"\"policy\":\"in\",\"matches\":\"yes\",\"object\":null,\"limit\":null,"
		"\"used\":null,\"cost\":null,\"free_at\":null,\"verdict\":null,"
		"\"reply\":null,\"why\":\"SPF is fail, by");
	assert_int_equal(count_rows(t, two, step), 1);
	assert_int_equal(count_rows(t, one, step), 1);
	fake->late = 0; /* likewise */
	talk_close(t);
	fake_end(&h->site);
}

static void test_stats_and_tail(void **state)
{
	struct house *h = *state;
	struct fake *fake = fake_begin(&h->site, SPF_SOFTFAIL);
	struct talk *t = talk_open(h->socket), *watching = talk_open(h->socket);

	hear(t);
	hear(watching);
	ask(t, "policy add in source=any destination=any spf=check action=block");
	ask(t, "policy add out source=any destination=any limit=5/hour");
	say(watching, "tail\n", strlen("tail\n"));
	while (feed_listeners(h->site.engine.feed) == 0)
		ask(t, "status");
	SEND(&h->site, clock_now(), .client = "192.0.2.7");
	assert_true(hear(watching));
	assert_non_null(strstr(watching->line, "\"spf\":\"softfail\",\"reason\":null}"));
	fake->answer.result = SPF_FAIL;
	SEND(&h->site, clock_now(), .client = "192.0.2.7");
	expect_row(t, "stats", "{\"policy\":\"all\",\"messages\":2,");
	expect_row(t, "stats",
		"\"spf_none\":0,\"spf_neutral\":0,\"spf_pass\":0,\"spf_fail\":1,"
		"\"spf_softfail\":1,\"spf_temperror\":0,\"spf_permerror\":0,");
	expect_row(t, "stats in", "\"spf_fail\":1,\"spf_softfail\":1,");
	expect_row(t, "stats out", "\"spf_fail\":0,\"spf_softfail\":0,");
	talk_close(watching);
	talk_close(t);
	fake_end(&h->site);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(test_explain),
		HOUSE_TEST(test_explain_more),
		HOUSE_TEST(test_explain_rcpt),
		HOUSE_TEST(test_stats_and_tail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
