/*
 * The clock, and how long periods are spelled.  Any thread; the only state is
 * the course of the clock, which the main loop corrects.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/clock.h"

#include "base/str.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define DURATION_MAX ((int64_t)1000 * 365 * 86400)

/* Read by all threads and written by one, without a lock: whoever has read while it was
 * being written (turn is odd, or has changed) reads again.  The monotonic clock is read
 * in between, so that no answer of an old course is later than one of the new. */
static struct {
	atomic_uint turn;
	_Atomic int64_t since, offset, left;
} course;

static int64_t read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * CLOCK_SECOND + ts.tv_nsec / 1000;
}

int64_t clock_slew_at(const struct clock_slew *slew, int64_t monotonic)
{
	int64_t most = (monotonic - slew->since) / CLOCK_SLEW, made_up = slew->left;

	if (made_up > most)
		made_up = most;
	else if (made_up < -most)
		made_up = -most;
	return monotonic + slew->offset + made_up;
}

struct clock_slew clock_slew_to(
	const struct clock_slew *slew, int64_t monotonic, int64_t wall)
{
	int64_t shown = clock_slew_at(slew, monotonic);

	return (struct clock_slew){ monotonic, shown - monotonic, wall - shown };
}

static struct clock_slew read_course(void)
{
	return (struct clock_slew){ course.since, course.offset, course.left };
}

static void set_course(const struct clock_slew *slew)
{
	course.since = slew->since;
	course.offset = slew->offset;
	course.left = slew->left;
}

void clock_start(void)
{
	int64_t monotonic = read_clock(CLOCK_BOOTTIME);

	set_course(&(struct clock_slew){
		monotonic, read_clock(CLOCK_REALTIME) - monotonic, 0 });
}

int64_t clock_follow(void)
{
	struct clock_slew slew = read_course();
	int64_t monotonic;

	course.turn++;
	monotonic = read_clock(CLOCK_BOOTTIME);
	slew = clock_slew_to(&slew, monotonic, read_clock(CLOCK_REALTIME));
	set_course(&slew);
	course.turn++;
	return slew.left;
}

int64_t clock_now(void)
{
	struct clock_slew slew;
	int64_t monotonic;
	unsigned turn;

	do {
		turn = course.turn;
		slew = read_course();
		monotonic = read_clock(CLOCK_BOOTTIME);
	} while (turn % 2 != 0 || turn != course.turn);
	return clock_slew_at(&slew, monotonic);
}

int64_t clock_monotonic(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

struct timespec clock_at(int64_t monotonic)
{
	return (struct timespec){ monotonic / CLOCK_SECOND,
		monotonic % CLOCK_SECOND * 1000 };
}

struct timespec clock_in(int64_t milliseconds)
{
	return clock_at(clock_monotonic() + milliseconds * 1000);
}

bool clock_is_past(const struct timespec *when)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > when->tv_sec ||
	       (now.tv_sec == when->tv_sec && now.tv_nsec >= when->tv_nsec);
}

void clock_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
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

/* A fraction of a second, as far as the Z behind it, in microseconds; -1: not one. */
static int64_t parse_fraction(const char *text)
{
	int64_t all = 0, one = CLOCK_SECOND;

	if (strcmp(text, "Z") == 0)
		return 0;
	if (*text != '.')
		return -1;
	while (*++text >= '0' && *text <= '9' && one > 1) {
		one /= 10;
		all += (*text - '0') * one;
	}
	return strcmp(text, "Z") == 0 && one < CLOCK_SECOND ? all : -1;
}

int clock_parse(const char *text, int64_t *when)
{
	static const char shape[] = "0000-00-00T00:00:00";
	struct tm tm = { 0 };
	char date[sizeof(shape)];
	int64_t fraction, seconds;
	const char *end;

	/* strptime() alone would take blanks, and figures that are missing */
	for (size_t i = 0; i < sizeof(shape) - 1; i++)
		if (shape[i] == '0' ? text[i] < '0' || text[i] > '9'
				    : text[i] != shape[i])
			return -1;
	end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	fraction = parse_fraction(text + sizeof(shape) - 1);
	if (end != text + sizeof(shape) - 1 || fraction < 0)
		return -1;
	seconds = timegm(&tm);
	/* what there is not, as the 30th of February, has become another day */
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	if (seconds < 0 || strncmp(date, text, sizeof(date) - 1) != 0)
		return -1;
	*when = seconds * CLOCK_SECOND + fraction;
	return 0;
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
