/*
 * Values for people.  Called by shell/table, card and the screens.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "value.h"

#include "bar.h"
#include "base/clock.h"
#include "text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MINUTE ((int64_t)60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define YEAR   (365 * DAY)

/* Units of time, the largest first. */
static const struct unit {
	int64_t seconds;
	const char *name;
} units[] = { { YEAR, "y" }, { DAY, "d" }, { HOUR, "h" }, { MINUTE, "min" }, { 1, "s" } };

#define UNITS (sizeof(units) / sizeof(units[0]))

/* A text of the form 2026-11-21T22:35:54.123Z: 0 and the moment, or -1. */
static int moment_parse(const char *text, int64_t *moment)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
	struct tm tm = { 0 };

	if (strlen(text) != sizeof(form) - 1)
		return -1;
	for (size_t i = 0; form[i] != '\0'; i++)
		if (form[i] == 'd' ? !isdigit((unsigned char)text[i])
				   : text[i] != form[i])
			return -1;
	if (strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) == NULL)
		return -1;
	*moment = (int64_t)timegm(&tm) * CLOCK_SECOND;
	for (int64_t place = CLOCK_SECOND / 10, i = 20; text[i] != 'Z'; i++, place /= 10)
		*moment += (text[i] - '0') * place;
	return 0;
}

static const char *say_moment(struct arena *arena, int64_t moment, int64_t now)
{
	int64_t away = moment - now, n;
	bool past = away < 0;
	const struct unit *u = units;

	/* rounded to the next second in its own direction of caution */
	n = past ? -away / CLOCK_SECOND : (away + CLOCK_SECOND - 1) / CLOCK_SECOND;
	if (n == 0)
		return "now";
	while (u->seconds > 1 && n < 2 * u->seconds)
		u++;
	n = past ? n / u->seconds : (n + u->seconds - 1) / u->seconds;
	return arena_printf(
		arena, past ? "%lld %s ago" : "in %lld %s", (long long)n, u->name);
}

/* The two largest units. */
static const char *say_seconds(struct arena *arena, double value)
{
	int64_t seconds = value > 0 && value < 1e15 ? (int64_t)value : 0, rest;
	const struct unit *u = units;

	while (u->seconds > 1 && seconds < u->seconds)
		u++;
	rest = seconds % u->seconds;
	if (u->seconds > 1 && rest >= u[1].seconds)
		return arena_printf(arena, "%lld %s %lld %s",
			(long long)(seconds / u->seconds), u->name,
			(long long)(rest / u[1].seconds), u[1].name);
	return arena_printf(arena, "%lld %s", (long long)(seconds / u->seconds), u->name);
}

static const char *say_bytes(struct arena *arena, double bytes)
{
	static const char *const prefixes[] = { "KiB", "MiB", "GiB", "TiB", "PiB" };
	size_t i = 0;

	if (bytes < 1024)
		return arena_printf(arena, "%.0f B", bytes);
	for (bytes /= 1024;
		bytes >= 1023.95 && i < sizeof(prefixes) / sizeof(*prefixes) - 1; i++)
		bytes /= 1024;
	return arena_printf(arena, "%.1f %s", bytes, prefixes[i]);
}

/* Percent, which queries round so. */
static const char *say_tenths(struct arena *arena, double value)
{
	return arena_printf(arena, "%.1f", value);
}

/* Numbers with a unit, by the name of their member, or (beginning with _) its end. */
static const struct measure {
	const char *name;
	const char *(*say)(struct arena *arena, double value);
} measures[] = {
	{ "uptime", say_seconds },
	{ "_seconds", say_seconds },
	{ "bytes", say_bytes },
	{ "_bytes", say_bytes },
	{ "size", say_bytes },
	{ "share", say_tenths },
	{ "fullest", say_tenths },
};

