/*
 * The control server, by its socket: a real server over a real engine, and raw
 * clients that speak the protocol of ctl/wire.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../house.h"
#include "base/episode.h"
#include "config.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>

#define BOB "bob@example.org"

/* Connected, and greeted. */
static struct talk *talk_begin(struct house *h)
{
	struct talk *t = talk_open(h->socket);

	assert_true(hear(t));
	assert_string_equal(t->line, "220 themisd " PACKAGE_VERSION " proto 1");
	return t;
}

/* Asks each command and compares the closing line with what it has to begin
 * with. */
struct exchange {
	const char *command, *closing;
};

static void converse(struct talk *t, const struct exchange *e, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strncmp(ask(t, e[i].command), e[i].closing, strlen(e[i].closing)) !=
			0)
			fail_msg("%s: %s, not %s", e[i].command, t->line, e[i].closing);
}

static void test_groups_and_policies(void **state)
{
	static const struct exchange exchanges[] = {
		{ "policy list", "200 0 rows" },
		{ "group add staff @Example.org 192.0.2.0/24", "200 2 added" },
		{ "group add staff @example.org ::1", "200 1 added, 1 there already" },
		{ "group show staff", "200 3 rows" },
		{ "policy add out source=staff destination=any limit=500/hour,5000/day "
		  "action=defer reply='100% \"full\" \xe2\x82\xac'",
			"200 policy out added" },
		{ "policy add in source=any destination=!staff", "200 policy in added" },
		{ "group delete staff", "552 group staff is used by in, out" },
		{ "policy list", "200 2 rows" },
		{ "policy rename out outbound", "200 " },
		{ "policy show out", "550 no policy \"out\"" },
		{ "policy delete outbound", "200 policy outbound deleted" },
		{ "policy delete in", "200 " },
		{ "group remove staff ::1", "200 1 removed" },
		{ "group delete staff", "200 " },
		{ "setting set history_days 7", "200 history_days is 7" },
		{ "setting set global_conditions 9:3600", "200 default_limit is 9:3600" },
		{ "setting list", "200 " },
		{ "setting unset history_days", "200 history_days is 30, its default" },
		{ "status", "200 1 row" },
		{ "help policy add", "200 18 rows" },
		{ "", "200 0 rows" },
	};
	struct talk *t = talk_begin(*state);

	converse(t, exchanges, LENGTH(exchanges));
	talk_close(t);
}

/* Rows are JSON with the attributes' names, texts as they were given. */
static void test_rows(void **state)
{
	struct talk *t = talk_begin(*state);

	ask(t, "policy add out source=any destination=any limit=5:3600 priority=7 "
	       "reply='100% \"full\" \\ \xe2\x82\xac'");
	assert_string_equal(ask(t, "policy show out"), "200 1 row");
	assert_int_equal(t->rows, 1);
	assert_string_equal(t->row,
		"{\"name\":\"out\",\"source\":\"any\",\"destination\":\"any\","
		"\"enabled\":\"yes\",\"type\":\"regular\",\"priority\":7,"
		"\"key\":\"sender+\",\"limit\":\"5/hour\",\"strategy\":\"moving\","
		"\"count\":\"messages\",\"action\":\"monitor\","
		"\"reply\":\"100% \\\"full\\\" \\\\ "
		"\xe2\x82\xac\",\"penalty\":\"default\","
		"\"stop\":\"no\",\"only-headers\":\"no\",\"spf\":\"off\",\"rate-stats\":"
		"\"no\"}");
	assert_string_equal(ask(t, "group show nobody"), "550 no group \"nobody\"");
	assert_int_equal(t->rows, 0);
	talk_close(t);
}

#define EVERYTHING                                                                       \
	"SELECT (SELECT GROUP_CONCAT(id || name || source_not || action) FROM policy) "  \
	"|| (SELECT GROUP_CONCAT(id || spelling) FROM policy_limit) || '/' || "          \
	"(SELECT GROUP_CONCAT(id || name) FROM member_group) || '/' || (SELECT "         \
	"COUNT(*) "                                                                      \
	"FROM member) || (SELECT COUNT(*) FROM setting) || (SELECT COUNT(*) FROM audit)"

