/*
 * Which services of Postfix ask Themis, by which parameter, and what stands before it
 * there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_DOCTOR_ASK_H
#define THEMIS_SHELL_DOCTOR_ASK_H

#include "doctor.h"
#include "doctor_list.h"

/* Fills d->asks. */
void asks_gather(struct doctor *d);

/* The next of that service and door behind *i, which begins at 0; NULL: no more. */
const struct ask *ask_next(const struct doctor *d, const struct postfix_service *service,
	enum door door, size_t *i);
bool is_asked(
	const struct doctor *d, const struct postfix_service *service, enum door door);

/* A class in which it asks the policy service, and to which none of its lists leads: an
 * access table can name it, and those are not looked into.  NULL: there is none.  *at: as
 * door_stands() has it. */
const char *asking_class(
	const struct doctor *d, const struct postfix_service *service, struct listed *at);

/* Does any service that clients come to ask by that door, if only in such a class? */
bool somebody_asks(const struct doctor *d, enum door door);

/* Does Postfix ask there when recipients are known, so that Themis can count? */
bool ask_counts(const struct doctor *d, const struct ask *ask);

/* Is the mail of this service counted, by that door? */
bool is_counted(
	const struct doctor *d, const struct postfix_service *service, enum door door);

/* Does the text of a parameter name that door of Themis?  Then *at is where: for the
 * policy door with check_policy_service before it. */
bool door_stands(const struct doctor *d, const struct postfix_service *service,
	enum door door, const char *text, struct listed *at);

/* In that list, before all that is evaluated behind it: are strangers who want to relay
 * refused? */
bool list_guards(
	const struct doctor *d, const struct postfix_service *service, const char *list);

/* Has Postfix looked at smtpd_relay_restrictions before smtpd_recipient_restrictions? */
bool relay_is_first(const struct doctor *d, const struct postfix_service *service);

/* The yes or no of a parameter. */
bool is_yes(
	const struct doctor *d, const struct postfix_service *service, const char *name);

#endif
