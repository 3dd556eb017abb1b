/*
 * Tests of shell/postfixlimit: what its configuration becomes, what has no place here,
 * and what it would not start with itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "postfixlimit.h"

#include "base/str.h"
#include "imported.h"
#include "postfixlimit_value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct imported got;

static int setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void import(void **state, const char *text)
{
	import_octets(&got, *state, postfixlimit_import, text, strlen(text));
}

/* Those lines of what it becomes, one behind the other. */
static const char *lines(enum import_kind kind)
{
	static char text[4000];

	text[0] = '\0';
	for (size_t i = 0; i < got.im.n; i++)
		if (got.im.lines[i].kind == kind && kind == IMPORT_LEFT_OUT)
			str_append(text, sizeof(text), "%d: %s\n", got.im.lines[i].number,
				got.im.lines[i].text);
		else if (got.im.lines[i].kind == kind)
			str_append(text, sizeof(text), "%s\n", got.im.lines[i].text);
	return text;
}

static void expect(void **state, const char *text, const char *commands)
{
	import(state, text);
	if (got.result != READER_END)
		fail_msg("%s: %s", got.r.where, got.err.text);
	assert_string_equal(lines(IMPORT_COMMAND), commands);
}

static void refuses(void **state, const char *text, const char *where, const char *words)
{
	import(state, text);
	assert_int_equal(got.result, READER_BAD);
	assert_string_equal(got.r.where, where);
	assert_string_equal(got.err.text, words);
}

static void test_defaults(void **state)
{
	expect(state, "[server]\n",
		"policy add postfixlimit source=any destination=any priority=91 "
		"key=sender limit=10/hour strategy=fixed count=recipients action=defer "
		"'reply=Limit ({limit}) exceeded for sender={object}'\n");
	assert_int_equal(got.im.left_out, 0);
}

static void test_all(void **state)
{
	expect(state,
		"[server]\nfield = sasl_username\ndefault_limit = 5/day\n"
		"action = REJECT\naction_text = It's {limit} for {key}\n"
		"strategy = sliding-window\ntransparent = no\n"
		"address = 127.0.0.1\nport = 4455\nstorage = memory://\n"
		"dump_period = 60\ndump_file = d\nlog_file = l\n"
		"[limits]\nstg = 200 per 2 hours\nBob@Example.org = 1/month\n",
		"group add postfixlimit-stg stg\n"
		"policy add postfixlimit-stg source=postfixlimit-stg destination=any "
		"priority=90 key=login limit=200/2hours strategy=sliding "
		"count=recipients action=block \"reply=It's {limit} for {object}\" "
		"stop=yes\n"
		"group add postfixlimit-bob-example.org bob@example.org\n"
		"policy add postfixlimit-bob-example.org "
		"source=postfixlimit-bob-example.org destination=any priority=90 "
		"key=login limit=1/month strategy=sliding count=recipients action=block "
		"\"reply=It's {limit} for {object}\" stop=yes\n"
		"policy add postfixlimit source=any destination=any priority=91 "
		"key=login limit=5/day strategy=sliding count=recipients action=block "
		"\"reply=It's {limit} for {object}\"\n");
	assert_int_equal(got.im.left_out, 0);
	assert_non_null(
		strstr(import_text(&got.im), "\n# line 15, stg = 200 per 2 hours\n"
					     "group add "));
}

static void test_transparent(void **state)
{
	expect(state,
		"[server]\nfield = client_address\ntransparent = On\naction_text =\n"
		"strategy = moving-window\n[limits]\n192.0.2.7 = 0/day\n",
		"group add postfixlimit-192.0.2.7 192.0.2.7\n"
		"policy add postfixlimit-192.0.2.7 source=postfixlimit-192.0.2.7 "
		"destination=any priority=90 key=client limit=0/day strategy=moving "
		"count=recipients action=monitor stop=yes\n"
		"policy add postfixlimit source=any destination=any priority=91 "
		"key=client limit=10/hour strategy=moving count=recipients "
		"action=monitor\n");
}

/* The names of the groups, each with a comma behind it. */
static const char *groups(void)
{
	static char names[1000];
	const char *line = lines(IMPORT_COMMAND), *begin = "group add postfixlimit-";

	names[0] = '\0';
	while ((line = strstr(line, begin)) != NULL) {
		line += strlen(begin);
		str_append(names, sizeof(names), "%.*s,", (int)strcspn(line, " "), line);
	}
	return names;
}

