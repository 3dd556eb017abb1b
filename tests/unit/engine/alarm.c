/*
 * What is worth an alert: the first refusal of an object, a counter that a charge takes
 * to 80 % of its limit; nothing else, and nothing while nobody wants to know.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/alarm.h"
#include "../door.h"
#include "../grants.h"
#include "../spf_fake.h"

#include "engine/alerts.h"

#define BOB "bob@example.org"

static int setup(void **state)
{
	struct site *s;

	site_setup(state);
	s = *state;
	s->engine.alerts = alerts_new();
	s->engine.pending = pending_table_new();
	site_setting(s, "alert_mail", "root");
	return 0;
}

static int teardown(void **state)
{
	struct site *s = *state;

	alerts_free(s->engine.alerts);
	pending_table_free(s->engine.pending);
	return site_teardown(state);
}

#define ALARM_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* What was put in since the last call: "refused defer out bob@example.org 1/hour; ..." */
static const char *told(struct site *s)
{
	static char text[1000];
	struct timespec past = clock_in(0);
	struct alert *a;

	*text = '\0';
	while ((a = alerts_take(s->engine.alerts, &past)) != NULL) {
		str_append(text, sizeof(text), "%s%s", *text != '\0' ? "; " : "",
			alert_kind_name(a->kind));
		if (a->kind == ALERT_REFUSED)
			str_append(text, sizeof(text), " %s %s %s", a->verdict,
				a->policy != NULL ? a->policy : "-", a->object);
		else
			str_append(text, sizeof(text), " %s %s %d of %d %s", a->policy,
				a->object, (int)a->used, (int)a->room, a->count);
		if (a->limit != NULL)
			str_append(text, sizeof(text), " %s", a->limit);
		alert_free(a);
	}
	return text;
}

/* A hundred refusals are one alert; after an hour without any the next is another. */
static void test_refused(void **state)
{
	struct site *s = *state;

	site_policy(s, "out", "limit=1/year", "action=defer", NULL);
	SEND(s, NOW, 0);
	told(s);
	for (int i = 0; i < 100; i++)
		SEND(s, NOW + i * MINUTES, .early = i % 2 == 0);
	assert_string_equal(told(s), "refused defer out bob@example.org 1/year");
	SEND(s, NOW + 99 * MINUTES + HOURS - 1, 0);
	assert_string_equal(told(s), "");
	SEND(s, NOW + 99 * MINUTES + 2 * HOURS, 0);
	assert_string_equal(told(s), "refused defer out bob@example.org 1/year");
	/* of somebody else */
	SEND(s, NOW, .sender = "<eve@example.org>");
	SEND(s, NOW, .sender = "<eve@example.org>");
	assert_string_equal(told(s), "refused defer out eve@example.org 1/year");
}

/* Each action but monitor; a block by hand; not a bypass. */
static void test_actions(void **state)
{
	static const char *const actions[] = { "block", "hold", "discard" };
	struct site *s = *state;
	char attribute[40], wanted[100];

	site_policy(s, "watch", "limit=0/hour", "priority=1", NULL);
	SEND(s, NOW, 0);
	assert_string_equal(told(s), "");
	for (size_t i = 0; i < LENGTH(actions); i++) {
		char name[20];

		snprintf(name, sizeof(name), "p%d", 9 - (int)i);
		snprintf(attribute, sizeof(attribute), "action=%s", actions[i]);
		site_policy(s, name, "limit=0/hour", attribute, NULL);
		SEND(s, NOW, 0);
		snprintf(wanted, sizeof(wanted), "refused %s %s " BOB " 0/hour",
			actions[i], name);
		assert_string_equal(told(s), wanted);
	}
	site_flag(s, BOB, FLAG_BYPASS, 0);
	SEND(s, NOW, 0);
	assert_string_equal(told(s), "");
	site_flag(s, "@example.org", FLAG_BLOCK, 0);
	SEND(s, NOW, 0);
	SEND(s, NOW, .early = true);
	assert_string_equal(told(s), "refused block - @example.org");
}

/* Single recipients, refused or taken out; 452 is no refusal of anybody. */
static void test_recipients(void **state)
{
	struct site *s = *state;

	site_policy(s, "r", "key=recipient", "limit=1/hour", "action=block", NULL);
	SEND(s, NOW, .rcpt = { "<a@x.net>", "<b@x.net>" });
	told(s);
	SEND(s, NOW, .rcpt = { "<a@x.net>", "<b@x.net>", "<c@x.net>" });
	assert_string_equal(told(s), "refused block r a@x.net 1/hour; "
				     "refused block r b@x.net 1/hour");
	site_policy(s, "r", "action=discard", NULL);
	SEND(s, NOW, .rcpt = { "<c@x.net>", "<d@x.net>" });
	assert_string_equal(told(s), "refused discard r c@x.net 1/hour");
	site_group(s, "y", "@y.net", NULL);
	site_policy(s, "n", "destination=y", "count=recipients", "limit=1/hour",
		"action=defer", NULL);
	SEND(s, NOW, .rcpt = { "<a@y.net>", "<b@y.net>" });
	assert_null(strstr(told(s), "refused"));
}

/* Anybody can forge a sender whose SPF fails, as often as he likes. */
static void test_spf(void **state)
{
	struct site *s = *state;

	fake_begin(s, SPF_FAIL);
	site_policy(s, "spf", "spf=check", "action=block", NULL);
	assert_int_equal(SEND(s, NOW, .client = "192.0.2.7").kind, VERDICT_BLOCK);
	assert_string_equal(told(s), "");
	fake_end(s);
}

/* Only the charge that takes it there; what is free again and comes there once more is
 * the same episode within an hour. */
