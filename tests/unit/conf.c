/*
 * Tests of src/conf: defaults, the file and what may be wrong with it, with which
 * file and line that is refused, -o, and what users and groups come to.  The values
 * of each key are those of conf_values.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conf.h"

#include "base/str.h"

#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const struct {
	const char *name, *default_value;
} keys[] = {
#define KEY(id, name, def, values, meaning) { name, def },
#include "conf.def"
#undef KEY
};

struct site {
	char dir[200], path[220];
	struct conf conf;
};

static int setup(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct site *s = calloc(1, sizeof(*s));

	snprintf(s->dir, sizeof(s->dir), "%s/themis-conf.XXXXXX",
		tmp != NULL ? tmp : "/tmp");
	*state = s;
	if (mkdtemp(s->dir) == NULL)
		return -1;
	snprintf(s->path, sizeof(s->path), "%s/themisd.conf", s->dir);
	conf_init(&s->conf);
	return 0;
}

static int teardown(void **state)
{
	struct site *s = *state;
	int rc;

	conf_free(&s->conf);
	unlink(s->path);
	rc = rmdir(s->dir);
	free(s);
	return rc;
}

static void write_octets(struct site *s, const char *octets, size_t n)
{
	FILE *f = fopen(s->path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(octets, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void write_file(struct site *s, const char *text)
{
	write_octets(s, text, strlen(text));
}

/* Begins anew from the defaults, and reads. */
static void must_read(struct site *s, const char *text)
{
	struct err err = { .text = "" };

	conf_free(&s->conf);
	conf_init(&s->conf);
	write_file(s, text);
	if (conf_read(&s->conf, s->path, &err) != 0)
		fail_msg("refused: %s\n%s", text, err.text);
}

/* told: what the refusal says behind "FILE:LINE: ", or the start of it. */
static void must_refuse(struct site *s, const char *text, int line, const char *told)
{
	char expected[600];
	struct err err = { .text = "" };

	conf_free(&s->conf);
	conf_init(&s->conf);
	write_file(s, text);
	if (conf_read(&s->conf, s->path, &err) != -1)
		fail_msg("taken: %s", text);
	snprintf(expected, sizeof(expected), "%s:%d: %s", s->path, line, told);
	if (strncmp(err.text, expected, strlen(expected)) != 0)
		fail_msg("told: %s\nnot:  %s", err.text, expected);
	if (str_has_control(err.text))
		fail_msg("control characters: %s", err.text);
}

static void test_defaults(void **state)
{
	struct site *s = *state;

	assert_int_equal(sizeof(keys) / sizeof(keys[0]), CONF_KEYS);
	for (int i = 0; i < CONF_KEYS; i++)
		assert_string_equal(s->conf.text[i], keys[i].default_value);
	/* behaviour.md, "The file themisd.conf" */
	assert_string_equal(s->conf.text[CONF_MILTER_SOCKET], "inet:8440@127.0.0.1");
	assert_string_equal(s->conf.text[CONF_CONTROL_SOCKET], "/run/themis/control");
	assert_string_equal(s->conf.text[CONF_DATABASE], "/var/lib/themis/themis.db");
	assert_string_equal(s->conf.text[CONF_PIDFILE], "/run/themis/themisd.pid");
	assert_string_equal(s->conf.text[CONF_USER], "themis");
	assert_string_equal(s->conf.text[CONF_CONTROL_WRITE_GROUP], "themis");
	assert_int_equal(s->conf.milter_address.family, NET_INET);
	assert_int_equal(s->conf.milter_address.port, 8440);
	assert_string_equal(s->conf.milter_address.host, "127.0.0.1");
	assert_int_equal(s->conf.milter_mode, 0660);
	assert_int_equal(s->conf.to_syslog, 0);
	assert_int_equal(s->conf.level, LEVEL_INFO);
}

/* Every key takes its own default, in the file and by -o. */
static void test_every_key_takes_its_default(void **state)
{
	struct site *s = *state;
	char text[4000] = "", pair[300];
	struct err err = { .text = "" };

	for (int i = 0; i < CONF_KEYS; i++) {
		str_append(text, sizeof(text), "%s = \"%s\"\n", keys[i].name,
			keys[i].default_value);
		snprintf(
			pair, sizeof(pair), "%s=%s", keys[i].name, keys[i].default_value);
		if (conf_override(&s->conf, pair, &err) != 0)
			fail_msg("%s: %s", pair, err.text);
	}
	must_read(s, text);
	for (int i = 0; i < CONF_KEYS; i++)
		assert_string_equal(s->conf.text[i], keys[i].default_value);
}

