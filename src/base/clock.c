/*
 * The clock, and how long periods are spelled.  Any thread; the only state is
 * the offset that clock_start() sets before there are threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/clock.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define DURATION_MAX ((int64_t)1000 * 365 * 86400)

static int64_t offset; /* wall clock minus monotonic clock, microseconds */

static int64_t read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * CLOCK_SECOND + ts.tv_nsec / 1000;
}

void clock_start(void)
{
	offset = read_clock(CLOCK_REALTIME) - read_clock(CLOCK_BOOTTIME);
}

int64_t clock_now(void)
{
	return read_clock(CLOCK_BOOTTIME) + offset;
}

char *clock_format(char buf[CLOCK_TEXT_MAX], int64_t when)
{
	int64_t ms = when / 1000 + (when % 1000 > 0);
	time_t seconds = (time_t)(ms / 1000);
	char date[CLOCK_TEXT_MAX - 5];
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL ||
		strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) == 0) {
		snprintf(buf, CLOCK_TEXT_MAX, "never");
		return buf;
	}
	snprintf(buf, CLOCK_TEXT_MAX, "%s.%03uZ", date, (unsigned)(ms % 1000) % 1000u);
	return buf;
}

static const struct unit {
	const char *name; /* in the singular */
	int64_t seconds;
	const char *shorter[3];
} units[] = {
	{ "year", 365 * 86400, { "y" } },
	{ "month", 30 * 86400, { NULL } },
	{ "week", 7 * 86400, { "w" } },
	{ "day", 86400, { "d" } },
	{ "hour", 3600, { "h" } },
	{ "minute", 60, { "m", "min" } },
	{ "second", 1, { "s", "sec" } },
};

#define UNITS (sizeof(units) / sizeof(units[0]))

static const struct unit *unit_find(const char *name)
{
	for (const struct unit *u = units; u < units + UNITS; u++) {
		size_t n = strlen(u->name);

		if (strncmp(name, u->name, n) == 0 &&
			(name[n] == '\0' || strcmp(name + n, "s") == 0))
			return u;
		for (size_t i = 0; i < 3 && u->shorter[i] != NULL; i++)
			if (strcmp(name, u->shorter[i]) == 0)
				return u;
	}
	return NULL;
}

int duration_parse(const char *text, int64_t *seconds)
{
	size_t digits = strspn(text, "0123456789");
	const char *name = text + digits + strspn(text + digits, " ");
	char number[20] = "1";
	const struct unit *unit;
	uint64_t n;

	if (digits >= sizeof(number))
		return -1;
	if (digits > 0) {
		memcpy(number, text, digits);
		number[digits] = '\0';
	}
	unit = digits > 0 && *name == '\0' ? unit_find("second") : unit_find(name);
	if (unit == NULL)
		return -1;
	if (str_to_u64(number, (uint64_t)(DURATION_MAX / unit->seconds), &n) < 0)
		return -1;
	*seconds = (int64_t)n * unit->seconds;
	return 0;
}

char *duration_format(char buf[DURATION_TEXT_MAX], int64_t seconds)
{
	const struct unit *u = units;

	while (u < units + UNITS - 1 && (seconds == 0 || seconds % u->seconds != 0))
		u++;
	if (seconds == u->seconds)
		snprintf(buf, DURATION_TEXT_MAX, "%s", u->name);
	else
		snprintf(buf, DURATION_TEXT_MAX, "%lld%ss",
			(long long)(seconds / u->seconds), u->name);
	return buf;
}

char *duration_say(char buf[DURATION_TEXT_MAX], int64_t seconds)
{
	/* nobody waits in weeks: two days at least, or two hours, or two minutes */
	const struct unit *u = unit_find("day");
	int64_t n;

	while (u < units + UNITS - 1 && seconds < 2 * u->seconds)
		u++;
	n = (seconds + u->seconds - 1) / u->seconds;
	snprintf(buf, DURATION_TEXT_MAX, "%lld %s%s", (long long)n, u->name,
		n == 1 ? "" : "s");
	return buf;
}
