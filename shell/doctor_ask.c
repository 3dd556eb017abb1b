/*
 * Who asks Themis.  Called by doctor.c, and by the checks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "doctor_ask.h"

#include "doctor_address.h"
#include "doctor_filter.h"

#include <string.h>
#include <strings.h>

#define DEPTH_MAX 8 /* of restriction classes within each other */

static const char *value(
	const struct doctor *d, const struct postfix_service *service, const char *name)
{
	return postfix_value(d->postfix, service, name);
}

bool is_yes(
	const struct doctor *d, const struct postfix_service *service, const char *name)
{
	return strcasecmp(value(d, service, name), "yes") == 0;
}

bool relay_is_first(const struct doctor *d, const struct postfix_service *service)
{
	return is_yes(d, service, "smtpd_relay_before_recipient_restrictions");
}

static enum reach reach(const struct doctor *d, const struct postfix_service *service,
	enum door door, const char *item)
{
	if (!d->themis.open[door])
		return REACH_OTHER;
	return address_reach(&d->themis.address[door], item_name(d->arena, item),
		d->postfix->queue, service->chroot);
}

static struct ask *add(struct doctor *d, const struct ask *ask)
{
	d->asks = arena_grow(d->arena, d->asks, d->nasks, &d->asks_cap, sizeof(*d->asks));
	d->asks[d->nasks] = *ask;
	return &d->asks[d->nasks++];
}

static void gather_milters(
	struct doctor *d, const struct postfix_service *service, const char *stage)
{
	struct listed *items;
	size_t n = list_read(d->arena, value(d, service, stage), &items);

	for (size_t i = 0; i < n; i++) {
		enum reach r = reach(d, service, DOOR_MILTER, items[i].text);

		if (r != REACH_OTHER)
			add(d, &(struct ask){ .service = service,
				       .door = DOOR_MILTER,
				       .stage = stage,
				       .param = stage,
				       .item = items[i].text,
				       .reached = r == REACH_IT });
	}
}

/* What a list of restrictions has said, up to some place in it. */
struct walk {
	struct doctor *d;
	const struct postfix_service *service;
	const char *stage;
	struct ask so_far;
};

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcasecmp(word, *words) == 0)
			return true;
	return false;
}

/* A restriction that says something to everybody, or to strangers or users as such. */
static void note(struct walk *w, const char *word)
{
	static const char *const guards[] = { "reject_unauth_destination",
		"defer_unauth_destination", "reject", "defer", NULL };
	static const char *const ends[] = { "reject", "defer", "permit", NULL };
	static const char *const logins[] = { "permit_sasl_authenticated",
		"permit_tls_clientcerts", "permit_tls_all_clientcerts", NULL };
	struct ask *a = &w->so_far;

	if (is_one_of(word, guards))
		a->guarded = true;
	if (a->end == NULL && is_one_of(word, ends))
		a->end = word;
	if (a->users == NULL && is_one_of(word, logins) &&
		(strcasecmp(word, logins[0]) != 0 ||
			is_yes(w->d, w->service, "smtpd_sasl_auth_enable")))
		a->users = word;
	if (a->networks == NULL && strcasecmp(word, "permit_mynetworks") == 0)
		a->networks = word;
}

static void note_policy(struct walk *w, const char *param, const char *item, bool warns)
{
	enum reach r = reach(w->d, w->service, DOOR_POLICY, item);
	struct ask ask = w->so_far;

	if (r == REACH_OTHER)
		return;
	ask.service = w->service;
	ask.door = DOOR_POLICY;
	ask.stage = w->stage;
	ask.param = param;
	ask.item = item;
	ask.reached = r == REACH_IT;
	ask.warns = warns;
	add(w->d, &ask);
}

static void walk_list(struct walk *w, const char *param, int depth)
{
	const char *classes = value(w->d, w->service, "smtpd_restriction_classes");
	struct listed *items;
	size_t n = list_read(w->d->arena, value(w->d, w->service, param), &items);

	for (size_t i = 0; i < n; i++) {
		bool warns =
			i > 0 && strcasecmp(items[i - 1].text, "warn_if_reject") == 0;

		if (strcasecmp(items[i].text, "check_policy_service") == 0 && i + 1 < n)
			note_policy(w, param, items[++i].text, warns);
		else if (list_has(classes, items[i].text) && depth < DEPTH_MAX)
			walk_list(w, items[i].text, depth + 1);
		else if (!warns)
			note(w, items[i].text);
	}
}