static void test_what_values_come_to(void **state)
{
	struct site *s = *state;

	must_read(s, "milter_socket = unix:/run/m\nmilter_socket_mode = 0600\n"
		     "log = syslog\nlog_level = debug\n");
	assert_int_equal(s->conf.milter_address.family, NET_UNIX);
	assert_string_equal(s->conf.milter_address.path, "/run/m");
	assert_int_equal(s->conf.milter_mode, 0600);
	assert_int_equal(s->conf.to_syslog, 1);
	assert_int_equal(s->conf.level, LEVEL_DEBUG);
}

static void test_notations(void **state)
{
	struct site *s = *state;

	must_read(s, "user=root");
	assert_string_equal(s->conf.text[CONF_USER], "root");
	must_read(s, "\n\t user\t=\t'root' \n");
	assert_string_equal(s->conf.text[CONF_USER], "root");
	must_read(s, "user = root\r\nlog = syslog\r\n");
	assert_string_equal(s->conf.text[CONF_USER], "root");
	assert_int_equal(s->conf.to_syslog, 1);
	must_read(s, "# user = a\n#\n\nuser = \"root\" # and more\n#log = syslog");
	assert_string_equal(s->conf.text[CONF_USER], "root");
	assert_int_equal(s->conf.to_syslog, 0);
	must_read(s, "database = \"/a#b\"\nmilter_socket = inet:1@127.0.0.1\n");
	assert_string_equal(s->conf.text[CONF_DATABASE], "/a#b");
	assert_int_equal(s->conf.milter_address.port, 1);
}

/* A file of comments leaves the defaults; one with nothing in it has lost something. */
static void test_empty_files(void **state)
{
	static const char *const comments[] = { "# nothing", "# nothing\n",
		"\n\n\t# log = syslog\n\n" };
	static const char *const nothing[] = { "", "\n", "\n\n\n", " \t\n", "\r\n" };
	struct site *s = *state;
	struct err err;

	for (size_t i = 0; i < sizeof(comments) / sizeof(comments[0]); i++) {
		must_read(s, comments[i]);
		for (int k = 0; k < CONF_KEYS; k++)
			assert_string_equal(s->conf.text[k], keys[k].default_value);
	}
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++) {
		write_file(s, nothing[i]);
		assert_int_equal(conf_read(&s->conf, s->path, &err), -1);
		assert_non_null(strstr(err.text, ": there is nothing in it (lines are"));
	}
}

static void test_unknown_keys(void **state)
{
	struct site *s = *state;
	struct err err;

	must_refuse(s, "usr = root\n", 1, "no key \"usr\" (there are: milter_socket, ");
	must_refuse(s, "user = root\nfoo = 1\n", 2, "no key \"foo\" (");
	must_refuse(s, "\tUser = root\n", 1, "no key \"User\" (");
	must_refuse(s, "user root\n", 1, "");
	must_refuse(s, "foo {\n}\n", 1, "no key \"foo\" (");
	must_refuse(s, "include(\"/etc/passwd\")\n", 1, "no key \"include\" (");
	must_refuse(s, "user += root\n", 1, "");
	must_refuse(s, "user = { a, b }\n", 1, "");
	must_refuse(s, "user = a b\n", 1, "");
	/* the refusal names the key */
	write_file(s, "log = stderr\nusr%s%n = x\n");
	assert_int_equal(conf_read(&s->conf, s->path, &err), -1);
	assert_non_null(strstr(err.text, "usr%s%n"));
}

/* libconfuse has more kinds of them than the manual page; none swallows a key. */
static void test_comments(void **state)
{
	struct site *s = *state;

	must_read(s, "/* a */\n// b\nuser = root /* c */\nlog = syslog // d\n");
	assert_string_equal(s->conf.text[CONF_USER], "root");
	assert_int_equal(s->conf.to_syslog, 1);
	must_refuse(s, "user = root /* a\nlog = stderr\n", 2,
		"within a comment that is not closed (lines are");
	/* and is over when the next file begins */
	must_read(s, "user = root\n");
	assert_string_equal(s->conf.text[CONF_USER], "root");
}

static void test_given_twice(void **state)
{
	struct site *s = *state;

	must_refuse(
		s, "user = root\nlog = stderr\nuser = root\n", 3, "user: given twice");
	/* but once in each of two files, as a test of the file does it */
	must_read(s, "user = root\n");
	write_file(s, "user = daemon\n");
	assert_int_equal(conf_read(&s->conf, s->path, NULL), 0);
	assert_string_equal(s->conf.text[CONF_USER], "daemon");
}

