/*
 * What goes through, in figures: stats and top policies.  From memory alone, so since the
 * start.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/stats.h"
#include "admin/top.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

/* The members of a row that say how much there was lately. */
static const struct {
	enum rate_span span;
	const char *messages, *refused;
} spans[] = {
	{ RATE_MINUTE, "minute", "refused_minute" },
	{ RATE_HOUR, "hour", "refused_hour" },
	{ RATE_DAY, "day", "refused_day" },
};

json_t *stats_per_second(const struct rates *rates, int64_t now)
{
	struct rate rate = rates_read(rates, RATE_NOW, now);

	return json_real(rate.messages * 10 / RATES_NOW_SECONDS / 10.0);
}

static json_t *trend_of(const struct rates *rates, int64_t now)
{
	uint32_t steps[RATES_TREND];
	json_t *trend = json_array();

	rates_trend(rates, steps, now);
	for (int i = 0; i < RATES_TREND; i++)
		json_array_append_new(trend, json_integer(steps[i]));
	return trend;
}

/* Each span with what was refused in it beside: where a terminal has no room for all, the
 * shortest are what is left. */
static void add_rates(json_t *row, const struct rates *rates, int64_t now)
{
	json_object_set_new(row, "now", stats_per_second(rates, now));
	json_object_set_new(row, "trend", trend_of(rates, now));
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		struct rate rate = rates_read(rates, spans[i].span, now);

		json_object_set_new(row, spans[i].messages, json_integer(rate.messages));
		json_object_set_new(row, spans[i].refused, json_integer(rate.refused));
	}
}

static json_t *stats_row(
	struct request *rq, const char *name, int64_t policy_id, int64_t now)
{
	const struct admin *a = rq->admin;
	struct stats *stats = a->engine->stats;
	uint64_t verdicts[VERDICTS], results[SPF_RESULTS], messages = 0;
	json_t *row = json_object();
	struct rates rates;

	stats_read(stats, policy_id, verdicts);
	stats_read_spf(stats, policy_id, results);
	stats_rates(stats, policy_id, &rates);
	for (int v = 0; v < VERDICTS; v++)
		messages += verdicts[v];
	json_object_set_new(row, "policy", json_string(name));
	json_object_set_new(row, "messages", json_integer((json_int_t)messages));
	for (int v = 0; v < VERDICTS; v++)
		json_object_set_new(row, verdict_name((enum verdict_kind)v),
			json_integer((json_int_t)verdicts[v]));
	for (int r = 0; r < SPF_RESULTS; r++)
		json_object_set_new(row,
			arena_printf(
				rq->arena, "spf_%s", spf_result_name((enum spf_result)r)),
			json_integer((json_int_t)results[r]));
	add_rates(row, &rates, now);
	json_object_set_new(row, "uptime",
		json_integer((json_int_t)((now - a->started) / CLOCK_SECOND)));
	return row;
}

/* "all" is no policy's name: it stands for all mail. */
int do_stats(struct request *rq, struct err *err)
{
	const char *only = rq->nargs > 0 ? rq->args[0] : NULL;
	struct policy_slot *slot = rq->admin->engine->slot;
	struct policy_set *set = policy_slot_acquire(slot);
	int64_t now = clock_now();
	int rc = 0;

	if (only == NULL)
		rc = request_row(rq, stats_row(rq, "all", 0, now), err);
	for (size_t i = 0; rc == 0 && i < set->npolicies; i++) {
		const struct policy *p = set->policies[i];

		if (only == NULL || strcmp(only, p->name) == 0)
			rc = request_row(rq, stats_row(rq, p->name, p->id, now), err);
	}
	policy_slot_release(slot, set);
	if (rc == 0 && rq->rows == 0)
		return named_missing(rq->db, NAMED_POLICY, only, err);
	return rc;
}

/* A policy in the race. */
struct place {
	const char *name; /* the set's */
	struct rates rates;
	struct rate hour, day;
	bool refused; /* is what counts */
};

static uint32_t counts_for(const struct place *p, struct rate rate)
{
	return p->refused ? rate.refused : rate.messages;
}

/* By the last hour, then by the last day; equal ones by name. */
static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	uint32_t hour[2] = { counts_for(x, x->hour), counts_for(y, y->hour) },
		 day[2] = { counts_for(x, x->day), counts_for(y, y->day) };

	if (hour[0] != hour[1])
		return hour[0] > hour[1] ? -1 : 1;
	if (day[0] != day[1])
		return day[0] > day[1] ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Those that had any, the most of them first; their number. */
static size_t find_places(struct request *rq, const struct policy_set *set,
	struct place *places, bool refused, int64_t now)
{
	size_t n = 0;

	for (size_t i = 0; i < set->npolicies; i++) {
		struct place *p = &places[n]; /* stays, if it counts */

		*p = (struct place){ .name = set->policies[i]->name, .refused = refused };
		stats_rates(rq->admin->engine->stats, set->policies[i]->id, &p->rates);
		p->hour = rates_read(&p->rates, RATE_HOUR, now);
		p->day = rates_read(&p->rates, RATE_DAY, now);
		if (counts_for(p, p->day) > 0)
			n++;
	}
	qsort(places, n, sizeof(*places), compare_places);
	return n;
}

int do_top_policies(struct request *rq, struct err *err)
{
	struct policy_slot *slot = rq->admin->engine->slot;
	struct policy_set *set;
	int64_t now = clock_now();
	struct place *places;
	struct top top;
	int rc = 0;
	size_t n;

	if (top_read(rq, &top, err) < 0)
		return -1;
	set = policy_slot_acquire(slot);
	places = arena_alloc(rq->arena, set->npolicies * sizeof(*places));
	n = find_places(rq, set, places, top.refused, now);
	for (size_t i = 0; rc == 0 && i < n && i < top.most; i++) {
		json_t *row = json_pack("{s:s}", "policy", places[i].name);

		add_rates(row, &places[i].rates, now);
		rc = request_row(rq, row, err);
	}
	policy_slot_release(slot, set);
	return rc;
}
