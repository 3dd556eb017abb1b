/*
 * Tests of ctl/words: quoting as a POSIX shell has it, comments, quotes that
 * stay open; what is joined is split again into the same words, by this code and
 * by a real shell.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ctl/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* expected: the words, each ended with a "|". */
static void expect(struct arena *arena, const char *line, const char *expected)
{
	struct err err = { .text = "" };
	char **words, *got = arena_strdup(arena, "");
	int n = words_split(arena, line, &words, &err);

	if (n < 0)
		fail_msg("refused: %s (%s)", line, err.text);
	for (int i = 0; i < n; i++)
		got = arena_printf(arena, "%s%s|", got, words[i]);
	if (strcmp(got, expected) != 0)
		fail_msg("%s is %s, not %s", line, got, expected);
}

static void test_blanks(void **state)
{
	expect(*state, "", "");
	expect(*state, "  \t ", "");
	expect(*state, "policy", "policy|");
	expect(*state, "policy list", "policy|list|");
	expect(*state, " \tpolicy \t list\t ", "policy|list|");
}

static void test_quotes(void **state)
{
	expect(*state, "'a b' c", "a b|c|");
	expect(*state, "\"a b\" c", "a b|c|");
	expect(*state, "reply='try {wait} later'", "reply=try {wait} later|");
	expect(*state, "a'b c'd\"e f\"g", "ab cde fg|");
	expect(*state, "'' \"\" x''", "||x|");
	expect(*state, "''''", "|");
	expect(*state, "'a\"b' \"a'b\"", "a\"b|a'b|");
	expect(*state, "'a\\b' 'a\\'", "a\\b|a\\|");
	expect(*state, "'it'\\''s'", "it's|");
	expect(*state, "'\t'", "\t|");
}

static void test_backslashes(void **state)
{
	expect(*state, "a\\ b", "a b|");
	expect(*state, "\\'a\\\"", "'a\"|");
	expect(*state, "\\\\", "\\|");
	expect(*state, "\\a", "a|");
	expect(*state, "\\#", "#|");
	expect(*state, "\"a\\\"b\"", "a\"b|");
	expect(*state, "\"a\\\\b\"", "a\\b|");
	expect(*state, "\"a\\\\\" b", "a\\|b|");
	/* within "..." before anything else it stands for itself */
	expect(*state, "\"/^a\\.b$/\"", "/^a\\.b$/|");
	expect(*state, "\"\\ \\'\"", "\\ \\'|");
}

static void test_comments(void **state)
{
	expect(*state, "# all of it", "");
	expect(*state, "#", "");
	expect(*state, "  # all of it", "");
	expect(*state, "group list # why", "group|list|");
	expect(*state, "group list #", "group|list|");
	expect(*state, "a#b #c", "a#b|");
	expect(*state, "'#' \"#a\" b", "#|#a|b|");
	expect(*state, "a # don't mind a quote", "a|");
}

static void test_nothing_is_expanded(void **state)
{
	expect(*state, "$HOME `id` $(id) * ~ !x a=$b", "$HOME|`id`|$(id)|*|~|!x|a=$b|");
	expect(*state, "\"$HOME\" a;b a&b a|b <x >y", "$HOME|a;b|a&b|a|b|<x|>y|");
	expect(*state, "{wait} %s J\xc3\xbcrgen", "{wait}|%s|J\xc3\xbcrgen|");
}

