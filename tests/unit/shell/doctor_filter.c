/*
 * Tests of shell/doctor: what is found where mail goes through a filter and comes back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "doctor_trial.h"

#define RETURNING     "127.0.0.1:10025 inet n - n - - smtpd\nscan unix - - n - - smtp\n"
#define RETURNING_OWN "127.0.0.1:10025/inet/content_filter =\n"
#define PIPE	      "filter unix - n n - - pipe flags=q argv=/bin/filter\n"

static void test_filters(void **state)
{
#define FILTER "content_filter = scan:x\n"
	static const struct trial trials[] = {
		{ .main = FILTER,
			.master = RETURNING,
			.own = RETURNING_OWN,
			.found = "counted-twice",
			.fix = "postconf -P "
			       "'127.0.0.1:10025/inet/receive_override_options="
			       "no_milters'" },
		{ .main = FILTER,
			.master = RETURNING,
			.own = RETURNING_OWN
			"127.0.0.1:10025/inet/receive_override_options = no_milters\n",
			.found = "" },
		{ .main = FILTER,
			.master = RETURNING,
			.own = RETURNING_OWN "127.0.0.1:10025/inet/smtpd_milters =\n",
			.found = "" },
		{ .main = FILTER "smtpd_milters = inet:127.0.0.1:8440, unix:x\n",
			.master = RETURNING,
			.own = RETURNING_OWN,
			.found = "counted-twice",
			.fix = "postconf -P "
			       "'127.0.0.1:10025/inet/smtpd_milters=unix:x'" },
		{ .main = FILTER ASKED POLICY "\n",
			.master = RETURNING,
			.own = RETURNING_OWN,
			.found = "policy-twice",
			.fix = "postconf -P "
			       "'127.0.0.1:10025/inet/smtpd_recipient_restrictions='" },
		{ .main = "content_filter = filter:\n",
			.master = PIPE,
			.found = "filter-pipe",
			.fix = "postconf -e 'non_smtpd_milters='" },
		/* where there is no listener behind it, the policy service is asked */
		{ .main = "smtpd_proxy_filter = 127.0.0.1:10024\n",
			.found = "proxy-filter",
			.fix = POLICY_OURS },
		/* counted behind it, as mail of the filter */
		{ .master = RETURNING,
			.own = "smtp/inet/smtpd_proxy_filter = 127.0.0.1:10024\n",
			.found = "" },
	};

	(void)state;
	trial_expect(trials, sizeof(trials) / sizeof(trials[0]));
}

/* A listener on loopback is behind a filter only where something says so. */
static void test_loopback(void **state)
{
#define OWN   "127.0.0.1:587/inet/"
#define LOCAL "127.0.0.1:587 inet n - n - - smtpd\n"
#define PROXY "smtp/inet/smtpd_proxy_filter = 127.0.0.1:10024\n"
#define SCAN  "smtp/inet/content_filter = scan:x\n"
#define BACK  "127.0.0.1:10025/inet/receive_override_options = no_milters\n"
	static const struct trial trials[] = {
		{ .master = LOCAL, .own = SCAN, .found = "" },
		{ .master = LOCAL,
			.own = SCAN OWN "smtpd_sasl_auth_enable = yes\n" OWN
					"content_filter =\n",
			.found = "" },
		{ .master = LOCAL,
			.own = SCAN OWN "smtpd_sasl_auth_enable = yes\n" OWN
					"smtpd_milters = inet:127.0.0.1:9\n",
			.found = "unasked" },
		{ .master = LOCAL,
			.own = SCAN OWN "receive_override_options = no_x\n",
			.found = "counted-twice" },
		{ .master = LOCAL,
			.own = SCAN OWN "smtpd_proxy_filter =\n",
			.found = "counted-twice" },
		/* it has another one behind it */
		{ .master = LOCAL,
			.own = SCAN OWN "receive_override_options = no_x\n" OWN
					"content_filter = other:\n",
			.found = "" },
		/* nor is its mail that of a filter before the queue */
		{ .master = RETURNING LOCAL,
			.own = PROXY BACK OWN "smtpd_sasl_auth_enable = yes\n",
			.no_policy = true,
			.found = "proxy-filter",
			.fix = "postconf -P "
			       "'127.0.0.1:10025/inet/receive_override_options='" },
	};

	(void)state;
	trial_expect(trials, sizeof(trials) / sizeof(trials[0]));
}

/* What Zimbra has: services in front with a filter of their own, which is an smtpd (with
 * OpenDKIM); behind it amavis, and then 10025; 10027 (spawn) and 10028, where PostJournal
 * is used; and 10029, for what programs bring that has been looked at already. */
