/*
 * Tests of the tables of ctl/spec: that commands, arguments, pairs and examples are in
 * order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ctl/spec.h"

#include "base/str.h"
#include "ctl/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static bool is_end(const struct argument *a)
{
	return a->kind == ARG_END && a->pairs == PAIRS_NONE;
}

static void test_table_has_words_and_help(void **state)
{
	(void)state;
	assert_true(ncommands > 0);
	for (size_t i = 0; i < ncommands; i++) {
		const struct command *c = &commands[i];
		const char *dot = strrchr(c->help, '.');

		assert_true(*c->noun != '\0');
		assert_int_equal(
			strspn(c->noun, "abcdefghijklmnopqrstuvwxyz-"), strlen(c->noun));
		assert_int_equal(
			strspn(c->verb, "abcdefghijklmnopqrstuvwxyz-"), strlen(c->verb));
		/* one line, without a full stop; "and so on ..." is none */
		if (*c->help == '\0' || str_has_control(c->help) ||
			(dot != NULL && dot[1] == '\0' && dot[-1] != '.'))
			fail_msg("%s %s: help \"%s\"", c->noun, c->verb, c->help);
		/* a change shows no rows; what only looks is for every reader */
		if (command_changes(c))
			assert_int_equal(c->layout, LAYOUT_NONE);
	}
}

/* Nouns stand together (the lists of them rely on it), none is told twice, and one that
 * is a command by itself stands behind those with verbs, which are looked for first. */
static void test_table_is_in_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < ncommands; i++)
		for (size_t k = 0; k < i; k++) {
			if (strcmp(commands[i].noun, commands[k].noun) != 0)
				continue;
			assert_string_not_equal(commands[i].verb, commands[k].verb);
			assert_string_not_equal(commands[k].verb, "");
			assert_string_equal(commands[i].noun, commands[i - 1].noun);
		}
}

static bool is_option(const struct argument *a)
{
	return a->pairs != PAIRS_NONE || a->number == NUMBER_SAID ||
	       a->number == NUMBER_NEED;
}

/* Single words, then ones that may be left out or a list; then options, which a list
 * would take. */
static void test_table_of_arguments(void **state)
{
	(void)state;
	for (size_t i = 0; i < ncommands; i++) {
		const struct argument *a = commands[i].args;
		bool last = false, optional = false;

		for (size_t k = 0; k < COMMAND_ARGS_MAX && !is_end(&a[k]); k++) {
			assert_false(last);
			assert_true(a[k].word != NULL && *a[k].word != '\0');
			assert_true((a[k].kind == ARG_END) == (a[k].pairs != PAIRS_NONE));
			assert_true(is_option(&a[k]) || k == 0 || !is_option(&a[k - 1]));
			if (is_option(&a[k]))
				continue;
			if (a[k].number == NUMBER_OPTIONAL || a[k].number == NUMBER_MUTE)
				optional = true;
			else
				assert_false(optional);
			last = argument_is_list(&a[k]);
		}
	}
}

/* Each command is found by its own words, also with more behind them, and is
 * written by its usage as it is found. */
static void test_find_every_command(void **state)
{
	char usage[300], expected[100];
	struct err err;
	size_t used;

	(void)state;
	for (size_t i = 0; i < ncommands; i++) {
		const struct command *c = &commands[i];
		bool bare = *c->verb == '\0';
		const char *list[] = { c->noun, bare ? "more" : c->verb, "more" };
		char *const *words = (char *const *)list;

		assert_ptr_equal(command_find(words, 3, &used, &err), c);
		assert_int_equal(used, bare ? 1 : 2);
		assert_ptr_equal(command_find(words, used, &used, &err), c);
		command_usage(c, usage, sizeof(usage));
		snprintf(expected, sizeof(expected), "%s%s%s", c->noun, bare ? "" : " ",
			c->verb);
		assert_int_equal(strncmp(usage, expected, strlen(expected)), 0);
		/* what bad_shape() quotes it in must hold it */
		assert_true(strlen(usage) < 199);
	}
}

/* The example in the help of a command is one of it. */
static void test_table_of_examples(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < ncommands; i++) {
		const char *example = commands[i].example;
		struct err err = { .code = ERR_FAILED, .text = "" };
		char **words;
		size_t used;
		int n = words_split(arena, example, &words, &err);

		if (n <= 0 ||
			command_find(words, (size_t)n, &used, &err) != &commands[i] ||
			command_check(
				&commands[i], words + used, (size_t)n - used, &err) < 0)
			fail_msg("%s: %s", example, err.text);
	}
	arena_free(arena);
}

static void test_table_of_pairs(void **state)
{
	size_t required = 0, sets[PAIRS_SITE + 1] = { 0 };

	(void)state;
	for (const struct pair *p = pairs; p->name != NULL; p++) {
		assert_true(
			*p->name != '\0' && *p->values != '\0' && *p->meaning != '\0');
		assert_int_not_equal(p->set, PAIRS_NONE);
		assert_int_equal(strcspn(p->name, "= "), strlen(p->name));
		for (const struct pair *q = pairs; q != p; q++)
			assert_false(q->set == p->set && strcmp(q->name, p->name) == 0);
		required += p->set == PAIRS_POLICY && p->default_value == NULL;
		sets[p->set]++;
	}
	/* behaviour.md: source and destination are required */
	assert_int_equal(required, 2);
	for (size_t i = 0; i < ncommands; i++)
		if (command_pairs(&commands[i]) != PAIRS_NONE)
			assert_true(sets[command_pairs(&commands[i])] > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_has_words_and_help),
		cmocka_unit_test(test_table_is_in_order),
		cmocka_unit_test(test_table_of_arguments),
		cmocka_unit_test(test_find_every_command),
		cmocka_unit_test(test_table_of_examples),
		cmocka_unit_test(test_table_of_pairs),
	};

	return cmocka_run_group_tests_name("ctl/tables", tests, NULL, NULL);
}
