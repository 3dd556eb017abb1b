/*
 * Reading and writing limits.  Called when a policy is set or loaded; pure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "counter/limit.h"

#include "base/clock.h"
#include "base/str.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define PIECE_MAX 80

static const char *const strategies[] = {
	[STRATEGY_MOVING] = "moving",
	[STRATEGY_SLIDING] = "sliding",
	[STRATEGY_FIXED] = "fixed",
	[STRATEGY_BUCKET] = "bucket",
};

_Static_assert(sizeof(strategies) / sizeof(strategies[0]) == STRATEGIES,
	"a name for each strategy");

static const struct size_unit {
	const char *name;
	unsigned bits;
} size_units[] = { { "G", 30 }, { "M", 20 }, { "K", 10 }, { "", 0 } };

#define SIZE_UNITS (sizeof(size_units) / sizeof(size_units[0]))

int octets_parse(const char *text, uint64_t *octets, bool *sized)
{
	size_t digits = strspn(text, "0123456789");
	char number[PIECE_MAX];
	const struct size_unit *u = size_units;

	while (u < size_units + SIZE_UNITS && strcmp(text + digits, u->name) != 0)
		u++;
	if (u == size_units + SIZE_UNITS || digits >= sizeof(number))
		return -1;
	memcpy(number, text, digits);
	number[digits] = '\0';
	if (str_to_u64(number, LIMIT_OCTETS_MAX >> u->bits, octets) < 0)
		return -1;
	*octets <<= u->bits;
	if (sized != NULL)
		*sized = u->bits > 0;
	return 0;
}

/* In the largest unit that divides it. */
static char *octets_format(char buf[OCTETS_TEXT_MAX], uint64_t octets)
{
	const struct size_unit *u = size_units;

	while (octets == 0 ? u->bits > 0 : octets % (UINT64_C(1) << u->bits) != 0)
		u++;
	snprintf(buf, OCTETS_TEXT_MAX, "%llu%s", (unsigned long long)(octets >> u->bits),
		u->name);
	return buf;
}

char *octets_say(char buf[OCTETS_TEXT_MAX], uint64_t octets)
{
	const struct size_unit *u = size_units;
	uint64_t unit;

	while (u->bits > 0 && octets < UINT64_C(10) << u->bits)
		u++;
	unit = UINT64_C(1) << u->bits;
	snprintf(buf, OCTETS_TEXT_MAX, "%llu%s",
		(unsigned long long)((octets + unit - 1) >> u->bits), u->name);
	return buf;
}

int strategy_parse(const char *text, enum strategy *out)
{
	int i = str_choose(text, strategies, sizeof(strategies) / sizeof(strategies[0]));

	if (i < 0)
		return -1;
	*out = (enum strategy)i;
	return 0;
}

const char *strategy_name(enum strategy strategy)
{
	return strategies[strategy];
}

static int not_a_limit(const char *text, struct err *err)
{
	return err_set(err,
		"not a limit: \"%s\" (try 100/hour, 5 per 10 minutes or 100:3600)", text);
}

/* Splits "AMOUNT SEP PERIOD", where SEP is /, : or the word per. */
static int split(
	const char *text, char amount[PIECE_MAX], char period[PIECE_MAX], char *sep)
{
	size_t n = strcspn(text, "/: ");
	const char *rest = text + n;

	memcpy(amount, text, n);
	amount[n] = '\0';
	rest += strspn(rest, " ");
	if (*rest == '/' || *rest == ':') {
		*sep = *rest++;
	} else if (strncmp(rest, "per ", 4) == 0) {
		*sep = '/';
		rest += 4;
	} else {
		return -1;
	}
	rest += strspn(rest, " ");
	snprintf(period, PIECE_MAX, "%s", rest);
	return n > 0 && *period != '\0' ? 0 : -1;
}

/* Digits, and at most one of the letters behind them. */
static bool is_number(const char *amount)
{
	size_t digits = strspn(amount, "0123456789"),
	       letters = strspn(amount + digits, "KMG");

	return digits > 0 && letters <= 1 && amount[digits + letters] == '\0';
}

