/*
 * The checks of doctor.def: each looks for one kind of finding.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_DOCTOR_CHECK_H
#define THEMIS_SHELL_DOCTOR_CHECK_H

#include "doctor.h"

#define FINDING(id, name, severity, check, why)                                          \
	void check(struct doctor *d, enum finding_id id_);
#include "doctor.def"
#undef FINDING

/* What the checks share: a parameter of a service, and a loop over all services. */
static inline const char *value_for(
	const struct doctor *d, const struct postfix_service *service, const char *name)
{
	return postfix_value(d->postfix, service, name);
}

#define EACH_SERVICE(s, d)                                                               \
	const struct postfix_service *s = (d)->postfix->services;                        \
	s < (d)->postfix->services + (d)->postfix->n;                                    \
	s++

#endif
