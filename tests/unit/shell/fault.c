/*
 * Tests of shell/fault: which part of a line a refusal means, in the words that daemon
 * and shell say, and the picture of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fault.h"

#include "base/str.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

/* marked: the line with [ and ] around what is meant; without: nothing is. */
static void expect(struct arena *arena, const char *marked, const char *text)
{
	char *line = arena_alloc(arena, strlen(marked) + 2), *o = line;
	const char *open = strchr(marked, '['), *close = strchr(marked, ']');
	struct fault f = { 0 }, wanted = { 0 };
	bool found;

	for (const char *p = marked; *p != '\0'; p++) {
		if (p == open)
			wanted.start = (size_t)(o - line);
		else if (p == close)
			wanted.end = (size_t)(o - line);
		else
			*o++ = *p;
	}
	found = fault_find(arena, line, text, &f);
	if (found != (open != NULL))
		fail_msg("%s: %s: %s", marked, text, found ? "found" : "not found");
	if (found && (f.start != wanted.start || f.end != wanted.end))
		fail_msg("%s: %s: %zu to %zu", marked, text, f.start, f.end);
}

static void test_commands(void **state)
{
	expect(*state, "[polcy] list",
		"no command \"polcy\" (did you mean \"policy\"? there are: group, "
		"policy)");
	expect(*state, "policy [lits]",
		"no command \"policy lits\" (did you mean \"list\"? policy: add, list)");
	expect(*state, "[policy]", "\"policy\" needs a verb: add, set, show");
	expect(*state, "policy list [more]",
		"one word too many: \"more\" (usage: policy list)");
	/* within a command */
	expect(*state, "watch policy [shwo]",
		"no command \"policy shwo\" (did you mean \"show\"?)");
	expect(*state, "watch every [0s] status", "every: not a period: \"0s\" (0.1s)");
	expect(*state, "load [--dif] x", "load has no option \"--dif\" (there are: x)");
	expect(*state, "policy policy", "no command \"policy other\" (policy: add, set)");
}

/* Options of the shell have their place; what else is refused has no such advice. */
static void test_advice(void **state)
{
	assert_string_equal(fault_advice(*state, "policy list -w",
				    "one word too many: \"-w\" (usage: policy list)"),
		"-w stands before the command: -w policy list");
	assert_string_equal(fault_advice(*state, "object show -j 'a b'",
				    "not an object: \"-j\" (user@example.org)"),
		"-j stands before the command: -j object show 'a b'");
	assert_null(fault_advice(*state, "policy list -x",
		"one word too many: \"-x\" (usage: policy list)"));
	assert_null(fault_advice(*state, "policy list", "no policy \"-w\""));
	assert_null(fault_advice(*state, "policy list -w", "not now"));
}

static void test_missing(void **state)
{
	struct fault f;

	assert_true(fault_find(*state, "policy show",
		"missing: \"POLICY\" (usage: policy show POLICY)", &f));
	assert_int_equal(f.start, 12);
	assert_int_equal(f.end, 12);
}

static void test_values(void **state)
{
	expect(*state, "policy add p source=any destination=any action=[defr]",
		"action: not a value: \"defr\" (did you mean \"defer\"? monitor, defer)");
	expect(*state, "policy add p source=any destination=any JailAction=[defr]",
		"action: not a value: \"defr\" (monitor, defer)");
	expect(*state, "policy set p limit=5/day,[abc]", "limit: not a limit: \"abc\"");
	expect(*state, "policy set p limit=[5/day]", "limit: two of the same period");
	expect(*state, "setting set on_error [tempfial]",
		"on_error: not a value: \"tempfial\" (accept or tempfail)");
	expect(*state, "object block bob for [soon]",
		"for: not a period: \"soon\" (as in 2h)");
	expect(*state, "policy add p source=[gg] destination=any",
		"source: no group \"gg\" (did you mean \"g\"?)");
	expect(*state, "policy add p source=any destination=any reply=['{wat}']",
		"reply: no placeholder of that name");
	expect(*state, "policy add p source=any destination=any reply='[{wat}] x'",
		"reply: not a placeholder: \"{wat}\"");
	/* whose name is not there is no value's */
	expect(*state, "policy add p source=any", "limit: something else");
}

