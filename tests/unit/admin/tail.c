/*
 * The command tail, by the socket: decisions as they are made, to those who asked for
 * them; nobody who does not read holds up mail or others.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../house.h"

#include <sched.h>

static struct talk *begin(struct house *h)
{
	struct talk *t = talk_open(h->socket);

	assert_true(hear(t));
	return t;
}

/* A client more whose tail has begun. */
static struct talk *tail(struct house *h, const char *command)
{
	struct feed *feed = h->site.engine.feed;
	unsigned before = feed_listeners(feed);
	struct talk *t = begin(h);

	say(t, command, strlen(command));
	say(t, "\n", 1);
	while (feed_listeners(feed) == before)
		sched_yield();
	return t;
}

static void gone(struct house *h, unsigned left)
{
	while (feed_listeners(h->site.engine.feed) != left)
		sched_yield();
}

static void test_rows(void **state)
{
	struct house *h = *state;
	struct talk *t;

	site_policy(&h->site, "out", "limit=1/hour", "action=defer", "count=recipients",
		NULL);
	t = tail(h, "tail");
	SEND(&h->site, NOW + 1234567, .login = "bob", .client = "192.0.2.7",
		.mta = "mx.example.org", .size = 5);
	assert_true(hear(t));
	assert_string_equal(t->line,
		"150 {\"time\":\"2023-11-14T22:00:01.234Z\",\"verdict\":\"accept\","
		"\"policy\":\"out\",\"object\":\"bob@mx.example.org\","
		"\"login\":\"bob@mx.example.org\",\"sender\":\"bob@example.org\","
		"\"client\":\"192.0.2.7\",\"mta\":\"mx.example.org\","
		"\"recipients\":1,\"size\":null,\"queue_id\":\"4XyZ\","
		"\"free_at\":null,\"spf\":null,\"reason\":null}");
	/* what the history has of it */
	assert_string_equal(site_text(&h->site, "SELECT time FROM v_decisions"),
		"2023-11-14T22:00:01.234Z");
	assert_string_equal(ask(t, ""), "200 1 decision");
	assert_string_equal(ask(t, "group list"), "200 0 rows");
	talk_close(t);
	gone(h, 0);
}

/* Any line ends it, a command too, which is not run; lines behind it are commands. */
static void test_end(void **state)
{
	struct house *h = *state;
	struct talk *t = tail(h, "tail"), *other = begin(h);

	assert_string_equal(ask(t, "group add staff @example.org"), "200 0 decisions");
	assert_string_equal(ask(t, "group list"), "200 0 rows");
	say(t, "tail\n\ngroup list\n", 17);
	assert_string_equal(answer(t), "200 0 decisions");
	assert_string_equal(answer(t), "200 0 rows");
	/* the end of input, too, and that of the connection */
	say(t, "tail\n", 5);
	gone(h, 1);
	shutdown(t->fd, SHUT_WR);
	assert_string_equal(answer(t), "200 0 decisions");
	assert_false(hear(t));
	talk_close(t);
	t = tail(h, "tail");
	talk_close(t);
	gone(h, 0);
	assert_string_equal(ask(other, "group list"), "200 0 rows");
	talk_close(other);
}

struct filter {
	const char *command;
	int shown; /* of the mails that send_all() sends */
};

static void send_all(struct site *s)
{
	SEND(s, NOW, .client = "192.0.2.7");
	SEND(s, NOW, .client = "192.0.2.8", .login = "eve@example.com");
	SEND(s, NOW, .client = "192.0.2.7");
	SEND(s, NOW, .sender = "<>", .client = "2001:db8::7");
	SEND(s, NOW, .sender = "<eve@example.com>");
}

static void test_filters(void **state)
{
	static const struct filter filters[] = {
		{ "tail", 5 },
		{ "tail verdict=defer", 2 },
		{ "tail verdict=accept", 3 },
		{ "tail verdict=defer,accept,hold", 5 },
		{ "tail verdict=hold", 0 },
		{ "tail policy=out", 4 },
		{ "tail policy=other", 0 },
		{ "tail object=Bob@Example.org", 3 },
		{ "tail object=eve@example.com", 2 },
		{ "tail object=@example.com", 2 },
		{ "tail object=<>", 1 },
		{ "tail object=192.0.2.7", 2 },
		{ "tail object=2001:db8::/64", 1 },
		{ "tail client=192.0.2.0/24", 3 },
		{ "tail client=192.0.2.8", 1 },
		{ "tail client=::/0", 1 },
		{ "tail client=192.0.2.7 verdict=defer object=bob@example.org", 1 },
	};
	struct house *h = *state;
	struct talk *t[LENGTH(filters)];
	char wanted[40];

	site_policy(&h->site, "out", "limit=1/hour", "action=defer", "key=sender", NULL);
	site_policy(&h->site, "other", "priority=9", NULL);
	for (size_t i = 0; i < LENGTH(filters); i++)
		t[i] = tail(h, filters[i].command);
	send_all(&h->site);
	for (size_t i = 0; i < LENGTH(filters); i++) {
		for (int k = 0; k < filters[i].shown; k++)
			assert_true(hear(t[i]));
		snprintf(wanted, sizeof(wanted), "200 %d decision%s", filters[i].shown,
			filters[i].shown == 1 ? "" : "s");
		if (strcmp(ask(t[i], ""), wanted) != 0)
			fail_msg(
				"%s: %s, not %s", filters[i].command, t[i]->line, wanted);
		talk_close(t[i]);
	}
}

