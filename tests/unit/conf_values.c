/*
 * Tests of src/conf: for every key of conf.def what it takes and what it does not,
 * at the edges of its range, from a file and by -o.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conf.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MANY	 24
#define TEN(x)	 x x x x x x x x x x
#define LONG_400 "/" TEN(TEN("abcd")) /* with one octet too many */

static const struct {
	const char *name, *default_value, *values;
} keys[] = {
#define KEY(id, name, def, values, meaning) { name, def, values },
#include "conf.def"
#undef KEY
};

/* Each list ends with NULL. */
static const struct {
	const char *good[MANY], *bad[MANY];
} cases[CONF_KEYS] = {
	[CONF_MILTER_SOCKET] = { { "unix:/run/m", "local:/run/m", "/run/m", "/run/a:b@c",
					 "inet:1", "inet:25@h", "inet:65535@127.0.0.1",
					 "inet6:8440@::1", "inet6:8440@[::1]" },
		{ "", "8440", "8440@127.0.0.1", "run/m", "unix:", "unix:m", "unix:./m",
			"inet:", "inet:0", "inet:65536", "inet:-1", "inet:abc",
			"inet:1e3", "inet:+25", "inet4:1", "tcp:25", "INET:25",
			"inet: 25", "unix:/" TEN(TEN("ab")) } },
	[CONF_MILTER_SOCKET_GROUP] = { { "", "postfix", "no-such-group" },
		{ "\x01", "post\xff"
			  "fix" } },
	[CONF_MILTER_SOCKET_MODE] = { { "0600", "600", "0660", "0666", "777", "0777" },
		{ "", "0", "0577", "01000", "1777", "0888", "0999", "abc", "-660", "+660",
			" 660", "660 ", "0x1b0", "rw-rw----",
			"77777777777777777777777777" } },
	[CONF_POLICY_SOCKET] = { { "", "unix:/run/p", "/run/p", "inet:8441@127.0.0.1",
					 "inet6:8441@::1" },
		{ " ", "off", "8441", "unix:p", "inet:0", "127.0.0.1:8441" } },
	[CONF_CONTROL_SOCKET] = { { "/c", "/run/a b", "/run/a:b" },
		{ "", "c", "./c", "unix:/c", "inet:1@h", " /c", "/" TEN(TEN("ab")) } },
	[CONF_CONTROL_WRITE_GROUP] = { { "", "adm", "no-such-group" },
		{ "a\x1b[2J", "\xc0\x80" } },
	[CONF_CONTROL_READ_GROUP] = { { "", "adm" }, { "a\x7f", "\xed\xa0\x80" } },
	[CONF_DATABASE] = { { "/d", "/srv/a b/#1.db", "/na\xc3\xafve",
				    "/" TEN(TEN("abc")) },
		{ "", "d", "./d", "../d", "~/d", ":memory:", "file:/d", "/d\xff",
			"/d\x01", LONG_400 } },
	[CONF_PIDFILE] = { { "/p", "/run/a b" },
		{ "", "p", "./p", " /p", "/p\x07", LONG_400 } },
	[CONF_SENDMAIL] = { { "", "/usr/sbin/sendmail", "/opt/a b" },
		{ "sendmail", "./sendmail", " /s", "/s\x07", LONG_400 } },
	[CONF_USER] = { { "root", "nobody", "no-such-user" }, { "", "a\x01", "\xff" } },
	[CONF_LOG] = { { "stderr", "syslog" },
		{ "", "paper", "Syslog", "STDERR", " syslog", "stderr,syslog", "1" } },
	[CONF_LOG_LEVEL] = { { "error", "warning", "info", "debug" },
		{ "", "loud", "Info", "warn", "7", "%s%n" } },
	[CONF_DURABILITY] = { { "commit", "relaxed" }, { "", "none", "Commit" } },
	[CONF_MAX_COUNTERS] = { { "100", "1000000", "100000000" },
		{ "", "0", "99", "100000001", "1e6", "abc", "-1" } },
	[CONF_MAX_CONNECTIONS] = { { "1", "2", "2000", "999999", "1000000" },
		{ "", "0", "00", "1000001", "18446744073709551617", "-1", "+1", " 1",
			"1 ", "abc", "1e3", "0x10", "1.5", "2,000" } },
	[CONF_DNS_SERVERS] = { { "", "127.0.0.1", "::1", "192.0.2.1@5353",
				       "2001:db8::1@53", "192.0.2.1 2001:db8::1",
				       "192.0.2.1,192.0.2.2", "192.0.2.1, 192.0.2.2@1" },
		{ "localhost", "192.0.2.1@", "192.0.2.1@0", "192.0.2.1@65536",
			"192.0.2.1@dns", "192.0.2.1:53", "[::1]", "192.0.2.0/24",
			"192.0.2.1;192.0.2.2", "192.0.2.1 x", "@53", "192.0.2",
			TEN(TEN("::1, ")) } },
	[CONF_SPF_WORKERS] = { { "1", "4", "64" },
		{ "", "0", "65", "-1", "+1", "abc", "4 " } },
	[CONF_METRICS_LISTEN] = { { "", "inet:9440", "inet:9440@127.0.0.1",
					  "inet6:9440@::1", "unix:/m", "/m" },
		{ "0", "9440", "inet:0", "inet:65536", "127.0.0.1:9440", "unix:m" } },
};