static const struct measure *measure_of(const char *name)
{
	for (size_t i = 0; i < sizeof(measures) / sizeof(measures[0]); i++) {
		const char *wanted = measures[i].name;
		size_t n = strlen(name), len = strlen(wanted);
		bool end = *wanted == '_' && n > len;

		if (strcmp(end ? name + n - len : name, wanted) == 0)
			return &measures[i];
	}
	return NULL;
}

static const char *say_number(struct arena *arena, const char *name, const json_t *value)
{
	const struct measure *m = measure_of(name);
	double number = json_number_value(value);

	if (m != NULL)
		return m->say(arena, number);
	if (json_is_integer(value))
		return arena_printf(arena, "%lld", (long long)json_integer_value(value));
	return arena_printf(arena, number > -10 && number < 10 ? "%.2f" : "%.1f", number);
}

/* A list of numbers; NULL if it is something else. */
static const char *say_numbers(
	struct arena *arena, const json_t *list, const struct view *view)
{
	size_t n = json_array_size(list), i;
	double *numbers = arena_alloc(arena, n * sizeof(*numbers));
	const json_t *value;

	json_array_foreach(list, i, value) {
		if (!json_is_number(value))
			return NULL;
		numbers[i] = json_number_value(value);
	}
	return bar_spark(arena, numbers, n, view);
}

bool value_is_empty(const json_t *value)
{
	return value == NULL || json_is_null(value) ||
	       (json_is_string(value) && *json_string_value(value) == '\0') ||
	       (json_is_array(value) && json_array_size(value) == 0);
}

const char *value_text(struct arena *arena, const char *name, const json_t *value,
	const struct view *view)
{
	const char *text = NULL;
	int64_t moment;
	char *dumped;

	if (value_is_empty(value))
		return "-";
	if (json_is_number(value))
		return say_number(arena, name, value);
	if (json_is_string(value)) {
		text = json_string_value(value);
		return moment_parse(text, &moment) == 0
			       ? say_moment(arena, moment, view->now)
			       : text_printable(arena, text);
	}
	if (json_is_array(value))
		text = say_numbers(arena, value, view);
	if (text != NULL)
		return text;
	dumped = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	text = text_printable(arena, dumped);
	free(dumped);
	return text;
}

/* The member `name` is painted where the member `of` has that value (NULL: any). */
static const struct {
	const char *name, *of, *value;
	enum paint paint;
} paints[] = {
	{ "verdict", "verdict", "accept", PAINT_GOOD },
	{ "verdict", "verdict", "bypass", PAINT_GOOD },
	{ "verdict", "verdict", "monitor", PAINT_WARN },
	{ "verdict", "verdict", "hold", PAINT_WARN },
	{ "verdict", "verdict", "defer", PAINT_BAD },
	{ "verdict", "verdict", "block", PAINT_BAD },
	{ "verdict", "verdict", "discard", PAINT_BAD },
	{ "verdict", "verdict", "error", PAINT_BAD },
	{ "flag", "flag", "block", PAINT_BAD },
	{ "flag", "flag", "bypass", PAINT_WARN },
	{ "used", "free_at", NULL, PAINT_BAD },
	{ "free_at", "free_at", NULL, PAINT_BAD },
	{ "penalty", "penalty", NULL, PAINT_BAD },
	{ "refusal", "refusal", NULL, PAINT_BAD },
	{ "degraded", "degraded", NULL, PAINT_BAD },
	{ "enabled", "enabled", "no", PAINT_WARN },
};

enum paint value_paint(const json_t *row, const char *name)
{
	for (size_t i = 0; i < sizeof(paints) / sizeof(paints[0]); i++) {
		const json_t *value;

		if (strcmp(paints[i].name, name) != 0)
			continue;
		value = json_object_get(row, paints[i].of);
		if (paints[i].value == NULL
				? json_is_string(value) && !value_is_empty(value)
				: json_is_string(value) &&
					  strcmp(json_string_value(value),
						  paints[i].value) == 0)
			return paints[i].paint;
	}
	return PAINT_PLAIN;
}