static void test_words(void **state)
{
	expect(*state, "policy show [outbuond]",
		"no policy \"outbuond\" (did you mean \"outbound\"?)");
	expect(*state, "policy show [policy]", "no policy \"policy\"");
	expect(*state, "group show ['a b']", "not a name: \"a b\"");
	expect(*state, "policy add p [sourc]=any destination=any",
		"a policy has no attribute \"sourc\" (did you mean \"source\"? it has: "
		"x)");
	expect(*state, "counter list policy=[qq] object=qq", "no policy \"qq\"");
	expect(*state, "object show [corp\\\\bob]", "not an object: \"corp\\\\bob\"");
	expect(*state, "policy list", "not for this user");
	expect(*state, "policy list", "no \"such\" thing");
	expect(*state, "", "no command \"\"");
}

/* Of two the second, by whichever of its names; what stands behind a keyword is its
 * value. */
static void test_given_twice(void **state)
{
	expect(*state, "policy set key key=login [key]=sender", "\"key\" is given twice");
	expect(*state, "policy set p key=login stop=no [JailBy]=x",
		"\"key\" is given twice");
	expect(*state, "object block for for 2h [for] 3h", "\"for\" is given twice");
	expect(*state, "object block x because for for 2h [for] 3h",
		"\"for\" is given twice");
	expect(*state, "object grant x 5 policy=a for 2h [policy]=b",
		"\"policy\" is given twice");
	expect(*state, "policy set [key] stop=no", "\"key\" is given twice");
}

static void test_quotes(void **state)
{
	expect(*state, "object block bob because ['who knows]", "a quote is not closed");
	expect(*state, "object block [bob\\]", "nothing stands behind the backslash");
}

static void picture(struct arena *arena, const char *line, struct fault f, size_t columns,
	const char *wanted)
{
	const char *got = fault_picture(arena, line, &f, columns);

	if (strcmp(got, wanted) != 0)
		fail_msg("got\n%swanted\n%s", got, wanted);
}

static void test_picture(void **state)
{
	picture(*state, "policy lits", (struct fault){ 7, 11 }, 80,
		"policy lits\n       ^~~~\n");
	picture(*state, "policy\tx", (struct fault){ 7, 8 }, 80, "policy x\n       ^\n");
	picture(*state, "policy show", (struct fault){ 12, 12 }, 80,
		"policy show\n            ^\n");
	/* two octets a column, and three for two columns */
	picture(*state, "g add m\xc3\xbc\xc3\xbc x", (struct fault){ 12, 13 }, 80,
		"g add m\xc3\xbc\xc3\xbc x\n          ^\n");
	picture(*state, "g \xe6\xbc\xa2\xe5\xad\x97 x", (struct fault){ 2, 8 }, 80,
		"g \xe6\xbc\xa2\xe5\xad\x97 x\n  ^~~~\n");
}

static void test_long_line(void **state)
{
	const char *line = "0123456789012345678901234567890123456789 wrong "
			   "0123456789012345678901234567890123456789";

	picture(*state, line, (struct fault){ 41, 46 }, 40,
		"...0123456789 wrong 01234567890123456...\n              ^~~~~\n");
	picture(*state, line, (struct fault){ 0, 40 }, 40,
		"0123456789012345678901234567890123...\n^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~"
		"~\n");
	picture(*state, line, (struct fault){ 82, 87 }, 40,
		"...4567890123456789\n              ^~~~~\n");
}

static void assert_in_window(const char *picture, size_t columns)
{
	const char *caret = strchr(picture, '^');
	size_t row = 0;

	assert_non_null(caret);
	/* of ASCII: as many octets as columns; the line itself has others, which are no
	 * wider than they are long */
	for (; *caret != '\n'; caret--)
		row++;
	assert_true(row <= columns);
	assert_true(strlen(strchr(picture, '\n') + 1) <= columns + 1);
}

/* Whatever the line and the window: no row is wider than it. */
static void test_any_window(void **state)
{
	const char *line = "policy add m\xc3\xbc\xe6\xbc\xa2\xe5\xad\x97\xff\t'x y' z";
	size_t len = strlen(line);

	for (size_t columns = 20; columns < 40; columns++)
		for (size_t start = 0; start <= len; start++)
			for (size_t end = start; end <= len; end++) {
				struct fault f = { start, end };

				/* within a character nothing begins */
				if ((line[start] & 0xc0) == 0x80)
					continue;
				assert_in_window(fault_picture(*state, line, &f, columns),
					columns);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_commands, setup, teardown),
		cmocka_unit_test_setup_teardown(test_advice, setup, teardown),
		cmocka_unit_test_setup_teardown(test_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_values, setup, teardown),
		cmocka_unit_test_setup_teardown(test_words, setup, teardown),
		cmocka_unit_test_setup_teardown(test_given_twice, setup, teardown),
		cmocka_unit_test_setup_teardown(test_quotes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_picture, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_any_window, setup, teardown),
	};

	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
