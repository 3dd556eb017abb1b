/*
 * Settings: names, defaults and values as behaviour.md fixes them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../fixture.h"

static void test_defaults(void **state)
{
	struct settings s;

	(void)state;
	memset(&s, 0xff, sizeof(s));
	settings_defaults(&s);
	assert_false(settings_alert(&s));
	assert_int_equal(s.alert_hourly, 60);
	assert_int_equal(s.history, HISTORY_MESSAGES);
	assert_int_equal(s.history_days, 30);
	assert_int_equal(s.ipv6_prefix, 64);
	assert_string_equal(s.login_realm, "");
	assert_int_equal(s.null_sender, NULL_SENDER_SKIP);
	assert_int_equal(s.on_error, ON_ERROR_ACCEPT);
	assert_string_equal(s.authserv_id, "");
	assert_int_equal(s.spf_deadline, 5000);
	assert_int_equal(s.spf_max_waiting, 8);
	assert_int_equal(s.spf_temperror, SPF_TEMPERROR_ACCEPT);
	assert_int_equal(s.nspf_trusted, 0);
}

static const struct {
	const char *name, *value;
	bool good;
} values[] = {
	{ "alert_hourly", "1", true },
	{ "alert_hourly", "10000", true },
	{ "alert_hourly", "0", false },
	{ "alert_hourly", "10001", false },
	{ "alert_mail", "", true },
	{ "alert_mail", "root", true },
	{ "alert_mail", "bob@example.org,\"a b\"@example.org,root", true },
	{ "alert_mail", "a,b,c,d,e,f,g,h", true },
	{ "alert_mail", "a,b,c,d,e,f,g,h,i", false },
	{ "alert_mail", "bob@example.org,", false },
	{ "alert_mail", "bob@example.org, eve@example.org", false },
	{ "alert_mail", "<bob@example.org>", false },
	{ "alert_mail", "@example.org:bob@example.org", false },
	{ "alert_mail", "-bob@example.org", false },
	{ "alert_mail",
		"b\xc3\xb6"
		"b@example.org",
		false },
	{ "alert_mail", "|/bin/sh", false },
	{ "alert_mail", "/tmp/file", false },
	{ "alert_mail", "bob@example.org\nBcc: eve@example.org", false },
	{ "alert_program", "", true },
	{ "alert_program", "/usr/local/bin/alert", true },
	{ "alert_program", "/usr/local/bin/alert --to 'two words' # why", true },
	{ "alert_program", "'/opt/two words/alert'", true },
	{ "alert_program", "alert", false },
	{ "alert_program", "./alert", false },
	{ "alert_program", " ", false },
	{ "alert_program", "# /usr/local/bin/alert", false },
	{ "alert_program", "/usr/local/bin/alert 'open", false },
	{ "alert_program", "/usr/local/bin/alert\n", false },
	{ "alert_program", "/usr/local/bin/alert \xff", false },
	{ "default_limit", "100/hour", true },
	{ "default_limit", "500/hour, 5000/day", true },
	{ "default_limit", "none", true },
	{ "default_limit", "0:0", true },
	{ "default_limit", "0/hour", true },
	{ "default_limit", "", false },
	{ "default_limit", "many", false },
	{ "default_limit", "5/hour,6/60 minutes", false },
	{ "default_limit", "10M/day", false },
	{ "default_limit", "2000000001/day", false },
	{ "global_conditions", "100:3600", true },
	{ "history", "off", true },
	{ "history", "messages", true },
	{ "history", "Messages", false },
	{ "history", "", false },
	{ "history", "yes", false },
	{ "history", "recipients", true },
	{ "history", "all", false },
	{ "history_size", "yes", true },
	{ "history_size", "big", false },
	{ "history_rows", "0", true },
	{ "history_rows", "2000000000", true },
	{ "history_rows", "2000000001", false },
	{ "seen_rows", "10M", false },
	{ "stats_hour_days", "3650", true },
	{ "stats_rows", "-1", false },
	{ "history_days", "1", true },
	{ "history_days", "3650", true },
	{ "history_days", "0", true },
	{ "history_days", "3651", false },
	{ "history_days", "-1", false },
	{ "history_days", "30 days", false },
	{ "history_days", "4294967297", false },
	{ "ipv6_prefix", "1", true },
	{ "ipv6_prefix", "128", true },
	{ "ipv6_prefix", "0", false },
	{ "ipv6_prefix", "129", false },
	{ "ipv6_prefix", "/64", false },
	{ "login_realm", "", true },
	{ "login_realm", "example.org", true },
	{ "login_realm", "Example.ORG", true },
	{ "login_realm", "@example.org", false },
	{ "login_realm", "example..org", false },
	{ "login_realm", "two words", false },
	{ "null_sender", "skip", true },
	{ "null_sender", "count", true },
	{ "null_sender", "no", false },
	{ "on_error", "accept", true },
	{ "on_error", "tempfail", true },
	{ "on_error", "reject", false },
	{ "authserv_id", "", true },
	{ "authserv_id", "Mail.example.org", true },
	{ "authserv_id", "mx-1_a!#$%&'*+^`{|}~", true },
	{ "authserv_id", "two words", false },
	{ "authserv_id", "mail.example.org;", false },
	{ "authserv_id", "\"mail\"", false },
	{ "authserv_id", "a=b", false },
	{ "authserv_id", "mail\x7f", false },
	{ "authserv_id", "mail\r\nX", false },
	{ "authserv_id", "m\xc3\xa4il.example.org", false },
	{ "spf_deadline", "1s", true },
	{ "spf_deadline", "20", true },
	{ "spf_deadline", "3 seconds", true },
	{ "spf_deadline", "0", false },
	{ "spf_deadline", "21s", false },
	{ "spf_deadline", "100ms", false },
	{ "spf_deadline", "minute", false },
	{ "spf_deadline", "", false },
	{ "spf_max_waiting", "0", false },
	{ "spf_max_waiting", "1", true },
	{ "spf_max_waiting", "1000", true },
	{ "spf_max_waiting", "1001", false },
	{ "spf_max_waiting", "", false },
	{ "spf_temperror", "accept", true },
	{ "spf_temperror", "defer", true },
	{ "spf_temperror", "block", false },
	{ "spf_temperror", "", false },
	{ "spf_trusted", "", true },
	{ "spf_trusted", "relays", true },
	{ "spf_trusted", "a,b,c,d,e,f,g,h", true },
	{ "spf_trusted", "a,b,c,d,e,f,g,h,i", false },
	{ "spf_trusted", "a,b,c,d,e,f,g,h,a,h", true },
	{ "spf_trusted", "any", false },
	{ "spf_trusted", "!relays", false },
	{ "spf_trusted", "a, b", false },
	{ "spf_trusted", "a,,b", false },
	{ "spf_trusted", ",", false },
};

static void test_values(void **state)
{
	struct settings s, before;
	struct err err;

	(void)state;
	settings_defaults(&s);
	for (size_t i = 0; i < LENGTH(values); i++) {
		int n = setting_find(values[i].name, &err), rc;

		assert_true(n >= 0);
		before = s;
		err.text[0] = '\0';
		rc = setting_set(&s, (enum setting)n, values[i].value, &err);
		if ((rc == 0) != values[i].good)
			fail_msg("%s=\"%s\": %d %s", values[i].name, values[i].value, rc,
				err.text);
		if (rc == 0)
			continue;
		/* refused whole, in words that say what was expected */
		assert_memory_equal(&s, &before, sizeof(s));
		assert_int_equal(err.code, ERR_BAD);
		assert_ptr_equal(strstr(err.text, values[i].name), err.text);
		/* a limit, a quote, and what is no name are refused in words of their own
		 */
		if (strstr(err.text, ": not a value: ") != NULL)
			assert_non_null(
				strstr(err.text, setting_info((enum setting)n)->values));
		else
			assert_true(n == SETTING_DEFAULT_LIMIT ||
				    strstr(err.text, "a quote is not closed") != NULL ||
				    strstr(err.text, " for a group") != NULL);
	}
}

