/*
 * A trial of doctor: a configuration, as postconf would print it, and what is found in
 * it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TEST_DOCTOR_TRIAL_H
#define THEMIS_TEST_DOCTOR_TRIAL_H

#include "doctor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define NO_MILTER "smtpd_milters =\n"
#define ASKED	  NO_MILTER "smtpd_recipient_restrictions = "
#define POLICY_OURS                                                                      \
	"check_policy_service { inet:127.0.0.1:8441, timeout=30s, default_action=DUNNO " \
	"}"
#define POLICY "check_policy_service inet:127.0.0.1:8441"

/* What is more, or other, than in a configuration that is well; then what is found, and
 * a line of it. */
struct trial {
	const char *main, *master, *own;
	const char *found, *fix;
	const char *recipients, *bytes, *cannot, *spf; /* policies */
	const char *realm, *host;
	bool no_policy; /* the policy service is not open */
};

/* Looks, for tests of more than findings; the caller frees what is in both. */
void trial_look(struct doctor *d, struct postfix *postfix, const struct trial *t);

/* Fails where something else is found. */
void trial_expect(const struct trial *trials, size_t n);

#endif
