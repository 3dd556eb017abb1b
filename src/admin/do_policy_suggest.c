/*
 * policy suggest: limits for an hour and a day that few objects would have come over, by
 * what they have sent.  Nothing changes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/replaying.h"
#include "base/clock.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#define QUANTILE_DEFAULT 0.999
#define TOP_DEFAULT	 20
#define TOP_MAX		 1000

static const struct period {
	const char *name;
	int64_t seconds;
} periods[ROLL_HIGHS] = { { "hour", 3600 }, { "day", 86400 } };

struct suggestion {
	uint64_t exact; /* the least that at most the share of objects has exceeded */
	uint64_t limit; /* that, rounded up */
	char text[OCTETS_TEXT_MAX];
	size_t touched; /* objects that have exceeded the limit */
};

struct suggest {
	struct replaying g; /* first */
	struct policy policy;
	double quantile;
	uint64_t top;
	struct suggestion found[ROLL_HIGHS];
};

/* As high as limits go: whatever was sent is measured, and nothing refused. */
static int make_policy(struct request *rq, struct suggest *s, struct err *err)
{
	char limit[100];

	policy_init(&s->policy, REPLAY_UNNAMED);
	if (policy_set(&s->policy, ATTRIBUTE_SOURCE, "any", err) < 0 ||
		policy_set(&s->policy, ATTRIBUTE_DESTINATION, "any", err) < 0 ||
		request_attributes(rq, &s->policy, err) < 0)
		return -1;
	if (s->policy.count == COUNT_BYTES)
		snprintf(limit, sizeof(limit), "%lluG/hour,%lluG/day",
			(unsigned long long)LIMIT_OCTETS_MAX >> 30,
			(unsigned long long)LIMIT_OCTETS_MAX >> 30);
	else
		snprintf(limit, sizeof(limit), "%d/hour,%d/day", LIMIT_AMOUNT_MAX,
			LIMIT_AMOUNT_MAX);
	return policy_set(&s->policy, ATTRIBUTE_LIMIT, limit, err);
}

static int read_quantile(struct request *rq, double *quantile, struct err *err)
{
	const char *text = request_pair(rq, "quantile");
	char *end, shown[160];

	*quantile = QUANTILE_DEFAULT;
	if (text == NULL)
		return 0;
	*quantile = strtod(text, &end);
	if (strspn(text, "0123456789.") == strlen(text) && end != text && *end == '\0' &&
		*quantile >= 0.5 && *quantile <= 1)
		return 0;
	return err_set(err, "quantile: not a share: \"%s\" (0.5 to 1, as in 0.999)",
		str_escape(shown, sizeof(shown), text));
}

static int read_top(struct request *rq, uint64_t *top, struct err *err)
{
	const char *text = request_pair(rq, "top");
	char shown[160];

	*top = TOP_DEFAULT;
	if (text == NULL || (str_to_u64(text, TOP_MAX, top) == 0 && *top > 0))
		return 0;
	return err_set(err, "top: not a number of rows: \"%s\" (1 to %d)",
		str_escape(shown, sizeof(shown), text), TOP_MAX);
}

static void take(
	struct replaying *g, const struct replay_row *row, const struct replay_said *said)
{
	for (size_t i = 0; i < said->nhits; i++) {
		const struct counter_hit *hit = &said->hits[i];
		struct enrolled *one = roll_of(&g->roll, hit->key.object);
		size_t p = hit->limit->period == periods[0].seconds ? 0 : 1;

		one->messages += one->seen != (int64_t)g->offered;
		one->seen = (int64_t)g->offered;
		one->last = row->time;
		if (hit->used > one->high[p])
			one->high[p] = hit->used;
	}
}

static int compare_hour(const void *left, const void *right)
{
	const struct enrolled *a = *(struct enrolled *const *)left,
			      *b = *(struct enrolled *const *)right;

	return (a->high[0] < b->high[0]) - (a->high[0] > b->high[0]);
}

static int compare_day(const void *left, const void *right)
{
	const struct enrolled *a = *(struct enrolled *const *)left,
			      *b = *(struct enrolled *const *)right;

	return (a->high[1] < b->high[1]) - (a->high[1] > b->high[1]);
}

static int (*const compares[ROLL_HIGHS])(
	const void *, const void *) = { compare_hour, compare_day };

/* Two figures say enough. */
static uint64_t round_up(uint64_t n)
{
	uint64_t unit = 1;

	while ((n + unit - 1) / unit > 99)
		unit *= 10;
	return (n + unit - 1) / unit * unit;
}

/* What an administrator would type. */
static void spell(struct suggestion *found, bool octets)
{
	found->limit = round_up(found->exact);
	snprintf(found->text, sizeof(found->text), "%llu",
		(unsigned long long)found->limit);
	if (octets && octets_parse(octets_say(found->text, found->exact), &found->limit,
			      NULL) < 0)
		found->limit = found->exact;
}

/* The object behind those that may exceed it has just the limit. */
static void find(struct suggest *s, size_t p)
{
	struct enrolled **sorted = roll_sorted(&s->g.roll, compares[p]);
	size_t n = roll_count(&s->g.roll),
	       over = (size_t)((1 - s->quantile) * (double)n + 1e-9);
	struct suggestion *found = &s->found[p];

	found->exact = sorted[over]->high[p];
	spell(found, s->policy.count == COUNT_BYTES);
	while (found->touched < n && sorted[found->touched]->high[p] > found->limit)
		found->touched++;
	free(sorted);
}

