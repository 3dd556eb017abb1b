/*
 * Checks: where and with what settings is the policy service asked?  Called by doctor.c.
 *
 * RCPT requests count, and so do DATA and END-OF-MESSAGE what is not counted yet; before
 * a recipient is known nothing is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "doctor_ask.h"
#include "doctor_check.h"
#include "doctor_filter.h"
#include "doctor_mend.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MARGIN	 5  /* seconds: of an answer, beyond what it waits for */
#define WAIT_MAX 60 /* seconds */

/* Of each policy service that is asked about mail of clients. */
#define EACH_ASK(ask, d)                                                                 \
	const struct ask *ask = (d)->asks;                                               \
	ask < (d)->asks + (d)->nasks;                                                    \
	ask++

static bool is_ours(const struct doctor *d, const struct ask *ask)
{
	return ask->door == DOOR_POLICY && is_front(d, ask->service);
}

static bool is_at(const struct ask *ask, const char *stage)
{
	return strcmp(ask->stage, stage) == 0;
}

void check_policy_useless(struct doctor *d, enum finding_id id)
{
	for (EACH_ASK(ask, d))
		if (is_ours(d, ask) && ask->end == NULL && !ask_counts(d, ask))
			doctor_find(d, id, doctor_where(d, ask->service, ask->param),
				mend_move(d, ask),
				is_at(ask, "smtpd_etrn_restrictions")
					? "the policy service stands in %s, which is "
					  "about no mail"
					: "the policy service stands in %s, with "
					  "smtpd_delay_reject=no",
				ask->stage);
}

void check_policy_never(struct doctor *d, enum finding_id id)
{
	for (EACH_ASK(ask, d))
		if (is_ours(d, ask) && ask->end != NULL)
			doctor_find(d, id, doctor_where(d, ask->service, ask->param),
				mend_move(d, ask),
				"the policy service stands behind %s in %s", ask->end,
				ask->stage);
}

/* Where it stands well, what is before it is put right. */
static const char *guard(struct doctor *d, const struct ask *ask)
{
	return is_at(ask, "smtpd_recipient_restrictions") && mend_can_guard(d)
		       ? mend_guard(d, ask->service)
		       : mend_move(d, ask);
}

void check_policy_strangers(struct doctor *d, enum finding_id id)
{
	for (EACH_ASK(ask, d))
		if (is_ours(d, ask) && ask_counts(d, ask) && !ask->guarded)
			doctor_find(d, id, doctor_where(d, ask->service, ask->param),
				guard(d, ask),
				"the policy service stands before "
				"reject_unauth_destination (in %s)",
				ask->stage);
}

/* Behind a restriction that lets some through. */
static void tell_behind(struct doctor *d, enum finding_id id, const struct ask *ask,
	const char *restriction)
{
	doctor_find(d, id, doctor_where(d, ask->service, ask->param), mend_move(d, ask),
		"the policy service stands behind %s in %s of %s", restriction,
		ask->stage, ask->service->name);
}

void check_policy_users(struct doctor *d, enum finding_id id)
{
	for (EACH_ASK(ask, d))
		if (is_ours(d, ask) && ask_counts(d, ask) && ask->users != NULL)
			tell_behind(d, id, ask, ask->users);
}

void check_policy_networks(struct doctor *d, enum finding_id id)
{
	for (EACH_ASK(ask, d))
		if (is_ours(d, ask) && ask_counts(d, ask) && ask->users == NULL &&
			ask->networks != NULL)
			tell_behind(d, id, ask, ask->networks);
}

/* Without the word before the check of our service. */
static const char *stop_warning(struct doctor *d, const struct ask *ask)
{
	const char *text = mend_text(d, ask->service, ask->param);
	struct listed at, *items;
	size_t n;

	if (!door_stands(d, ask->service, DOOR_POLICY, text, &at)) {
		text = value_for(d, ask->service, ask->param);
		if (!door_stands(d, ask->service, DOOR_POLICY, text, &at))
			return NULL;
	}
	n = list_read(d->arena, text, &items);
	for (size_t i = 1; i < n; i++)
		if (items[i].start == at.start &&
			strcasecmp(items[i - 1].text, "warn_if_reject") == 0)
			return mend_set(d, ask->service, ask->param,
				list_replace(d->arena, text, items[i - 1].start,
					items[i - 1].end, NULL));
	return NULL;
}

