/*
 * Tests of base/err: texts and codes, prefixes, and that what does not fit is
 * cut and nothing is written behind it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_set(void **state)
{
	struct err err = { .code = ERR_FAILED, .text = "old" };

	(void)state;
	assert_int_equal(err_set(&err, "%s: %d", "priority", 7), -1);
	assert_string_equal(err.text, "priority: 7");
	assert_int_equal(err.code, ERR_BAD);
	assert_int_equal(err_set(&err, "%s", ""), -1);
	assert_string_equal(err.text, "");
}

static void test_code(void **state)
{
	static const enum err_code codes[] = { ERR_FAILED, ERR_UNKNOWN, ERR_BAD,
		ERR_DENIED, ERR_NO_SUCH, ERR_EXISTS, ERR_IN_USE };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		assert_int_equal(err_code(&err, codes[i], "no. %zu", i), -1);
		assert_int_equal(err.code, codes[i]);
		assert_int_equal(err.text[4], '0' + (int)i);
		/* the first digit is the control protocol's: not now, or refused */
		assert_int_equal(codes[i] / 100, codes[i] == ERR_FAILED ? 4 : 5);
	}
}

static void test_prefix(void **state)
{
	struct err err;

	(void)state;
	err_code(&err, ERR_IN_USE, "group \"a\" is used");
	assert_int_equal(err_prefix(&err, "%s:%d", "file", 3), -1);
	assert_string_equal(err.text, "file:3: group \"a\" is used");
	assert_int_equal(err.code, ERR_IN_USE);
	/* what is put in front is no format */
	err_set(&err, "%s", "100%s%n");
	err_prefix(&err, "%s", "%d%s");
	assert_string_equal(err.text, "%d%s: 100%s%n");
}

static void test_null(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, "%s", "x"), -1);
	assert_int_equal(err_code(NULL, ERR_DENIED, "%s", "x"), -1);
	assert_int_equal(err_prefix(NULL, "%s", "x"), -1);
}

/* Every length around the end of the text, with a guard behind. */
static void test_long_texts_are_cut(void **state)
{
	struct {
		struct err err;
		char guard[16];
	} box;
	char text[2 * ERR_TEXT_MAX];

	(void)state;
	memset(box.guard, '#', sizeof(box.guard));
	for (size_t n = ERR_TEXT_MAX - 3; n < ERR_TEXT_MAX + 3; n++) {
		size_t fits = n < ERR_TEXT_MAX ? n : ERR_TEXT_MAX - 1;

		memset(text, 'x', n);
		text[n] = '\0';
		err_set(&box.err, "%s", text);
		assert_int_equal(strlen(box.err.text), fits);
		assert_int_equal(strspn(box.err.text, "x"), fits);
		err_code(&box.err, ERR_FAILED, "%s", text);
		assert_int_equal(strlen(box.err.text), fits);
		err_prefix(&box.err, "a");
		assert_memory_equal(box.err.text, "a: xxx", 6);
		fits = fits + 3 < ERR_TEXT_MAX ? fits + 3 : ERR_TEXT_MAX - 1;
		assert_int_equal(strlen(box.err.text), fits);
		err_prefix(&box.err, "%s", text);
		assert_int_equal(box.err.text[0], 'x');
		assert_int_equal(strlen(box.err.text), ERR_TEXT_MAX - 1);
		assert_int_equal(box.err.code, ERR_FAILED);
	}
	for (size_t i = 0; i < sizeof(box.guard); i++)
		assert_int_equal(box.guard[i], '#');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_code),
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_null),
		cmocka_unit_test(test_long_texts_are_cut),
	};

	return cmocka_run_group_tests_name("base/err", tests, NULL, NULL);
}
