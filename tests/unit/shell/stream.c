/*
 * Rows as they come: lines whose columns stand under each other whatever comes, and which
 * take no more than the terminal has.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "output.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DEFER                                                                            \
	"{\"time\":\"2026-11-21T22:35:54.123Z\",\"verdict\":\"defer\",\"policy\":"       \
	"\"out\","                                                                       \
	"\"object\":\"bob@example.org\",\"login\":\"bob@example.org\",\"sender\":"       \
	"\"newsletter@example.org\",\"client\":\"192.0.2.7\",\"mta\":null,"              \
	"\"recipients\":3,\"size\":null,\"queue_id\":\"4XyZ\",\"free_at\":null,"         \
	"\"reason\":\"Message limit 2/year reached\"}"
#define ACCEPT                                                                           \
	"{\"time\":\"2026-11-21T22:35:55.001Z\",\"verdict\":\"accept\",\"policy\":null," \
	"\"object\":null,\"login\":null,\"sender\":\"eve@example.com\",\"client\":"      \
	"\"2001:db8::7\",\"mta\":null,\"recipients\":null,\"size\":null,\"queue_id\":"   \
	"null,\"free_at\":null,\"reason\":null}"
#define LOST "{\"not_shown\":12}"

/* What is shown of the rows; from malloc(). */
static char *show(const struct view *view, bool json, const char *const *rows)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	struct output *o = output_new(to, LAYOUT_STREAM, json, view);

	for (; *rows != NULL; rows++)
		output_row(o, *rows);
	output_end(o, "3 decisions");
	fclose(to);
	return text;
}

static void expect(int width, const char *const *rows, const char *expected)
{
	const struct view view = { .width = width };
	char *text = show(&view, false, rows);
	int differs = strcmp(text, expected);

	if (differs != 0)
		print_error("%s", text);
	free(text);
	assert_int_equal(differs, 0);
}

static const char *const three[] = { DEFER, LOST, ACCEPT, NULL };

static void test_narrow(void **state)
{
	(void)state;
	expect(80, three,
		"time       verdict  policy        object                    reason\n"
		"22:35:54Z  defer    out           bob@example.org           Message "
		"limit "
		"2/yea~\n"
		"12 decisions are not shown\n"
		"22:35:55Z  accept   -             eve@example.com           -\n");
}

static void test_wide(void **state)
{
	(void)state;
	expect(0, three,
		"time       verdict  policy        object                    client      "
		" "
		"    sender                    recipients  queue_id     reason\n"
		"22:35:54Z  defer    out           bob@example.org           192.0.2.7   "
		" "
		"    newsletter@example.org    3           4XyZ         Message limit "
		"2/year reached\n"
		"12 decisions are not shown\n"
		"22:35:55Z  accept   -             eve@example.com           2001:db8::7 "
		" "
		"    eve@example.com           -           -            -\n");
}

/* Whatever the width, no line is wider; what does not fit is cut, or left out. */
static void test_no_line_is_too_wide(void **state)
{
	(void)state;
	for (int width = 1; width < 200; width++) {
		const struct view view = { .width = width };
		static const char *const two[] = { DEFER, ACCEPT, NULL };
		char *text = show(&view, false, two), *rest = text, *line;
		int lines = 0;

		for (; (line = strsep(&rest, "\n")) != NULL && rest != NULL; lines++)
			if ((int)strlen(line) > width)
				fail_msg("%d columns: %s", width, line);
		assert_int_equal(lines, 3);
		free(text);
	}
}

/* A value from outside cannot break the line, nor be taken for a moment. */
static void test_strange(void **state)
{
	static const char *const rows[] = {
		"{\"time\":\"now\",\"verdict\":\"hold\",\"policy\":\"\",\"object\":"
		"\"a\\u001b[2Jb@example.org\",\"reason\":\"x\"}",
		"[]", "{", NULL
	};

	(void)state;
	expect(80, rows,
		"time       verdict  policy        object                    reason\n"
		"now        hold     -             a\\x1b[2Jb@example.org     x\n");
}

static void test_json(void **state)
{
	static const char *const rows[] = { ACCEPT, LOST, NULL };
	const struct view view = { .width = 20 };
	char *text = show(&view, true, rows);

	(void)state;
	assert_string_equal(text, ACCEPT "\n" LOST "\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_narrow),
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_no_line_is_too_wide),
		cmocka_unit_test(test_strange),
		cmocka_unit_test(test_json),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