static void test_values_arrive(void **state)
{
	struct settings s;
	struct err err;

	(void)state;
	settings_defaults(&s);
	must(setting_set(&s, SETTING_HISTORY, "off", &err), &err);
	must(setting_set(&s, SETTING_HISTORY_DAYS, "7", &err), &err);
	must(setting_set(&s, SETTING_IPV6_PREFIX, "48", &err), &err);
	must(setting_set(&s, SETTING_LOGIN_REALM, "example.org", &err), &err);
	must(setting_set(&s, SETTING_NULL_SENDER, "count", &err), &err);
	must(setting_set(&s, SETTING_ON_ERROR, "tempfail", &err), &err);
	assert_int_equal(s.history, HISTORY_OFF);
	assert_int_equal(s.history_days, 7);
	assert_int_equal(s.ipv6_prefix, 48);
	assert_string_equal(s.login_realm, "example.org");
	assert_int_equal(s.null_sender, NULL_SENDER_COUNT);
	assert_int_equal(s.on_error, ON_ERROR_TEMPFAIL);
	must(setting_set(&s, SETTING_AUTHSERV_ID, "Mail.example.org", &err), &err);
	must(setting_set(&s, SETTING_SPF_DEADLINE, "12s", &err), &err);
	must(setting_set(&s, SETTING_SPF_MAX_WAITING, "30", &err), &err);
	must(setting_set(&s, SETTING_SPF_TEMPERROR, "defer", &err), &err);
	must(setting_set(&s, SETTING_SPF_TRUSTED, "relays,b", &err), &err);
	assert_string_equal(s.authserv_id, "Mail.example.org");
	assert_int_equal(s.spf_deadline, 12000);
	assert_int_equal(s.spf_max_waiting, 30);
	assert_int_equal(s.spf_temperror, SPF_TEMPERROR_DEFER);
	assert_int_equal(s.nspf_trusted, 2);
	assert_string_equal(s.spf_trusted[0], "relays");
	assert_string_equal(s.spf_trusted[1], "b");
	must(setting_set(&s, SETTING_SPF_TRUSTED, "c", &err), &err);
	assert_int_equal(s.nspf_trusted, 1);
	must(setting_set(&s, SETTING_SPF_TRUSTED, "", &err), &err);
	assert_int_equal(s.nspf_trusted, 0);
	must(setting_set(&s, SETTING_LOGIN_REALM, "", &err), &err);
	assert_string_equal(s.login_realm, "");
}

