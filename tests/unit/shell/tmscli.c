/*
 * Tests of shell/tmscli: what each form of the old command line becomes, in any order
 * of its options; how values and names change on the way; what is said without a
 * daemon; and the examples of the manual.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tmscli.h"

#include "ctl/wire.h"
#include "ctl/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"

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

/* The old line is quoted as in a shell. */
static int translate(
	struct arena *arena, const char *line, struct tmscli *t, struct err *err)
{
	char **words;
	int n = words_split(arena, line, &words, err);

	assert_true(n >= 0);
	return tmscli_translate(arena, words, (size_t)n, t, err);
}

/* The lines that are sent, each of which is split into the same words again. */
static const char *lines(struct arena *arena, const struct tmscli *t)
{
	const char *all = "";
	struct err err;
	char **words;

	for (size_t i = 0; i < t->n; i++) {
		const struct tmscli_command *c = &t->commands[i];
		const char *line = words_join(arena, c->words, c->n);

		assert_int_equal(words_split(arena, line, &words, &err), c->n);
		for (size_t j = 0; j < c->n; j++)
			assert_string_equal(words[j], c->words[j]);
		all = arena_printf(arena, "%s%s%s", all, i > 0 ? "\n" : "", line);
	}
	return all;
}

struct case_of {
	const char *old, *expected;
};

static void expect(struct arena *arena, const char *old, const char *expected)
{
	struct err err = { .text = "" };
	struct tmscli t;
	const char *got;

	if (translate(arena, old, &t, &err) < 0)
		fail_msg("refused: %s (%s)", old, err.text);
	got = lines(arena, &t);
	if (strcmp(got, expected) != 0)
		fail_msg("%s is\n%s\nnot\n%s", old, got, expected);
	assert_null(t.say);
}

static void expect_all(struct arena *arena, const struct case_of *cases)
{
	for (; cases->old != NULL; cases++)
		expect(arena, cases->old, cases->expected);
}

static void test_policies(void **state)
{
	static const struct case_of cases[] = {
		{ "-a --policy P Source staff Destination any Enable TRUE Type regular "
		  "Priority 5 JailBy SASLUsername JailSpec 100:3600 CountRCPT FALSE "
		  "JailAction block ReplyData x StopHere FALSE OnlyHeaders FALSE "
		  "RequestsMon TRUE SPF check",
			"policy add P Source=staff Destination=any Enable=TRUE "
			"Type=regular Priority=5 JailBy=SASLUsername JailSpec=100:3600 "
			"CountRCPT=FALSE JailAction=block ReplyData=x StopHere=FALSE "
			"OnlyHeaders=FALSE RequestsMon=TRUE SPF=check" },
		{ "-m --policy P SPF TRUE", "policy set P SPF=TRUE" },
		{ "-m --policy P Enable FALSE", "policy set P Enable=FALSE" },
		{ "-m --policy P limit 5/hour", "policy set P limit=5/hour" },
		{ "-m --policy P Priority -5", "policy set P Priority=-5" },
		{ "-m --policy P global_custom_block 0.5",
			"policy set P global_custom_block=30s" },
		{ "-m --policy P global_custom_block 30m penalty 30",
			"policy set P global_custom_block=30m penalty=30" },
		{ "-m --policy P Source '!staff'", "policy set P Source=!staff" },
		{ "-d --policy P", "policy delete P" },
		{ "-g --policy P", "policy show P" },
		{ "-g --policy all", "policy list" },
		{ NULL, NULL },
	};

	expect_all(*state, cases);
}

static void test_groups(void **state)
{
	static const struct case_of cases[] = {
		{ "-a --group G @example.org", "group add G @example.org" },
		{ "-a --group G 'a@example.org  192.0.2.0/24'",
			"group add G a@example.org 192.0.2.0/24" },
		{ "-a --group G ' a@example.org ' \"b@example.org\tc\" d",
			"group add G a@example.org b@example.org c d" },
		{ "-m --group G 'a b'", "group add G a b" },
		{ "-m --group G 'a b' --remove", "group remove G a b" },
		{ "-m --remove --group G a b", "group remove G a b" },
		{ "-d --group G", "group delete G" },
		{ "-d --group G H 'I J'",
			"group delete G\ngroup delete H\ngroup delete I\ngroup delete "
			"J" },
		{ "-g --group G", "group show G" },
		{ "-g --group all", "group list" },
		{ NULL, NULL },
	};

	expect_all(*state, cases);
}

