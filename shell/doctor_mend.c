/*
 * Putting right.  Called by the checks of doctor.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "doctor_mend.h"

#include "doctor_address.h"
#include "doctor_ask.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* By which the draft knows it: "submission/inet/smtpd_milters", or of main.cf. */
static const char *own_key(
	const struct doctor *d, const struct postfix_service *service, const char *param)
{
	return arena_printf(d->arena, "%s/%s", service->name, param);
}

static bool is_own(
	const struct doctor *d, const struct postfix_service *service, const char *param)
{
	return postfix_owns(service, param) ||
	       (service != NULL &&
		       json_object_get(d->draft, own_key(d, service, param)) != NULL);
}

const char *mend_text(
	const struct doctor *d, const struct postfix_service *service, const char *param)
{
	bool own = is_own(d, service, param);
	const char *text = json_string_value(
		json_object_get(d->draft, own ? own_key(d, service, param) : param));

	if (text == NULL)
		text = json_string_value(
			json_object_get(own ? service->own : d->postfix->stands, param));
	return text != NULL ? text : "";
}

/* In quotes in any case: some shells make several words of {a,b}. */
static const char *quoted(struct arena *arena, const char *word)
{
	char *out = arena_alloc(arena, 4 * strlen(word) + 3), *to = out;

	*to++ = '\'';
	for (; *word != '\0'; word++)
		if (*word == '\'')
			to = stpcpy(to, "'\\''");
		else
			*to++ = *word;
	*to = '\'';
	return out;
}

const char *mend_postconf(const struct doctor *d, const char *option, const char *word)
{
	const char *directory =
		d->directory != NULL
			? arena_printf(d->arena, " -c %s", quoted(d->arena, d->directory))
			: "";

	return arena_printf(
		d->arena, "postconf%s %s %s", directory, option, quoted(d->arena, word));
}

const char *mend_both(const struct doctor *d, const char *one, const char *other)
{
	if (one == NULL || other == NULL)
		return one != NULL ? one : other;
	return arena_printf(d->arena, "%s && %s", one, other);
}

static bool is_new(const struct doctor *d, const struct postfix_service *service,
	const char *param, const char *text)
{
	return strcmp(mend_text(d, service, param), text) != 0;
}

static const char *assign(
	const struct doctor *d, const char *option, const char *key, const char *text)
{
	return mend_postconf(d, option, arena_printf(d->arena, "%s=%s", key, text));
}

/* A name in main.cf that stands for the text: letters, digits and underscores. */
static char *name_for(struct doctor *d, const char *key)
{
	char *name = arena_strdup(d->arena, key);

	for (char *p = name; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p))
			*p = '_';
	/* an address would begin with a digit */
	return arena_printf(
		d->arena, "%s%s", isalpha((unsigned char)*name) ? "" : "at_", name);
}

/* postconf -P takes no blanks.  Commas do as well between items; else the text stands in
 * main.cf, as is usual for what is long. */
const char *mend_own(struct doctor *d, const struct postfix_service *service,
	const char *param, const char *text)
{
	const char *key = own_key(d, service, param), *name;

	if (!is_new(d, service, param, text))
		return NULL;
	json_object_set_new(d->draft, key, json_string(text));
	text = list_squeeze(d->arena, text);
	if (strpbrk(text, " \t") == NULL)
		return assign(d, "-P", key, text);
	name = name_for(d, key);
	return mend_both(d, assign(d, "-e", name, text),
		assign(d, "-P", key, arena_printf(d->arena, "$%s", name)));
}

const char *mend_set(struct doctor *d, const struct postfix_service *service,
	const char *param, const char *text)
{
	if (is_own(d, service, param))
		return mend_own(d, service, param, text);
	if (!is_new(d, NULL, param, text))
		return NULL;
	json_object_set_new(d->draft, param, json_string(text));
	return assign(d, "-e", param, text);
}

static bool is_drafted(
	const struct doctor *d, const struct postfix_service *service, const char *param)
{
	return json_object_get(d->draft,
		       is_own(d, service, param) ? own_key(d, service, param) : param) !=
	       NULL;
}

/* With the door in it: where a name ($themis) stands for it, that is put out. */
static const char *text_with(const struct doctor *d,
	const struct postfix_service *service, enum door door, const char *param,
	struct listed *at)
{
	const char *text = mend_text(d, service, param);

	if (door_stands(d, service, door, text, at))
		return text;
	/* not what a line before has taken out */
	if (strchr(text, '$') == NULL || is_drafted(d, service, param))
		return NULL;
	text = postfix_value(d->postfix, service, param);
	return door_stands(d, service, door, text, at) ? text : NULL;
}

bool mend_braces(const struct doctor *d)
{
	return postfix_has(d->postfix, "compatibility_level");
}

const char *mend_door(const struct doctor *d, enum door door)
{
	const char *address =
		address_spell(d->arena, &d->themis.address[door], d->postfix->queue);

	if (door == DOOR_MILTER)
		return arena_printf(d->arena,
			mend_braces(d) ? "{ %s, default_action=accept }" : "%s", address);
	if (!mend_braces(d))
		return arena_printf(d->arena, "check_policy_service %s", address);
	return arena_printf(d->arena,
		"check_policy_service { %s, timeout=30s, default_action=DUNNO }",
		address);
}

