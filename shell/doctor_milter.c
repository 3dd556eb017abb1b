/*
 * Checks: with what settings is the milter asked?  Called by doctor.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "doctor_ask.h"
#include "doctor_check.h"
#include "doctor_filter.h"
#include "doctor_mend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MARGIN	    5  /* seconds: of an answer, beyond what it waits for */
#define CONNECT_MAX 30 /* seconds, what Postfix has unless it is changed */

/* A setting of the item, else the parameter of all milters. */
static const char *setting(
	const struct doctor *d, const struct ask *ask, const char *name, bool *own)
{
	const char *value = item_setting(d->arena, ask->item, name);

	*own = value != NULL;
	return value != NULL ? value
			     : value_for(d, ask->service,
				       arena_printf(d->arena, "milter_%s", name));
}

/* Where it stands, and the line that gives it another value. */
static const char *where_set(
	const struct doctor *d, const struct ask *ask, const char *name, bool own)
{
	return doctor_where(d, ask->service,
		own ? ask->param : arena_printf(d->arena, "milter_%s", name));
}

static const char *set(struct doctor *d, const struct ask *ask, const char *name,
	bool own, const char *value)
{
	return own ? mend_item(d, ask, name, value)
		   : mend_set(d, ask->service, arena_printf(d->arena, "milter_%s", name),
			     value);
}

#define EACH_ASK(ask, d)                                                                 \
	const struct ask *ask = (d)->asks;                                               \
	ask < (d)->asks + (d)->nasks;                                                    \
	ask++

void check_not_first(struct doctor *d, enum finding_id id)
{
	for (EACH_ASK(ask, d)) {
		const char *text;
		struct listed at;

		if (ask->door != DOOR_MILTER || d->themis.spf == NULL)
			continue;
		text = mend_text(d, ask->service, ask->param);
		if (strchr(text, '$') != NULL)
			text = value_for(d, ask->service, ask->param);
		if (!door_stands(d, ask->service, DOOR_MILTER, text, &at) ||
			text[strspn(text, ", ")] == '\0' || at.start == 0)
			continue;
		text = list_prepend(d->arena,
			list_replace(d->arena, text, at.start, at.end, NULL), at.text);
		doctor_find(d, id, doctor_where(d, ask->service, ask->param),
			mend_set(d, ask->service, ask->param, text),
			"another milter stands before Themis, which checks SPF for %s",
			d->themis.spf);
	}
}

/* What Postfix does while nobody answers. */
static const char *default_action(
	const struct doctor *d, const struct ask *ask, bool *own)
{
	return setting(d, ask, "default_action", own);
}

static void tell_default(struct doctor *d, enum finding_id id, const struct ask *ask)
{
	bool own;
	const char *action = default_action(d, ask, &own);

	doctor_find(d, id, where_set(d, ask, "default_action", own),
		mend_braces(d) ? mend_item(d, ask, "default_action", "accept")
			       : set(d, ask, "default_action", false, "accept"),
		"%s is %s for Themis in %s of %s",
		own ? "default_action" : "milter_default_action", action, ask->param,
		ask->service->name);
}

static bool refuses(const struct doctor *d, const struct ask *ask)
{
	bool own;

	return strcmp(default_action(d, ask, &own), "reject") == 0;
}

static bool accepts(const struct doctor *d, const struct ask *ask)
{
	bool own;

	return strcmp(default_action(d, ask, &own), "accept") == 0;
}

void check_default_reject(struct doctor *d, enum finding_id id)
{
	for (EACH_ASK(ask, d))
		if (ask->door == DOOR_MILTER && refuses(d, ask))
			tell_default(d, id, ask);
}

void check_default_defer(struct doctor *d, enum finding_id id)
{
	for (EACH_ASK(ask, d))
		if (ask->door == DOOR_MILTER && !refuses(d, ask) && !accepts(d, ask))
			tell_default(d, id, ask);
}

/* A time that has to be within these (seconds). */
static void check_time(struct doctor *d, enum finding_id id, const char *name,
	int64_t least, int64_t most, const char *good)
{
	for (EACH_ASK(ask, d)) {
		const char *text;
		int64_t time;
		bool own;

		if (ask->door != DOOR_MILTER)
			continue;
		text = setting(d, ask, name, &own);
		time = time_read(text);
		if (time < 0 || (time >= least && time <= most))
			continue;
		doctor_find(d, id, where_set(d, ask, name, own),
			set(d, ask, name, own, good), "%s%s is %s, which is %s than %d s",
			own ? "" : "milter_", name, text, time < least ? "less" : "more",
			(int)(time < least ? least : most));
	}
}

void check_connect_timeout(struct doctor *d, enum finding_id id)
{
	check_time(d, id, "connect_timeout", 1, CONNECT_MAX, "10s");
}

void check_command_timeout(struct doctor *d, enum finding_id id)
{
	check_time(
		d, id, "command_timeout", d->themis.deadline + MARGIN, INT64_MAX, "30s");
}

void check_content_timeout(struct doctor *d, enum finding_id id)
{
	check_time(
		d, id, "content_timeout", d->themis.deadline + MARGIN, INT64_MAX, "300s");
}

void check_protocol(struct doctor *d, enum finding_id id)
{
	for (EACH_ASK(ask, d)) {
		const char *text;
		bool own;

		if (ask->door != DOOR_MILTER)
			continue;
		text = setting(d, ask, "protocol", &own);
		if (*text != '\0' && strtol(text, NULL, 10) < 6)
			doctor_find(d, id, where_set(d, ask, "protocol", own),
				set(d, ask, "protocol", own, "6"),
				"%sprotocol is %s, and not 6", own ? "" : "milter_",
				text);
	}
}

/* The name of the MTA is macro j, which is myhostname, and not milter_macro_daemon_name:
 * that is for filters which tell by it whose mail it is (ORIGINATING), and stays. */
void check_mta_name(struct doctor *d, enum finding_id id)
{
	const char *name = postfix_value(d->postfix, NULL, "myhostname");

	for (EACH_SERVICE(s, d)) {
		const char *other = value_for(d, s, "myhostname");

		if (is_front(d, s) && is_asked(d, s, DOOR_MILTER) &&
			strcasecmp(other, name) != 0)
			doctor_find(d, id, doctor_where(d, s, "myhostname"),
				mend_own(d, s, "myhostname", name),
				"%s calls itself %s, all else is %s", s->name, other,
				name);
	}
}