static int period_row(const struct suggest *s, size_t p, struct err *err)
{
	const struct replaying *g = &s->g;
	const struct suggestion *found = &s->found[p];

	return request_row(g->rq,
		json_pack("{s:s, s:s, s:I, s:I, s:I, s:f, s:s, s:s, s:I, s:I, s:I, s:I}",
			"period", periods[p].name, "limit",
			arena_printf(g->rq->arena, "%s/%s", found->text, periods[p].name),
			"exact", (json_int_t)found->exact, "objects",
			(json_int_t)roll_count(&g->roll), "touched",
			(json_int_t)found->touched, "quantile", s->quantile, "since",
			replaying_moment(g->rq, g->since), "until",
			replaying_moment(g->rq, g->until), "rows", (json_int_t)g->rows,
			"messages", (json_int_t)g->judged, "not_judged_recipients",
			(json_int_t)g->no_recipients, "not_judged_size",
			(json_int_t)g->no_size),
		err);
}

/* In percent of the limit. */
static double share(const struct suggest *s, const struct enrolled *one, size_t p)
{
	double tenths = 1000.0 * (double)one->high[p] / (double)s->found[p].limit;

	return (double)(uint64_t)(tenths + 0.5) / 10;
}

static int compare_rank(const void *left, const void *right)
{
	const struct enrolled *a = *(struct enrolled *const *)left,
			      *b = *(struct enrolled *const *)right;

	return a->rank != b->rank ? (a->rank < b->rank) - (a->rank > b->rank)
				  : strcmp(a->name, b->name);
}

static int object_row(
	const struct suggest *s, const struct enrolled *one, struct err *err)
{
	return request_row(s->g.rq,
		json_pack("{s:o, s:I, s:I, s:f, s:f, s:I, s:s}", "object",
			json_text(one->name), "hour", (json_int_t)one->high[0], "day",
			(json_int_t)one->high[1], "hour_share", share(s, one, 0),
			"day_share", share(s, one, 1), "messages",
			(json_int_t)one->messages, "last",
			replaying_moment(s->g.rq, one->last)),
		err);
}

/* Those who came nearest to either limit, or went over it. */
static int object_rows(const struct suggest *s, struct err *err)
{
	struct enrolled **sorted;
	size_t n = roll_count(&s->g.roll);
	int rc = 0;

	for (struct enrolled *one = s->g.roll.all; one != NULL; one = one->hh.next)
		one->rank = share(s, one, share(s, one, 0) < share(s, one, 1));
	sorted = roll_sorted(&s->g.roll, compare_rank);
	for (size_t i = 0; rc == 0 && i < n && i < s->top; i++)
		rc = object_row(s, sorted[i], err);
	free(sorted);
	return rc;
}

/* What is to be typed; as it was asked about, and without what is so by default. */
static const char *say_pair(
	const struct suggest *s, enum policy_attribute a, struct arena *arena)
{
	const char *value = policy_get(&s->policy, a, arena),
		   *otherwise = policy_attribute_default(a);

	if (otherwise != NULL && strcmp(value, otherwise) == 0)
		return "";
	return arena_printf(arena, " %s=%s", policy_attribute_name(a), value);
}

static int say_command(const struct suggest *s)
{
	struct arena *arena = s->g.rq->arena;

	return request_done(s->g.rq,
		"to watch it first: policy add NAME%s%s%s%s limit=%s/hour,%s/day "
		"action=monitor",
		say_pair(s, ATTRIBUTE_SOURCE, arena),
		say_pair(s, ATTRIBUTE_DESTINATION, arena),
		say_pair(s, ATTRIBUTE_KEY, arena), say_pair(s, ATTRIBUTE_COUNT, arena),
		s->found[0].text, s->found[1].text);
}

static int nothing_to_say(const struct suggest *s, struct err *err)
{
	const struct replaying *g = &s->g;

	return err_code(err, ERR_IN_USE,
		"nothing to suggest from: of %llu messages since %s it could have "
		"counted "
		"none (for want of recipients %llu, of the size %llu)",
		(unsigned long long)g->rows, replaying_moment(g->rq, g->since),
		(unsigned long long)g->no_recipients, (unsigned long long)g->no_size);
}

static int answer(struct suggest *s, struct err *err)
{
	if (roll_count(&s->g.roll) == 0)
		return nothing_to_say(s, err);
	for (size_t p = 0; p < ROLL_HIGHS; p++)
		find(s, p);
	for (size_t p = 0; p < ROLL_HIGHS; p++)
		if (period_row(s, p, err) < 0)
			return -1;
	return object_rows(s, err) < 0 ? -1 : say_command(s);
}

int do_policy_suggest(struct request *rq, struct err *err)
{
	struct suggest s = {
		.g = { .rq = rq, .policy = &s.policy, .until = clock_now(), .take = take }
	};
	int rc = -1;

	if (request_pair(rq, "key") == NULL)
		return err_set(
			err, "for whom is it to count? (key=login, key=client ...)");
	if (replaying_check(rq, err) == 0 && read_quantile(rq, &s.quantile, err) == 0 &&
		read_top(rq, &s.top, err) == 0 &&
		request_since(rq, s.g.until, REPLAY_SINCE_DEFAULT, &s.g.since, err) ==
			0 &&
		make_policy(rq, &s, err) == 0 && replaying_run(&s.g, err) == 0)
		rc = answer(&s, err);
	policy_clear(&s.policy);
	roll_clear(&s.g.roll);
	return rc;
}