void check_policy_warns(struct doctor *d, enum finding_id id)
{
	for (EACH_ASK(ask, d))
		if (is_ours(d, ask) && ask->warns)
			doctor_find(d, id, doctor_where(d, ask->service, ask->param),
				stop_warning(d, ask),
				"warn_if_reject stands before the policy service in %s",
				ask->stage);
}

/* Is it the policy service alone that counts this service's mail?  Then one place where
 * it is asked. */
static const struct ask *alone(
	const struct doctor *d, const struct postfix_service *service)
{
	const struct ask *ask;
	size_t i = 0;

	if (!is_front(d, service) || is_counted(d, service, DOOR_MILTER))
		return NULL;
	while ((ask = ask_next(d, service, DOOR_POLICY, &i)) != NULL)
		if (ask_counts(d, ask))
			return ask;
	return NULL;
}

static bool is_behind_rcpt(const struct ask *ask)
{
	return is_at(ask, "smtpd_data_restrictions") ||
	       is_at(ask, "smtpd_end_of_data_restrictions");
}

/* Is it asked for each recipient there? */
static bool sees_recipients(const struct doctor *d, const struct postfix_service *service)
{
	const struct ask *ask;
	size_t i = 0;

	while ((ask = ask_next(d, service, DOOR_POLICY, &i)) != NULL)
		if (ask_counts(d, ask) && !is_behind_rcpt(ask))
			return true;
	return false;
}

/* Also there; where that cannot be behind the guard, before it is better than nowhere. */
static const char *see_recipients(struct doctor *d, const struct ask *ask)
{
	const char *line = mend_guard(d, ask->service);

	return mend_both(d, line,
		mend_add(d, ask->service, DOOR_POLICY, "smtpd_recipient_restrictions",
			ask->item));
}

void check_policy_recipients(struct doctor *d, enum finding_id id)
{
	for (EACH_SERVICE(s, d)) {
		const struct ask *ask = alone(d, s);

		if (ask != NULL && d->themis.recipients != NULL && !sees_recipients(d, s))
			doctor_find(d, id, doctor_where(d, s, ask->param),
				see_recipients(d, ask),
				"%s depends on recipients, and the policy service of %s "
				"is asked in %s alone",
				d->themis.recipients, s->name, ask->stage);
	}
}

static bool sees_end(const struct doctor *d, const struct postfix_service *service)
{
	const struct ask *ask;
	size_t i = 0;

	while ((ask = ask_next(d, service, DOOR_POLICY, &i)) != NULL)
		if (is_at(ask, "smtpd_end_of_data_restrictions"))
			return true;
	return false;
}

void check_policy_bytes(struct doctor *d, enum finding_id id)
{
	for (EACH_SERVICE(s, d)) {
		const struct ask *ask = alone(d, s);

		if (ask != NULL && d->themis.bytes != NULL && !sees_end(d, s))
			doctor_find(d, id,
				doctor_where(d, s, "smtpd_end_of_data_restrictions"),
				mend_add(d, s, DOOR_POLICY,
					"smtpd_end_of_data_restrictions", ask->item),
				"%s counts bytes, and the policy service of %s is not "
				"asked at the end of a message",
				d->themis.bytes, s->name);
	}
}

void check_policy_cannot(struct doctor *d, enum finding_id id)
{
	for (EACH_SERVICE(s, d))
		if (alone(d, s) != NULL && d->themis.cannot != NULL)
			doctor_find(d, id, doctor_where(d, s, "smtpd_milters"),
				mend_add(d, s, DOOR_MILTER, "smtpd_milters", NULL),
				"%s cannot work at the policy service, and %s asks "
				"nothing else",
				d->themis.cannot, s->name);
}

static const char *setting(const struct doctor *d, const struct ask *ask,
	const char *name, const char *param, bool *own)
{
	const char *value = item_setting(d->arena, ask->item, name);

	*own = value != NULL;
	return value != NULL ? value : value_for(d, ask->service, param);
}

void check_policy_default(struct doctor *d, enum finding_id id)
{
	static const char param[] = "smtpd_policy_service_default_action";

	for (EACH_ASK(ask, d)) {
		const char *action;
		bool own;

		if (ask->door != DOOR_POLICY || !mend_braces(d))
			continue;
		action = setting(d, ask, "default_action", param, &own);
		if (*action != '\0' && strcasecmp(action, "DUNNO") != 0)
			doctor_find(d, id,
				doctor_where(d, ask->service, own ? ask->param : param),
				mend_item(d, ask, "default_action", "DUNNO"),
				"%s is \"%s\" for the policy service in %s",
				own ? "default_action" : param, action, ask->stage);
	}
}