/* A name has so many characters and no others, and is no other policy's. */
static void test_names(void **state)
{
#define LONG "a.2345678901234567890123456789012345678901234567"
	import(state, "[server]\n[limits]\na+b@c.de=1/day\na-b@c.de=1/day\n"
		      "\"a b\"@c.de=1/day\n" LONG "@example.org=1/day\n" LONG
		      "@example.com=1/day\n");
	assert_int_equal(got.result, READER_END);
	assert_string_equal(groups(), "a-b-c.de,a-b-c.de-2,-a-b--c.de," LONG "-ex,"
				      "a.23456789012345678901234567890123456789-2,");
}

static void test_left_out(void **state)
{
	import(state,
		"[server]\naction_text = {key!r}\ndefault_limits = 1/day\n"
		"default_limit = 1/day;2/month\n[more]\nx = 1\n[limits]\n"
		"@example.org = 1/day\nbob = 1/day\nu@example.org = 2000000001/day\n"
		"v@example.org = 1/11 years\nany@example.org = 2000000000/9 years\n");
	assert_int_equal(got.result, READER_END);
	assert_string_equal(lines(IMPORT_LEFT_OUT),
		"3: \"default_limits\" is no option of postfixlimit (did you mean "
		"\"default_limit\"?)\n"
		"5: [more] is no section of postfixlimit\n"
		"2: action_text: no reply can have braces but in {limit}, {field} and "
		"{key}\n"
		"8: \"@example.org\" is not the address of a sender\n"
		"9: \"bob\" is not the address of a sender\n"
		"10: u@example.org: a limit is of 2000000000 at most, in 10 years at "
		"most: \"2000000001/day\"\n"
		"11: v@example.org: a limit is of 2000000000 at most, in 10 years at "
		"most: \"1/11 years\"\n"
		"4: default_limit: what stands behind the first limit, which is all "
		"that postfixlimit looks at\n");
	assert_int_equal(got.im.left_out, 8);
	assert_string_equal(lines(IMPORT_COMMAND),
		"group add postfixlimit-any-example.org any@example.org\n"
		"policy add postfixlimit-any-example.org "
		"source=postfixlimit-any-example.org destination=any priority=90 "
		"key=sender limit=2000000000/108months strategy=fixed count=recipients "
		"action=defer stop=yes\n"
		"policy add postfixlimit source=any destination=any priority=91 "
		"key=sender limit=1/day strategy=fixed count=recipients action=defer\n");
	assert_non_null(strstr(import_text(&got.im),
		"\n# NOT IMPORTED, line 9, \"bob\" is not the address of a sender\n"));
}

static void test_refused(void **state)
{
	refuses(state, "", "x.conf",
		"not a configuration of postfixlimit: it has no section [server]");
	refuses(state, "[limits]\na@b.c=1/day\n", "x.conf",
		"not a configuration of postfixlimit: it has no section [server]");
	refuses(state, "[server]\n\nfield = recipient\n", "x.conf:3",
		"field is one of sender, sasl_username, client_address, not "
		"\"recipient\"");
	refuses(state, "[server]\naction = defer\n", "x.conf:2",
		"action is one of DEFER, REJECT, not \"defer\"");
	refuses(state, "[server]\nstrategy = moving\n", "x.conf:2",
		"strategy is one of fixed-window, sliding-window, moving-window, not "
		"\"moving\"");
	refuses(state, "[server]\ntransparent = perhaps\n", "x.conf:2",
		"transparent is true or false, not \"perhaps\"");
	refuses(state, "[server]\nport = smtp\n", "x.conf:2",
		"port is a number, not \"smtp\"");
	refuses(state, "[server]\ndump_period = 1h\n", "x.conf:2",
		"dump_period is a number, not \"1h\"");
	refuses(state, "[server]\n[limits]\na@b.c = 5\n", "x.conf:3",
		"a@b.c: not a limit of postfixlimit: \"5\" (as in 100/day or 5 per 2 "
		"hours)");
	/* of an IPv6 address all behind the first colon is the value */
	refuses(state, "[server]\n[limits]\n2001:db8::1 = 5/day\n", "x.conf:3",
		"2001: not a limit of postfixlimit: \"db8::1 = 5/day\" (as in 100/day or "
		"5 per 2 hours)");
	refuses(state, "[server]\nport\n", "x.conf:2",
		"an option is NAME = VALUE: \"port\"");
}

