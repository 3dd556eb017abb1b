/*
 * What goes through, in figures: stats and top policies.  From memory alone, so since the
 * start.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/request.h"
#include "base/clock.h"

#include <string.h>

/* The members of a row that say how much there was lately. */
static const struct {
	const char *messages, *refused; /* refused NULL: a rate per second */
} spans[RATE_SPANS] = {
	[RATE_NOW] = { "now", NULL },
	[RATE_MINUTE] = { "minute", "refused_minute" },
	[RATE_HOUR] = { "hour", "refused_hour" },
	[RATE_DAY] = { "day", "refused_day" },
};

/* Messages per second, to a tenth. */
static json_t *per_second(struct rate rate)
{
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

/* Messages first, then what was refused of them, then the trend. */
static void add_rates(json_t *row, const struct rates *rates, int64_t now)
{
	struct rate rate[RATE_SPANS];

	for (int i = 0; i < RATE_SPANS; i++) {
		rate[i] = rates_read(rates, (enum rate_span)i, now);
		json_object_set_new(row, spans[i].messages,
			spans[i].refused == NULL ? per_second(rate[i])
						 : json_integer(rate[i].messages));
	}
	for (int i = 0; i < RATE_SPANS; i++)
		if (spans[i].refused != NULL)
			json_object_set_new(
				row, spans[i].refused, json_integer(rate[i].refused));
	json_object_set_new(row, "trend", trend_of(rates, now));
}

static json_t *stats_row(
	struct request *rq, const char *name, int64_t policy_id, int64_t now)
{
	struct stats *stats = rq->admin->engine->stats;
	uint64_t verdicts[VERDICTS], messages = 0;
	json_t *row = json_object();
	struct rates rates;

	stats_read(stats, policy_id, verdicts);
	stats_rates(stats, policy_id, &rates);
	for (int v = 0; v < VERDICTS; v++)
		messages += verdicts[v];
	json_object_set_new(row, "policy", json_string(name));
	json_object_set_new(row, "messages", json_integer((json_int_t)messages));
	for (int v = 0; v < VERDICTS; v++)
		json_object_set_new(row, verdict_name((enum verdict_kind)v),
			json_integer((json_int_t)verdicts[v]));
	add_rates(row, &rates, now);
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
		return err_code(err, ERR_NO_SUCH, "no policy \"%.80s\"", only);
	return rc;
}
