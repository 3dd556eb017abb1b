/*
 * CSV: RFC 4180 as far as rows of ours need it, and nothing in it that a spreadsheet
 * would run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "csv.h"

#include "shown.h"

static char *text;
static size_t size;

static const char *shown(void (*print)(FILE *to, const json_t *row), const char *json)
{
	json_t *row = json_loads(json, 0, NULL);
	FILE *to;

	free(text);
	to = open_memstream(&text, &size);
	assert_non_null(row);
	print(to, row);
	fclose(to);
	json_decref(row);
	return text;
}

#define ROW(json, csv) assert_string_equal(shown(csv_row, json), csv "\n")

static void test_fields(void **state)
{
	(void)state;
	ROW("{\"a\":\"x\",\"b\":1,\"c\":null,\"d\":\"\",\"e\":2.5}", "x,1,,,2.5");
	ROW("{\"a\":33.3,\"b\":60.0,\"c\":-1,\"d\":9007199254740993}",
		"33.3,60.0,-1,9007199254740993");
	ROW("{\"a\":\"x,y\",\"b\":\"say \\\"no\\\"\",\"c\":\"a b\"}",
		"\"x,y\",\"say \"\"no\"\"\",a b");
	ROW("{\"a\":\" x\",\"b\":\"x \"}", "\" x\",\"x \"");
	ROW("{\"a\":\"j\xc3\xbcrgen@example.org\",\"b\":\"<>\"}",
		"j\xc3\xbcrgen@example.org,<>");
	ROW("{\"a\":[1,2],\"b\":{\"c\":\"d\"},\"e\":true}",
		"\"[1,2]\",\"{\"\"c\"\":\"\"d\"\"}\",true");
	ROW("{\"a\":null}", "");
}

/* What a stranger can call himself. */
static void test_strangers(void **state)
{
	(void)state;
	ROW("{\"a\":\"a\\r\\nb\",\"b\":\"\\u001b[2J\"}", "a\\x0d\\x0ab,'\\x1b[2J");
	ROW("{\"a\":\"=1+2\",\"b\":\"+1\",\"c\":\"-1\",\"d\":\"@SUM(1,2)\"}",
		"'=1+2,'+1,'-1,\"'@SUM(1,2)\"");
	ROW("{\"a\":\"\\t=1\",\"b\":\"\\r=1\",\"c\":\" =1\"}", "'\\x09=1,'\\x0d=1,' =1");
	ROW("{\"a\":\"\xef\xbc\x9d"
	    "1\",\"b\":\"\xef\xbc\xa0x\"}",
		"'\xef\xbc\x9d"
		"1,'\xef\xbc\xa0x");
	ROW("{\"a\":\"x;=1+1\",\"b\":\"=1;2\"}", "\"x;=1+1\",\"'=1;2\"");
	ROW("{\"a\":\"a=1\",\"b\":\"'=1\",\"c\":\"2026-11-15\"}", "a=1,'=1,2026-11-15");
	assert_string_equal(
		shown(csv_names, "{\"a\":1,\"b,c\":2,\"=d\":3}"), "a,\"b,c\",'=d\n");
}

static const struct command *command_of(const char *noun, const char *verb)
{
	char *words[] = { (char *)noun, (char *)verb };
	size_t used;

	return command_find(words, 2, &used, NULL);
}

static void test_asked(void **state)
{
	const struct command *report = command_of("report", "spf"),
			     *groups = command_of("group", "list");

	(void)state;
	assert_true(csv_is_asked(report, "report spf since=7d format=csv"));
	assert_true(csv_is_asked(report, "report spf 'format=csv'"));
	assert_false(csv_is_asked(report, "report spf since=7d"));
	assert_false(csv_is_asked(report, "report spf format=cvs"));
	assert_false(csv_is_asked(report, "report spf 'format=csv"));
	/* a word of another meaning */
	assert_false(csv_is_asked(groups, "group list format=csv"));
}

/* Through output: a header above the first row, no closing words, -j or not. */
static void test_output(void **state)
{
	(void)state;
	for (int rows = 0; rows < 3; rows++) {
		FILE *to;
		struct output *o;

		free(text);
		to = open_memstream(&text, &size);
		o = output_new(to, LAYOUT_TABLE, rows == 2, &view);
		output_as_csv(o);
		for (int i = 0; i < rows; i++)
			assert_int_equal(output_row(o, "{\"a\":1,\"b\":\"x\"}"), 0);
		assert_int_equal(output_row(o, "[1]"), -1);
		output_end(o, "3 rows");
		fclose(to);
		assert_string_equal(text, rows == 0   ? ""
					  : rows == 1 ? "a,b\n1,x\n"
						      : "a,b\n1,x\n1,x\n");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_asked),
		cmocka_unit_test(test_output),
	};
	int failed = cmocka_run_group_tests_name("shell/csv", tests, NULL, NULL);

	free(text);
	return failed;
}
