/*
 * Tests of src/conf_sockets: no two keys have the same socket, however it is spelled.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int check(
	const char *milter, const char *policy, const char *control, struct err *err)
{
	const char *const values[] = { milter, policy, control };
	static const char *const names[] = { "milter_socket", "policy_socket",
		"control_socket" };
	struct conf conf;
	char pair[300];
	int rc;

	conf_init(&conf);
	assert_int_equal(conf_override(&conf, "user=root", err), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(pair, sizeof(pair), "%s=%s", names[i], values[i]);
		assert_int_equal(conf_override(&conf, pair, err), 0);
	}
	rc = conf_resolve(&conf, err);
	conf_free(&conf);
	return rc;
}

static void test_different(void **state)
{
	static const struct {
		const char *milter, *policy, *control;
	} table[] = {
		{ "inet:8440@127.0.0.1", "", "/c" },
		{ "inet:8440@127.0.0.1", "inet:8441@127.0.0.1", "/c" },
		{ "inet:8440@127.0.0.1", "inet:8440@127.0.0.2", "/c" },
		{ "inet:8440@127.0.0.1", "inet6:8440@::1", "/c" },
		{ "inet:8440@127.0.0.1", "unix:/p", "/c" },
		{ "unix:/tmp/a", "unix:/a", "/tmp/b" },
		{ "unix:/no-such/a", "unix:/no-such/b", "/no-such/c" },
		{ "unix:/no-such/a", "unix:/nor-this/a", "/a" },
	};
	struct err err = { .text = "" };

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (check(table[i].milter, table[i].policy, table[i].control, &err) < 0)
			fail_msg("%s", err.text);
}

static void test_same(void **state)
{
	static const struct {
		const char *milter, *policy, *control, *one, *other;
	} table[] = {
		{ "inet:8440@127.0.0.1", "inet:8440@127.0.0.1", "/c", "policy",
			"milter" },
		{ "inet:8440@127.0.0.1", "inet:8440@localhost", "/c", "policy",
			"milter" },
		{ "inet:8440", "inet:8440@127.0.0.1", "/c", "policy", "milter" },
		{ "inet:8440@127.0.0.1", "inet:8440@0.0.0.0", "/c", "policy", "milter" },
		{ "inet6:8440@::1", "inet6:8440@0:0::1", "/c", "policy", "milter" },
		{ "unix:/a", "local:/a", "/c", "policy", "milter" },
		{ "unix:/tmp/a", "/tmp//../tmp/a", "/c", "policy", "milter" },
		{ "unix:/a", "unix:/c", "/c", "policy", "control" },
		{ "unix:/c", "", "/c", "control", "milter" },
		{ "unix:/no-such/a", "unix:/no-such/a", "/c", "policy", "milter" },
	};
	struct err err = { .text = "" };
	char told[100];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (check(table[i].milter, table[i].policy, table[i].control, &err) == 0)
			fail_msg("taken: %s, %s, %s", table[i].milter, table[i].policy,
				table[i].control);
		snprintf(told, sizeof(told), "%s_socket: \"", table[i].one);
		assert_int_equal(strncmp(err.text, told, strlen(told)), 0);
		snprintf(told, sizeof(told), "is %s_socket, too (\"", table[i].other);
		assert_non_null(strstr(err.text, told));
	}
}

/* Through a link, as /var/run is one. */
static void test_links(void **state)
{
	char directory[] = "/tmp/themis-conf.XXXXXX";
	char link[100], one[200], other[200];
	struct err err = { .text = "" };

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(link, sizeof(link), "%s/link", directory);
	assert_int_equal(symlink(directory, link), 0);
	snprintf(one, sizeof(one), "unix:%s/a", directory);
	snprintf(other, sizeof(other), "unix:%s/a", link);
	assert_int_equal(check(one, other, "/c", &err), -1);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(rmdir(directory), 0);
}

/* metrics_listen is one of them; and without a host it is this host alone. */
static void test_metrics(void **state)
{
	static const struct {
		const char *milter, *metrics, *host, *other; /* other NULL: it is taken */
	} table[] = {
		{ "inet:8440@127.0.0.1", "inet:9440", "127.0.0.1", NULL },
		{ "inet:8440@127.0.0.1", "inet6:9440", "::1", NULL },
		{ "inet:8440@127.0.0.1", "inet:9440@0.0.0.0", "0.0.0.0", NULL },
		{ "inet:8440@127.0.0.1", "inet6:8440", "::1", NULL },
		{ "inet:8440@127.0.0.2", "inet:8440", "127.0.0.1", NULL },
		{ "inet:8440@127.0.0.1", "unix:/m", "", NULL },
		{ "inet:8440@127.0.0.1", "inet:8440", "127.0.0.1", "milter_socket" },
		{ "inet:8440", "inet:8440@127.0.0.1", "127.0.0.1", "milter_socket" },
		{ "unix:/m", "unix:/m", "", "milter_socket" },
		{ "unix:/m", "unix:/c", "", "control_socket" },
	};
	char pair[100], told[100];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct err err = { .text = "" };
		struct conf conf;

		conf_init(&conf);
		assert_int_equal(conf_override(&conf, "user=root", &err), 0);
		assert_int_equal(conf_override(&conf, "control_socket=/c", &err), 0);
		snprintf(pair, sizeof(pair), "milter_socket=%s", table[i].milter);
		assert_int_equal(conf_override(&conf, pair, &err), 0);
		snprintf(pair, sizeof(pair), "metrics_listen=%s", table[i].metrics);
		assert_int_equal(conf_override(&conf, pair, &err), 0);
		assert_string_equal(conf.metrics_address.host, table[i].host);
		assert_int_equal(
			conf_resolve(&conf, &err), table[i].other == NULL ? 0 : -1);
		if (table[i].other != NULL) {
			snprintf(told, sizeof(told), "is %s, too (\"", table[i].other);
			assert_int_equal(strncmp(err.text, "metrics_listen: \"", 17), 0);
			assert_non_null(strstr(err.text, told));
		}
		conf_free(&conf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_different),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_metrics),
	};

	return cmocka_run_group_tests_name("conf_sockets", tests, NULL, NULL);
}