static void test_pools(void **state)
{
	static const struct case_of cases[] = {
		{ "-a --pool mx mx1.example.org", "pool add mx mx1.example.org" },
		{ "-a --pool mx 'mx1.example.org mx2.example.org'",
			"pool add mx mx1.example.org mx2.example.org" },
		{ "-m --pool mx 'mx1.example.org' mx2.example.org",
			"pool add mx mx1.example.org mx2.example.org" },
		{ "-m --pool mx 'a b' --remove", "pool remove mx a b" },
		{ "-a --pool mx 'a b' --remove", "pool remove mx a b" },
		{ "-d --pool mx", "pool delete mx" },
		{ "-g --pool mx", "pool show mx" },
		{ "-g --pool all", "pool list" },
		{ NULL, NULL },
	};

	expect_all(*state, cases);
}

static void test_headers(void **state)
{
	static const struct case_of cases[] = {
		{ "-a --actionheaders P Subject spam X-Spam yes",
			"header add P Subject '/^(?:spam)/' X-Spam yes" },
		{ "-a --actionheaders P From 'a|b' X-A '1 2' X-B \"it's\"",
			"header add P From '/^(?:a|b)/' X-A '1 2' X-B \"it's\"" },
		{ "-m --actionheaders P From '^a/\\d' X-A 1",
			"header set P From '/^(?:^a/\\d)/' X-A 1" },
		{ "-d --actionheaders P Subject", "header delete P Subject" },
		{ "-d --actionheaders P --clear", "header delete P all" },
		{ "-g --actionheaders P", "header list P" },
		{ NULL, NULL },
	};

	expect_all(*state, cases);
}

static void test_features(void **state)
{
	static const struct case_of cases[] = {
		{ "-a --features global global_conditions 100:3600",
			"setting set default_limit 100:3600" },
		{ "-m --features mx global_conditions '[[1, 50]]'",
			"setting set default_limit 1:50 pool=mx" },
		{ "-m --features global fallbackToNonPoolPolicies TRUE",
			"setting set pool_fallback TRUE" },
		{ "-m --features global featuresByServerPool FALSE",
			"setting set pool_counters FALSE" },
		{ "-m --features global messagesBySecStoreDays 3",
			"setting set stats_days 3" },
		{ "-m --features mx global_custom_block 30",
			"setting set default_penalty 1800s pool=mx" },
		{ "-m --features mx GLOBAL_CUSTOM_BLOCK 1",
			"setting set default_penalty 60s pool=mx" },
		/* names of today, and unknown ones, are the daemon's to judge */
		{ "-m --features global default_penalty 30",
			"setting set default_penalty 30" },
		{ "-m --features global default_limit '[[1, 50]]'",
			"setting set default_limit '[[1, 50]]'" },
		{ "-m --features global colour red", "setting set colour red" },
		{ "-d --features global global_conditions",
			"setting unset default_limit" },
		{ "-d --features mx spf_temperror",
			"setting unset spf_temperror pool=mx" },
		{ "-a --features global spf_trusted relays",
			"setting set spf_trusted relays" },
		{ "-g --features global", "setting list" },
		{ "-g --features mx", "setting list pool=mx" },
		{ "-g --features global global_custom_block",
			"setting show default_penalty" },
		{ "-g --features mx history", "setting show history pool=mx" },
		{ "-g --features list", "pool list" },
		{ NULL, NULL },
	};

	expect_all(*state, cases);
}

static void test_objects(void **state)
{
	static const struct case_of cases[] = {
		{ "-a --metadata bob@example.org manual_block TRUE",
			"object block bob@example.org" },
		{ "-m --metadata metadata:bob@example.org manual_block false",
			"object clear bob@example.org block" },
		{ "-m --metadata metadata:192.0.2.7 bypass TRUE",
			"object bypass 192.0.2.7" },
		{ "-a --metadata @example.org BYPASS FALSE",
			"object clear @example.org bypass" },
		{ "-g --metadata bob@example.org", "object show bob@example.org" },
		{ "-g --metadata list", "object list" },
		{ "-g --metadata all", "object list" },
		{ "-g --search '*@example.org'", "object list *@example.org" },
		{ "-d --del-lookup 'bob*'", "object reset bob*" },
		{ NULL, NULL },
	};

	expect_all(*state, cases);
}

