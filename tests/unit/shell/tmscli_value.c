/*
 * Tests of shell/tmscli_value: how values of the Python Themis are written now, and
 * that no other is touched.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tmscli_value.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

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

struct value {
	const char *old, *expected;
};

static void expect(struct arena *arena, const char *feature, const struct value *values)
{
	for (; values->old != NULL; values++)
		assert_string_equal(tmscli_feature_value(arena, feature, values->old),
			values->expected);
}

static void test_conditions(void **state)
{
	static const struct value values[] = {
		{ "[[1, 50]]", "1:50" },
		{ "[[1, 50],[10, 3600]]", "1:50,10:3600" },
		{ " [ [1,50] , [10,3600] , [100,86400] ] ", "1:50,10:3600,100:86400" },
		{ "[[0, 0]]", "0:0" },
		{ "[]", "none" },
		/* what is something else */
		{ "100/hour", "100/hour" },
		{ "none", "none" },
		{ "", "" },
		{ "[[1, 50]", "[[1, 50]" },
		{ "[1, 50]", "[1, 50]" },
		{ "[[1, 50, 2]]", "[[1, 50, 2]]" },
		{ "[[1, 50], 7]", "[[1, 50], 7]" },
		{ "[[1, \"50\"]]", "[[1, \"50\"]]" },
		{ "[[1.5, 50]]", "[[1.5, 50]]" },
		{ "[[-1, 50]]", "[[-1, 50]]" },
		{ "[[1, 50]] x", "[[1, 50]] x" },
		{ "{\"1\": 50}", "{\"1\": 50}" },
		{ NULL, NULL },
	};

	expect(*state, "global_conditions", values);
}

static void test_minutes(void **state)
{
	static const struct value values[] = {
		{ "30", "1800s" },
		{ "1", "60s" },
		{ "0.5", "30s" },
		{ ".5", "30s" },
		{ "1.", "60s" },
		{ "007", "420s" },
		{ "1.25", "75s" },
		/* up, so that something stays something */
		{ "0.001", "1s" },
		{ "0.0000000000001", "1s" },
		{ "0.3333", "20s" },
		{ "0.33333333333333333", "20s" },
		{ "0.99999999999999999", "60s" },
		{ "0", "0" },
		{ "0.0", "0" },
		{ "00", "0" },
		/* what has a unit, and what is none */
		{ "30m", "30m" },
		{ "2 hours", "2 hours" },
		{ "-1", "-1" },
		{ "1e3", "1e3" },
		{ "1.2.3", "1.2.3" },
		{ "1,5", "1,5" },
		{ ".", "." },
		{ "", "" },
		{ "99999999999999999999", "99999999999999999999m" },
		{ NULL, NULL },
	};
	int64_t seconds;

	expect(*state, "global_custom_block", values);
	/* the daemon reads them so */
	assert_int_equal(duration_parse("1800s", &seconds), 0);
	assert_int_equal(seconds, 1800);
	assert_int_equal(duration_parse("99999999999999999999m", &seconds), -1);
}

static void test_others(void **state)
{
	static const char *const names[] = { "default_penalty", "default_limit",
		"fallbackToNonPoolPolicies", "colour", "" };
	struct arena *arena = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_string_equal(tmscli_feature_value(arena, names[i], "30"), "30");
		assert_string_equal(
			tmscli_feature_value(arena, names[i], "[[1, 50]]"), "[[1, 50]]");
		assert_string_equal(tmscli_attribute_value(arena, names[i], "30"), "30");
	}
	assert_string_equal(tmscli_setting("default_penalty"), "default_penalty");
	assert_string_equal(tmscli_setting("Global_Conditions"), "default_limit");
	assert_string_equal(
		tmscli_attribute_value(arena, "Global_custom_block", "0.5"), "30s");
	assert_string_equal(
		tmscli_attribute_value(arena, "global_conditions", "[[1, 50]]"),
		"[[1, 50]]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_conditions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_minutes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_others, setup, teardown),
	};

	return cmocka_run_group_tests_name("shell/tmscli_value", tests, NULL, NULL);
}
