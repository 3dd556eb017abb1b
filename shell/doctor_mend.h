/*
 * Lines that put things right, as they are typed in a shell.
 *
 * Each is made of what the lines before it leave: carried out one after the other they
 * lose nothing of each other, and the last one of a parameter holds all of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_DOCTOR_MEND_H
#define THEMIS_SHELL_DOCTOR_MEND_H

#include "doctor.h"

/* The text of a parameter, as it stands for the service (NULL: in main.cf). */
const char *mend_text(
	const struct doctor *d, const struct postfix_service *service, const char *param);

/* The line that gives the parameter that text, where the service has it from, or in
 * master.cf for it alone; NULL: it has that already. */
const char *mend_set(struct doctor *d, const struct postfix_service *service,
	const char *param, const char *text);
const char *mend_own(struct doctor *d, const struct postfix_service *service,
	const char *param, const char *text);

/* postconf with these words. */
const char *mend_postconf(const struct doctor *d, const char *option, const char *word);

/* Both lines as one; each may be NULL. */
const char *mend_both(const struct doctor *d, const char *one, const char *other);

/* Does this Postfix know items with settings, in braces (3.0)? */
bool mend_braces(const struct doctor *d);

/* A door as an item of a list, with what is good for it, and with the check before it if
 * it is the policy door. */
const char *mend_door(const struct doctor *d, enum door door);

/* That door (item: as it is spelled elsewhere, or NULL) named first in the list; NULL: it
 * is there. */
const char *mend_add(struct doctor *d, const struct postfix_service *service,
	enum door door, const char *param, const char *item);

/* The text of the list without it. */
const char *mend_without(const struct doctor *d, const struct postfix_service *service,
	enum door door, const char *param);

/* The door taken out of it; NULL: it is not there. */
const char *mend_remove(struct doctor *d, const struct postfix_service *service,
	enum door door, const char *param);

/* A setting of the item, or what it is about (name NULL). */
const char *mend_item(
	struct doctor *d, const struct ask *ask, const char *name, const char *value);

/* The word out of the list; NULL: it is not in it. */
const char *mend_drop(struct doctor *d, const struct postfix_service *service,
	const char *param, const char *word);

/* Can strangers who relay be refused before smtpd_recipient_restrictions are asked
 * (Postfix 3.6)?  The line after which they are; NULL: they are, or it cannot be. */
bool mend_can_guard(const struct doctor *d);
const char *mend_guard(struct doctor *d, const struct postfix_service *service);

/* The policy service asked where it can count everybody, behind such a guard: this item,
 * or one of ours (NULL). */
const char *mend_place(
	struct doctor *d, const struct postfix_service *service, const char *item);

/* ... and no more where it is asked now. */
const char *mend_move(struct doctor *d, const struct ask *ask);

#endif
