/*
 * What goes through a filter, and where it comes back.  Called by the checks of doctor.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "doctor_filter.h"

#include "doctor_address.h"
#include "doctor_ask.h"
#include "doctor_check.h"

#include <string.h>

static const char *const params[] = { AFTER_QUEUE, BEFORE_QUEUE };

static bool is_set(
	const struct doctor *d, const struct postfix_service *service, const char *param)
{
	return *value_for(d, service, param) != '\0';
}

bool is_filtered(const struct doctor *d, const struct postfix_service *service)
{
	return is_set(d, service, AFTER_QUEUE) || is_set(d, service, BEFORE_QUEUE);
}

static bool is_smtpd(const struct postfix_service *service)
{
	return strcmp(service->command, "smtpd") == 0;
}

/* Its name without the type: "127.0.0.1:10025". */
static const char *address_of(
	const struct doctor *d, const struct postfix_service *service)
{
	return arena_memdup(d->arena, service->name, strcspn(service->name, "/"));
}

static bool is_local(const struct doctor *d, const struct postfix_service *service)
{
	return is_smtpd(service) && strcmp(service->type, "inet") == 0 &&
	       address_is_loopback(address_of(d, service));
}

static bool is_used(
	const struct doctor *d, const struct postfix_service *service, const char *param)
{
	for (EACH_SERVICE(s, d))
		if (s != service && is_smtpd(s) && is_set(d, s, param))
			return true;
	return false;
}

/* Where that sends its mail: of "transport:nexthop", or of an address alone. */
static const char *hop(
	const struct doctor *d, const struct postfix_service *service, const char *param)
{
	const char *text = value_for(d, service, param), *colon = strchr(text, ':');

	return colon != NULL && strcmp(param, AFTER_QUEUE) == 0 ? colon + 1 : text;
}

bool is_filter(
	const struct doctor *d, const struct postfix_service *service, const char *param)
{
	if (!is_local(d, service))
		return false;
	for (EACH_SERVICE(s, d))
		if (s != service && is_smtpd(s) &&
			address_takes(address_of(d, service), hop(d, s, param)))
			return true;
	return false;
}

static bool is_emptied(
	const struct doctor *d, const struct postfix_service *service, const char *param)
{
	return postfix_owns(service, param) && !is_set(d, service, param);
}

static bool has_logins(const struct doctor *d, const struct postfix_service *service)
{
	return postfix_owns(service, "smtpd_sasl_auth_enable") &&
	       is_yes(d, service, "smtpd_sasl_auth_enable");
}

bool looks_returning(const struct doctor *d, const struct postfix_service *service)
{
	return !has_logins(d, service) &&
	       (is_emptied(d, service, AFTER_QUEUE) ||
		       is_emptied(d, service, BEFORE_QUEUE) ||
		       postfix_owns(service, "receive_override_options"));
}

/* Which of the two parameters it has emptied, of those that others use, says which filter
 * it is about; if none does, it is any. */
static bool is_about(
	const struct doctor *d, const struct postfix_service *service, const char *param)
{
	bool named = false;

	if (is_emptied(d, service, param))
		return true;
	for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++)
		named |= is_emptied(d, service, params[i]) &&
			 is_used(d, service, params[i]);
	return !named && !is_filtered(d, service);
}

bool takes_back(
	const struct doctor *d, const struct postfix_service *service, const char *param)
{
	if (is_filter(d, service, param))
		return true;
	return is_local(d, service) && looks_returning(d, service) &&
	       !is_set(d, service, param) && is_used(d, service, param) &&
	       is_about(d, service, param);
}

bool is_returning(const struct doctor *d, const struct postfix_service *service)
{
	return takes_back(d, service, AFTER_QUEUE) ||
	       takes_back(d, service, BEFORE_QUEUE);
}

bool is_front(const struct doctor *d, const struct postfix_service *service)
{
	return is_smtpd(service) &&
	       (strcmp(service->type, "inet") == 0 ||
		       strcmp(service->type, "pass") == 0) &&
	       !is_returning(d, service);
}

static bool counts(const struct doctor *d, const struct postfix_service *service)
{
	return is_counted(d, service, DOOR_MILTER) || is_counted(d, service, DOOR_POLICY);
}

/* With smtpd_proxy_filter nothing comes of content_filter, nor is there an end of message
 * for a milter. */
bool is_counted_before(const struct doctor *d, const struct postfix_service *service)
{
	for (EACH_SERVICE(s, d)) {
		const char *param =
			is_set(d, s, BEFORE_QUEUE) ? BEFORE_QUEUE : AFTER_QUEUE;

		if (s == service || !is_smtpd(s) || !is_set(d, s, param) ||
			!takes_back(d, service, param))
			continue;
		if (counts(d, s) || (is_front(d, s) && strcmp(param, AFTER_QUEUE) == 0))
			return true;
	}
	return false;
}

/* It may be a listener that has nothing of its own; but not where there is a better one.
 */
bool is_counted_behind(const struct doctor *d, const struct postfix_service *front)
{
	bool known = false, counted = false;

	if (!is_set(d, front, BEFORE_QUEUE))
		return false;
	for (EACH_SERVICE(s, d)) {
		if (takes_back(d, s, BEFORE_QUEUE)) {
			known = true;
			if (counts(d, s))
				return true;
		} else if (is_local(d, s) && !is_filtered(d, s) && !has_logins(d, s)) {
			counted |= counts(d, s);
		}
	}
	return counted && !known;
}

static bool is_other_way(
	const struct doctor *d, const struct postfix_service *service, const char *param)
{
	if (!takes_back(d, service, param))
		return false;
	for (EACH_SERVICE(s, d))
		if (s != service && takes_back(d, s, param) && !is_set(d, s, param) &&
			!counts(d, s))
			return true;
	return false;
}

bool has_other_way(const struct doctor *d, const struct postfix_service *service)
{
	return !is_filter(d, service, AFTER_QUEUE) &&
	       !is_filter(d, service, BEFORE_QUEUE) &&
	       (is_other_way(d, service, AFTER_QUEUE) ||
		       is_other_way(d, service, BEFORE_QUEUE));
}
