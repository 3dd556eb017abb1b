/*
 * Trials of doctor.  Used by the tests of shell/doctor.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "doctor_trial.h"

#include "doctor_themis.h"

#include <stdio.h>
#include <string.h>

/* All that the checks look at, as it is where nothing is to be found: the milter is
 * asked. */
static const char well[] =
	"compatibility_level = 3.6\n"
	"queue_directory = /var/spool/queue.test\n"
	"mail_owner = nobody.test\n"
	"milter_command_timeout = 30s\n"
	"milter_connect_timeout = 30s\n"
	"milter_content_timeout = 300s\n"
	"milter_default_action = accept\n"
	"milter_macro_daemon_name = mx.example.org\n"
	"milter_protocol = 6\n"
	"myhostname = mx.example.org\n"
	"non_smtpd_milters = inet:127.0.0.1:8440\n"
	"smtpd_delay_reject = yes\n"
	"smtpd_milters = inet:127.0.0.1:8440\n"
	"smtpd_policy_service_default_action = DUNNO\n"
	"smtpd_policy_service_timeout = 30s\n"
	"smtpd_relay_before_recipient_restrictions = yes\n"
	"smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, "
	"defer_unauth_destination\n"
	"smtpd_sasl_auth_enable = yes\n";

static const char services[] = "smtp inet n - n - - smtpd\n"
			       "submission inet n - n - - smtpd -o some=thing\n"
			       "pickup unix n - n 60 1 pickup\n"
			       "cleanup unix n - n - 0 cleanup\n"
			       "too few fields\n";

void trial_look(struct doctor *d, struct postfix *postfix, const struct trial *t)
{
	*d = (struct doctor){
		.arena = arena_new(), .postfix = postfix, .elsewhere = true
	};
	*postfix = (struct postfix){ .arena = d->arena, .kept = json_array() };
	postfix_take(postfix,
		arena_printf(d->arena, "%s%s", well, t->main != NULL ? t->main : ""),
		arena_printf(
			d->arena, "%s%s", services, t->master != NULL ? t->master : ""),
		t->own != NULL ? t->own : "");
	d->themis = (struct themis){ .deadline = 5,
		.recipients = t->recipients,
		.bytes = t->bytes,
		.cannot = t->cannot,
		.spf = t->spf,
		.realm = t->realm,
		.host = t->host };
	assert_int_equal(themis_say(&d->themis, DOOR_MILTER, MILTER_DEFAULT, NULL), 0);
	if (!t->no_policy)
		assert_int_equal(
			themis_say(&d->themis, DOOR_POLICY, POLICY_DEFAULT, NULL), 0);
	doctor_look(d);
}

static void expect(const struct trial *t)
{
	struct postfix postfix;
	struct doctor d;
	const char *found = "", *fixes = "";

	trial_look(&d, &postfix, t);
	for (size_t i = 0; i < d.nfindings; i++) {
		const struct finding *f = &d.findings[i];

		found = arena_printf(d.arena, "%s%s%s", found, i > 0 ? " " : "",
			finding_kinds[f->id].name);
		fixes = arena_printf(d.arena, "%s%s\n", fixes, f->fix);
		assert_non_null(strchr(finding_kinds[f->id].why, '.'));
		assert_true(*f->where != '\0' && *f->what != '\0');
	}
	if (strcmp(found, t->found) != 0 ||
		(t->fix != NULL && strstr(fixes, t->fix) == NULL))
		fail_msg("%s\n%s\n%s%s%s", found, fixes, t->main != NULL ? t->main : "",
			t->master != NULL ? t->master : "", t->own != NULL ? t->own : "");
	doctor_free(&d);
	postfix_free(&postfix);
	arena_free(d.arena);
}

void trial_expect(const struct trial *trials, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect(&trials[i]);
}
