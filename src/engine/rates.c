/*
 * Rates.  Counted by stats for each message, read for commands.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/rates.h"

#include "base/clock.h"

#include <string.h>

/* A ring of steps: those from `first` on in rates.steps. */
static const struct ring {
	int first, n;
	int64_t seconds; /* of a step */
} rings[RATE_SPANS] = {
	[RATE_NOW] = { 0, RATES_NOW_STEPS, 1 },
	[RATE_MINUTE] = { RATES_NOW_STEPS, RATES_MINUTE_STEPS, 5 },
	[RATE_HOUR] = { RATES_NOW_STEPS + RATES_MINUTE_STEPS, RATES_HOUR_STEPS, 300 },
	[RATE_DAY] = { RATES_STEPS - RATES_DAY_STEPS, RATES_DAY_STEPS, 3600 },
};

/* The rings come to a later second: the steps between are empty. */
static void advance(struct rates *r, int64_t second)
{
	for (int i = 0; i < RATE_SPANS; i++) {
		const struct ring *ring = &rings[i];
		int64_t number = second / ring->seconds,
			gone = number - r->last / ring->seconds;

		if (gone > ring->n)
			gone = ring->n;
		for (int64_t step = number - gone + 1; step <= number; step++)
			r->steps[ring->first + step % ring->n] = (struct rate){ 0, 0 };
		r->place[i] = (uint8_t)(ring->first + number % ring->n);
	}
	r->last = second;
}

static void count(struct rates *r, unsigned messages, bool refused, int64_t now)
{
	int64_t second = now / CLOCK_SECOND;

	if (second > r->last || r->last == 0)
		advance(r, second);
	for (int i = 0; i < RATE_SPANS; i++) {
		struct rate *step = &r->steps[r->place[i]];

		step->messages += messages;
		step->refused += refused;
	}
}

void rates_count(struct rates *r, bool refused, int64_t now)
{
	count(r, 1, refused, now);
}

void rates_recount(struct rates *r, int64_t now)
{
	count(r, 0, true, now);
}

/* The step of that number, counted since 1970; those that the ring has not come to are
 * empty, and none is asked for that it has left behind. */
static struct rate step_at(const struct rates *r, const struct ring *ring, int64_t number)
{
	if (number < 0 || number > r->last / ring->seconds)
		return (struct rate){ 0, 0 };
	return r->steps[ring->first + number % ring->n];
}

static int64_t not_before_last(const struct rates *r, int64_t now)
{
	return now / CLOCK_SECOND >= r->last ? now : (r->last + 1) * CLOCK_SECOND - 1;
}

/* That share of a number, rounded up. */
static uint32_t share_of(uint32_t n, int64_t part, int64_t whole)
{
	return (uint32_t)(((uint64_t)n * (uint64_t)part + (uint64_t)whole - 1) /
			  (uint64_t)whole);
}

struct rate rates_read(const struct rates *r, enum rate_span span, int64_t now)
{
	const struct ring *ring = &rings[span];
	int64_t us = ring->seconds * CLOCK_SECOND, at = not_before_last(r, now),
		newest = at / us, inside = us - at % us;
	struct rate oldest = step_at(r, ring, newest - ring->n + 1),
		    sum = { share_of(oldest.messages, inside, us),
			    share_of(oldest.refused, inside, us) };

	for (int64_t number = newest - ring->n + 2; number <= newest; number++) {
		struct rate step = step_at(r, ring, number);

		sum.messages += step.messages;
		sum.refused += step.refused;
	}
	return sum;
}

void rates_trend(const struct rates *r, uint32_t trend[RATES_TREND], int64_t now)
{
	const struct ring *ring = &rings[RATE_HOUR];
	int64_t newest = not_before_last(r, now) / CLOCK_SECOND / ring->seconds;

	for (int i = 0; i < RATES_TREND; i++)
		trend[i] = step_at(r, ring, newest - RATES_TREND + 1 + i).messages;
}
