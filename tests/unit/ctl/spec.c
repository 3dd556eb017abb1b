/*
 * Tests of ctl/spec: how a command is found, what its arguments may be, and the words
 * of every refusal.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ctl/spec.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Words and their number, as the functions under test take them. */
#define WORDS(...)                                                                       \
	(char *const *)(const char *const[]){ __VA_ARGS__ },                             \
		sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *)

/* A command of the table by its two words; the test fails without it. */
static const struct command *command(const char *noun, const char *verb)
{
	for (size_t i = 0; i < ncommands; i++)
		if (strcmp(commands[i].noun, noun) == 0 &&
			strcmp(commands[i].verb, verb) == 0)
			return &commands[i];
	fail_msg("no command %s %s", noun, verb);
	return NULL;
}

static void expect_unknown(char *const *words, size_t n, const char *const *told)
{
	struct err err = { .code = ERR_FAILED, .text = "" };
	size_t used;

	assert_null(command_find(words, n, &used, &err));
	assert_int_equal(err.code, ERR_UNKNOWN);
	assert_false(str_has_control(err.text));
	for (; *told != NULL; told++)
		if (strstr(err.text, *told) == NULL)
			fail_msg("told: %s", err.text);
	assert_null(command_find(words, n, &used, NULL));
}

#define TOLD(...)                                                                        \
	(const char *const[])                                                            \
	{                                                                                \
		__VA_ARGS__, NULL                                                        \
	}

static void test_find_says_what_there_is(void **state)
{
	(void)state;
	expect_unknown(WORDS("polcy", "list"), TOLD("no command \"polcy\"",
						       "(did you mean \"policy\"? there "
						       "are: group, policy, header, pool",
						       "quit)"));
	expect_unknown(WORDS("policy", "lst"),
		TOLD("no command \"policy lst\"", "policy: add, set, show, list"));
	expect_unknown(WORDS("policy"), TOLD("\"policy\" needs a verb: add, set"));
	expect_unknown(WORDS("Policy", "list"), TOLD("no command \"Policy\""));
	expect_unknown(WORDS("policy", ""), TOLD("no command \"policy \""));
	expect_unknown(WORDS(""), TOLD("no command \"\""));
	expect_unknown(NULL, 0, TOLD("no command \"\"", "there are: "));
	expect_unknown(WORDS("\x1b[2J\n"), TOLD("no command \"\\x1b[2J\\x0a\""));
	expect_unknown(WORDS("policy", "\r"), TOLD("no command \"policy \\x0d\""));
	/* the last verb is there: nothing was cut */
	expect_unknown(WORDS("policy", "x"), TOLD("rename)"));
}

/* A noun that is a command, too: a word that is no option was meant for a verb. */
static void test_refuse_word_for_verb(void **state)
{
	struct err err = { .code = ERR_FAILED, .text = "" };
	const struct command *audit = command("audit", "");

	(void)state;
	assert_int_equal(command_check_words(audit, WORDS("sho", "3"), &err), -1);
	assert_int_equal(err.code, ERR_UNKNOWN);
	assert_string_equal(err.text,
		"no command \"audit sho\" (did you mean \"show\"? audit: show, undo)");
	assert_int_equal(command_check_words(audit, WORDS("last=3", "sho"), &err), -1);
	assert_non_null(strstr(err.text, "not NAME=VALUE: \"sho\""));
	assert_int_equal(
		command_check_words(command("status", ""), WORDS("sho"), &err), -1);
	assert_non_null(strstr(err.text, "one word too many: \"sho\""));
}

static void test_find_long_words(void **state)
{
	char word[3000];

	(void)state;
	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	expect_unknown(WORDS(word), TOLD("xxx...\"", "quit)"));
	expect_unknown(
		WORDS("policy", word), TOLD("\"policy xxx", "xxx...\"", "rename)"));
}

