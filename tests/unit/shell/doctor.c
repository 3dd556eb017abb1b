/*
 * Tests of shell/doctor: what is found in a configuration, as postconf would print it,
 * and with which line.  What postconf does with those lines is shown by the system test.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "doctor_trial.h"

#include "doctor_themis.h"

#include <stdio.h>
#include <string.h>

static void test_listed(void **state)
{
	static const struct trial trials[] = {
		{ .found = "" },
		{ .main = "smtpd_milters = inet:127.0.0.1:9\n",
			.found = "unasked",
			.fix = "postconf -e 'smtpd_milters={ inet:127.0.0.1:8440, "
			       "default_action=accept }, inet:127.0.0.1:9'" },
		{ .own = "submission/inet/smtpd_milters =\n",
			.found = "unasked",
			.fix = "postconf -P 'submission/inet/smtpd_milters="
			       "{inet:127.0.0.1:8440,default_action=accept}'" },
		{ .own = "submission/inet/smtpd_milters = { inet:127.0.0.1:9, { "
			 "default_action = reject } }\n",
			.found = "unasked",
			.fix = "postconf -P 'submission/inet/smtpd_milters="
			       "$submission_inet_smtpd_milters'" },
		{ .master = "[::1]:587 inet n - n - - smtpd\n",
			.own = "[::1]:587/inet/smtpd_milters =\n",
			.found = "unasked-loopback" },
		{ .master = "smtpd pass - - n - - smtpd\n",
			.own = "smtpd/pass/smtpd_milters =\n",
			.found = "unasked" },
		{ .own = "submission/inet/receive_override_options = no_milters\n",
			.found = "no-milters",
			.fix = "postconf -P "
			       "'submission/inet/receive_override_options='" },
		{ .main = "non_smtpd_milters =\n", .found = "local-unasked" },
		{ .own = "pickup/unix/receive_override_options = a,no_milters\n",
			.found = "local-unasked",
			.fix = "options=a'" },
		{ .main = "smtpd_milter_maps = cidr:/x\n", .found = "milter-maps" },
		{ .main = "smtpd_milters = inet:127.0.0.1:8440, inet:localhost:8440\n",
			.found = "listed-twice",
			.fix = "postconf -e 'smtpd_milters=inet:127.0.0.1:8440'" },
		{ .main = "smtpd_milters = inet:127.0.0.1:9, inet:127.0.0.1:8440\n",
			.spf = "few",
			.found = "not-first",
			.fix = "'smtpd_milters=inet:127.0.0.1:8440, inet:127.0.0.1:9'" },
	};

	(void)state;
	trial_expect(trials, sizeof(trials) / sizeof(trials[0]));
}

static void test_milter(void **state)
{
	static const struct trial trials[] = {
		{ .main = "milter_default_action = reject\n",
			.found = "default-reject default-reject",
			.fix = "{ inet:127.0.0.1:8440, default_action=accept }" },
		{ .main = "milter_default_action = tempfail\n"
			  "non_smtpd_milters = { inet:127.0.0.1:8440, default_action = "
			  "accept}\n",
			.found = "default-tempfail default-tempfail" },
		{ .main = "milter_default_action = quarantine\nnon_smtpd_milters = { "
			  "inet:127.0.0.1:8440, default_action=accept}\n",
			.found = "default-tempfail" },
		{ .main = "milter_connect_timeout = 1m\n",
			.found = "connect-timeout",
			.fix = "postconf -e 'milter_connect_timeout=10s'" },
		{ .own = "smtp/inet/milter_command_timeout = 9\n",
			.found = "command-timeout",
			.fix = "postconf -P 'smtp/inet/milter_command_timeout=30s'" },
		{ .main = "smtpd_milters = { inet:127.0.0.1:8440, content_timeout=1s }\n",
			.found = "content-timeout",
			.fix = "{ inet:127.0.0.1:8440, content_timeout=300s }" },
		{ .main = "milter_protocol = 3\n", .found = "milter-protocol" },
		{ .own = "smtp/inet/myhostname = a.example.org\n",
			.found = "mta-name",
			.fix = "postconf -P 'smtp/inet/myhostname=mx.example.org'" },
		{ .own = "smtp/inet/myhostname = MX.example.org\n", .found = "" },
		/* as Debian's master.cf has it, for other filters */
		{ .own = "submission/inet/milter_macro_daemon_name = ORIGINATING\n",
			.found = "" },
	};

	(void)state;
	trial_expect(trials, sizeof(trials) / sizeof(trials[0]));
}

