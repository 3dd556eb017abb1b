/*
 * What a page says.  Called by the parts of the page of `report html`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "say.h"

#include "base/str.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Of a name, in octets: what is said of it, and what of that is its end at most. */
#define NAME_MAX_SAID 64
#define NAME_MAX_END  40

#define WEEK ((int64_t)7 * 86400)

const char *say_count(struct arena *arena, double n)
{
	char digits[64], *out = arena_alloc(arena, 2 * sizeof(digits)), *at = out;
	size_t len;

	snprintf(digits, sizeof(digits), "%.0f", n < 0 || n > 1e18 ? 0 : n);
	len = strlen(digits);
	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	return out;
}

const char *say_name(struct arena *arena, const char *name)
{
	char *cut = arena_strdup(arena, name);
	size_t len = strlen(name);
	const char *end = strrchr(name, '@');

	if (len <= NAME_MAX_SAID)
		return cut;
	if (end == NULL || strlen(end) > NAME_MAX_END)
		for (end = name + len - NAME_MAX_END; (*end & 0xc0) == 0x80;)
			end++;
	str_utf8_cut(cut, NAME_MAX_SAID - strlen(end));
	return arena_printf(arena, "%s...%s", cut, end);
}

const char *say_some(struct arena *arena, double n, const char *thing)
{
	return arena_printf(
		arena, "%s %s%s", say_count(arena, n), thing, round(n) == 1 ? "" : "s");
}

const char *say_short(struct arena *arena, double n)
{
	static const char units[] = "kMGT";
	const char *unit = units;

	if (n < 999.5)
		return arena_printf(arena, "%.0f", n);
	for (n /= 1000; n >= 999.5 && unit[1] != '\0'; n /= 1000)
		unit++;
	return arena_printf(
		arena, "%.*f%c", n < 9.95 && fmod(round(n * 10), 10) != 0, n, *unit);
}

const char *say_rate(struct arena *arena, double n)
{
	if (n > 0 && n < 0.1)
		return "< 0.1";
	return n < 9.95 && fabs(n - round(n)) >= 0.05 ? arena_printf(arena, "%.1f", n)
						      : say_short(arena, n);
}

const char *say_share(struct arena *arena, double part, double whole)
{
	double share = whole > 0 ? 100 * part / whole : 0;

	if (share <= 0)
		return "0 %";
	if (share < 0.1)
		return "< 0.1 %";
	if (share > 99.9 && part < whole)
		return "> 99.9 %";
	return arena_printf(
		arena, "%.*f %%", share < 10 || (share > 99 && share < 100), share);
}

const char *say_length(struct arena *arena, int64_t seconds)
{
	static const struct {
		int64_t seconds;
		const char *one, *many;
	} units[] = { { 86400, " day", " days" }, { 3600, " h", " h" },
		{ 60, " min", " min" }, { 1, " s", " s" } };
	const char *rest = "";
	int64_t n, left;
	size_t i = 0;

	if (seconds < 0)
		seconds = 0;
	while (i < 3 && seconds < units[i].seconds)
		i++;
	n = seconds / units[i].seconds;
	if (i < 3) {
		left = seconds % units[i].seconds / units[i + 1].seconds;
		if (left > 0)
			rest = arena_printf(
				arena, " %lld%s", (long long)left, units[i + 1].one);
	}
	return arena_printf(arena, "%lld%s%s", (long long)n,
		n == 1 ? units[i].one : units[i].many, rest);
}

/* strftime() is to see its format. */
#define SAY(linkage, name, format)                                                       \
	linkage const char *name(struct arena *arena, int64_t at)                        \
	{                                                                                \
		time_t t = (time_t)at;                                                   \
		struct tm tm = { 0 };                                                    \
		char text[80];                                                           \
                                                                                         \
		localtime_r(&t, &tm);                                                    \
		strftime(text, sizeof(text), format, &tm);                               \
		return arena_strdup(arena, text);                                        \
	}

SAY(extern, say_day, "%a %-d %b")
SAY(extern, say_clock, "%H:%M")
SAY(extern, say_date, "%a %-d %b %Y, %H:%M")
SAY(extern, say_month, "%b %Y")
SAY(static, say_day_of_year, "%a %-d %b %Y")
SAY(static, say_clock_of_zone, "%H:%M %Z")

static struct tm clock_of(int64_t at)
{
	time_t t = (time_t)at;
	struct tm tm = { 0 };

	localtime_r(&t, &tm);
	return tm;
}

struct say_need say_need(int64_t from, int64_t to)
{
	const struct tm first = clock_of(from), last = clock_of(to > from ? to - 1 : to);
	struct say_need need = { .year = first.tm_year != last.tm_year,
		.zone = first.tm_gmtoff != last.tm_gmtoff };

	for (int64_t at = from; at < to && !need.zone; at += WEEK)
		need.zone = clock_of(at).tm_gmtoff != first.tm_gmtoff;
	return need;
}

static const char *say_day_as(struct arena *arena, int64_t at, struct say_need need)
{
	return need.year ? say_day_of_year(arena, at) : say_day(arena, at);
}

static const char *say_clock_as(struct arena *arena, int64_t at, struct say_need need)
{
	return need.zone ? say_clock_of_zone(arena, at) : say_clock(arena, at);
}

const char *say_moment(struct arena *arena, int64_t at, struct say_need need)
{
	return arena_printf(arena, "%s, %s", say_day_as(arena, at, need),
		say_clock_as(arena, at, need));
}

const char *say_span(struct arena *arena, int64_t from, int64_t to, struct say_need need)
{
	const char *day = say_day_of_year(arena, from);
	/* a day's end is midnight, which is the next one's */
	bool same = strcmp(day, say_day_of_year(arena, to - 1)) == 0;
	struct say_need first = need;

	/* said once, too */
	if (clock_of(from).tm_gmtoff == clock_of(to).tm_gmtoff)
		first.zone = false;
	return arena_printf(arena, "%s to %s", say_moment(arena, from, first),
		same ? say_clock_as(arena, to, need) : say_moment(arena, to, need));
}

const char *say_zone(struct arena *arena, int64_t at)
{
	struct tm tm = clock_of(at);
	const char *utc;
	long minutes;
	char name[40];

	strftime(name, sizeof(name), "%Z", &tm);
	minutes = labs(tm.tm_gmtoff) / 60;
	if (minutes == 0)
		return arena_strdup(arena, strcmp(name, "GMT") == 0 ? "GMT" : "UTC");
	utc = arena_printf(arena, "UTC%c%ld", tm.tm_gmtoff < 0 ? '-' : '+', minutes / 60);
	if (minutes % 60 != 0)
		utc = arena_printf(arena, "%s:%02ld", utc, minutes % 60);
	/* some zones have no other name than "+03" */
	return *name == '+' || *name == '-' ? utc
					    : arena_printf(arena, "%s (%s)", name, utc);
}