static void expect_checked(
	const char *noun, const char *verb, char *const *args, size_t n)
{
	struct err err = { .text = "" };

	if (command_check(command(noun, verb), args, n, &err) != 0)
		fail_msg("%s %s: %s", noun, verb, err.text);
	if (command_check_words(command(noun, verb), args, n, &err) != 0)
		fail_msg("%s %s: %s", noun, verb, err.text);
}

static void expect_refused(
	const char *noun, const char *verb, char *const *args, size_t n, const char *told)
{
	struct err err = { .code = ERR_FAILED, .text = "" };

	assert_int_equal(command_check(command(noun, verb), args, n, &err), -1);
	assert_int_equal(err.code, ERR_BAD);
	if (strstr(err.text, told) == NULL)
		fail_msg("told: %s", err.text);
	if (str_has_control(err.text) || !str_is_utf8(err.text, strlen(err.text)))
		fail_msg("not clean: %s", err.text);
	assert_int_equal(command_check(command(noun, verb), args, n, NULL), -1);
}

static void test_check_numbers_of_words(void **state)
{
	(void)state;
	expect_checked("policy", "list", NULL, 0);
	expect_refused("policy", "list", WORDS("x"),
		"one word too many: \"x\" (usage: policy list)");
	expect_refused("policy", "show", NULL, 0,
		"missing: \"POLICY\" (usage: policy show POLICY)");
	expect_checked("policy", "show", WORDS("p"));
	expect_refused("policy", "show", WORDS("p", "q"), "one word too many: \"q\"");
	expect_refused("policy", "rename", WORDS("p"),
		"missing: \"NAME\" (usage: policy rename POLICY NAME)");
	expect_checked("policy", "rename", WORDS("p", "q"));
	expect_refused("group", "add", NULL, 0, "missing: \"GROUP\"");
	expect_refused("group", "remove", WORDS("g"),
		"missing: \"MEMBER\" (usage: group remove GROUP MEMBER ...)");
	expect_checked("group", "add", WORDS("g"));
	expect_checked("group", "add", WORDS("g", "a"));
	expect_checked("group", "add", WORDS("g", "a", "b", "c", "d", "e", "f"));
	/* as many as its form says are the handler's to judge */
	expect_refused("load", "", NULL, 0, "missing: \"[--diff] [--exact] FILE\"");
	expect_checked("load", "", WORDS("--diff", "--exact", "x"));
	/* not said, but taken */
	expect_checked("begin", "", WORDS("load"));
	expect_refused("begin", "", WORDS("load", "x"), "too many: \"x\" (usage: begin)");
	expect_checked("help", "", NULL, 0);
	expect_checked("help", "", WORDS("policy"));
	expect_checked("help", "", WORDS("policy", "add"));
	expect_refused("help", "", WORDS("policy", "add", "x"),
		"one word too many: \"x\" (usage: help [NOUN] [VERB])");
	expect_refused("status", "", WORDS("a\nb"), "one word too many: \"a\\x0ab\"");
}

