/*
 * Delivering alerts, by a thread that starts real programs: what is delivered, failed and
 * left out, in which order, as the settings of that moment say; what a stop leaves.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "notify/notify.h"
#include "../fixture.h"

#include "base/episode.h"

#include <signal.h>

static struct {
	struct notify *notify;
	struct alerts *alerts;
	char sendmail[300];
} n;

/* An executable script in the site's directory, which it knows as D. */
static const char *script(struct site *s, const char *name, const char *text)
{
	static char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", s->dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\nD=%s\n%s\n", s->dir, text);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0755), 0);
	return path;
}

static int setup(void **state)
{
	struct site *s;
	struct err err;

	signal(SIGPIPE, SIG_IGN);
	site_setup(state);
	s = *state;
	n.alerts = alerts_new();
	snprintf(n.sendmail, sizeof(n.sendmail), "%s",
		script(s, "sendmail", "echo \"$@\" >>$D/args; cat >>$D/mail"));
	n.notify = notify_new(n.alerts, s->engine.slot, n.sendmail, &err);
	assert_non_null(n.notify);
	return 0;
}

static int teardown(void **state)
{
	notify_stop(n.notify);
	n.notify = NULL;
	alerts_free(n.alerts);
	return site_teardown(state);
}

#define NOTIFY_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* What is in that file; "" without one. */
static const char *written(struct site *s, const char *file)
{
	static char text[20000];
	char path[300];
	size_t got = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", s->dir, file);
	f = fopen(path, "r");
	if (f != NULL) {
		got = fread(text, 1, sizeof(text) - 1, f);
		fclose(f);
	}
	text[got] = '\0';
	return text;
}

static pid_t number(const char *text)
{
	return (pid_t)strtol(text, NULL, 10);
}

static void put(const char *object)
{
	const struct alert alert = { .kind = ALERT_REFUSED,
		.time = NOW,
		.policy_id = 7,
		.object = object,
		.policy = "out",
		.verdict = "defer" };

	alerts_put(n.alerts, &alert);
}

/* "delivered failed suppressed", once there are so many in all. */
static const char *counted(uint64_t all)
{
	static char text[80];
	struct alert_counts c;

	for (int i = 0; i < 6000; i++, usleep(10000)) {
		alerts_count(n.alerts, &c);
		if (c.delivered + c.failed + c.suppressed >= all)
			break;
	}
	snprintf(text, sizeof(text), "%d %d %d", (int)c.delivered, (int)c.failed,
		(int)c.suppressed);
	return text;
}

static int try_test(struct err *err, char said[ERR_TEXT_MAX])
{
	const struct alert test = { .kind = ALERT_TEST, .time = NOW, .user = "root" };

	return alerts_test(n.alerts, &test, said, err);
}

/* To both, in order, one line each. */
static void test_both(void **state)
{
	struct site *s = *state;
	const char *text;

	site_setting(s, "alert_program",
		script(s, "alert", "cat >>$D/json; printf '%s|' \"$@\" >>$D/words"));
	site_setting(s, "alert_mail", "root,bob@example.org");
	for (int i = 0; i < 5; i++)
		put((const char *[]){ "a", "b", "c", "d", "e" }[i]);
	assert_string_equal(counted(5), "5 0 0");
	text = written(s, "json");
	for (int i = 0; i < 5; i++) {
		char wanted[40];

		snprintf(wanted, sizeof(wanted), "\"object\":\"%c\"", 'a' + i);
		assert_non_null(strstr(text, wanted));
		text = strchr(text, '\n') + 1;
	}
	assert_string_equal(text, "");
	assert_string_equal(written(s, "words"), "|||||");
	assert_non_null(strstr(written(s, "args"), "-i -f <> -- root bob@example.org\n"));
	assert_non_null(
		strstr(written(s, "mail"), ": a: mail is deferred by policy out\n"));
}

/* Words as a shell has them, and no shell. */
static void test_words(void **state)
{
	struct site *s = *state;
	char value[400];

	snprintf(value, sizeof(value), "%s 'a  b' $HOME \"c\\\"d\" *",
		script(s, "alert", "printf '%s|' \"$@\" >$D/words"));
	site_setting(s, "alert_program", value);
	put("a");
	assert_string_equal(counted(1), "1 0 0");
	assert_string_equal(written(s, "words"), "a  b|$HOME|c\"d|*|");
}

/* Live: from the next one on; where nobody wants to know, it is gone. */
static void test_live(void **state)
{
	struct site *s = *state;
	char said[ERR_TEXT_MAX], text[EPISODE_TEXT_MAX];
	struct err err;

	put("lost");
	/* the thread is there, and has nothing to do but to take it */
	assert_int_equal(try_test(&err, said), -1);
	assert_string_equal(err.text, "no setting says where to");
	usleep(200000);
	site_setting(s, "alert_program", script(s, "one", "cat >>$D/one.json"));
	assert_int_equal(try_test(&err, said), 0);
	site_setting(s, "alert_program", script(s, "bad", "echo boom >&2; exit 7"));
	put("a");
	assert_string_equal(counted(3), "1 2 0");
	assert_true(episode_say(text));
	assert_non_null(strstr(text, "alerts cannot be delivered: "));
	assert_non_null(strstr(text, "/bad ended with status 7, and says: boom"));
	assert_int_equal(try_test(&err, said), -1);
	assert_non_null(strstr(err.text, "/bad ended with status 7, and says: boom"));
	site_setting(s, "alert_program", script(s, "two", "cat >>$D/two.json"));
	put("b");
	assert_string_equal(counted(5), "2 3 0");
	assert_false(episode_say(text));
	assert_null(strstr(written(s, "one.json"), "lost"));
	assert_non_null(strstr(written(s, "two.json"), "\"object\":\"b\""));
}