const char *mend_add(struct doctor *d, const struct postfix_service *service,
	enum door door, const char *param, const char *item)
{
	struct listed at;

	if (text_with(d, service, door, param, &at) != NULL)
		return NULL;
	if (item == NULL)
		item = mend_door(d, door);
	else if (door == DOOR_POLICY)
		item = arena_printf(d->arena, "check_policy_service %s", item);
	return mend_set(d, service, param,
		list_prepend(d->arena, mend_text(d, service, param), item));
}

const char *mend_without(const struct doctor *d, const struct postfix_service *service,
	enum door door, const char *param)
{
	struct listed at;
	const char *text = text_with(d, service, door, param, &at);

	if (text == NULL)
		return mend_text(d, service, param);
	do
		text = list_replace(d->arena, text, at.start, at.end, NULL);
	while (door_stands(d, service, door, text, &at));
	return text;
}

const char *mend_remove(struct doctor *d, const struct postfix_service *service,
	enum door door, const char *param)
{
	return mend_set(d, service, param, mend_without(d, service, door, param));
}

const char *mend_item(
	struct doctor *d, const struct ask *ask, const char *name, const char *value)
{
	struct listed at;
	const char *text = text_with(d, ask->service, ask->door, ask->param, &at), *item;

	if (text == NULL)
		return NULL;
	item = name != NULL ? item_set(d->arena, at.text, name, value)
			    : item_rename(d->arena, at.text, value);
	/* the check before it stays */
	return mend_set(d, ask->service, ask->param,
		list_replace(d->arena, text, at.end - strlen(at.text), at.end, item));
}

const char *mend_drop(struct doctor *d, const struct postfix_service *service,
	const char *param, const char *word)
{
	const char *text = mend_text(d, service, param);
	struct listed *items;
	size_t n;

	if (!list_has(text, word) && strchr(text, '$') != NULL)
		text = postfix_value(d->postfix, service, param);
	n = list_read(d->arena, text, &items);
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(items[i].text, word) == 0)
			return mend_set(d, service, param,
				list_replace(d->arena, text, items[i].start, items[i].end,
					NULL));
	return NULL;
}

static bool is_guard(const char *restriction)
{
	return strcasecmp(restriction, "reject_unauth_destination") == 0 ||
	       strcasecmp(restriction, "defer_unauth_destination") == 0 ||
	       strcasecmp(restriction, "reject") == 0;
}

/* What guards the recipients of a site that has no smtpd_relay_restrictions: its
 * smtpd_recipient_restrictions up to that place, policy services apart.  What is behind
 * warn_if_reject guards nothing. */
static const char *guard_of(struct doctor *d, const struct postfix_service *service)
{
	struct listed *items;
	size_t n = list_read(d->arena,
		postfix_value(d->postfix, service, "smtpd_recipient_restrictions"),
		&items);
	const char *text = "";

	for (size_t i = 0; i < n; i++) {
		if (strcasecmp(items[i].text, "check_policy_service") == 0 ||
			strcasecmp(items[i].text, "warn_if_reject") == 0) {
			i++;
			continue;
		}
		text = list_append(d->arena, text, items[i].text);
		if (is_guard(items[i].text))
			return text;
	}
	return "permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination";
}

#define RELAY "smtpd_relay_restrictions"
#define ORDER "smtpd_relay_before_recipient_restrictions" /* since Postfix 3.6 */

bool mend_can_guard(const struct doctor *d)
{
	return postfix_has(d->postfix, ORDER);
}

const char *mend_guard(struct doctor *d, const struct postfix_service *service)
{
	const char *line = NULL;

	if (!mend_can_guard(d))
		return NULL;
	if (!list_guards(d, service, RELAY))
		line = mend_set(d, service, RELAY, guard_of(d, service));
	if (!relay_is_first(d, service))
		line = mend_both(d, line, mend_set(d, service, ORDER, "yes"));
	return line;
}

/* Without that order DATA is the first place where relaying was refused. */
static const char *place(const struct doctor *d)
{
	return mend_can_guard(d) ? "smtpd_recipient_restrictions"
				 : "smtpd_data_restrictions";
}

const char *mend_place(
	struct doctor *d, const struct postfix_service *service, const char *item)
{
	const char *line = mend_guard(d, service);

	return mend_both(d, line, mend_add(d, service, DOOR_POLICY, place(d), item));
}

const char *mend_move(struct doctor *d, const struct ask *ask)
{
	const char *line = mend_remove(d, ask->service, DOOR_POLICY, ask->param);
	const char *placed = mend_place(d, ask->service, ask->item);

	/* what is put first in the same list needs not be taken out by a line before */
	return strcmp(ask->param, place(d)) == 0 && placed != NULL
		       ? placed
		       : mend_both(d, line, placed);
}