static void test_check_pairs(void **state)
{
	(void)state;
	expect_refused("policy", "add", NULL, 0,
		"missing: \"POLICY\" (usage: policy add POLICY NAME=VALUE ...)");
	expect_refused("policy", "add", WORDS("p"),
		"missing: \"NAME=VALUE\" (usage: policy add POLICY NAME=VALUE ...)");
	expect_checked("policy", "add",
		WORDS("p", "source=any", "destination=any", "reply=a=b", "limit="));
	expect_refused(
		"policy", "add", WORDS("p", "source"), "not NAME=VALUE: \"source\"");
	expect_refused("policy", "add", WORDS("p", "=any"), "not NAME=VALUE: \"=any\"");
	expect_refused("policy", "add", WORDS("p", ""), "not NAME=VALUE: \"\"");
	expect_refused("policy", "set", WORDS("p", "sourc=any"),
		"a policy has no attribute \"sourc\" (did you mean \"source\"? it has: "
		"source, "
		"destination,");
	expect_refused(
		"policy", "set", WORDS("p", "sourcex=any"), "attribute \"sourcex\"");
	expect_refused(
		"policy", "set", WORDS("p", "Source =any"), "attribute \"Source \"");
	expect_refused("policy", "set",
		WORDS("p", "key=login", "limit=1/day", "key=login"),
		"\"key\" is given twice");
	expect_checked("policy", "add", WORDS("p", "Source=any", "JailBy=login"));
	expect_refused("policy", "add", WORDS("p", "key=login", "JailBy=login"),
		"\"key\" is given twice");
	expect_refused("policy", "set", WORDS("p", "StopHere=TRUE", "stop=no"),
		"\"stop\" is given twice");
	/* no name is the old one of an attribute that had none */
	expect_refused("policy", "set", WORDS("p", "=moving"), "not NAME=VALUE");
	expect_checked("counter", "list", NULL, 0);
	expect_checked("counter", "list", WORDS("policy=p", "object=o"));
	expect_refused("counter", "list", WORDS("limit=5"),
		"counter has no attribute \"limit\" (it has: policy, object)");
	expect_refused("counter", "list", WORDS("p"), "not NAME=VALUE: \"p\"");
	expect_refused("counter", "reset", NULL, 0, "missing: \"OBJECT|all\"");
	expect_checked("counter", "reset", WORDS("all", "policy=p"));
	expect_refused("counter", "reset", WORDS("all", "object=o"), "(it has: policy)");
}

/* Keywords with what stands behind them: in any order, each once, or left out. */
static void test_check_said(void **state)
{
	(void)state;
	expect_checked("object", "block", WORDS("bob@x"));
	expect_checked("object", "block", WORDS("bob@x", "for", "2h"));
	expect_checked("object", "block", WORDS("bob@x", "because", "of spam"));
	expect_checked("object", "bypass", WORDS("x", "for", "2h", "because", "for"));
	expect_checked("object", "bypass", WORDS("x", "because", "because", "for", "1d"));
	/* the object may be called as a keyword is */
	expect_checked("object", "block", WORDS("for", "for", "2h"));
	expect_refused("object", "block", NULL, 0,
		"missing: \"OBJECT\" (usage: object block OBJECT [for DURATION] [until "
		"TIME] "
		"[because TEXT])");
	expect_refused("object", "block", WORDS("x", "for"), "missing: \"for DURATION\"");
	expect_refused("object", "block", WORDS("x", "for", "2h", "because"),
		"missing: \"because TEXT\"");
	expect_refused("object", "block", WORDS("x", "2h"), "one word too many: \"2h\"");
	expect_refused("object", "block", WORDS("x", "for", "2h", "3h", "4h"),
		"one word too many: \"3h\"");
	expect_refused("object", "block", WORDS("x", "for", "2h", "for", "3h"),
		"\"for\" is given twice");
	expect_refused("object", "block",
		WORDS("x", "because", "a", "for", "b", "because", "c"),
		"\"because\" is given twice");
	/* a keyword is the whole word */
	expect_refused("object", "block", WORDS("x", "fo", "2h"), "too many: \"fo\"");
	expect_refused("object", "block", WORDS("x", "for ", "2h"), "too many: \"for \"");
	expect_refused("object", "block", WORDS("x", "", "2h"), "too many: \"\"");
	expect_refused("object", "block", WORDS("x", "for DURATION", "2h"),
		"too many: \"for DURATION\"");
	expect_refused("object", "block", WORDS("x", "For", "2h"), "too many: \"For\"");
	expect_refused("object", "clear", WORDS("x", "block", "for", "2h"),
		"one word too many: \"for\"");
}

/* A command that takes both, and needs one of them. */
static const struct command lend = { .noun = "lend",
	.verb = "",
	.args = {
		{ ARG_OBJECT, NUMBER_ONE, PAIRS_NONE, "OBJECT" },
		{ ARG_END, NUMBER_OPTIONAL, PAIRS_RESET, "NAME=VALUE" },
		{ ARG_DURATION, NUMBER_NEED, PAIRS_NONE, "for DURATION" },
		{ ARG_TEXT, NUMBER_SAID, PAIRS_NONE, "because TEXT" },
	} };