/* One of both fails: it is told which, and the other one has it. */
static void test_one_of_both(void **state)
{
	struct site *s = *state;
	char said[ERR_TEXT_MAX], text[EPISODE_TEXT_MAX];
	struct err err;

	site_setting(s, "alert_program", "/nowhere/alert");
	site_setting(s, "alert_mail", "root");
	assert_int_equal(try_test(&err, said), -1);
	assert_non_null(strstr(err.text, "/nowhere/alert cannot be started: "));
	assert_non_null(strstr(err.text, "/sendmail took the mail to root"));
	assert_true(episode_say(text));
	assert_null(strstr(text, "took"));
	assert_non_null(strstr(written(s, "mail"), "this is a test"));
	/* nobody wants to know any more: then nothing is wrong with it */
	site_setting(s, "alert_program", NULL);
	site_setting(s, "alert_mail", NULL);
	for (int i = 0; i < 1000 && episode_say(text); i++)
		usleep(10000);
	assert_false(episode_say(text));
}

/* So many in an hour; the others are counted.  A test is not one of them. */
static void test_hourly(void **state)
{
	struct site *s = *state;
	char said[ERR_TEXT_MAX];
	struct err err;

	site_setting(s, "alert_program", script(s, "alert", "cat >>$D/json"));
	site_setting(s, "alert_hourly", "3");
	for (int i = 0; i < 10; i++)
		put("x");
	assert_string_equal(counted(10), "3 0 7");
	assert_int_equal(try_test(&err, said), 0);
	assert_string_equal(counted(11), "4 0 7");
	/* room again: it is told how many there were */
	site_setting(s, "alert_hourly", "5");
	put("y");
	assert_string_equal(counted(13), "6 0 7");
	assert_non_null(strstr(written(s, "json"), "\"kind\":\"suppressed\","));
	assert_non_null(strstr(written(s, "json"), "\"number\":7,"));
}

/* Trouble is told however many others there are, and goes before those that wait. */
static void test_trouble(void **state)
{
	struct site *s = *state;
	const char *text, *trouble;

	site_setting(s, "alert_program",
		script(s, "alert",
			"cat >>$D/json; until [ -e $D/go ]; do sleep 0.05; done"));
	site_setting(s, "alert_hourly", "2");
	episode_tell(alerts_wake, n.alerts);
	put("a");
	for (int i = 0; i < 6000 && *written(s, "json") == '\0'; i++)
		usleep(10000);
	for (int i = 0; i < ALERTS_ROOM + 5; i++)
		put("b");
	episode_begin(EPISODE_STORE, NOW, "full");
	episode_begin(EPISODE_ALERTS, NOW, "boom");
	script(s, "go", "");
	for (int i = 0; i < 6000; i++) {
		text = written(s, "json");
		trouble = strstr(text, "\"words\":\"cannot store: full\"");
		if (trouble != NULL && strstr(text, "\"b\"") != NULL)
			break;
		usleep(10000);
	}
	assert_non_null(trouble);
	assert_true(strstr(text, "\"b\"") > trouble);
	assert_null(strstr(text, "boom"));
	/* nor is it one of those that there may be */
	assert_string_equal(counted(1 + 1 + ALERTS_ROOM + 5), "3 0 1028");
	episode_end(EPISODE_STORE, NOW);
	episode_tell(NULL, NULL);
}

/* Is the object to be told of when it is refused once more, so much later? */
static bool is_told(const char *object, int64_t later)
{
	const struct lately_what what = {
		.kind = ALERT_REFUSED, .policy = 7, .object = object
	};

	return alerts_begin(n.alerts, &what, clock_now() + later);
}

/* Who nobody was told of, since there were too many or delivery failed, is told of when
 * it goes on. */
static void test_missed(void **state)
{
	struct site *s = *state;

	site_setting(s, "alert_program", script(s, "alert", "cat >>$D/json"));
	site_setting(s, "alert_hourly", "1");
	for (int i = 0; i < 3; i++)
		assert_true(is_told((const char *[]){ "a", "b", "c" }[i], 0));
	put("a");
	put("b");
	assert_string_equal(counted(2), "1 0 1");
	site_setting(s, "alert_hourly", "10");
	site_setting(s, "alert_program", "/nowhere/alert");
	put("c");
	counted(4); /* and how many were left out */
	assert_false(is_told("b", ALERTS_AGAIN - MINUTES));
	assert_false(is_told("a", ALERTS_AGAIN + MINUTES));
	assert_true(is_told("b", ALERTS_AGAIN + MINUTES));
	assert_true(is_told("c", ALERTS_AGAIN + MINUTES));
}

/* What is in hand has its end soon, what waits is not sent. */
static void test_stop(void **state)
{
	struct site *s = *state;
	int64_t began;

	site_setting(
		s, "alert_program", script(s, "alert", "echo $$ >$D/pid; sleep 1000"));
	put("a");
	put("b");
	for (int i = 0; i < 6000 && *written(s, "pid") == '\0'; i++)
		usleep(10000);
	began = clock_monotonic();
	notify_stop(n.notify);
	n.notify = NULL;
	assert_true(clock_monotonic() - began < 8 * CLOCK_SECOND);
	assert_string_equal(counted(1), "0 1 0");
	assert_int_equal(kill(number(written(s, "pid")), 0), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NOTIFY_TEST(test_both),
		NOTIFY_TEST(test_words),
		NOTIFY_TEST(test_live),
		NOTIFY_TEST(test_one_of_both),
		NOTIFY_TEST(test_hourly),
		NOTIFY_TEST(test_trouble),
		NOTIFY_TEST(test_missed),
		NOTIFY_TEST(test_stop),
	};

	return cmocka_run_group_tests_name("notify/notify", tests, NULL, NULL);
}
