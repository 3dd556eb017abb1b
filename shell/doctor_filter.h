/*
 * Which services take mail in from clients, and which take what a content filter hands
 * back: Postfix does not say it, so it is told by what such listeners have.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SHELL_DOCTOR_FILTER_H
#define THEMIS_SHELL_DOCTOR_FILTER_H

#include "doctor.h"

/* The parameters that name a filter. */
#define AFTER_QUEUE  "content_filter"
#define BEFORE_QUEUE "smtpd_proxy_filter"

/* Has its mail a filter before it? */
bool is_filtered(const struct doctor *d, const struct postfix_service *service);

/* Does that parameter of another service send mail right there? */
bool is_filter(
	const struct doctor *d, const struct postfix_service *service, const char *param);

/* Does it take mail that has been through a filter named by that parameter?  It is on a
 * loopback address and has no logins (-o smtpd_sasl_auth_enable=yes), and it has what
 * such listeners have (FILTER_README, SMTPD_PROXY_README): no filter, by an empty
 * parameter of its own, or receive_override_options. */
bool takes_back(
	const struct doctor *d, const struct postfix_service *service, const char *param);

/* Has it for itself what such listeners have? */
bool looks_returning(const struct doctor *d, const struct postfix_service *service);

/* The services that take mail in: what filters hand on or back; and from clients. */
bool is_returning(const struct doctor *d, const struct postfix_service *service);
bool is_front(const struct doctor *d, const struct postfix_service *service);

/* Is what comes there counted by another service, or will be when that is put right? */
bool is_counted_before(const struct doctor *d, const struct postfix_service *service);

/* Is what comes through a filter that smtpd speaks to itself counted behind it? */
bool is_counted_behind(const struct doctor *d, const struct postfix_service *front);

/* Is there another listener for the same, that counts nothing?  Then it is that one to
 * which the filter may hand all back. */
bool has_other_way(const struct doctor *d, const struct postfix_service *service);

#endif