/* refusal "": none. */
static void expect_lent(char *const *args, size_t n, const char *refusal)
{
	struct err err = { ERR_BAD, "" };

	assert_int_equal(command_check(&lend, args, n, &err), *refusal != '\0' ? -1 : 0);
	if (strstr(err.text, refusal) == NULL)
		fail_msg("%s: not said: %s", err.text, refusal);
}

/* NAME=VALUE and keywords together, in any order. */
static void test_check_options(void **state)
{
	char usage[200];

	(void)state;
	command_usage(&lend, usage, sizeof(usage));
	assert_string_equal(
		usage, "lend OBJECT [NAME=VALUE ...] for DURATION [because TEXT]");
	expect_lent(WORDS("x", "for", "2h"), "");
	expect_lent(WORDS("x", "policy=p", "for", "2h", "because", "so"), "");
	expect_lent(WORDS("x", "because", "so", "for", "2h", "policy=p"), "");
	expect_lent(WORDS("for", "for", "for"), "");
	/* what stands behind a keyword is its value, whatever it looks like */
	expect_lent(WORDS("x", "because", "policy=p", "for", "2h", "policy=q"), "");
	expect_lent(WORDS("x", "because", "for", "for", "2h"), "");
	expect_lent(WORDS("x", "for", "x=y"), "");
	expect_lent(WORDS("x"), "missing: \"for DURATION\" (usage: lend OBJECT [");
	expect_lent(WORDS("x", "policy=p"), "missing: \"for DURATION\"");
	expect_lent(WORDS("x", "because", "for 2h"), "missing: \"for DURATION\"");
	expect_lent(WORDS("x", "because", "for", "2h"), "nor a keyword: \"2h\"");
	expect_lent(WORDS("x", "policy=p", "for"), "missing: \"for DURATION\"");
	expect_lent(WORDS("x", "for", "2h", "because"), "missing: \"because TEXT\"");
	expect_lent(WORDS("x", "for", "2h", "policy=p", "for", "2h"),
		"\"for\" is given twice");
	expect_lent(WORDS("x", "policy=p", "for", "2h", "policy=p"),
		"\"policy\" is given twice");
	expect_lent(WORDS("x", "for", "2h", "object=p"), "(it has: policy)");
	expect_lent(
		WORDS("x", "y", "for", "2h"), "neither NAME=VALUE nor a keyword: \"y\"");
	expect_lent(NULL, 0, "missing: \"OBJECT\"");
}

static void test_option(void **state)
{
	struct option o;

	(void)state;
	assert_int_equal(command_option(&lend, WORDS("policy=p", "for"), &o), 1);
	assert_ptr_equal(o.argument, &lend.args[1]);
	assert_int_equal(o.len, strlen("policy"));
	assert_int_equal(strncmp(o.name, "policy=", 7), 0);
	assert_string_equal(o.value, "p");
	assert_int_equal(command_option(&lend, WORDS("because", "a=b", "for"), &o), 2);
	assert_ptr_equal(o.argument, &lend.args[3]);
	assert_int_equal(o.len, strlen("because"));
	assert_string_equal(o.name, "because");
	assert_string_equal(o.value, "a=b");
	assert_int_equal(command_option(&lend, WORDS("for"), &o), 1);
	assert_ptr_equal(o.argument, &lend.args[2]);
	assert_null(o.value);
	assert_int_equal(command_option(&lend, WORDS("fo", "2h"), &o), 0);
	assert_int_equal(command_option(&lend, WORDS("forx", "2h"), &o), 0);
	assert_int_equal(command_option(&lend, WORDS("", "2h"), &o), 0);
	assert_int_equal(command_option(command("object", "block"), WORDS("a=b"), &o), 0);
	assert_int_equal(
		command_option(command("policy", "add"), WORDS("for", "2h"), &o), 0);
	assert_int_equal(command_option(command("status", ""), WORDS("for"), &o), 0);
}