/* Comments are what a file like this consists of: the line stays right. */
static void test_lines_are_counted_through_comments(void **state)
{
	struct site *s = *state;

	must_refuse(s, "# a\nlog = x\n", 2, "log: ");
	must_refuse(s, "# a\n# b\n\n#\nlog = x\n", 5, "log: ");
	must_refuse(s, "user = root # a\nlog = x\n", 2, "log: ");
	must_refuse(s, "# a\nfoo = x\n", 2, "no key \"foo\" (");
	must_refuse(s, "# a\nuser = a\n# b\nuser = b\n", 4, "user: given twice");
}

/* NUL ends a text, so the file is not one: on which line is said all the same. */
static void test_broken_lines(void **state)
{
	static const char nul[] = "user = root\n# a\0b\nlog = syslog\n";
	struct site *s = *state;
	char expected[300];
	struct err err;

	write_octets(s, nul, sizeof(nul) - 1);
	assert_int_equal(conf_read(&s->conf, s->path, &err), -1);
	snprintf(expected, sizeof(expected), "%s:2: a NUL octet", s->path);
	assert_int_equal(strncmp(err.text, expected, strlen(expected)), 0);
	must_refuse(s, "log = stderr\nuser = \"root\n", 2, "");
	must_refuse(s, "user = 'ro\not'\n", 1, "");
	must_refuse(s, "user = \"ro\\not\"\n", 1, "user: not a value: \"ro\\x0aot\"");
	must_refuse(s, "log =\n", 1, "");
	must_refuse(s, "= syslog\n", 1, "");
	must_refuse(s, "log stderr\n", 1, "");
	must_refuse(s, "\xef\xbb\xbflog = stderr\n", 1, "no such option");
	must_refuse(
		s, "user = \"\xc3\"\n", 1, "user: not a value: \"\\xc3\" (text in UTF-8");
}

#define LONG 100000

static void test_long_lines(void **state)
{
	static char x[LONG + 1], text[LONG + 100];
	struct site *s = *state;

	memset(x, 'x', LONG);
	snprintf(text, sizeof(text), "#%s\nuser=root\n", x);
	must_read(s, text);
	assert_string_equal(s->conf.text[CONF_USER], "root");
	snprintf(text, sizeof(text), "\ndatabase = \"/%s\"\n", x);
	must_refuse(s, text, 2, "database: not a value: \"/xxx");
	snprintf(text, sizeof(text), "\n%s = root\n", x);
	must_refuse(s, text, 2, "no key \"xxx");
	snprintf(text, sizeof(text), "\n%s\n", x);
	must_refuse(s, text, 2, "");
	snprintf(text, sizeof(text), "log = stderr\nlog_level = %s", x);
	must_refuse(s, text, 2, "log_level: not a value: ");
}

/* What is quoted from the file is fit for a terminal and the log. */
static void test_refusals_are_clean(void **state)
{
	struct site *s = *state;

	must_refuse(s, "log = \"\x1b[2J\"\n", 1, "log: not a value: \"\\x1b[2J\"");
	must_refuse(s, "log = \"\xff\"\n", 1, "log: not a value: \"\\xff\"");
	must_refuse(s, "x\x1b[2J = 1\n", 1, "");
}

static void test_files_that_are_none(void **state)
{
	struct site *s = *state;
	struct err err;

	assert_int_equal(conf_read(&s->conf, s->dir, &err), -1);
	assert_int_equal(strncmp(err.text, s->dir, strlen(s->dir)), 0);
	assert_non_null(strstr(err.text, "not a regular file"));
	assert_int_equal(conf_read(&s->conf, s->path, &err), -1);
	assert_int_equal(strncmp(err.text, s->path, strlen(s->path)), 0);
	assert_non_null(strstr(err.text, "No such file"));
	/* a pipe that nobody writes to must not be waited for */
	assert_int_equal(mkfifo(s->path, 0600), 0);
	assert_int_equal(conf_read(&s->conf, s->path, &err), -1);
	assert_non_null(strstr(err.text, "not a regular file"));
}

static void test_unreadable_file(void **state)
{
	struct site *s = *state;
	bool root = geteuid() == 0;
	struct err err;
	int rc;

	write_file(s, "user = root\n");
	assert_int_equal(chmod(s->path, 0), 0);
	assert_int_equal(chmod(s->dir, 0755), 0);
	if (root && seteuid(65534) != 0)
		return; /* root reads everything */
	rc = conf_read(&s->conf, s->path, &err);
	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(rc, -1);
	assert_int_equal(strncmp(err.text, s->path, strlen(s->path)), 0);
}

