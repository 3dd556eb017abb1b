/*
 * Checks: is Themis asked about all mail, and once?  Called by doctor.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "doctor_address.h"
#include "doctor_ask.h"
#include "doctor_check.h"
#include "doctor_filter.h"
#include "doctor_mend.h"

#include <string.h>

/* In sight: what is asked in a class is not. */
static bool is_asked_nowhere(
	const struct doctor *d, const struct postfix_service *service)
{
	return is_front(d, service) && !is_asked(d, service, DOOR_MILTER) &&
	       !is_asked(d, service, DOOR_POLICY) && !is_counted_behind(d, service);
}

static bool is_unasked(const struct doctor *d, const struct postfix_service *service)
{
	struct listed at;

	return is_asked_nowhere(d, service) && asking_class(d, service, &at) == NULL;
}

/* It was told so: nobody else comes there than who works on this host.  With other
 * milters of its own it is a listener for one of the filters. */
static bool is_left_out(const struct doctor *d, const struct postfix_service *service)
{
	const char *host =
		arena_memdup(d->arena, service->name, strcspn(service->name, "/"));

	return address_is_loopback(host) && postfix_owns(service, "smtpd_milters") &&
	       (*value_for(d, service, "smtpd_milters") == '\0' ||
		       looks_returning(d, service));
}

/* By the door that the others use. */
static const char *ask_there(struct doctor *d, const struct postfix_service *service)
{
	bool by_policy = !somebody_asks(d, DOOR_MILTER) && somebody_asks(d, DOOR_POLICY);

	return by_policy ? mend_place(d, service, NULL)
			 : mend_add(d, service, DOOR_MILTER, "smtpd_milters", NULL);
}

static void tell_unasked(
	struct doctor *d, enum finding_id id, const struct postfix_service *service)
{
	const char *milters = value_for(d, service, "smtpd_milters");

	doctor_find(d, id, doctor_where(d, service, "smtpd_milters"),
		ask_there(d, service), "%s does not ask Themis%s%s%s", service->name,
		*milters != '\0' ? ", only " : "", milters,
		!somebody_asks(d, DOOR_MILTER) && !somebody_asks(d, DOOR_POLICY)
			? "; nor does any other"
			: "");
}

void check_unasked(struct doctor *d, enum finding_id id)
{
	for (EACH_SERVICE(s, d))
		if (is_unasked(d, s) && !is_left_out(d, s))
			tell_unasked(d, id, s);
}

void check_loopback(struct doctor *d, enum finding_id id)
{
	for (EACH_SERVICE(s, d))
		if (is_unasked(d, s) && is_left_out(d, s))
			tell_unasked(d, id, s);
}

/* Where the policy service is asked directly, too, each recipient is counted once. */
void check_class(struct doctor *d, enum finding_id id)
{
	for (EACH_SERVICE(s, d)) {
		struct listed at;
		const char *class;

		if (is_asked_nowhere(d, s) && (class = asking_class(d, s, &at)) != NULL)
			doctor_find(d, id, doctor_where(d, s, class),
				mend_place(d, s, at.text),
				"%s asks Themis in the restriction class %s alone, to "
				"which none of its lists leads: it cannot be seen which "
				"mail comes to it",
				s->name, class);
	}
}

static bool has_no_milters(const struct doctor *d, const struct postfix_service *service)
{
	return list_has(value_for(d, service, "receive_override_options"), "no_milters");
}

void check_no_milters(struct doctor *d, enum finding_id id)
{
	for (EACH_SERVICE(s, d))
		if (is_front(d, s) && is_asked(d, s, DOOR_MILTER) &&
			has_no_milters(d, s) && !is_counted(d, s, DOOR_POLICY))
			doctor_find(d, id, doctor_where(d, s, "receive_override_options"),
				mend_drop(d, s, "receive_override_options", "no_milters"),
				"%s lists Themis, and is told to ask no milters",
				s->name);
}

static const struct postfix_service *service_named(
	const struct doctor *d, const char *name, size_t n, const char *type)
{
	for (EACH_SERVICE(s, d))
		if (strncmp(s->name, name, n) == 0 && s->name[n] == '/' &&
			strcmp(s->type, type) == 0 &&
			strchr(s->name + n + 1, '/') == NULL)
			return s;
	return NULL;
}