/* 1: a limit; 0: "no limit" (none, 0:0); -1: neither. */
static int parse_one(const char *text, struct limit *out, struct err *err)
{
	char amount[PIECE_MAX], period[PIECE_MAX], sep;
	uint64_t n;
	bool sized;

	if (strcmp(text, "none") == 0)
		return 0;
	if (split(text, amount, period, &sep) < 0)
		return not_a_limit(text, err);
	if (octets_parse(amount, &n, &sized) < 0) {
		if (!is_number(amount))
			return not_a_limit(text, err);
		return err_set(err,
			"not an amount: \"%s\" in \"%s\" (0 to %d; with count=bytes "
			"to %lluG)",
			amount, text, LIMIT_AMOUNT_MAX,
			(unsigned long long)LIMIT_OCTETS_MAX >> 30);
	}
	*out = (struct limit){ .amount = n, .sized = sized };
	if ((sep == ':' && period[strspn(period, "0123456789")] != '\0') ||
		duration_parse(period, &out->period) < 0)
		out->period = -1;
	if (sep == ':' && n == 0 && !sized && out->period == 0)
		return 0;
	if (out->period < 1 || out->period > LIMIT_PERIOD_MAX)
		return err_set(err,
			"not a period: \"%s\" in \"%s\" (1 second to 10 years, %s)",
			period, text,
			sep == ':' ? "in seconds, as in 100:3600"
				   : "as in hour, 10 minutes or 2h");
	return 1;
}

static int add_limit(
	const struct limit *one, struct limit *limits, size_t *n, struct err *err)
{
	char text[LIMIT_TEXT_MAX], other[LIMIT_TEXT_MAX];

	for (size_t i = 0; i < *n; i++)
		if (limits[i].period == one->period)
			return err_set(err, "two limits of the same period: %s and %s",
				limit_format(other, &limits[i]), limit_format(text, one));
	if (*n == LIMITS_MAX)
		return err_set(err, "a policy has at most %d limits", LIMITS_MAX);
	limits[(*n)++] = *one;
	return 0;
}

int limits_parse(
	const char *text, struct limit limits[LIMITS_MAX], size_t *n, struct err *err)
{
	char piece[PIECE_MAX];
	const char *p = text, *end;
	struct limit one;
	int pieces = 0, nones = 0, kind;

	*n = 0;
	for (;; p = end + 1) {
		size_t len;

		end = p + strcspn(p, ",;");
		p += strspn(p, " ");
		for (len = (size_t)(end - p); len > 0 && p[len - 1] == ' '; len--)
			continue;
		if (p > end || len == 0 || len >= sizeof(piece))
			return not_a_limit(text, err);
		memcpy(piece, p, len);
		piece[len] = '\0';
		kind = parse_one(piece, &one, err);
		if (kind < 0 || (kind > 0 && add_limit(&one, limits, n, err) < 0))
			return -1;
		pieces++;
		nones += kind == 0;
		if (*end == '\0')
			break;
	}
	if (nones > 0 && pieces > 1)
		return err_set(err, "\"none\" stands alone: \"%s\"", text);
	return 0;
}

int limits_check_unsized(const struct limit *limits, size_t n, struct err *err)
{
	char text[LIMIT_TEXT_MAX];

	for (size_t i = 0; i < n; i++) {
		limit_format(text, &limits[i]);
		if (limits[i].sized)
			return err_set(
				err, "K, M and G are for count=bytes: \"%s\"", text);
		if (limits[i].amount > LIMIT_AMOUNT_MAX)
			return err_set(err,
				"not an amount: \"%s\" (0 to %d; more with count=bytes)",
				text, LIMIT_AMOUNT_MAX);
	}
	return 0;
}

int penalty_parse(const char *text, int64_t *seconds)
{
	*seconds = 0;
	if (strcmp(text, "0") == 0)
		return 0;
	return duration_parse(text, seconds) < 0 || *seconds < 1 ||
			       *seconds > LIMIT_PERIOD_MAX
		       ? -1
		       : 0;
}

char *limit_format(char buf[LIMIT_TEXT_MAX], const struct limit *limit)
{
	char period[DURATION_TEXT_MAX], amount[OCTETS_TEXT_MAX];

	if (limit->sized)
		octets_format(amount, limit->amount);
	else
		snprintf(amount, sizeof(amount), "%llu",
			(unsigned long long)limit_room(limit));
	snprintf(buf, LIMIT_TEXT_MAX, "%s/%s", amount,
		duration_format(period, limit->period));
	return buf;
}
