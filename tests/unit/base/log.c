/*
 * Tests of base/log on stderr: the levels, the queue id in front, and that one
 * event is one line whatever a sender puts into it.  stderr is a file for the
 * time of a call.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/log.h"

#include "base/str.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../random.h"

static struct {
	char dir[200], path[220];
	int saved, file; /* stderr as it was; the file in its place */
	char text[65536];
} capture = { .saved = -1, .file = -1 };

static int setup(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(capture.dir, sizeof(capture.dir), "%s/themis-log.XXXXXX",
		tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(capture.dir) == NULL)
		return -1;
	snprintf(capture.path, sizeof(capture.path), "%s/log", capture.dir);
	capture.file = open(capture.path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	capture.saved = dup(STDERR_FILENO);
	log_open("themis", 0, LEVEL_INFO);
	return capture.file < 0 || capture.saved < 0;
}

static int teardown(void **state)
{
	(void)state;
	close(capture.file);
	close(capture.saved);
	unlink(capture.path);
	return rmdir(capture.dir);
}

static void capture_begin(void)
{
	assert_int_equal(ftruncate(capture.file, 0), 0);
	assert_int_equal(dup2(capture.file, STDERR_FILENO), STDERR_FILENO);
}

/* What was written since; stderr is as before. */
static const char *capture_end(void)
{
	ssize_t n;

	dup2(capture.saved, STDERR_FILENO);
	n = pread(capture.file, capture.text, sizeof(capture.text) - 1, 0);
	assert_true(n >= 0);
	capture.text[n] = '\0';
	assert_int_equal(strlen(capture.text), n);
	return capture.text;
}

static void test_level_names(void **state)
{
	enum log_level level = LEVEL_ERROR;

	(void)state;
	assert_int_equal(log_level_parse("debug", &level), 0);
	assert_int_equal(level, LEVEL_DEBUG);
	assert_int_equal(log_level_parse("info", &level), 0);
	assert_int_equal(level, LEVEL_INFO);
	assert_int_equal(log_level_parse("warning", &level), 0);
	assert_int_equal(level, LEVEL_WARNING);
	assert_int_equal(log_level_parse("error", &level), 0);
	assert_int_equal(level, LEVEL_ERROR);
	assert_int_equal(log_level_parse("", &level), -1);
	assert_int_equal(log_level_parse("INFO", &level), -1);
	assert_int_equal(log_level_parse("warn", &level), -1);
	assert_int_equal(log_level_parse("debug ", &level), -1);
	assert_int_equal(level, LEVEL_ERROR);
}

static void test_line(void **state)
{
	(void)state;
	capture_begin();
	log_info("%s, %d%%", "a", 7);
	log_event(LEVEL_WARNING, "4bQx0K1yZz2", "held (%s)", "100/hour");
	log_error("%s", "");
	log_event(LEVEL_ERROR, NULL, "%s", "J\xc3\xbcrgen");
	assert_string_equal(capture_end(),
		"themis: info: a, 7%\n"
		"themis: warning: 4bQx0K1yZz2: held (100/hour)\n"
		"themis: error: \n"
		"themis: error: J\xc3\xbcrgen\n");
}

static void test_levels_filter(void **state)
{
	static const char *const expected[] = {
		[LEVEL_ERROR] = "x: error: e\n",
		[LEVEL_WARNING] = "x: error: e\nx: warning: w\n",
		[LEVEL_INFO] = "x: error: e\nx: warning: w\nx: info: i\n",
		[LEVEL_DEBUG] = "x: error: e\nx: warning: w\nx: info: i\nx: debug: d\n",
	};

	(void)state;
	for (int level = LEVEL_ERROR; level <= LEVEL_DEBUG; level++) {
		log_open("x", 0, (enum log_level)level);
		capture_begin();
		log_error("e");
		log_warning("w");
		log_info("i");
		log_debug("d");
		assert_string_equal(capture_end(), expected[level]);
	}
}

/* What a sender would do: end the line and write one of his own, colour the
 * terminal, delete what stands there, break the encoding. */
static void test_hostile_text(void **state)
{
	(void)state;
	capture_begin();
	log_info("from=<%s>", "a\r\nthemis: info: forged");
	log_info("helo=%s", "\x1b[2J\x1b[31m\b\x7f\t");
	log_info("helo=%s", "\xff\xc3(\xc0\x80\xc2\x9b"
			    "2J");
	log_info("helo=%s", "a\\x0a");
	log_event(LEVEL_INFO, "id\nfake: x", "%s", "%s%n%d");
	assert_string_equal(capture_end(),
		"themis: info: from=<a\\x0d\\x0athemis: info: forged>\n"
		"themis: info: helo=\\x1b[2J\\x1b[31m\\x08\\x7f\\x09\n"
		"themis: info: helo=\\xff\\xc3(\\xc0\\x80\\xc2\\x9b2J\n"
		"themis: info: helo=a\\\\x0a\n"
		"themis: info: id\\x0afake: x: %s%n%d\n");
}

/* One LF, at the end; well-formed UTF-8; no controls; not too long. */
static void check_line(const char *line, const char *start)
{
	size_t n = strlen(line);
	char copy[LOG_LINE_MAX + 200];

	assert_true(n > 0 && n < LOG_LINE_MAX + 100);
	memcpy(copy, line, n);
	copy[n - 1] = '\0';
	assert_int_equal(line[n - 1], '\n');
	assert_null(strchr(copy, '\n'));
	assert_true(str_is_utf8(copy, n - 1));
	assert_false(str_has_control(copy));
	assert_int_equal(strncmp(line, start, strlen(start)), 0);
}

static void test_any_octets_are_one_line(void **state)
{
	uint64_t seed = 514;
	char text[3000], id[200];

	(void)state;
	for (int round = 0; round < 3000; round++) {
		size_t n = next_random(&seed) % (round % 10 ? 200 : sizeof(text));
		size_t k = next_random(&seed) % 90;

		for (size_t i = 0; i < n; i++)
			text[i] = (char)(1 + next_random(&seed) % 255);
		text[n] = '\0';
		for (size_t i = 0; i < k; i++)
			id[i] = (char)(1 + next_random(&seed) % 255);
		id[k] = '\0';
		capture_begin();
		log_event(LEVEL_WARNING, round % 2 ? id : NULL, "%s", text);
		check_line(capture_end(), "themis: warning: ");
	}
}

static void test_long_lines_are_cut(void **state)
{
	char text[3 * LOG_LINE_MAX];
	const char *line;

	(void)state;
	for (size_t n = LOG_LINE_MAX - 10; n < sizeof(text); n += n < 1010 ? 1 : 97) {
		memset(text, 'x', n);
		text[n] = '\0';
		capture_begin();
		log_info("%s", text);
		line = capture_end();
		check_line(line, "themis: info: xxx");
		assert_true(strlen(line) <= strlen("themis: info: ") + LOG_LINE_MAX);
		if (n >= LOG_LINE_MAX)
			assert_string_equal(line + strlen(line) - 5, "x...\n");
	}
}

/* A queue id too long to be one does not push the text out. */
static void test_long_queue_id(void **state)
{
	char id[3000];

	(void)state;
	memset(id, 'q', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	capture_begin();
	log_event(LEVEL_INFO, id, "the text");
	check_line(capture_end(), "themis: info: qqq");
	assert_non_null(strstr(capture.text, "q: the text\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_level_names),
		cmocka_unit_test_setup_teardown(test_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_levels_filter, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hostile_text, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_any_octets_are_one_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_lines_are_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_queue_id, setup, teardown),
	};

	return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