static void test_near(void **state)
{
	struct site *s = *state;

	site_policy(s, "out", "limit=5/10 minutes", "action=defer", "priority=1", NULL);
	for (int i = 0; i < 3; i++)
		SEND(s, NOW + i, 0);
	assert_string_equal(told(s), "");
	SEND(s, NOW + 3, 0);
	assert_string_equal(told(s), "near out " BOB " 4 of 5 messages 5/10minutes");
	SEND(s, NOW + 4, 0);
	assert_string_equal(told(s), "");
	/* down to nothing, and up again: the same episode, and then another one */
	for (int i = 0; i < 4; i++)
		SEND(s, NOW + 30 * MINUTES + i, 0);
	assert_string_equal(told(s), "");
	for (int i = 0; i < 4; i++)
		SEND(s, NOW + 91 * MINUTES + i, 0);
	assert_string_equal(told(s), "near out " BOB " 4 of 5 messages 5/10minutes");
}

/* Each limit of a policy for itself, monitors too; not one that is not charged. */
static void test_near_each(void **state)
{
	struct site *s = *state;

	site_policy(
		s, "out", "limit=5/hour,6/day", "count=recipients", "priority=1", NULL);
	for (int i = 0; i < 3; i++)
		SEND(s, NOW, 0);
	assert_string_equal(told(s), "");
	SEND(s, NOW, 0);
	assert_string_equal(told(s), "near out " BOB " 4 of 5 recipients 5/hour");
	SEND(s, NOW + 2 * HOURS, 0);
	assert_string_equal(told(s), "near out " BOB " 5 of 6 recipients 6/day");
	/* another policy refuses, so the first is not charged */
	site_policy(s, "bytes", "limit=100/hour", "count=bytes", "action=block", NULL);
	SEND(s, NOW + 2 * DAYS, .size = 99, .sender = "<eve@example.org>");
	assert_string_equal(
		told(s), "near bytes eve@example.org 99 of 100 bytes 100/hour");
	SEND(s, NOW + 2 * DAYS, .size = 99, .sender = "<eve@example.org>");
	assert_string_equal(told(s), "refused block bytes eve@example.org 100/hour");
}

/* Of a limit that anybody's first messages use up nothing is told. */
static void test_near_small(void **state)
{
	static const char *const limits[] = { "limit=1/hour", "limit=2/hour",
		"limit=3/hour", "limit=4/hour" };
	struct site *s = *state;

	site_policy(s, "out", "action=defer", "limit=1/hour", NULL);
	for (int i = 0; i < 4; i++) {
		site_policy(s, "out", limits[i], NULL);
		for (int k = 0; k <= i; k++)
			SEND(s, NOW + i * DAYS, 0);
		assert_string_equal(told(s), "");
	}
}

/* 80 % of the limit with what is granted; what was over 80 % before is so no more. */
static void test_granted(void **state)
{
	struct site *s = *state;

	site_policy(s, "out", "limit=5/hour", "action=defer", NULL);
	site_grant(s, BOB, "out", 5, NOW + 10 * MINUTES);
	for (int i = 0; i < 7; i++)
		SEND(s, NOW + i, 0);
	assert_string_equal(told(s), "");
	SEND(s, NOW + 7, 0);
	assert_string_equal(told(s), "near out " BOB " 8 of 10 messages 10/hour");
	/* with the grant's end there is more than all of it: a refusal, no crossing */
	SEND(s, NOW + 11 * MINUTES, 0);
	assert_string_equal(told(s), "refused defer out " BOB " 5/hour");
}

/* By two doors: what was charged at the first is not charged again. */
static void test_doors(void **state)
{
	struct site *s = *state;

	site_policy(s, "out", "limit=5/hour", "action=defer", NULL);
	for (int i = 0; i < 3; i++)
		SEND(s, NOW, 0);
	ASK(s, NOW, RCPT, .instance = "7");
	assert_string_equal(told(s), "near out " BOB " 4 of 5 messages 5/hour");
	MILTER(s, NOW, 0);
	assert_string_equal(told(s), "");
	assert_int_equal(site_used(s, "out", 0, BOB, NOW), 4);
}

/* What cannot be stored, and is refused for it, has been charged for nothing. */
static void test_given_back(void **state)
{
	struct site *s = *state;

	site_policy(s, "out", "limit=1/hour", "action=defer", NULL);
	site_setting(s, "on_error", "tempfail");
	site_sql(s, "CREATE TEMP TABLE a(b)");
	site_sql(s, "BEGIN EXCLUSIVE");
	assert_int_equal(SEND(s, NOW, 0).kind, VERDICT_ERROR);
	assert_string_equal(told(s), "");
	site_sql(s, "ROLLBACK");
}

static void test_nobody(void **state)
{
	struct site *s = *state;

	site_setting(s, "alert_mail", NULL);
	site_policy(s, "out", "limit=1/hour", "action=defer", NULL);
	SEND(s, NOW, 0);
	SEND(s, NOW, 0);
	assert_string_equal(told(s), "");
	/* whoever is refused still is when somebody wants to know */
	site_setting(s, "alert_program", "/bin/true");
	SEND(s, NOW, 0);
	assert_string_equal(told(s), "refused defer out " BOB " 1/hour");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALARM_TEST(test_refused),
		ALARM_TEST(test_actions),
		ALARM_TEST(test_recipients),
		ALARM_TEST(test_spf),
		ALARM_TEST(test_near),
		ALARM_TEST(test_near_each),
		ALARM_TEST(test_near_small),
		ALARM_TEST(test_granted),
		ALARM_TEST(test_doors),
		ALARM_TEST(test_given_back),
		ALARM_TEST(test_nobody),
	};

	return cmocka_run_group_tests_name("engine/alarm", tests, NULL, NULL);
}
