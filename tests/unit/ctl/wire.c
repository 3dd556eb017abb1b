/*
 * Tests of ctl/wire: what is a line of the control protocol and what is none,
 * and that the codes of refusals are told from those of rows and of success.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ctl/wire.h"

#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_lines(void **state)
{
	static const struct {
		const char *line, *text;
		int code;
	} table[] = {
		{ "220 themisd 0.1.0 proto 1", "themisd 0.1.0 proto 1", 220 },
		{ "150 {\"name\":\"outbound\"}", "{\"name\":\"outbound\"}", 150 },
		{ "200 1 row", "1 row", 200 },
		{ "200", "", 200 },
		{ "200 ", "", 200 },
		{ "501  two blanks", " two blanks", 501 },
		{ "501 limit: not a limit: \"abc\"", "limit: not a limit: \"abc\"", 501 },
		{ "451 200 300", "200 300", 451 },
		{ "000 x", "x", 0 },
		{ "999 x", "x", 999 },
	};
	const char *text;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		text = NULL;
		assert_int_equal(wire_parse(table[i].line, &text), table[i].code);
		assert_string_equal(text, table[i].text);
		/* it is a place in the line, no copy */
		assert_ptr_equal(text,
			table[i].line + strlen(table[i].line) - strlen(table[i].text));
	}
}

static void test_other_lines(void **state)
{
	static const char *const table[] = { "", " ", "2", "20", "20 x", "2000 x", "2000",
		"200x", "200-x", "200\tx", " 200 x", "-20 x", "+20 x", "2 0 x", "0x1 x",
		"abc def", "{\"name\":1}", "HTTP/1.1 200 OK",
		"\xd9\xa1\xd9\xa1\xd9\xa1 x" };
	const char *text = "untouched";

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (wire_parse(table[i], &text) != -1)
			fail_msg("taken: \"%s\"", table[i]);
	assert_string_equal(text, "untouched");
}

/* Every code is written and read back as itself; rows are those of 1xx. */
static void test_codes(void **state)
{
	static const int refusals[] = { ERR_FAILED, ERR_UNKNOWN, ERR_BAD, ERR_DENIED,
		ERR_NO_SUCH, ERR_EXISTS, ERR_IN_USE };
	const char *text;
	char line[16];

	(void)state;
	for (int code = 0; code < 1000; code++) {
		snprintf(line, sizeof(line), "%03d x", code);
		assert_int_equal(wire_parse(line, &text), code);
		assert_int_equal(wire_goes_on(code), code >= 100 && code < 200);
	}
	assert_true(wire_goes_on(WIRE_ROW));
	assert_false(wire_goes_on(-1));
	assert_int_equal(WIRE_DONE / 100, 2);
	assert_int_equal(WIRE_GREETING / 100, 2);
	assert_int_equal(WIRE_BYE / 100, 2);
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		assert_true(refusals[i] / 100 == 4 || refusals[i] / 100 == 5);
}

/* By the end of the closing words alone. */
static void test_cut(void **state)
{
	(void)state;
	assert_true(wire_is_cut("200 rows; there are more"));
	assert_false(wire_is_cut("200 rows"));
	assert_false(wire_is_cut("200 rows; there are more of them"));
	assert_false(wire_is_cut("more"));
	assert_false(wire_is_cut(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_other_lines),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests_name("ctl/wire", tests, NULL, NULL);
}
