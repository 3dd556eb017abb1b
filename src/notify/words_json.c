/*
 * Alerts as JSON.  Called by the thread that delivers them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "notify/words.h"

#include "base/clock.h"
#include "counter/window.h"
#include "ctl/json.h"

#include <stdlib.h>

/* null where there is none. */
static json_t *moment(int64_t when)
{
	char text[CLOCK_TEXT_MAX];

	if (when == 0 || when == WINDOW_NEVER)
		return json_null();
	return json_string(clock_format(text, when));
}

static void add_object(json_t *row, const struct alert *a)
{
	json_object_update_new(
		row, json_pack("{s:o, s:o, s:o, s:o}", "object", json_text(a->object),
			     "policy", json_text(a->policy), "limit", json_text(a->limit),
			     "count", json_text(a->count)));
}

static void add_message(json_t *row, const struct alert *a)
{
	json_object_update_new(row,
		json_pack("{s:o, s:o, s:o, s:o, s:o}", "login", json_text(a->login),
			"sender", json_text(a->sender), "client", json_text(a->client),
			"mta", json_text(a->mta), "queue_id", json_text(a->queue_id)));
}

static void add_refused(json_t *row, const struct alert *a)
{
	add_object(row, a);
	json_object_update_new(row,
		json_pack("{s:o, s:o, s:o}", "verdict", json_text(a->verdict), "reason",
			json_text(a->reason), "free_at", moment(a->free_at)));
	add_message(row, a);
}

static void add_near(json_t *row, const struct alert *a)
{
	add_object(row, a);
	json_object_update_new(row, json_pack("{s:I, s:I}", "used", (json_int_t)a->used,
					    "room", (json_int_t)a->room));
	add_message(row, a);
}

static void add_trouble(json_t *row, const struct alert *a)
{
	json_object_update_new(
		row, json_pack("{s:o, s:o, s:o}", "state", json_text(a->state), "words",
			     json_text(a->words), "since", moment(a->since)));
}

static void add_suppressed(json_t *row, const struct alert *a)
{
	json_object_update_new(
		row, json_pack("{s:I, s:o}", "number", (json_int_t)a->number, "since",
			     moment(a->since)));
}

static void add_test(json_t *row, const struct alert *a)
{
	json_object_set_new(row, "user", json_text(a->user));
}

static void (*const members[])(json_t *, const struct alert *) = {
	[ALERT_REFUSED] = add_refused,
	[ALERT_NEAR] = add_near,
	[ALERT_TROUBLE] = add_trouble,
	[ALERT_TROUBLE_END] = add_trouble,
	[ALERT_SUPPRESSED] = add_suppressed,
	[ALERT_TEST] = add_test,
};

_Static_assert(
	sizeof(members) / sizeof(members[0]) == ALERT_KINDS, "members for each kind");

const char *words_json(const struct alert *a, const char *host, struct arena *arena)
{
	json_t *row = json_pack("{s:s, s:o, s:o, s:o}", "kind", alert_kind_name(a->kind),
		"time", moment(a->time), "host", json_text(host), "text",
		json_text(words_title(a, arena)));
	const char *line;
	char *text;

	if (row == NULL)
		mem_exhausted();
	members[a->kind](row, a);
	text = json_dumps(row, JSON_COMPACT);
	if (text == NULL)
		mem_exhausted();
	line = arena_printf(arena, "%s\n", text);
	free(text);
	json_decref(row);
	return line;
}