static void test_refusals(void **state)
{
	static const char *const refusals[][2] = {
		{ "tail verdict=refused",
			"501 verdict: not a value: \"refused\" (accept, bypass, monitor, "
			"defer, block, hold, discard or error, or several with commas "
			"between)" },
		{ "tail verdict=block,defre", "501 verdict: not a value: \"defre\" (did "
					      "you mean \"defer\"? accept, " },
		{ "tail verdict=defer,", "501 verdict: not a value: \"\"" },
		{ "tail policy=ghost", "550 no policy \"ghost\"" },
		{ "tail object='no object'", "501 " },
		{ "tail client=192.0.2.7/24", "501 client: " },
		{ "tail colour=red", "501 " },
	};
	struct house *h = *state;
	struct talk *t = begin(h);

	for (size_t i = 0; i < LENGTH(refusals); i++)
		if (strncmp(ask(t, refusals[i][0]), refusals[i][1],
			    strlen(refusals[i][1])) != 0)
			fail_msg("%s: %s", refusals[i][0], t->line);
	assert_int_equal(feed_listeners(h->site.engine.feed), 0);
	talk_close(t);
}

/* One that never reads is dropped; mail, another tail and commands go on. */
static void test_never_reads(void **state)
{
	struct house *h = *state;
	struct talk *deaf = tail(h, "tail"), *good = tail(h, "tail verdict=defer"), *t;
	struct feed *feed = h->site.engine.feed;
	char long_reason[2000];
	struct decision_row row = { .verdict = "accept", .reason = long_reason };
	const int64_t until = clock_monotonic() + 60 * CLOCK_SECOND;
	int sent = 0;

	memset(long_reason, 'x', sizeof(long_reason) - 1);
	long_reason[sizeof(long_reason) - 1] = '\0';
	/* more than the socket takes and the daemon keeps, whose thread gets its turn */
	while (feed_listeners(feed) == 2 && clock_monotonic() < until) {
		feed_put(feed, &row);
		if (++sent % FEED_ROOM == 0)
			usleep(1000);
	}
	assert_int_equal(feed_listeners(feed), 1);
	row = (struct decision_row){ .verdict = "defer" };
	/* the feed may still be full, and then says how many are lost */
	do {
		feed_put(feed, &row);
		assert_true(hear(good));
	} while (strstr(good->line, "\"defer\"") == NULL);
	t = begin(h);
	assert_string_equal(ask(t, "group list"), "200 0 rows");
	while (hear(deaf))
		continue;
	talk_close(t);
	talk_close(good);
	talk_close(deaf);
}

/* One that has not read all may end its tail, and read the rest then. */
static void test_ends_unread(void **state)
{
	struct house *h = *state;
	struct talk *t = tail(h, "tail"), *other;
	char long_reason[2000];
	struct decision_row row = { .verdict = "accept", .reason = long_reason };

	memset(long_reason, 'x', sizeof(long_reason) - 1);
	long_reason[sizeof(long_reason) - 1] = '\0';
	/* more than a socket takes, less than what is too much */
	for (int i = 0; i < 400; i++)
		feed_put(h->site.engine.feed, &row);
	other = begin(h);
	/* the server has handed them all on before it answers twice */
	assert_string_equal(ask(other, "group list"), "200 0 rows");
	assert_string_equal(ask(other, "group list"), "200 0 rows");
	say(t, "\n", 1);
	gone(h, 0);
	assert_string_equal(answer(t), "200 400 decisions");
	assert_int_equal(t->rows, 400);
	talk_close(t);
	talk_close(other);
}

/* What found no room is told. */
static void test_lost(void **state)
{
	struct house *h = *state;
	struct talk *t = tail(h, "tail verdict=defer");
	struct decision_row row = { .verdict = "accept" };
	struct feed *feed = h->site.engine.feed;
	long long lost = 0;

	/* until the server's thread has missed some */
	while (lost == 0) {
		struct pollfd fd = { t->fd, POLLIN, 0 };

		for (int i = 0; i < 4 * FEED_ROOM; i++)
			feed_put(feed, &row);
		if (poll(&fd, 1, 0) == 1) {
			assert_true(hear(t));
			assert_int_equal(
				sscanf(t->line, "150 {\"not_shown\":%lld}", &lost), 1);
		}
	}
	assert_true(lost > 0);
	talk_close(t);
}

/* The server ends with tails open. */
static void test_stop(void **state)
{
	struct house *h = *state;
	struct talk *t = tail(h, "tail");

	server_stop(h->server);
	h->server = NULL;
	assert_int_equal(feed_listeners(h->site.engine.feed), 0);
	assert_false(hear(t));
	talk_close(t);
	SEND(&h->site, NOW, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(test_rows),
		HOUSE_TEST(test_end),
		HOUSE_TEST(test_filters),
		HOUSE_TEST(test_refusals),
		HOUSE_TEST(test_never_reads),
		HOUSE_TEST(test_ends_unread),
		HOUSE_TEST(test_lost),
		HOUSE_TEST(test_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