/* Refused whole, with what was expected; nothing has changed. */
static void test_refusals(void **state)
{
	static const struct exchange refusals[] = {
		{ "frobnicate", "500 " },
		{ "policy frobnicate", "500 " },
		{ "policy add x limit=abc",
			"501 limit: not a limit: \"abc\" (try 100/hour" },
		{ "policy add x source=any", "501 destination is required" },
		{ "policy add x source=any destination=any colour=red", "501 " },
		{ "policy add x source=ghosts destination=any", "550 source: no group" },
		{ "policy add out source=any destination=any", "551 " },
		{ "policy set out action=block limit=1/hour reply={oops}",
			"501 reply: " },
		{ "policy set out source=!ghosts action=block", "550 " },
		{ "policy set out", "501 " },
		{ "policy rename ghost spirit", "550 " },
		{ "policy rename out list", "501 " },
		{ "policy rename out out", "551 " },
		{ "group add staff @good.example 'bad one'", "501 " },
		{ "group add 'bad name' @good.example", "501 " },
		{ "group remove staff @example.org @ghost.example", "550 " },
		{ "group delete staff", "552 group staff is used by out" },
		{ "setting set ipv6_prefix 129", "501 ipv6_prefix: " },
		{ "counter reset all policy=ghost", "550 " },
		{ "object show 'no object'", "501 " },
		{ "stats ghost", "550 " },
		{ "policy show 'out", "501 a quote is not closed" },
		{ "# \xff", "501 " },
		{ "policy show 'a\tb'", "501 a tab" },
		{ "help \x1b[2J", "501 " },
	};
	struct house *h = *state;
	struct talk *t = talk_begin(h);
	char before[1000];

	ask(t, "group add staff @example.org 192.0.2.0/24");
	ask(t, "policy add out source=staff destination=any limit=9/hour,99/day "
	       "action=hold");
	KEEP(before, site_text(&h->site, EVERYTHING));
	assert_non_null(strstr(before, "staff"));
	for (size_t i = 0; i < LENGTH(refusals); i++) {
		converse(t, &refusals[i], 1);
		if (strcmp(site_text(&h->site, EVERYTHING), before) != 0)
			fail_msg("%s: %s, not %s", refusals[i].command, h->site.text,
				before);
	}
	talk_close(t);
}