static void test_places(void **state)
{
	static const struct trial trials[] = {
		{ .main = ASKED POLICY "\n", .found = "" },
		{ .main = NO_MILTER "smtpd_delay_reject = no\n"
				    "smtpd_client_restrictions = " POLICY "\n",
			.found = "policy-stage" },
		{ .main = NO_MILTER "smtpd_etrn_restrictions = " POLICY "\n",
			.found = "policy-stage" },
		{ .main = ASKED "permit, " POLICY "\n", .found = "policy-never" },
		{ .main = NO_MILTER "smtpd_sender_restrictions = " POLICY "\n",
			.found = "policy-relay",
			.fix = "postconf -e 'smtpd_sender_restrictions=' && postconf -e "
			       "'smtpd_recipient_restrictions=" POLICY "'" },
		{ .main = ASKED "warn_if_reject reject_unauth_destination, " POLICY
				"\nsmtpd_relay_restrictions =\n",
			.found = "policy-relay",
			.fix = "restrictions=permit_mynetworks, "
			       "permit_sasl_authenticated, defer_unauth_destination'" },
		{ .main = ASKED "reject_unauth_destination, " POLICY
				"\nsmtpd_relay_restrictions =\n",
			.found = "" },
		{ .main = ASKED "permit_tls_clientcerts " POLICY "\n",
			.found = "policy-users",
			.fix = "'smtpd_recipient_restrictions=" POLICY
			       ", permit_tls_clientcerts'" },
		/* nobody can log in */
		{ .main = ASKED "permit_sasl_authenticated " POLICY
				"\nsmtpd_sasl_auth_enable = no\n",
			.found = "" },
		{ .main = ASKED "permit_mynetworks " POLICY "\n",
			.found = "policy-networks" },
		{ .main = ASKED "warn_if_reject " POLICY "\n",
			.found = "policy-warns",
			.fix = "'smtpd_recipient_restrictions=" POLICY "'" },
		{ .main = ASKED "loop\nsmtpd_restriction_classes = loop\nloop = loop, "
				"permit, " POLICY "\n",
			.found = "policy-never" },
		{ .main = "smtpd_recipient_restrictions = " POLICY "\n",
			.found = "both-doors",
			.fix = "postconf -e 'smtpd_recipient_restrictions='" },
	};

	(void)state;
	trial_expect(trials, sizeof(trials) / sizeof(trials[0]));
}

static void test_classes(void **state)
{
	static const struct trial trials[] = {
		/* an access table may name it, and tables are not looked into */
		{ .main = ASKED "check_recipient_access static:themis\n"
				"smtpd_restriction_classes = themis\nthemis = " POLICY
				"\n",
			.found = "unseen-class",
			.fix = "'smtpd_recipient_restrictions=" POLICY
			       ", check_recipient_access static:themis'" },
		{ .main = "smtpd_restriction_classes = themis\nthemis = " POLICY "\n",
			.own = "submission/inet/smtpd_milters =\n",
			.found = "unseen-class",
			.fix = "postconf -e 'smtpd_recipient_restrictions=" POLICY "'" },
		/* of no other service */
		{ .own = "submission/inet/smtpd_milters =\n"
			 "submission/inet/smtpd_restriction_classes = other\n"
			 "submission/inet/other = reject\n",
			.found = "unasked" },
	};

	(void)state;
	trial_expect(trials, sizeof(trials) / sizeof(trials[0]));
}

static void test_needs(void **state)
{
	static const char data[] = NO_MILTER "smtpd_data_restrictions = " POLICY "\n";
	static const struct trial trials[] = {
		{ .main = data, .found = "" },
		{ .main = data, .recipients = "few", .found = "policy-recipients" },
		{ .main = data,
			.bytes = "few",
			.found = "policy-bytes",
			.fix = "'smtpd_end_of_data_restrictions=" POLICY "'" },
		{ .main = data, .cannot = "few", .found = "policy-cannot" },
		{ .recipients = "few", .bytes = "few", .cannot = "few", .found = "" },
		{ .main = ASKED POLICY "\nsmtpd_policy_service_default_action = 451 no\n",
			.found = "policy-default" },
		{ .main = ASKED "check_policy_service { inet:127.0.0.1:8441, timeout=2 }"
				"\n",
			.found = "policy-timeout",
			.fix = "{ inet:127.0.0.1:8441, timeout=30s }" },
		{ .main = ASKED POLICY "\nsmtpd_policy_service_timeout = 100s\n",
			.found = "policy-wait" },
	};

	(void)state;
	trial_expect(trials, sizeof(trials) / sizeof(trials[0]));
}