static void test_any_order(void **state)
{
	static const struct case_of cases[] = {
		{ "--policy P -m Enable TRUE", "policy set P Enable=TRUE" },
		{ "--policy -m P Enable TRUE", "policy set P Enable=TRUE" },
		{ "--policy P Enable -m TRUE", "policy set P Enable=TRUE" },
		{ "Enable TRUE -m --policy P", "policy set P Enable=TRUE" },
		{ "P Enable TRUE -m --policy", "policy set P Enable=TRUE" },
		{ "-m --policy=P Enable TRUE", "policy set P Enable=TRUE" },
		{ "Enable TRUE --policy=P -m", "policy set P Enable=TRUE" },
		{ "--remove -m a --group G b", "group remove G a b" },
		{ "--clear --actionheaders P -d", "header delete P all" },
		/* what begins like an option */
		{ "-m --policy P -- ReplyData -a Enable --json",
			"policy set P ReplyData=-a Enable=--json" },
		{ "-g --search -- --policy", "object list --policy" },
		{ "-m --policy P ReplyData '--- wait ---' Priority -",
			"policy set P 'ReplyData=--- wait ---' Priority=-" },
		{ NULL, NULL },
	};

	expect_all(*state, cases);
}

static void test_values_survive(void **state)
{
	static const struct case_of cases[] = {
		{ "-m --policy P ReplyData \"it's \\\"full\\\", \\\\ wait %s\"",
			"policy set P 'ReplyData=it'\\''s \"full\", \\ wait %s'" },
		{ "-m --policy P ReplyData 'a=b # c'",
			"policy set P 'ReplyData=a=b # c'" },
		{ "-m --policy P ReplyData ''", "policy set P ReplyData=" },
		{ "-g --policy 'a b'", "policy show 'a b'" },
		{ "-g --policy ''", "policy show ''" },
		{ NULL, NULL },
	};

	expect_all(*state, cases);
}

/* Words as main() has them; ended with NULL. */
static void copy(struct arena *arena, char **words, ...)
{
	va_list args;
	const char *word;

	va_start(args, words);
	while ((word = va_arg(args, const char *)) != NULL)
		*words++ = arena_strdup(arena, word);
	va_end(args);
}

/* Any words as values come out as they went in, and as one line. */
static void test_random_values(void **state)
{
	static const char alphabet[] = "ab '\"\\#=-{}%;$\xc3\xbc\t";
	struct arena *arena = *state;
	uint64_t seed = 91;

	for (int i = 0; i < 3000; i++) {
		char value[12] = "";
		char *words[6];
		size_t n = next_random(&seed) % (sizeof(value) - 1);
		struct tmscli t;
		struct err err;

		for (size_t j = 0; j < n; j++)
			value[j] = alphabet[next_random(&seed) % (sizeof(alphabet) - 1)];
		copy(arena, words, "-m", "--policy", "P", "--", "ReplyData", value, NULL);
		assert_int_equal(tmscli_translate(arena, words, 6, &t, &err), 0);
		lines(arena, &t);
		assert_int_equal(t.n, 1);
		assert_int_equal(t.commands[0].n, 4);
		assert_string_equal(t.commands[0].words[3],
			arena_printf(arena, "ReplyData=%s", value));
	}
}

/* Lists that the daemon would not take in one line come in several, in order. */
static void test_long_lists(void **state)
{
	struct arena *arena = *state;
	char *words[4] = { NULL }, *list = NULL, member[40];
	size_t size, members = 0;
	FILE *to = open_memstream(&list, &size);
	struct tmscli t;
	struct err err;

	for (int i = 0; i < 5000; i++)
		fprintf(to, "user%d%s@example.org ", i, i % 7 == 0 ? "'" : "");
	fclose(to);
	copy(arena, words, "-a", "--group", "G", list, NULL);
	free(list);
	assert_int_equal(tmscli_translate(arena, words, 4, &t, &err), 0);
	lines(arena, &t);
	for (size_t i = 0; i < t.n; i++) {
		const struct tmscli_command *c = &t.commands[i];
		size_t len = strlen(words_join(arena, c->words, c->n));

		assert_true(len <= WIRE_LINE_MAX);
		/* and no more of them than need be */
		assert_true(i + 1 == t.n || len > WIRE_LINE_MAX * 9 / 10);
		assert_string_equal(words_join(arena, c->words, 3), "group add G");
		for (size_t j = 3; j < c->n; j++, members++) {
			snprintf(member, sizeof(member), "user%zu%s@example.org", members,
				members % 7 == 0 ? "'" : "");
			assert_string_equal(c->words[j], member);
		}
	}
	assert_int_equal(members, 5000);
}

/* The manual's examples: a command line, and below it what that becomes. */
static void check_example(struct arena *arena, const char *old, const char *expected)
{
	struct err err = { .text = "" };
	struct tmscli t;

	if (translate(arena, old, &t, &err) < 0)
		fail_msg("refused: %s (%s)", old, err.text);
	assert_string_equal(
		t.say != NULL ? t.say : arena_printf(arena, "%s\n", lines(arena, &t)),
		expected);
}

