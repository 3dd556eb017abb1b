/*
 * Tests of shell/page: how long a text is on the screen, and which pager is taken.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

static void test_lines(void **state)
{
	(void)state;
	assert_int_equal(page_lines("", 80), 0);
	assert_int_equal(page_lines("a", 80), 1);
	assert_int_equal(page_lines("a\nb\n\nc\n", 80), 4);
	assert_int_equal(page_lines("1234\n12345\n12345678\n123456789\n", 4), 8);
	assert_int_equal(page_lines("123456789\n", 0), 1);
	/* colours take no room */
	assert_int_equal(page_lines("\033[31m1234\033[m\n", 4), 1);
	assert_int_equal(page_lines("\033[31", 4), 1);
}

static void expect_pager(const char *named, const char *expected)
{
	const char *pager;

	named != NULL ? setenv("PAGER", named, 1) : unsetenv("PAGER");
	pager = page_pager();
	if (expected == NULL)
		assert_null(pager);
	else
		assert_string_equal(pager, expected);
}

static void make_program(const char *dir, const char *name)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(chmod(path, 0755), 0);
}

static void test_pager(void **state)
{
	char dir[] = "/tmp/themis-pager.XXXXXX", path[200];

	(void)state;
	expect_pager("most -x", "most -x");
	expect_pager("", NULL);
	expect_pager("cat", NULL);
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "/nowhere:%s", dir);
	setenv("PATH", path, 1);
	expect_pager(NULL, NULL);
	make_program(dir, "more");
	expect_pager(NULL, "more");
	make_program(dir, "less");
	expect_pager(NULL, "less");
	snprintf(path, sizeof(path), "%s/more", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/less", dir);
	unlink(path);
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_pager),
	};

	return cmocka_run_group_tests_name("shell/page", tests, NULL, NULL);
}