bool list_guards(
	const struct doctor *d, const struct postfix_service *service, const char *list)
{
	struct doctor apart = { .arena = d->arena, .postfix = d->postfix };
	struct walk w = { .d = &apart, .service = service, .stage = list };

	walk_list(&w, list, 0);
	return w.so_far.guarded;
}

/* In the order of smtpd(8).  What one list lets through goes on to the next, what it
 * refuses does not. */
static void gather_policies(struct doctor *d, const struct postfix_service *service)
{
	bool first = relay_is_first(d, service), guarded = false;
	const char *const lists[] = { "smtpd_client_restrictions",
		"smtpd_helo_restrictions", "smtpd_sender_restrictions",
		first ? "smtpd_relay_restrictions" : "smtpd_recipient_restrictions",
		first ? "smtpd_recipient_restrictions" : "smtpd_relay_restrictions",
		"smtpd_data_restrictions", "smtpd_end_of_data_restrictions",
		"smtpd_etrn_restrictions" };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct walk w = { .d = d, .service = service, .stage = lists[i] };

		w.so_far.guarded = guarded || i >= 5;
		walk_list(&w, lists[i], 0);
		/* a client that gives no name is not asked about it */
		guarded |= i != 1 && w.so_far.guarded;
	}
}

void asks_gather(struct doctor *d)
{
	for (size_t i = 0; i < d->postfix->n; i++) {
		const struct postfix_service *service = &d->postfix->services[i];

		if (strcmp(service->command, "smtpd") == 0) {
			gather_milters(d, service, "smtpd_milters");
			gather_policies(d, service);
		} else if (strcmp(service->command, "cleanup") == 0) {
			gather_milters(d, service, "non_smtpd_milters");
		}
	}
}

const struct ask *ask_next(const struct doctor *d, const struct postfix_service *service,
	enum door door, size_t *i)
{
	while (*i < d->nasks) {
		const struct ask *ask = &d->asks[(*i)++];

		if (ask->service == service && ask->door == door)
			return ask;
	}
	return NULL;
}

bool is_asked(
	const struct doctor *d, const struct postfix_service *service, enum door door)
{
	size_t i = 0;

	return ask_next(d, service, door, &i) != NULL;
}

bool ask_counts(const struct doctor *d, const struct ask *ask)
{
	static const char *const early[] = { "smtpd_client_restrictions",
		"smtpd_helo_restrictions", "smtpd_sender_restrictions", NULL };

	if (ask->door == DOOR_MILTER)
		return *value(d, ask->service, "smtpd_proxy_filter") == '\0' &&
		       !list_has(value(d, ask->service, "receive_override_options"),
			       "no_milters");
	if (ask->end != NULL || strcmp(ask->stage, "smtpd_etrn_restrictions") == 0)
		return false;
	return !is_one_of(ask->stage, early) ||
	       is_yes(d, ask->service, "smtpd_delay_reject");
}

bool is_counted(
	const struct doctor *d, const struct postfix_service *service, enum door door)
{
	const struct ask *ask;
	size_t i = 0;

	while ((ask = ask_next(d, service, door, &i)) != NULL)
		if (ask_counts(d, ask))
			return true;
	return false;
}

bool door_stands(const struct doctor *d, const struct postfix_service *service,
	enum door door, const char *text, struct listed *at)
{
	struct listed *items;
	size_t n = list_read(d->arena, text, &items);

	for (size_t i = 0; i < n; i++) {
		bool called = i > 0 &&
			      strcasecmp(items[i - 1].text, "check_policy_service") == 0;

		if (called != (door == DOOR_POLICY) ||
			reach(d, service, door, items[i].text) == REACH_OTHER)
			continue;
		*at = items[i];
		if (called)
			at->start = items[i - 1].start;
		return true;
	}
	return false;
}

const char *asking_class(
	const struct doctor *d, const struct postfix_service *service, struct listed *at)
{
	struct listed *classes;
	size_t n = list_read(
		d->arena, value(d, service, "smtpd_restriction_classes"), &classes);

	for (size_t i = 0; i < n && !is_asked(d, service, DOOR_POLICY); i++)
		if (door_stands(d, service, DOOR_POLICY,
			    value(d, service, classes[i].text), at))
			return classes[i].text;
	return NULL;
}

bool somebody_asks(const struct doctor *d, enum door door)
{
	for (size_t i = 0; i < d->postfix->n; i++) {
		const struct postfix_service *service = &d->postfix->services[i];
		struct listed at;

		if (is_front(d, service) &&
			(is_asked(d, service, door) ||
				(door == DOOR_POLICY &&
					asking_class(d, service, &at) != NULL)))
			return true;
	}
	return false;
}