/* A login without a domain has the same name whoever asks about it, or will. */
static void test_logins(void **state)
{
	static const char asked[] = ASKED POLICY "\n";
	static const struct trial trials[] = {
		{ .main = asked, .host = "a.example.net", .found = "" },
		{ .main = asked,
			.realm = "",
			.host = "a.example.net",
			.found = "login-realm",
			.fix = "tmsh setting set login_realm mx.example.org\n" },
		{ .main = asked, .realm = "", .host = "mx", .found = "login-realm" },
		{ .main = asked, .realm = "", .host = "MX.example.org", .found = "" },
		{ .main = asked,
			.realm = "example.org",
			.host = "a.example.net",
			.found = "" },
		{ .main = ASKED POLICY "\nsmtpd_sasl_auth_enable = no\n",
			.realm = "",
			.host = "a.example.net",
			.found = "" },
		{ .realm = "", .host = "a.example.net", .found = "" },
		{ .main = ASKED POLICY
			"\nsmtpd_policy_service_policy_context = mx.example.org\n",
			.realm = "",
			.host = "a.example.net",
			.found = "" },
		{ .main = ASKED "check_policy_service { inet:127.0.0.1:8441, "
				"policy_context=submission }\n",
			.realm = "",
			.host = "a.example.net",
			.found = "login-realm" },
		{ .main = ASKED "check_recipient_access static:themis\n"
				"smtpd_restriction_classes = themis\nthemis = " POLICY
				"\n",
			.realm = "",
			.host = "a.example.net",
			.found = "unseen-class login-realm" },
	};

	(void)state;
	trial_expect(trials, sizeof(trials) / sizeof(trials[0]));
}

/* In a chroot, and by default with Postfix of old. */
static void test_chroot(void **state)
{
	static const struct trial trial = { .main = "compatibility_level = 0\n",
		.master = "25 inet n - - - - smtpd\nx inet n - y - - smtpd\n",
		.found = "" };
	struct postfix postfix;
	struct doctor d;

	(void)state;
	trial_look(&d, &postfix, &trial);
	assert_int_equal(postfix.n, 6);
	assert_false(postfix.services[0].chroot);
	assert_true(postfix.services[4].chroot);
	assert_true(postfix.services[5].chroot);
	assert_string_equal(postfix.services[5].name, "x/inet");
	doctor_free(&d);
	postfix_free(&postfix);
	arena_free(d.arena);
}

/* Of the daemon's rows. */
static void test_themis(void **state)
{
	struct arena *arena = arena_new();
	struct themis t = { 0 };
	json_t *rows = json_loads(
		"[{\"name\":\"a\",\"destination\":\"far\",\"enabled\":\"yes\"},"
		"{\"name\":\"b\",\"destination\":\"any\",\"key\":\"recipient\","
		"\"enabled\":"
		"\"yes\",\"count\":\"bytes\"},"
		"{\"name\":\"c\",\"destination\":\"!x\",\"enabled\":\"yes\",\"spf\":"
		"\"check\",\"only-headers\":\"yes\"},"
		"{\"name\":\"d\",\"action\":\"discard\",\"destination\":\"x\","
		"\"enabled\":\"yes\",\"spf\":"
		"\"off\"},"
		"{\"name\":\"e\",\"destination\":\"x\",\"enabled\":\"no\",\"spf\":"
		"\"check\"}"
		"]",
		0, NULL);
	json_t *headers = json_loads("[{\"policy\":\"a\"}]", 0, NULL);
	json_t *status = json_loads("[{\"milter_socket\":\"unix:/m\"}]", 0, NULL);

	(void)state;
	themis_read_policies(arena, &t, rows, headers);
	assert_string_equal(t.recipients, "a, b, c and 1 more");
	assert_string_equal(t.bytes, "b");
	assert_string_equal(t.cannot, "a, c, d");
	assert_non_null(strstr(t.spf, "c"));
	themis_read_status(&t, status);
	assert_true(t.open[DOOR_MILTER] && !t.open[DOOR_POLICY]);
	json_object_set_new(json_array_get(status, 0), "policy_socket",
		json_string("inet:8441@127.0.0.1"));
	themis_read_status(&t, status);
	assert_true(t.open[DOOR_POLICY] && t.told[DOOR_POLICY]);
	assert_int_equal(t.address[DOOR_POLICY].port, 8441);
	json_decref(rows);
	json_decref(headers);
	json_decref(status);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listed),
		cmocka_unit_test(test_milter),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_needs),
		cmocka_unit_test(test_logins),
		cmocka_unit_test(test_chroot),
		cmocka_unit_test(test_themis),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