/* A counter belongs to (policy, object, period, count, strategy, key). */
static void test_counter_identity(void **state)
{
	static const char *const keep[] = { "policy set out limit=5/hour",
		"policy set out priority=1", "policy set out reply=no",
		"policy disable out", "policy set out action=defer enabled=yes",
		"policy rename out old", "policy rename old out" };
	static const char *const begin_anew[] = { "policy set out limit=3/2h",
		"policy set out strategy=fixed", "policy set out count=recipients",
		"policy set out key=sender", "counter reset " BOB,
		"counter reset all policy=out" };
	struct counter_hit hit = { .key.object = BOB };
	int64_t now = clock_now();
	struct policy_set *old;
	struct house *h = *state;
	struct talk *t = talk_begin(h);

	ask(t, "policy add out source=any destination=any limit=3/hour action=defer");
	for (int i = 0; i < 3; i++)
		assert_int_equal(SEND(&h->site, now, 0).kind, VERDICT_ACCEPT);
	assert_int_equal(SEND(&h->site, now, 0).kind, VERDICT_DEFER);
	for (size_t i = 0; i < LENGTH(keep); i++) {
		assert_string_not_equal(ask(t, keep[i]), "");
		assert_memory_equal(t->line, "200", 3);
		assert_string_equal(ask(t, "counter list object=" BOB), "200 1 row");
		assert_non_null(strstr(t->row, "\"used\":3"));
	}
	assert_int_equal(SEND(&h->site, now, 0).kind, VERDICT_ACCEPT);
	assert_int_equal(SEND(&h->site, now, 0).kind, VERDICT_ACCEPT);
	assert_int_equal(SEND(&h->site, now, 0).kind, VERDICT_DEFER);
	for (size_t i = 0; i < LENGTH(begin_anew); i++) {
		ask(t, begin_anew[i]);
		assert_memory_equal(t->line, "200", 3);
		assert_string_equal(ask(t, "counter list"), "200 0 rows");
		assert_int_equal(site_used(&h->site, "out", 0, BOB, now), 0);
		assert_int_equal(SEND(&h->site, now, 0).kind, VERDICT_ACCEPT);
		assert_string_equal(ask(t, "counter list"), "200 1 row");
	}
	old = policy_slot_acquire(h->site.engine.slot);
	hit.limit = &old->policies[0]->limits.limit[0];
	hit.key.limit_id = hit.limit->id;
	h->site.engine.store->peek(h->site.engine.store, &hit, 1, now);
	assert_int_equal(hit.used, 1);
	ask(t, "policy delete out");
	h->site.engine.store->peek(h->site.engine.store, &hit, 1, now);
	assert_int_equal(hit.used, 0);
	policy_slot_release(h->site.engine.slot, old);
	assert_int_equal(site_number(&h->site, "SELECT COUNT(*) FROM bucket"), 0);
	ask(t, "policy add out source=any destination=any limit=3/hour");
	assert_int_equal(site_used(&h->site, "out", 0, BOB, now), 0);
	talk_close(t);
}

static void test_object_and_stats(void **state)
{
	int64_t now = clock_now();
	struct house *h = *state;
	struct talk *t = talk_begin(h);

	ask(t, "policy add out source=any destination=any limit=1/hour action=block");
	SEND(&h->site, now, .client = "192.0.2.7");
	SEND(&h->site, now, .client = "2001:db8::7");
	assert_string_equal(ask(t, "object show Bob@Example.org"), "200 1 row");
	assert_non_null(strstr(t->row, "\"object\":\"" BOB "\""));
	assert_non_null(strstr(t->row, "\"refused\":1"));
	assert_non_null(strstr(t->row, "\"client\":\"2001:db8::7\""));
	assert_non_null(strstr(t->row, "\"limit\":\"1/hour\""));
	assert_string_equal(ask(t, "stats out"), "200 1 row");
	assert_non_null(strstr(t->row, "\"messages\":2"));
	assert_non_null(strstr(t->row, "\"block\":1"));
	assert_string_equal(ask(t, "status"), "200 1 row");
	assert_non_null(strstr(t->row, "\"sessions\":3"));
	assert_non_null(strstr(t->row, "\"degraded\":null"));
	talk_close(t);
}

/* Who changed what, as it came; no refusals, no looking. */
static void test_audit(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_begin(h);

	ask(t, "group  add \"staff\" @example.org # why");
	ask(t, "group add staff 'not one'");
	ask(t, "group list");
	ask(t, "policy add out source=staff destination=any");
	assert_string_equal(
		site_text(&h->site, "SELECT GROUP_CONCAT(command, '|') FROM audit"),
		"group  add \"staff\" @example.org # why|"
		"policy add out source=staff destination=any");
	assert_int_equal(site_number(&h->site, "SELECT MIN(uid) FROM audit"), getuid());
	assert_string_not_equal(site_text(&h->site, "SELECT MIN(user) FROM audit"), "");
	talk_close(t);
}

#define CROWD 20

static void test_several_clients(void **state)
{
	struct talk *t[CROWD];
	char text[80];

	for (int i = 0; i < CROWD; i++)
		t[i] = talk_begin(*state);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < CROWD; i++) {
			snprintf(text, sizeof(text), "group add g%d u%d@example.org\n", i,
				round);
			say(t[i], text, strlen(text));
		}
		for (int i = CROWD; i-- > 0;)
			assert_string_equal(answer(t[i]), "200 1 added");
	}
	for (int i = 0; i < CROWD; i++) {
		snprintf(text, sizeof(text), "group show g%d", i);
		assert_string_equal(ask(t[i], text), "200 3 rows");
		talk_close(t[i]);
	}
}

