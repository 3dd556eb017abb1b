/*
 * Tests of shell/ini: what Python's configparser takes is read as it reads it, and what
 * is wrong is told with its line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ini.h"

#include "base/str.h"
#include "imported.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char items[2000], where[READER_WHERE_MAX];
static struct err err;

/* Reads it; items: "LINE [section]" and "LINE section name=value", a line each. */
static enum reader_result read_text(const char *text)
{
	struct arena *arena = arena_new();
	FILE *in = text_open(text, strlen(text));
	enum reader_result result;
	struct reader r;
	struct ini ini;

	reader_begin(&r, in, "x.conf");
	result = ini_read(arena, &r, &ini, &err);
	snprintf(where, sizeof(where), "%s", r.where);
	items[0] = '\0';
	for (size_t i = 0; i < ini.n; i++) {
		const struct ini_item *item = &ini.items[i];

		if (item->name == NULL)
			str_append(items, sizeof(items), "%d [%s]\n", item->line,
				item->section);
		else
			str_append(items, sizeof(items), "%d %s %s=%s\n", item->line,
				item->section, item->name, item->value);
	}
	fclose(in);
	arena_free(arena);
	return result;
}

static void expect(const char *text, const char *expected)
{
	enum reader_result result = read_text(text);

	if (result != READER_END)
		fail_msg("%s: %s", where, err.text);
	assert_string_equal(items, expected);
}

static void refuses(const char *text, const char *place, const char *words)
{
	assert_int_equal(read_text(text), READER_BAD);
	assert_string_equal(where, place);
	assert_string_equal(err.text, words);
}

static void test_options(void **state)
{
	(void)state;
	expect("", "");
	expect("\n# a\n  ; b\n", "");
	expect("[a b]\nx = 1\nY:2\n\n[c]\r\nz=\r\n",
		"1 [a b]\n2 a b x=1\n3 a b y=2\n5 [c]\n6 c z=\n");
	/* whatever stands first divides */
	expect("[a]\nx:y = 1\nv=:w\n", "1 [a]\n2 a x=y = 1\n3 a v=:w\n");
	/* a comment is a line of its own */
	expect("[a]\nx = 1 # one\ny = 2 ; two\n",
		"1 [a]\n2 a x=1 # one\n3 a y=2 ; two\n");
	expect("[a]\nx y = 1 2\t\n", "1 [a]\n2 a x y=1 2\n");
	expect("[a]\nx = 5%% of {y}\n", "1 [a]\n2 a x=5% of {y}\n");
	expect("[a] b\n[b]c]\n[x = 1\n[] = 2\n",
		"1 [a]\n2 [b]c]\n3 b]c [x=1\n4 b]c []=2\n");
	/* the same name in two sections */
	expect("[a]\nx=1\n[b]\nx=2\n", "1 [a]\n2 a x=1\n3 [b]\n4 b x=2\n");
}

static void test_values_of_lines(void **state)
{
	(void)state;
	expect("[a]\nx = 1\n  2\n\n # no\n\t3\ny = 4\n", "1 [a]\n2 a x=1 2 3\n7 a y=4\n");
	expect("[a]\nx =\n  y = 1\n", "1 [a]\n2 a x=y = 1\n");
	/* indented no more than the option */
	expect("[a]\n  x = 1\n  y = 2\n z = 3\n  w\n",
		"1 [a]\n2 a x=1\n3 a y=2\n4 a z=3 w\n");
	/* behind the head of a section nothing goes on */
	expect("[a]\nx = 1\n[b]\n  y = 2\n", "1 [a]\n2 a x=1\n3 [b]\n4 b y=2\n");
}

static void test_refused(void **state)
{
	(void)state;
	refuses("x = 1\n", "x.conf:1", "before the first [section]: \"x = 1\"");
	refuses("[a]\n\nx\n", "x.conf:3", "an option is NAME = VALUE: \"x\"");
	refuses("[a]\n= 1\n", "x.conf:2", "an option is NAME = VALUE: \"= 1\"");
	refuses("[a]\n[b]\n[a]\n", "x.conf:3", "a second section [a] (make one of them)");
	refuses("[a]\nx=1\nX=2\n", "x.conf:3",
		"a second \"x\" in [a] (upper and lower case are the same)");
	refuses("[a]\nx=1\n[DEFAULT]\n", "x.conf:3",
		"[DEFAULT] is not understood (write what it says where it is meant)");
	refuses("[a]\nx=1\ny=%(x)s\nz=1\n", "x.conf:3",
		"y: a % stands alone (%% is one; %(name)s is not understood, write out "
		"what it stands for)");
	refuses("[a]\nx=%", "x.conf:2",
		"x: a % stands alone (%% is one; %(name)s is not understood, write out "
		"what it stands for)");
}

static void test_length(void **state)
{
	enum { LINES = 100 };
	char line[WIRE_LINE_MAX / LINES], text[2 * WIRE_LINE_MAX] = "[a]\nx=";

	(void)state;
	memset(line, 'v', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	for (int i = 0; i < LINES - 1; i++)
		str_append(text, sizeof(text), " %s\n", line);
	assert_int_equal(read_text(text), READER_END);
	for (int i = 0; i < 3; i++)
		str_append(text, sizeof(text), " %s\n", line);
	refuses(text, "x.conf:103", "a value has at most 8192 octets");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_values_of_lines),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_length),
	};

	return cmocka_run_group_tests_name("shell/ini", tests, NULL, NULL);
}