/* The longest realm is kept whole. */
static void test_long_realm(void **state)
{
	char realm[ADDR_DOMAIN_MAX + 2];
	struct settings s;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(realm); i++)
		realm[i] = i % 4 == 3 ? '.' : 'a';
	realm[ADDR_DOMAIN_MAX] = '\0';
	settings_defaults(&s);
	must(setting_set(&s, SETTING_LOGIN_REALM, realm, &err), &err);
	assert_string_equal(s.login_realm, realm);
	memcpy(realm + ADDR_DOMAIN_MAX - 1, "aa", 3);
	assert_int_equal(setting_set(&s, SETTING_LOGIN_REALM, realm, &err), -1);
}

static void test_long_authserv_id(void **state)
{
	char id[ADDR_DOMAIN_MAX + 2];
	struct settings s;
	struct err err;

	(void)state;
	memset(id, 'a', sizeof(id));
	id[ADDR_DOMAIN_MAX] = '\0';
	settings_defaults(&s);
	must(setting_set(&s, SETTING_AUTHSERV_ID, id, &err), &err);
	assert_string_equal(s.authserv_id, id);
	memcpy(id + ADDR_DOMAIN_MAX, "a", 2);
	assert_int_equal(setting_set(&s, SETTING_AUTHSERV_ID, id, &err), -1);
}

static void test_spelling(void **state)
{
	static const struct {
		enum setting setting;
		const char *value, *stored;
	} cases[] = {
		{ SETTING_SPF_DEADLINE, "3", "3s" },
		{ SETTING_SPF_DEADLINE, "3 seconds", "3s" },
		{ SETTING_DEFAULT_PENALTY, "60", "minute" },
		{ SETTING_DEFAULT_PENALTY, "0", "0" },
		{ SETTING_SPF_MAX_WAITING, "3", "3" },
		{ SETTING_POOL_COUNTERS, "TRUE", "yes" },
		{ SETTING_SPF_TRUSTED, "a,b", "a,b" },
		{ SETTING_SPF_TRUSTED, "b,a,b,b", "b,a" },
		{ SETTING_SPF_TRUSTED, "", "" },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_string_equal(
			setting_spelling(cases[i].setting, cases[i].value, arena),
			cases[i].stored);
	arena_free(arena);
}

static void test_find(void **state)
{
	struct err err;

	(void)state;
	for (int i = 0; i < SETTINGS; i++) {
		const struct setting_info *info = setting_info((enum setting)i);
		struct settings s;

		assert_int_equal(setting_find(info->name, &err), i);
		assert_non_null(info->meaning);
		settings_defaults(&s);
		must(setting_set(&s, (enum setting)i, info->default_value, &err), &err);
	}
	assert_int_equal(setting_find("global_conditions", &err), SETTING_DEFAULT_LIMIT);
	assert_string_equal(setting_info(SETTING_DEFAULT_LIMIT)->default_value, "none");
	assert_int_equal(setting_find("histories", &err), -1);
	assert_int_equal(err.code, ERR_NO_SUCH);
	assert_non_null(strstr(err.text, "histories"));
	for (int i = 0; i < SETTINGS; i++)
		assert_non_null(strstr(err.text, setting_info((enum setting)i)->name));
	assert_int_equal(setting_find("", &err), -1);
	assert_int_equal(setting_find("History", &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_values_arrive),
		cmocka_unit_test(test_long_realm),
		cmocka_unit_test(test_long_authserv_id),
		cmocka_unit_test(test_spelling),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