/* What may be left out is, where a pair stands in its place. */
static void test_check_optional_before_pairs(void **state)
{
	static const char *const list[] = { "flag=block", "policy=p", "bob@*" };
	char *const *args = (char *const *)list;
	const struct command *c = command("object", "list");

	(void)state;
	assert_int_equal(command_words(c, args, 0), 0);
	assert_int_equal(command_words(c, args, 2), 0);
	assert_int_equal(command_words(c, args + 2, 1), 1);
	expect_checked("object", "list", NULL, 0);
	expect_checked("object", "list", WORDS("bob@*"));
	expect_checked("object", "list", WORDS("bob@*", "flag=block", "policy=p"));
	expect_checked("object", "list", WORDS("policy=p", "flag=block"));
	/* with an @ it is an address, with * or ? a pattern */
	expect_checked("object", "list", WORDS("list-bounces+bob=x.net@example.org"));
	expect_checked("object", "list", WORDS("a=b*", "flag=block"));
	expect_checked("object", "list", WORDS("a=?", "flag=block"));
	expect_refused("object", "list", WORDS("a=b", "flag=block"),
		"object has no attribute \"a\" (it has: flag, policy)");
	expect_refused("object", "list", WORDS("a", "b=c"),
		"object has no attribute \"b\" (it has: flag, policy)");
	expect_refused("object", "list", WORDS("flag=block", "bob@*"),
		"not NAME=VALUE: \"bob@*\"");
	expect_refused("object", "list", WORDS("flag=block", "flag=bypass"),
		"\"flag\" is given twice");
	/* what must be there is taken, whatever it looks like */
	expect_checked("setting", "set", WORDS("login_realm", "pool=mx"));
	expect_checked("setting", "set", WORDS("login_realm", "x", "pool=mx"));
	expect_refused("setting", "set", WORDS("login_realm"), "missing: \"VALUE\"");
	expect_refused("setting", "set", WORDS("a", "b", "c"), "not NAME=VALUE: \"c\"");
	expect_checked("setting", "list", WORDS("pool=mx"));
	expect_refused("setting", "list", WORDS("mx"), "not NAME=VALUE: \"mx\"");
	/* some can be given more than once */
	expect_checked("explain", "", WORDS("rcpt=a@x.net", "rcpt=b@x.net"));
	expect_refused("explain", "", WORDS("sender=a@x.net", "sender=b@x.net"),
		"\"sender\" is given twice");
	/* where nothing but words comes, many are all */
	assert_int_equal(command_words(command("group", "add"), args, 3), 3);
	assert_int_equal(command_words(command("object", "block"), args, 3), 1);
	assert_int_equal(command_words(command("status", ""), args, 3), 0);
}

/* Names and how often they come are not looked at with the words, only the shape is. */
static void test_check_words_leaves_names_alone(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(command_check_words(command("policy", "add"),
				 WORDS("p", "y=1", "y=1"), &err),
		0);
	assert_int_equal(command_check_words(
				 command("policy", "add"), WORDS("p", "y=1", "x"), &err),
		-1);
	assert_non_null(strstr(err.text, "not NAME=VALUE: \"x\""));
	assert_int_equal(
		command_check_words(command("policy", "add"), NULL, 0, &err), -1);
	assert_non_null(strstr(err.text, "missing: \"POLICY\""));
}

/* A refusal is words for an administrator, whatever was typed. */
static void test_check_quotes_what_it_repeats(void **state)
{
	char word[600];

	(void)state;
	expect_refused("policy", "add", WORDS("p", "\x1b[2J"), "\"\\x1b[2J\"");
	expect_refused("policy", "add", WORDS("p", "a\nb=1"), "no attribute \"a");
	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	expect_refused("policy", "add", WORDS("p", word), "xxx...\" (usage: policy add");
	word[500] = '=';
	expect_refused("policy", "add", WORDS("p", word), "(it has: source");
	for (size_t i = 0; i < 500; i += 2)
		memcpy(word + i, "\xc3\xa9", 2);
	memmove(word + 1, word, 500);
	word[0] = 'x';
	word[501] = '=';
	expect_refused("policy", "add", WORDS("p", word), "(it has: source");
}

