/*
 * Tests of shell/glossary: beside and below, wrapped and never cut.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "glossary.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* rows: an array in JSON. */
static void expect(int width, const char *rows, const char *wanted)
{
	struct view view = { .terminal = true, .columns = width, .width = width };
	json_t *json = json_loads(rows, 0, NULL);
	char *got = NULL;
	size_t size;
	FILE *to = open_memstream(&got, &size);

	assert_non_null(json);
	assert_non_null(to);
	glossary_print(to, &view, json);
	fclose(to);
	if (strcmp(got, wanted) != 0)
		fail_msg("got\n%swanted\n%s", got, wanted);
	free(got);
	json_decref(json);
}

static void test_beside(void **state)
{
	(void)state;
	expect(40,
		"[{\"command\":\"group\",\"help\":\"add, remove, show, list, delete, and "
		"more\"},"
		"{\"command\":\"quit\",\"help\":\"end the connection\"}]",
		"group  add, remove, show, list, delete,\n"
		"       and more\n"
		"quit   end the connection\n");
}

static void test_below(void **state)
{
	(void)state;
	expect(40,
		"[{\"command\":\"policy add POLICY NAME=VALUE ...\",\"help\":\"store a "
		"policy\"},"
		"{\"command\":\"  type=regular, bypass or bypass+ and more of them\","
		"\"help\":\"bypass: nothing further is looked at (default regular)\"}]",
		"policy add POLICY NAME=VALUE ...\n"
		"      store a policy\n"
		"  type=regular, bypass or\n"
		"        bypass+ and more of them\n"
		"      bypass: nothing further is looked\n"
		"      at (default regular)\n");
}

static void test_odd_rows(void **state)
{
	(void)state;
	expect(40, "[]", "");
	expect(40, "[{},{\"command\":\"a\\u001bb\",\"help\":1}]",
		"        \n"
		"a\\x1bb  \n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_beside),
		cmocka_unit_test(test_below),
		cmocka_unit_test(test_odd_rows),
	};

	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
