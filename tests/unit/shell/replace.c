/*
 * Tests of shell/replace: a file is there whole, or as it was.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "replace.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char before[4096];

static int set_up(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = malloc(500);

	*state = dir;
	snprintf(dir, 500, "%s/themis.XXXXXX", tmp != NULL ? tmp : "/tmp");
	return getcwd(before, sizeof(before)) == NULL || mkdtemp(dir) == NULL ||
	       chdir(dir) < 0;
}

static int tear_down(void **state)
{
	int rc;

	unlink("page");
	unlink("link");
	rc = chdir(before);
	rc |= rmdir(*state);
	free(*state);
	return rc;
}

static void expect(const char *words)
{
	char text[100] = "";
	FILE *in = fopen("page", "re");

	assert_non_null(in);
	assert_true(fread(text, 1, sizeof(text) - 1, in) > 0);
	fclose(in);
	assert_string_equal(text, words);
}

static int count_files(void)
{
	DIR *dir = opendir(".");
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n - 2;
}

static void test_written(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(replace_check("page", NULL), 0);
	assert_int_equal(replace_file("page", "first", 5, NULL), 0);
	expect("first");
	assert_int_equal(stat("page", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(replace_check("page", NULL), 0);
	assert_int_equal(replace_file("./page", "second", 6, NULL), 0);
	expect("second");
	assert_int_equal(count_files(), 1);
}

static void test_refused(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(replace_check(".", &err), -1);
	assert_string_equal(err.text, "cannot write \".\": it is there, and a directory");
	assert_int_equal(symlink("page", "link"), 0);
	assert_int_equal(replace_check("link", &err), -1);
	assert_string_equal(
		err.text, "cannot write \"link\": it is there, and a symbolic link");
	assert_int_equal(replace_check("/dev/null", &err), -1);
	assert_int_equal(replace_file("none/page", "x", 1, &err), -1);
	assert_string_equal(
		err.text, "cannot write \"none/page\": No such file or directory");
	assert_int_equal(replace_check("/dev/null/page", &err), -1);
	assert_int_equal(replace_check("none/page", &err), -1);
	assert_string_equal(
		err.text, "cannot write \"none/page\": No such file or directory");
	assert_int_equal(replace_check("none", NULL), 0);
	assert_int_equal(count_files(), 1);
}

/* What was there stays, nothing else does, and nobody is killed for it. */
static void test_no_room(void **state)
{
	struct rlimit was, small = { 10, 10 };
	static char much[100];
	struct err err;
	int rc;

	(void)state;
	assert_int_equal(replace_file("page", "first", 5, NULL), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	small.rlim_max = was.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	rc = replace_file("page", much, sizeof(much), &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(rc, -1);
	assert_string_equal(err.text, "cannot write \"page\": File too large");
	expect("first");
	assert_int_equal(count_files(), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_written, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_room, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("shell/replace", tests, NULL, NULL);
}