static void test_override(void **state)
{
	static const struct {
		const char *pair, *told;
	} table[] = { { "user", "-o user: not KEY=VALUE" }, { "", "-o : not KEY=VALUE" },
		{ "=x", "no key \"\" (there are: milter_socket, " },
		{ "usr=x", "no key \"usr\" (there are: milter_socket, " },
		{ "users=x", "no key \"users\" (there are: " },
		{ "user =x", "no key \"user \" (there are: " },
		{ "a\nb=x", "no key \"a\\x0ab\" (there are: " } };
	struct site *s = *state;
	struct err err = { .text = "" };

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(conf_override(&s->conf, table[i].pair, &err), -1);
		if (strncmp(err.text, table[i].told, strlen(table[i].told)) != 0)
			fail_msg("told: %s", err.text);
		if (strstr(table[i].told, "there are"))
			assert_non_null(strstr(err.text, "log_level"));
	}
	/* over the file, and over itself; a value may have any = in it */
	must_read(s, "user = daemon\ndatabase = /a\n");
	assert_int_equal(conf_override(&s->conf, "user=root", &err), 0);
	assert_int_equal(conf_override(&s->conf, "database=/b", &err), 0);
	assert_int_equal(conf_override(&s->conf, "database=/c=d", &err), 0);
	assert_string_equal(s->conf.text[CONF_USER], "root");
	assert_string_equal(s->conf.text[CONF_DATABASE], "/c=d");
}

static void must_override(struct site *s, const char *pair)
{
	struct err err = { .text = "" };

	if (conf_override(&s->conf, pair, &err) != 0)
		fail_msg("%s: %s", pair, err.text);
}

static void expect_unresolved(struct site *s, const char *told)
{
	struct err err;

	assert_int_equal(conf_resolve(&s->conf, &err), -1);
	assert_string_equal(err.text, told);
}

static void test_resolve(void **state)
{
	struct site *s = *state;
	const struct group *g;
	struct err err = { .text = "" };

	must_override(s, "user=root");
	assert_int_equal(conf_resolve(&s->conf, &err), 0);
	assert_int_equal(s->conf.uid, 0);
	assert_int_equal(s->conf.gid, 0);
	assert_int_equal(s->conf.milter_gid, (gid_t)-1);
	assert_int_equal(s->conf.read_group, (gid_t)-1);
	/* the default group need not exist */
	g = getgrnam("themis");
	assert_int_equal(s->conf.write_group, g != NULL ? g->gr_gid : (gid_t)-1);
	must_override(s, "control_write_group=root");
	must_override(s, "control_read_group=root");
	must_override(s, "milter_socket_group=root");
	assert_int_equal(conf_resolve(&s->conf, &err), 0);
	assert_int_equal(s->conf.write_group, 0);
	assert_int_equal(s->conf.read_group, 0);
	assert_int_equal(s->conf.milter_gid, 0);
	must_override(s, "control_write_group=");
	assert_int_equal(conf_resolve(&s->conf, &err), 0);
	assert_int_equal(s->conf.write_group, (gid_t)-1);
}

static void test_resolve_refuses_unknown_names(void **state)
{
	struct site *s = *state;

	must_override(s, "user=themis-no-such");
	expect_unresolved(s, "user: no user \"themis-no-such\" on this system");
	must_override(s, "user=root");
	must_override(s, "control_write_group=themis-none");
	expect_unresolved(
		s, "control_write_group: no group \"themis-none\" on this system");
	must_override(s, "control_write_group=");
	must_override(s, "control_read_group=themis-none");
	expect_unresolved(
		s, "control_read_group: no group \"themis-none\" on this system");
	must_override(s, "control_read_group=");
	must_override(s, "milter_socket_group=themis-none");
	expect_unresolved(
		s, "milter_socket_group: no group \"themis-none\" on this system");
}

#define SITE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(test_defaults),
		SITE_TEST(test_every_key_takes_its_default),
		SITE_TEST(test_what_values_come_to),
		SITE_TEST(test_broken_lines),
		SITE_TEST(test_long_lines),
		SITE_TEST(test_notations),
		SITE_TEST(test_empty_files),
		SITE_TEST(test_unknown_keys),
		SITE_TEST(test_comments),
		SITE_TEST(test_given_twice),
		SITE_TEST(test_lines_are_counted_through_comments),
		SITE_TEST(test_refusals_are_clean),
		SITE_TEST(test_files_that_are_none),
		SITE_TEST(test_unreadable_file),
		SITE_TEST(test_override),
		SITE_TEST(test_resolve),
		SITE_TEST(test_resolve_refuses_unknown_names),
	};

	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