/* A time that has to be within these (seconds). */
static void check_wait(struct doctor *d, enum finding_id id, int64_t least, int64_t most)
{
	static const char param[] = "smtpd_policy_service_timeout";

	for (EACH_ASK(ask, d)) {
		const char *text;
		int64_t time;
		bool own;

		if (ask->door != DOOR_POLICY)
			continue;
		text = setting(d, ask, "timeout", param, &own);
		time = time_read(text);
		if (time < 0 || (time >= least && time <= most))
			continue;
		doctor_find(d, id,
			doctor_where(d, ask->service, own ? ask->param : param),
			mend_braces(d) ? mend_item(d, ask, "timeout", "30s")
				       : mend_set(d, ask->service, param, "30s"),
			"%s is %s for the policy service in %s", own ? "timeout" : param,
			text, ask->stage);
	}
}

void check_policy_short(struct doctor *d, enum finding_id id)
{
	check_wait(d, id, d->themis.deadline + MARGIN, INT64_MAX);
}

void check_policy_long(struct doctor *d, enum finding_id id)
{
	check_wait(d, id, 0, WAIT_MAX);
}

/* The policy service asked nowhere. */
static const char *ask_nowhere(struct doctor *d, const struct postfix_service *service)
{
	const char *line = NULL;
	const struct ask *ask;
	size_t i = 0;

	while ((ask = ask_next(d, service, DOOR_POLICY, &i)) != NULL)
		line = mend_both(
			d, line, mend_remove(d, service, DOOR_POLICY, ask->param));
	return line;
}

void check_both(struct doctor *d, enum finding_id id)
{
	for (EACH_SERVICE(s, d)) {
		const struct ask *ask;
		size_t i = 0;

		if (!is_front(d, s) || !is_counted(d, s, DOOR_MILTER) ||
			!is_counted(d, s, DOOR_POLICY))
			continue;
		ask = ask_next(d, s, DOOR_POLICY, &i);
		doctor_find(d, id, doctor_where(d, s, ask->param), ask_nowhere(d, s),
			"%s asks the milter and, in %s, the policy service", s->name,
			ask->stage);
	}
}

/* The name of a host in full, which is taken for the MTA's? */
static bool names_mta(
	const struct doctor *d, const struct postfix_service *service, const char *item)
{
	static const char param[] = "smtpd_policy_service_policy_context";
	const struct ask ask = { .service = service, .item = item };
	bool own;

	return strchr(setting(d, &ask, "policy_context", param, &own), '.') != NULL;
}

/* Does it ask about logins, and leave the name out? */
static bool is_nameless(const struct doctor *d, const struct postfix_service *service)
{
	const struct ask *ask;
	struct listed at;
	size_t i = 0;

	if (!is_front(d, service) || !is_yes(d, service, "smtpd_sasl_auth_enable"))
		return false;
	while ((ask = ask_next(d, service, DOOR_POLICY, &i)) != NULL)
		if (!names_mta(d, service, ask->item))
			return true;
	return asking_class(d, service, &at) != NULL && !names_mta(d, service, at.text);
}

/* A login without a domain gets the name of this host there, if that is one in full. */
void check_login_realm(struct doctor *d, enum finding_id id)
{
	const char *realm = d->themis.realm, *host = d->themis.host;
	bool full = host != NULL && strchr(host, '.') != NULL;

	if (realm == NULL || *realm != '\0' || somebody_asks(d, DOOR_MILTER))
		return;
	for (EACH_SERVICE(s, d)) {
		const char *name = value_for(d, s, "myhostname");

		if (is_nameless(d, s) && !(full && strcasecmp(host, name) == 0))
			doctor_find(d, id, "Themis, login_realm",
				arena_printf(d->arena, "tmsh setting set login_realm %s",
					name),
				"%s asks only the policy service, for which a login bob "
				"is bob%s%s, and not bob@%s",
				s->name, full ? "@" : "", full ? host : "", name);
	}
}

void check_policy_unasked(struct doctor *d, enum finding_id id)
{
	for (EACH_ASK(ask, d))
		if (ask->door == DOOR_POLICY)
			return;
	if (!somebody_asks(d, DOOR_POLICY) && d->themis.told[DOOR_POLICY])
		doctor_find(d, id, "themisd.conf, policy_socket",
			"themisd.conf: policy_socket = \"\"",
			"no smtpd asks the policy service");
}