static void test_examples(void **state)
{
	static const char show[] = ".Dl ", call[] = ".Dl $ tmscli ";
	struct arena *arena = *state;
	const char *source = getenv("THEMIS_SOURCE"), *old = NULL, *expected = "";
	char line[300];
	int examples = 0;
	FILE *page = fopen(
		arena_printf(arena, "%s/doc/tmscli.1", source != NULL ? source : "."),
		"re");

	assert_non_null(page);
	while (fgets(line, sizeof(line), page) != NULL) {
		if (old != NULL && (strncmp(line, show, strlen(show)) != 0 ||
					   strncmp(line, call, strlen(call)) == 0)) {
			check_example(arena, old, expected);
			old = NULL;
			expected = "";
			examples++;
		}
		if (strncmp(line, call, strlen(call)) == 0)
			old = arena_memdup(arena, line + strlen(call),
				strcspn(line + strlen(call), "\n"));
		else if (old != NULL)
			expected = arena_printf(
				arena, "%s%s", expected, line + strlen(show));
	}
	fclose(page);
	assert_true(examples >= 32);
}

static void test_json_and_socket_anywhere(void **state)
{
	static const char *const with[] = { "--json -g --policy all",
		"-g --json --policy all", "-g --policy --json all",
		"-g --policy all --json", "-j -g --policy all" };
	struct tmscli t;
	struct err err;

	for (size_t i = 0; i < sizeof(with) / sizeof(with[0]); i++) {
		assert_int_equal(translate(*state, with[i], &t, &err), 0);
		assert_true(t.json);
		assert_null(t.socket);
		assert_string_equal(lines(*state, &t), "policy list");
	}
	assert_int_equal(translate(*state, "-g --policy all", &t, &err), 0);
	assert_false(t.json);
	assert_int_equal(
		translate(*state, "-g -s --json --policy -s /x/y P", &t, &err), 0);
	assert_false(t.json);
	assert_string_equal(t.socket, "/x/y");
	assert_string_equal(lines(*state, &t), "policy show P");
}

static void test_resync(void **state)
{
	struct tmscli t;
	struct err err;

	assert_int_equal(translate(*state, "-a --resync", &t, &err), 0);
	assert_string_equal(t.say, "changes are live already: nothing to do\n");
	assert_int_equal(t.n, 0);
	/* nothing but rows */
	assert_int_equal(translate(*state, "-a --resync --json", &t, &err), 0);
	assert_string_equal(t.say, "");
}

#define USAGE                                                                            \
	"usage: tmscli [-s SOCKET] [--json] FORM, or tmscli --help [NOUN]\n"             \
	"Each form, and the command of tmsh that it becomes:\n"

static void test_help(void **state)
{
	static const char *const of_search[] = { "--help search", "-h search",
		"--search --help", "--help --search x", "-g --search x -h" };
	struct arena *arena = *state;
	struct tmscli t;
	struct err err;

	for (size_t i = 0; i < sizeof(of_search) / sizeof(of_search[0]); i++) {
		assert_int_equal(translate(arena, of_search[i], &t, &err), 0);
		assert_int_equal(t.n, 0);
		assert_string_equal(t.say, USAGE "  -g --search PATTERN                  "
						 "                     object list\n");
	}
	assert_int_equal(translate(arena, "--help", &t, &err), 0);
	assert_string_equal(t.say, tmscli_usage(arena));
	assert_memory_equal(t.say, USAGE, strlen(USAGE));
	assert_non_null(strstr(t.say, "\n  -a|-m --pool POOL HOST ... --remove  "));
	assert_non_null(strstr(t.say, "\n  -a --resync   "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_policies, setup, teardown),
		cmocka_unit_test_setup_teardown(test_groups, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pools, setup, teardown),
		cmocka_unit_test_setup_teardown(test_headers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_features, setup, teardown),
		cmocka_unit_test_setup_teardown(test_objects, setup, teardown),
		cmocka_unit_test_setup_teardown(test_any_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_values_survive, setup, teardown),
		cmocka_unit_test_setup_teardown(test_random_values, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_lists, setup, teardown),
		cmocka_unit_test_setup_teardown(test_examples, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_json_and_socket_anywhere, setup, teardown),
		cmocka_unit_test_setup_teardown(test_resync, setup, teardown),
		cmocka_unit_test_setup_teardown(test_help, setup, teardown),
	};

	return cmocka_run_group_tests_name("shell/tmscli", tests, NULL, NULL);
}