/* The cleanup(8) to which pickup(8) gives what sendmail(1) has brought. */
static const struct postfix_service *local_cleanup(
	const struct doctor *d, const struct postfix_service *pickup)
{
	const char *name = value_for(d, pickup, "cleanup_service_name");

	name = *name != '\0' ? name : "cleanup";
	return service_named(d, name, strlen(name), "unix");
}

/* The service with a filter that pipe(8) runs; NULL: there is none. */
static const struct postfix_service *piped(const struct doctor *d)
{
	for (EACH_SERVICE(s, d)) {
		const char *filter = value_for(d, s, "content_filter");
		const struct postfix_service *transport;

		if (!is_front(d, s) || *filter == '\0')
			continue;
		transport = service_named(d, filter, strcspn(filter, ":"), "unix");
		if (transport != NULL && strcmp(transport->command, "pipe") == 0)
			return s;
	}
	return NULL;
}

void check_local(struct doctor *d, enum finding_id id)
{
	for (EACH_SERVICE(s, d)) {
		const struct postfix_service *cleanup;

		if (strcmp(s->command, "pickup") != 0 || piped(d) != NULL ||
			(cleanup = local_cleanup(d, s)) == NULL)
			continue;
		if (has_no_milters(d, s))
			doctor_find(d, id, doctor_where(d, s, "receive_override_options"),
				mend_drop(d, s, "receive_override_options", "no_milters"),
				"%s asks no milters", s->name);
		if (!is_asked(d, cleanup, DOOR_MILTER))
			doctor_find(d, id, doctor_where(d, cleanup, "non_smtpd_milters"),
				mend_add(d, cleanup, DOOR_MILTER, "non_smtpd_milters",
					NULL),
				"non_smtpd_milters does not name Themis");
	}
}

/* The line that lets the listener behind the filter ask. */
static const char *ask_behind(struct doctor *d, const struct postfix_service *service)
{
	const char *line =
		mend_drop(d, service, "receive_override_options", "no_milters");
	const char *text = mend_text(d, service, "smtpd_milters");
	struct listed at;

	/* a line before may have done it, for another service in front */
	if (is_asked(d, service, DOOR_MILTER) ||
		door_stands(d, service, DOOR_MILTER, text, &at))
		return line;
	return mend_both(d, line,
		mend_own(d, service, "smtpd_milters",
			list_prepend(d->arena, text, mend_door(d, DOOR_MILTER))));
}

/* By the policy service before it, else by the milter behind it; with neither there first
 * has to be one of them. */
static const char *count_despite(struct doctor *d, const struct postfix_service *front)
{
	if (d->themis.open[DOOR_POLICY])
		return mend_place(d, front, NULL);
	for (EACH_SERVICE(s, d))
		if (takes_back(d, s, BEFORE_QUEUE))
			return ask_behind(d, s);
	return "themisd.conf: policy_socket = \"inet:8441@127.0.0.1\"";
}

void check_proxy(struct doctor *d, enum finding_id id)
{
	for (EACH_SERVICE(s, d))
		if (is_front(d, s) && is_asked(d, s, DOOR_MILTER) &&
			*value_for(d, s, "smtpd_proxy_filter") != '\0' &&
			!is_counted(d, s, DOOR_POLICY) && !is_counted_behind(d, s))
			doctor_find(d, id, doctor_where(d, s, "smtpd_proxy_filter"),
				count_despite(d, s),
				"%s hands mail to %s before Themis can count it", s->name,
				value_for(d, s, "smtpd_proxy_filter"));
}

void check_maps(struct doctor *d, enum finding_id id)
{
	for (EACH_SERVICE(s, d)) {
		const char *maps = value_for(d, s, "smtpd_milter_maps");

		if (is_front(d, s) && is_asked(d, s, DOOR_MILTER) && *maps != '\0')
			doctor_find(d, id, doctor_where(d, s, "smtpd_milter_maps"),
				mend_set(d, s, "smtpd_milter_maps", ""),
				"%s takes the milters of some clients from %s", s->name,
				maps);
	}
}