/* One that asks much and never reads, one that leaves in the middle. */
static void test_client_that_never_reads(void **state)
{
	struct talk *slow = talk_begin(*state), *gone = talk_begin(*state);
	struct talk *t = talk_begin(*state);
	int asked = 0, sent = 0;

	fcntl(slow->fd, F_SETFL, O_NONBLOCK);
	fcntl(gone->fd, F_SETFL, O_NONBLOCK);
	while (send(slow->fd, "help\n", 5, MSG_NOSIGNAL) == 5)
		asked++;
	while (send(gone->fd, "help\n", 5, MSG_NOSIGNAL) == 5)
		sent++;
	assert_true(asked > 100 && sent > 100);
	assert_string_equal(ask(t, "group add staff @example.org"), "200 1 added");
	talk_close(gone);
	assert_string_equal(ask(t, "group list"), "200 1 row");
	fcntl(slow->fd, F_SETFL, 0);
	/* it was not forgotten: every answer is there once it reads */
	for (int i = 0; i < asked; i++)
		assert_memory_equal(answer(slow), "200 ", 4);
	shutdown(slow->fd, SHUT_WR);
	while (hear(slow))
		continue;
	talk_close(slow);
	talk_close(t);
}

/* 8192 octets are a line; more are one refusal, and the next line is heard. */
static void test_long_lines(void **state)
{
	static const struct {
		size_t length;
		const char *closing;
	} lines[] = { { 8191, "200 0 rows" }, { 8192, "200 0 rows" }, { 8193, "501 " },
		{ 8194, "501 " }, { 9 * 1024, "501 " }, { 40000, "501 " } };
	struct talk *t = talk_begin(*state);
	char *line = mem_calloc(1, 50000);

	for (size_t i = 0; i < LENGTH(lines); i++) {
		memset(line, '#', lines[i].length);
		line[lines[i].length] = '\0';
		ask(t, line);
		assert_memory_equal(t->line, lines[i].closing, strlen(lines[i].closing));
		assert_string_equal(ask(t, "group list"), "200 0 rows");
	}
	free(line);
	talk_close(t);
}

/* Bytes one by one, lines in a heap, CR LF, an end without quit. */
static void test_pieces(void **state)
{
	static const char heap[] = "group add a @a.example\r\ngroup add b @b.example\n"
				   "group list\r\nstat";
	struct talk *t = talk_begin(*state);

	for (const char *p = "group list\n"; *p != '\0'; p++)
		say(t, p, 1);
	assert_string_equal(answer(t), "200 0 rows");
	say(t, heap, strlen(heap));
	shutdown(t->fd, SHUT_WR);
	assert_string_equal(answer(t), "200 1 added");
	assert_string_equal(answer(t), "200 1 added");
	assert_string_equal(answer(t), "200 2 rows");
	/* what is cut off is told, and is no command */
	assert_string_equal(
		answer(t), "501 a line cut off: it does not end with a line feed");
	assert_false(hear(t));
	talk_close(t);
	t = talk_begin(*state);
	assert_memory_equal(ask(t, "quit"), "221 ", 4);
	assert_false(hear(t));
	talk_close(t);
}

/* One too many is told so, and has room when another has left. */
static void test_too_many_clients(void **state)
{
	struct talk *t[64], *late = NULL;
	size_t places =
		geteuid() == 0 ? LENGTH(t) : LENGTH(t) * 7 / 8; /* root has its own */

	for (size_t i = 0; i < places; i++)
		t[i] = talk_begin(*state);
	late = talk_open(((struct house *)*state)->socket);
	assert_true(hear(late));
	assert_memory_equal(late->line, "421 ", 4);
	assert_false(hear(late));
	talk_close(late);
	ask(t[5], "quit");
	assert_false(hear(t[5]));
	late = talk_begin(*state);
	assert_string_equal(ask(late, "policy list"), "200 0 rows");
	talk_close(late);
	for (size_t i = 0; i < places; i++)
		talk_close(t[i]);
}