static char path[200];

static int setup(void **state)
{
	const char *tmp = getenv("TMPDIR");
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/themis-conf.XXXXXX", tmp != NULL ? tmp : "/tmp");
	fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int teardown(void **state)
{
	(void)state;
	return unlink(path);
}

/* The third line of the file, between single quotes; in them only \ and ' count. */
static int read_value(struct conf *conf, int key, const char *value, struct err *err)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fprintf(f, "# a comment\n\n%s = '%s'\n", keys[key].name, value);
	assert_int_equal(fclose(f), 0);
	return conf_read(conf, path, err);
}

static int override_value(struct conf *conf, int key, const char *value, struct err *err)
{
	char pair[2000];

	snprintf(pair, sizeof(pair), "%s=%s", keys[key].name, value);
	return conf_override(conf, pair, err);
}

typedef int (*giver)(struct conf *conf, int key, const char *value, struct err *err);

static const giver givers[] = { read_value, override_value };

/* It is taken, it alone. */
static void check_taken(giver give, int key, const char *value)
{
	struct err err = { .text = "" };
	struct conf conf;

	conf_init(&conf);
	if (give(&conf, key, value, &err) != 0)
		fail_msg("%s = %s: %s", keys[key].name, value, err.text);
	for (int k = 0; k < CONF_KEYS; k++)
		assert_string_equal(
			conf.text[k], k == key ? value : keys[k].default_value);
	conf_free(&conf);
}

/* Nothing is changed; the words name the key, and what was expected of it. */
static void check_refused(giver give, int key, const char *value)
{
	char where[300];
	struct err err = { .text = "" };
	struct conf conf;

	snprintf(where, sizeof(where), "%s:3: %s: ", path, keys[key].name);
	conf_init(&conf);
	if (give(&conf, key, value, &err) != -1)
		fail_msg("taken: %s = %s", keys[key].name, value);
	for (int k = 0; k < CONF_KEYS; k++)
		assert_string_equal(conf.text[k], keys[k].default_value);
	if (strstr(err.text,
		    where + (give == read_value ? 0 : strlen(path) + strlen(":3: "))) !=
		err.text)
		fail_msg("told: %s\nnot:  %s", err.text, where);
	/* of sockets, what is wrong with this one */
	if (strstr(err.text, keys[key].values) == NULL &&
		strstr(err.text, "UTF-8 without control") == NULL &&
		strstr(err.text, "socket") == NULL &&
		strstr(err.text, "not an absolute path: \"m\"") == NULL &&
		strstr(err.text, "(1 to 65535)") == NULL)
		fail_msg("not what was expected: %s", err.text);
	if (!str_is_utf8(err.text, strlen(err.text)) || str_has_control(err.text))
		fail_msg("not a line: %s", err.text);
	conf_free(&conf);
}

static void test_every_key(void **state)
{
	(void)state;
	assert_int_equal(sizeof(keys) / sizeof(keys[0]), CONF_KEYS);
	for (int key = 0; key < CONF_KEYS; key++) {
		assert_non_null(cases[key].good[0]);
		assert_non_null(cases[key].bad[0]);
		for (size_t g = 0; g < sizeof(givers) / sizeof(givers[0]); g++) {
			for (size_t i = 0; cases[key].good[i] != NULL; i++)
				check_taken(givers[g], key, cases[key].good[i]);
			for (size_t i = 0; cases[key].bad[i] != NULL; i++)
				check_refused(givers[g], key, cases[key].bad[i]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_key),
	};

	return cmocka_run_group_tests_name("conf_values", tests, setup, teardown);
}