/* The list with that door named once. */
static const char *once(const struct doctor *d, const struct ask *ask, const char *text)
{
	struct listed at, again;

	if (!door_stands(d, ask->service, ask->door, text, &at))
		return text;
	while (door_stands(d, ask->service, ask->door, text + at.end, &again))
		text = list_replace(
			d->arena, text, at.end + again.start, at.end + again.end, NULL);
	return text;
}

void check_listed_twice(struct doctor *d, enum finding_id id)
{
	for (EACH_SERVICE(s, d)) {
		size_t i = 0;
		const struct ask *one = ask_next(d, s, DOOR_MILTER, &i);
		const struct ask *other = ask_next(d, s, DOOR_MILTER, &i);
		const char *text;

		if (other == NULL)
			continue;
		text = mend_text(d, s, one->param);
		if (strchr(text, '$') != NULL)
			text = value_for(d, s, one->param);
		doctor_find(d, id, doctor_where(d, s, one->param),
			mend_set(d, s, one->param, once(d, one, text)),
			"%s and %s are the same Themis", one->item, other->item);
	}
}

/* Other milters of that listener are to stay. */
static const char *ask_no_more(struct doctor *d, const struct postfix_service *service)
{
	const char *others = mend_without(d, service, DOOR_MILTER, "smtpd_milters");

	if (*others != '\0')
		return mend_own(d, service, "smtpd_milters", others);
	return mend_own(d, service, "receive_override_options",
		list_append(d->arena, mend_text(d, service, "receive_override_options"),
			"no_milters"));
}

/* Is it counted there again?  It cannot be seen to which listener a filter hands mail
 * back: where another one counts nothing, it may be that. */
static bool is_again(
	const struct doctor *d, const struct postfix_service *service, bool surely)
{
	return is_returning(d, service) && is_counted_before(d, service) &&
	       has_other_way(d, service) != surely;
}

void check_filter_milter(struct doctor *d, enum finding_id id)
{
	for (EACH_SERVICE(s, d))
		if (is_counted(d, s, DOOR_MILTER) && is_again(d, s, true))
			doctor_find(d, id, doctor_where(d, s, "smtpd_milters"),
				ask_no_more(d, s),
				"%s, where a content filter hands mail back, asks the "
				"milter, too",
				s->name);
}

/* Each place where that service asks the policy service. */
static void tell_policies(struct doctor *d, enum finding_id id,
	const struct postfix_service *service, const char *what)
{
	const struct ask *ask;
	size_t i = 0;

	while ((ask = ask_next(d, service, DOOR_POLICY, &i)) != NULL)
		if (ask_counts(d, ask))
			doctor_find(d, id, doctor_where(d, service, ask->param),
				mend_own(d, service, ask->param,
					mend_without(
						d, service, DOOR_POLICY, ask->param)),
				"%s, where a content filter %s mail back, asks the "
				"policy "
				"service, too",
				service->name, what);
}

void check_filter_policy(struct doctor *d, enum finding_id id)
{
	for (EACH_SERVICE(s, d))
		if (is_again(d, s, true))
			tell_policies(d, id, s, "hands");
}

void check_filter_maybe(struct doctor *d, enum finding_id id)
{
	for (EACH_SERVICE(s, d)) {
		if (!is_again(d, s, false))
			continue;
		if (is_counted(d, s, DOOR_MILTER))
			doctor_find(d, id, doctor_where(d, s, "smtpd_milters"),
				ask_no_more(d, s),
				"%s, where a content filter may hand mail back, asks the "
				"milter, too",
				s->name);
		tell_policies(d, id, s, "may hand");
	}
}

void check_filter_pipe(struct doctor *d, enum finding_id id)
{
	const struct postfix_service *front = piped(d), *cleanup;

	for (EACH_SERVICE(s, d)) {
		if (front == NULL || strcmp(s->command, "pickup") != 0 ||
			has_no_milters(d, s) || (cleanup = local_cleanup(d, s)) == NULL ||
			!is_asked(d, cleanup, DOOR_MILTER))
			continue;
		doctor_find(d, id, doctor_where(d, cleanup, "non_smtpd_milters"),
			mend_remove(d, cleanup, DOOR_MILTER, "non_smtpd_milters"),
			"%s has a filter run by pipe(8), %s, and non_smtpd_milters names "
			"Themis",
			front->name, value_for(d, front, "content_filter"));
	}
}
