/*
 * Tests of shell/doctor_list: lists of main.cf, read and mended.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "doctor_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* The items, with a bar between them. */
static void expect_items(const char *text, const char *expected)
{
	struct listed *items;
	size_t n = list_read(arena, text, &items);
	char *got = arena_strdup(arena, "");

	for (size_t i = 0; i < n; i++) {
		got = arena_printf(arena, "%s%s%s", got, i > 0 ? "|" : "", items[i].text);
		assert_int_equal(items[i].end - items[i].start, strlen(items[i].text));
		assert_memory_equal(
			text + items[i].start, items[i].text, strlen(items[i].text));
	}
	assert_string_equal(got, expected);
}

static void test_items(void **state)
{
	(void)state;
	expect_items("", "");
	expect_items(" , \t", "");
	expect_items("inet:127.0.0.1:8440", "inet:127.0.0.1:8440");
	expect_items("a,b c,  d\te", "a|b|c|d|e");
	expect_items(",a,", "a");
	expect_items("{ unix:x, a=b }, y", "{ unix:x, a=b }|y");
	expect_items("check_client_access inline:{ {a = b}, {c = d} } z",
		"check_client_access|inline:{ {a = b}, {c = d} }|z");
	/* what is not closed goes on to the end */
	expect_items("a { b, c", "a|{ b, c");
	expect_items("a } b", "a|}|b");
}

static void test_has(void **state)
{
	(void)state;
	assert_true(list_has("a, b", "b"));
	assert_true(list_has("a, b", "a"));
	assert_false(list_has("a, bc", "b"));
	assert_false(list_has("{ a }", "a"));
	assert_false(list_has("", "a"));
}

static void expect_without(const char *text, size_t which, const char *expected)
{
	struct listed *items;

	assert_in_range(list_read(arena, text, &items), which + 1, 100);
	assert_string_equal(
		list_replace(arena, text, items[which].start, items[which].end, NULL),
		expected);
}

static void test_change(void **state)
{
	(void)state;
	expect_without("a, b, c", 0, "b, c");
	expect_without("a, b, c", 1, "a, c");
	expect_without("a, b, c", 2, "a, b");
	expect_without("a", 0, "");
	assert_string_equal(list_replace(arena, "a, b, c", 3, 4, "x"), "a, x, c");
	assert_string_equal(list_prepend(arena, "", "a"), "a");
	assert_string_equal(list_prepend(arena, " b c", "a"), "a, b c");
	assert_string_equal(list_append(arena, "b", "a"), "b, a");
	assert_string_equal(list_append(arena, "", "a"), "a");
}

static void test_squeeze(void **state)
{
	(void)state;
	assert_string_equal(list_squeeze(arena, "{ a, b=c }, d  e,"), "{a,b=c},d,e");
	assert_string_equal(list_squeeze(arena, " a"), "a");
	assert_string_equal(list_squeeze(arena, ""), "");
	/* a blank there may be one of a value */
	assert_string_equal(
		list_squeeze(arena, "{ a, { b = c d } }"), "{ a, { b = c d } }");
}

static void test_settings(void **state)
{
	static const char item[] =
		"{ inet:h:1, timeout=5s, { default_action = 451 no } }";

	(void)state;
	assert_string_equal(item_name(arena, item), "inet:h:1");
	assert_string_equal(item_name(arena, "inet:h:1"), "inet:h:1");
	assert_string_equal(item_name(arena, "{}"), "");
	assert_string_equal(item_setting(arena, item, "timeout"), "5s");
	assert_string_equal(item_setting(arena, item, "default_action"), "451 no");
	assert_null(item_setting(arena, item, "time"));
	assert_null(item_setting(arena, "inet:h:1", "timeout"));
	assert_string_equal(item_set(arena, item, "timeout", "9s"),
		"{ inet:h:1, timeout=9s, { default_action = 451 no } }");
	assert_string_equal(item_set(arena, item, "default_action", "DUNNO"),
		"{ inet:h:1, timeout=5s, default_action=DUNNO }");
	assert_string_equal(item_set(arena, "inet:h:1", "a", "b"), "{ inet:h:1, a=b }");
	assert_string_equal(item_rename(arena, item, "unix:x"),
		"{ unix:x, timeout=5s, { default_action = 451 no } }");
	assert_string_equal(item_rename(arena, "inet:h:1", "unix:x"), "unix:x");
}

static void test_times(void **state)
{
	(void)state;
	assert_int_equal(time_read("30"), 30);
	assert_int_equal(time_read("30s"), 30);
	assert_int_equal(time_read("5m"), 300);
	assert_int_equal(time_read("1h"), 3600);
	assert_int_equal(time_read("2d"), 172800);
	assert_int_equal(time_read("1w"), 604800);
	assert_int_equal(time_read(""), -1);
	assert_int_equal(time_read("s"), -1);
	assert_int_equal(time_read("5 s"), -1);
	assert_int_equal(time_read("9999999999"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_items),
		cmocka_unit_test(test_has),
		cmocka_unit_test(test_change),
		cmocka_unit_test(test_squeeze),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_times),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