static void test_not_whole(void **state)
{
	static const struct {
		const char *line, *why;
	} table[] = {
		{ "'", "a quote is not closed" },
		{ "\"", "a quote is not closed" },
		{ "a 'b", "a quote is not closed" },
		{ "a \"b c", "a quote is not closed" },
		{ "'a\"", "a quote is not closed" },
		{ "\"a'", "a quote is not closed" },
		{ "\"a\\\"", "a quote is not closed" },
		{ "\"\\", "a quote is not closed" },
		{ "'a' 'b", "a quote is not closed" },
		{ "reply='x", "a quote is not closed" },
		{ "\\", "nothing stands behind the backslash" },
		{ "a \\", "nothing stands behind the backslash" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct err err = { .code = ERR_FAILED, .text = "" };
		char **words;

		if (words_split(*state, table[i].line, &words, &err) != -1)
			fail_msg("taken: %s", table[i].line);
		assert_int_equal(err.code, ERR_BAD);
		assert_string_equal(err.text, table[i].why);
		assert_int_equal(words_split(*state, table[i].line, &words, NULL), -1);
	}
}

/* marked: the line with [ and ] around each word; open: what it ends within. */
static void expect_places(struct arena *arena, const char *marked, char open)
{
	char *line = arena_alloc(arena, strlen(marked) + 1), *o = line;
	struct word wanted[8] = { 0 };
	struct words got;
	size_t n = 0;

	for (const char *p = marked; *p != '\0'; p++) {
		if (*p == '[')
			wanted[n].start = (size_t)(o - line);
		else if (*p == ']')
			wanted[n++].end = (size_t)(o - line);
		else
			*o++ = *p;
	}
	words_scan(arena, line, &got);
	assert_int_equal(got.n, n);
	assert_int_equal(got.open, open);
	for (size_t i = 0; i < n; i++)
		if (got.list[i].start != wanted[i].start ||
			got.list[i].end != wanted[i].end)
			fail_msg("%s: word %zu is from %zu to %zu", marked, i,
				got.list[i].start, got.list[i].end);
}

static void test_places(void **state)
{
	struct words words;

	expect_places(*state, "", '\0');
	expect_places(*state, " \t[policy]  [list] ", '\0');
	expect_places(*state, "[a] ['b c'] [d=\"e f\"g] [\\ h]", '\0');
	expect_places(*state, "[m\xc3\xbc\xc3\xbc] [x] # not", '\0');
	expect_places(*state, "[a] ['b c]", '\'');
	expect_places(*state, "[a] [b=\"c d]", '"');
	expect_places(*state, "[a] [b\\]", '\\');
	words_scan(*state, "a 'b c", &words);
	assert_string_equal(words.list[1].text, "b c");
	assert_int_equal(words.end, 6);
	words_scan(*state, "a # b", &words);
	assert_int_equal(words.end, 2);
}

static void test_many_words(void **state)
{
	char *line = arena_alloc(*state, 20001), **words;

	for (int i = 0; i < 20000; i++)
		line[i] = i % 2 ? ' ' : 'x';
	assert_int_equal(words_split(*state, line, &words, NULL), 10000);
	for (int i = 0; i < 10000; i++)
		assert_string_equal(words[i], "x");
}

static void test_join(void **state)
{
	const char *list[] = { "policy", "add", "a b", "", "limit=5/hour", "it's", "#x",
		"a\\b" };
	char *const *words = (char *const *)list;

	assert_string_equal(words_join(*state, words, 8),
		"policy add 'a b' '' limit=5/hour \"it's\" '#x' 'a\\b'");
	assert_string_equal(words_join(*state, words, 0), "");
	assert_string_equal(words_join(*state, words, 1), "policy");
}

/* The shorter way, and its length; no shell expands it. */
static void test_quoted_shortly(void **state)
{
	static const char *const table[][2] = {
		{ "it's", "\"it's\"" },
		{ "''''", "\"''''\"" },
		{ "", "''" },
		{ "a b", "'a b'" },
		{ "a\"b", "'a\"b'" },
		{ "'\"", "\"'\\\"\"" },
		{ "'\\", "\"'\\\\\"" },
		{ "'\"\"\"\"", "''\\''\"\"\"\"'" },
		{ "'$0", "''\\''$0'" },
		{ "'`", "''\\''`'" },
		{ "'!a", "''\\''!a'" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char *word = arena_strdup(*state, table[i][0]);

		assert_string_equal(words_join(*state, &word, 1), table[i][1]);
		assert_int_equal(word_length(word), strlen(table[i][1]));
		expect(*state, table[i][1], arena_printf(*state, "%s|", word));
	}
}

static const char troublesome[] = "'\"\\ #\t$`;&|()=\nab";

/* Words of troublesome octets, or, any: one in four of any but NUL. */
static size_t random_words(
	struct arena *arena, uint64_t *seed, bool any, char **words, size_t max)
{
	size_t n = next_random(seed) % (max + 1);

	for (size_t i = 0; i < n; i++) {
		size_t len = next_random(seed) % 9;

		words[i] = arena_alloc(arena, len + 1);
		for (size_t k = 0; k < len; k++) {
			uint64_t r = next_random(seed);

			words[i][k] = troublesome[(r >> 8) % (sizeof(troublesome) - 1)];
			if (any && r % 4 == 0)
				words[i][k] = (char)(1 + (r >> 8) % 255);
		}
	}
	return n;
}

static void test_joined_words_split_again(void **state)
{
	struct err err = { .text = "" };
	char *words[8], **again, *line;
	uint64_t seed = 1003;

	for (int round = 0; round < 50000; round++) {
		size_t n = random_words(*state, &seed, true, words, 8);

		line = words_join(*state, words, n);
		if (words_split(*state, line, &again, &err) != (int)n)
			fail_msg("%zu words: %s (%s)", n, line, err.text);
		for (size_t i = 0; i < n; i++)
			assert_string_equal(again[i], words[i]);
	}
}

/* Any line at all, in a block of its own for the sanitizer to watch: split or
 * refused; what was split joins to a line of the same words. */
static void test_any_line(void **state)
{
	static const char octets[] = "ab '\"\\#\t ";
	uint64_t seed = 1004;

	for (int round = 0; round < 50000; round++) {
		size_t len = next_random(&seed) % 12;
		char *line = malloc(len + 1), **words, **again;
		int n;

		for (size_t i = 0; i < len; i++)
			line[i] = octets[next_random(&seed) % (sizeof(octets) - 1)];
		line[len] = '\0';
		n = words_split(*state, line, &words, NULL);
		free(line);
		if (n < 0)
			continue;
		line = words_join(*state, words, (size_t)n);
		assert_int_equal(words_split(*state, line, &again, NULL), n);
		for (int i = 0; i < n; i++)
			assert_string_equal(words[i], again[i]);
	}
}

/* printf '%s|' LINE in /bin/sh shows the words as the shell has them. */
static void test_a_shell_reads_the_same(void **state)
{
	uint64_t seed = 1005;
	char *words[8], shown[1000];

	for (int round = 0; round < 20; round++) {
		size_t n = 1 + random_words(*state, &seed, false, words + 1, 6), got;
		char *expected = arena_strdup(*state, ""), *script;
		int fds[2], status;
		pid_t pid;

		words[0] = arena_strdup(*state, "it's");
		for (size_t i = 0; i < n; i++)
			expected = arena_printf(*state, "%s%s|", expected, words[i]);
		script = arena_printf(
			*state, "printf '%%s|' %s", words_join(*state, words, n));
		assert_int_equal(pipe(fds), 0);
		pid = fork();
		if (pid == 0) {
			dup2(fds[1], STDOUT_FILENO);
			execl("/bin/sh", "sh", "-c", script, (char *)NULL);
			_exit(127);
		}
		close(fds[1]);
		for (got = 0; got < sizeof(shown) - 1; got += (size_t)status) {
			status = (int)read(fds[0], shown + got, sizeof(shown) - 1 - got);
			if (status <= 0)
				break;
		}
		shown[got] = '\0';
		close(fds[0]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_string_equal(shown, expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_blanks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_quotes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_backslashes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_comments, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_nothing_is_expanded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(test_places, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_words, setup, teardown),
		cmocka_unit_test_setup_teardown(test_join, setup, teardown),
		cmocka_unit_test_setup_teardown(test_quoted_shortly, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_joined_words_split_again, setup, teardown),
		cmocka_unit_test_setup_teardown(test_any_line, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_shell_reads_the_same, setup, teardown),
	};

	return cmocka_run_group_tests_name("ctl/words", tests, NULL, NULL);
}