static void *send_mail(void *arg)
{
	for (int i = 0; i < 60; i++)
		SEND(arg, NOW + i, .login = BOB, .client = "192.0.2.7");
	return NULL;
}

/* Changes and mail at the same time; then an end with clients connected. */
static void test_changes_under_mail(void **state)
{
	struct house *h = *state;
	struct talk *t = talk_begin(h);
	pthread_t threads[2];
	char text[80];

	ask(t, "policy add out source=any destination=any limit=99/hour");
	for (size_t i = 0; i < LENGTH(threads); i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, send_mail, &h->site), 0);
	for (int i = 0; i < 15; i++) {
		snprintf(text, sizeof(text), "group add g u%d@example.org", i);
		assert_string_equal(ask(t, text), "200 1 added");
		snprintf(text, sizeof(text), "policy set out limit=%d/hour", 100 + i);
		assert_memory_equal(ask(t, text), "200 ", 4);
		assert_memory_equal(ask(t, "stats out"), "200 1 row", 9);
	}
	for (size_t i = 0; i < LENGTH(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(site_number(&h->site, "SELECT COUNT(*) FROM v_decisions"), 120);
	server_stop(h->server);
	h->server = NULL;
	assert_false(hear(t));
	talk_close(t);
}

/* What `status` says at the moment; in it "degraded" and "episodes". */
static bool status_says(struct talk *t, const char *words)
{
	assert_string_equal(ask(t, "status"), "200 1 row");
	return strstr(t->row, words) != NULL;
}

/* Without descriptors for more, the clients there are are served, the next one waits,
 * and `status` says so; it is one episode. */
static void test_no_descriptors(void **state)
{
	struct talk *t = talk_begin(*state), *late = mem_calloc(1, sizeof(*late));
	struct rlimit before, few;
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const char *path = ((struct house *)*state)->socket;
	char words[40];

	assert_true(strlen(path) < sizeof(to.sun_path));
	memcpy(to.sun_path, path, strlen(path));
	assert_true(status_says(t, "\"degraded\":null"));
	snprintf(words, sizeof(words), "\"episodes\":%d", (int)episode_count() + 1);
	late->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(late->fd >= 0 && getrlimit(RLIMIT_NOFILE, &before) == 0);
	few = before;
	few.rlim_cur = (rlim_t)dup(late->fd); /* the lowest that is free */
	close((int)few.rlim_cur);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(connect(late->fd, (struct sockaddr *)&to, sizeof(to)), 0);
	while (!status_says(t, "control clients wait: accept: "))
		usleep(1000);
	assert_true(status_says(t, words));
	usleep(1200000); /* it has tried again */
	assert_true(status_says(t, words));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_true(hear(late));
	assert_memory_equal(late->line, "220 ", 4);
	assert_true(status_says(t, "\"degraded\":null"));
	assert_true(status_says(t, words));
	talk_close(late);
	talk_close(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(test_groups_and_policies),
		HOUSE_TEST(test_rows),
		HOUSE_TEST(test_refusals),
		HOUSE_TEST(test_counter_identity),
		HOUSE_TEST(test_object_and_stats),
		HOUSE_TEST(test_audit),
		HOUSE_TEST(test_several_clients),
		HOUSE_TEST(test_client_that_never_reads),
		HOUSE_TEST(test_long_lines),
		HOUSE_TEST(test_pieces),
		HOUSE_TEST(test_too_many_clients),
		HOUSE_TEST(test_changes_under_mail),
		HOUSE_TEST(test_no_descriptors),
	};

	clock_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