static void test_limits(void **state)
{
	static const struct {
		const char *theirs, *ours; /* ours NULL: it is none */
	} limits[] = {
		{ "5/second", "5/second" },
		{ " 5  PER  Minutes ", "5/minute" },
		{ "5per2days", "5/2days" },
		{ "7/ 7 day", "7/week" },
		{ "1/0hour", "1/hour" },
		{ "1/year", "1/12months" },
		{ "0/day", "0/day" },
		{ "5/day,6/month | 7 per year", "5/day" },
		{ "", NULL },
		{ "5", NULL },
		{ "/day", NULL },
		{ "5/", NULL },
		{ "5/2", NULL },
		{ "5/s", NULL },
		{ "5/week", NULL },
		{ "5/dayss", NULL },
		{ "-5/day", NULL },
		{ "5/day;", NULL },
		{ "5/day 6/hour", NULL },
	};
	struct postfixlimit_limit out;
	struct err err;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		int rc = postfixlimit_limit(*state, limits[i].theirs, &out, &err);

		assert_int_equal(rc, limits[i].ours != NULL ? 0 : -1);
		if (rc == 0)
			assert_string_equal(out.text, limits[i].ours);
	}
	/* more than any number has */
	assert_int_equal(postfixlimit_limit(*state,
				 "99999999999999999999999999/99999999999999999999 year",
				 &out, &err),
		0);
	assert_null(out.text);
}

static void expect_reply(void **state, const char *text, const char *expected, bool code)
{
	bool coded;
	struct err err;
	const char *reply = postfixlimit_reply(*state, text, "sender", &coded, &err);

	if (expected == NULL) {
		assert_null(reply);
		return;
	}
	assert_non_null(reply);
	assert_string_equal(reply, expected);
	assert_int_equal(coded, code);
}

static void test_replies(void **state)
{
	char text[300];

	expect_reply(state, "", "", false);
	expect_reply(state, "{limit} {field} {key}{key}",
		"{limit} sender {object}{object}", false);
	expect_reply(state, "4.5.3 no", "no", true);
	expect_reply(state, "5.7.123", "", true);
	expect_reply(state, "4.5 no", "4.5 no", false);
	expect_reply(state, "4.5.3no", "4.5.3no", false);
	expect_reply(state, "3.5.3 no", "3.5.3 no", false);
	expect_reply(state, "4.5.1234 no", "4.5.1234 no", false);
	expect_reply(state, "100% of it", "100% of it", false);
	expect_reply(state, "{{limit}}", NULL, false);
	expect_reply(state, "{wait}", NULL, false);
	expect_reply(state, "}", NULL, false);
	expect_reply(state, "in %s", NULL, false);
	expect_reply(state, "a\tb", NULL, false);
	expect_reply(state, "\xff", NULL, false);
	memset(text, 'x', sizeof(text));
	text[200] = '\0';
	expect_reply(state, text, text, false);
	text[200] = 'x';
	text[201] = '\0';
	expect_reply(state, text, NULL, false);
}

static void test_members(void **state)
{
	static const struct {
		enum postfixlimit_field field;
		const char *key, *member; /* NULL: there is none */
	} keys[] = {
		{ FIELD_SENDER, "bob@example.org", "bob@example.org" },
		{ FIELD_SENDER, "b\xc3\xb6@example.org", "b\xc3\xb6@example.org" },
		{ FIELD_SENDER, "bob", NULL },
		{ FIELD_SENDER, "bob@", NULL },
		{ FIELD_SENDER, "@example.org", NULL },
		{ FIELD_SENDER, "@.example.org", NULL },
		{ FIELD_SENDER, "<>", NULL },
		{ FIELD_LOGIN, "bob", "bob" },
		{ FIELD_LOGIN, "bob@example.org", "bob@example.org" },
		{ FIELD_LOGIN, "@example.org", NULL },
		{ FIELD_LOGIN, "bob@", NULL },
		{ FIELD_LOGIN, "any", NULL },
		{ FIELD_LOGIN, "10.0.0.1", NULL },
		{ FIELD_LOGIN, "10", "10" },
		{ FIELD_LOGIN, "corp\\bob", NULL },
		{ FIELD_LOGIN, "-.-", NULL },
		{ FIELD_CLIENT, "192.0.2.7", "192.0.2.7" },
		{ FIELD_CLIENT, "192.0.2.0/24", NULL },
		{ FIELD_CLIENT, "bob", NULL },
	};
	struct err err;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *member =
			postfixlimit_member(*state, keys[i].key, keys[i].field, &err);

		if (keys[i].member == NULL)
			assert_null(member);
		else
			assert_string_equal(member, keys[i].member);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_defaults, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all, setup, teardown),
		cmocka_unit_test_setup_teardown(test_transparent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_replies, setup, teardown),
		cmocka_unit_test_setup_teardown(test_members, setup, teardown),
	};

	return cmocka_run_group_tests_name(
		"shell/import_postfixlimit", tests, NULL, NULL);
}