#define AT(port)      "[127.0.0.1]:" port
#define SMTPD(port)   AT(port) " inet n - n - - smtpd\n"
#define HAS(port, is) AT(port) "/inet/" is "\n"
#define AMAVIS	      "content_filter = smtp-amavis:" AT("10024") "\n"
#define IN_FRONT(is)  "smtp/inet/" is "\nsubmission/inet/" is "\n"
#define DKIM	      IN_FRONT("content_filter = scan:" AT("10030"))
#define JOURNAL	      IN_FRONT("smtpd_proxy_filter = " AT("10027"))
#define BEHIND_AMAVIS                                                                    \
	HAS("10025", "content_filter =")                                                 \
	HAS("10025", "smtpd_milters =")                                                  \
	HAS("10025", "receive_override_options = no_address_mappings")
#define BEHIND_DKIM                                                                      \
	HAS("10030", "receive_override_options = no_address_mappings")                   \
	HAS("10030", "content_filter = smtp-amavis:" AT("10032"))
#define OPENDKIM HAS("10030", "smtpd_milters = inet:localhost:8465")
#define BEHIND_JOURNAL                                                                   \
	HAS("10028", "smtpd_proxy_filter =")                                             \
	HAS("10028", "receive_override_options = no_unknown_recipient_checks")           \
	HAS("10028", "smtpd_sasl_auth_enable = no")
#define ARCHIVE                                                                          \
	HAS("10029", "smtpd_proxy_filter =")                                             \
	HAS("10029", "content_filter =")                                                 \
	HAS("10029", "receive_override_options = no_unknown_recipient_checks")
#define BEHIND BEHIND_AMAVIS BEHIND_DKIM BEHIND_JOURNAL ARCHIVE
static const char master[] = SMTPD("10025") SMTPD("10030")
	AT("10027") " inet n n n - - spawn\n" SMTPD("10028") SMTPD("10029");

static void zimbra_expect(const struct trial *trials, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct trial t = trials[i];

		t.master = master;
		trial_expect(&t, 1);
	}
}

static void test_zimbra(void **state)
{
	static const struct trial trials[] = {
		{ .main = AMAVIS,
			.own = BEHIND OPENDKIM DKIM,
			.found = "maybe-twice",
			.fix = "'[127.0.0.1]:10029/inet/receive_override_options="
			       "no_unknown_recipient_checks,no_milters'" },
		/* nothing comes to 10030 */
		{ .main = AMAVIS,
			.own = BEHIND OPENDKIM,
			.found = "unasked-loopback maybe-twice" },
		/* its mail has come from the services in front */
		{ .main = AMAVIS,
			.own = BEHIND DKIM,
			.found = "counted-twice maybe-twice",
			.fix = "'[127.0.0.1]:10030/inet/receive_override_options="
			       "no_address_mappings,no_milters'" },
	};

	(void)state;
	zimbra_expect(trials, sizeof(trials) / sizeof(trials[0]));
}

/* Counted at 10028, as mail of PostJournal. */
static void test_postjournal(void **state)
{
	static const struct trial trials[] = {
		{ .main = AMAVIS,
			.own = BEHIND OPENDKIM DKIM JOURNAL,
			.found = "maybe-twice" },
		{ .main = AMAVIS,
			.own = BEHIND OPENDKIM DKIM JOURNAL HAS(
				"10029", "smtpd_milters ="),
			.found = "" },
		{ .main = AMAVIS,
			.own = BEHIND OPENDKIM DKIM JOURNAL HAS("10028",
				"smtpd_milters =") HAS("10029", "smtpd_milters ="),
			.no_policy = true,
			.found = "proxy-filter",
			.fix = "'[127.0.0.1]:10028/inet/smtpd_milters=" },
		/* counted in front, and again at 10028 */
		{ .main = AMAVIS "smtpd_data_restrictions = " POLICY "\n",
			.own = BEHIND OPENDKIM DKIM JOURNAL HAS(
				"10028", "smtpd_data_restrictions =")
				HAS("10029", "smtpd_milters =")
					HAS("10029", "smtpd_data_restrictions =") HAS(
						"10030", "smtpd_data_restrictions =")
						HAS("10025", "smtpd_data_restrictions ="),
			.found = "maybe-twice",
			.fix = "'[127.0.0.1]:10028/inet/receive_override_options="
			       "no_unknown_recipient_checks,no_milters'" },
	};

	(void)state;
	zimbra_expect(trials, sizeof(trials) / sizeof(trials[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_zimbra),
		cmocka_unit_test(test_postjournal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