static void test_command_pairs(void **state)
{
	(void)state;
	assert_int_equal(command_pairs(command("policy", "add")), PAIRS_POLICY);
	assert_int_equal(command_pairs(command("policy", "set")), PAIRS_POLICY);
	assert_int_equal(command_pairs(command("counter", "list")), PAIRS_COUNTER);
	assert_int_equal(command_pairs(command("counter", "reset")), PAIRS_RESET);
	assert_int_equal(command_pairs(command("object", "list")), PAIRS_OBJECT);
	assert_int_equal(command_pairs(command("object", "block")), PAIRS_NONE);
	assert_int_equal(command_pairs(command("policy", "list")), PAIRS_NONE);
	assert_int_equal(command_pairs(command("group", "add")), PAIRS_NONE);
}

static void test_pair_split(void **state)
{
	const char *value;
	size_t len;

	(void)state;
	assert_true(pair_split("limit=5/hour", &len, &value));
	assert_int_equal(len, 5);
	assert_string_equal(value, "5/hour");
	assert_true(pair_split("a==b=", &len, &value));
	assert_int_equal(len, 1);
	assert_string_equal(value, "=b=");
	assert_true(pair_split("reply=", &len, &value));
	assert_string_equal(value, "");
	assert_false(pair_split("limit", &len, &value));
	assert_false(pair_split("=5", &len, &value));
	assert_false(pair_split("=", &len, &value));
	assert_false(pair_split("", &len, &value));
}

static void test_usage(void **state)
{
	char buf[300];

	(void)state;
	command_usage(command("policy", "add"), buf, sizeof(buf));
	assert_string_equal(buf, "policy add POLICY NAME=VALUE ...");
	command_usage(command("group", "remove"), buf, sizeof(buf));
	assert_string_equal(buf, "group remove GROUP MEMBER ...");
	command_usage(command("counter", "reset"), buf, sizeof(buf));
	assert_string_equal(buf, "counter reset OBJECT|all [NAME=VALUE ...]");
	command_usage(command("object", "list"), buf, sizeof(buf));
	assert_string_equal(buf, "object list [PATTERN] [NAME=VALUE ...]");
	command_usage(command("stats", ""), buf, sizeof(buf));
	assert_string_equal(buf, "stats [POLICY]");
	command_usage(command("quit", ""), buf, sizeof(buf));
	assert_string_equal(buf, "quit");
	command_usage(command("load", ""), buf, sizeof(buf));
	assert_string_equal(buf, "load [--diff] [--exact] FILE");
	command_usage(command("begin", ""), buf, sizeof(buf));
	assert_string_equal(buf, "begin");
	memset(buf, '#', sizeof(buf));
	command_usage(command("policy", "add"), buf, 10);
	assert_string_equal(buf, "policy ad");
	assert_int_equal(buf[10], '#');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find_says_what_there_is),
		cmocka_unit_test(test_refuse_word_for_verb),
		cmocka_unit_test(test_find_long_words),
		cmocka_unit_test(test_check_numbers_of_words),
		cmocka_unit_test(test_check_pairs),
		cmocka_unit_test(test_check_said),
		cmocka_unit_test(test_check_options),
		cmocka_unit_test(test_option),
		cmocka_unit_test(test_check_optional_before_pairs),
		cmocka_unit_test(test_check_words_leaves_names_alone),
		cmocka_unit_test(test_check_quotes_what_it_repeats),
		cmocka_unit_test(test_command_pairs),
		cmocka_unit_test(test_pair_split),
		cmocka_unit_test(test_usage),
	};

	return cmocka_run_group_tests_name("ctl/spec", tests, NULL, NULL);
}
