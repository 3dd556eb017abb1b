/*
 * Rates: how many messages there were lately, and how many of them were refused: per
 * second now, in the last minute, hour and day.  Arithmetic alone; not locked, whoever
 * has the rates sees to that.  In memory, so since the start at most.
 *
 * Counted in steps, four rings of them: of a second, 5 seconds, 5 minutes, an hour.  What
 * is read of a span is its whole steps, and of the oldest one that share which still lies
 * in it, rounded up: off by the messages of one step at most, and by none while a span
 * holds all there ever were.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_RATES_H
#define THEMIS_ENGINE_RATES_H

#include <stdbool.h>
#include <stdint.h>

enum rate_span {
	RATE_NOW, /* the last ten seconds */
	RATE_MINUTE,
	RATE_HOUR,
	RATE_DAY,
	RATE_SPANS
};

#define RATES_NOW_SECONDS 10

/* Steps of each ring, one more than its span has: the one that is just filled. */
#define RATES_NOW_STEPS	   11 /* of a second */
#define RATES_MINUTE_STEPS 13 /* of 5 seconds */
#define RATES_HOUR_STEPS   13 /* of 5 minutes */
#define RATES_DAY_STEPS	   25 /* of an hour */
#define RATES_STEPS                                                                      \
	(RATES_NOW_STEPS + RATES_MINUTE_STEPS + RATES_HOUR_STEPS + RATES_DAY_STEPS)

struct rate {
	uint32_t messages, refused;
};

/* Zeroed to begin. */
struct rates {
	int64_t last;		   /* the newest second counted in, since 1970 */
	uint8_t place[RATE_SPANS]; /* of each ring's newest step, in `steps` */
	struct rate steps[RATES_STEPS];
};

_Static_assert(sizeof(struct rates) <= 512, "there are as many as policies");

/* One message more.  now in microseconds since 1970; one that is before the last counts
 * as now: threads come a moment late. */
void rates_count(struct rates *rates, bool refused, int64_t now);

/* One that was counted as not refused is refused by now. */
void rates_recount(struct rates *rates, int64_t now);

/* The messages of a span that ends now, or at the last one counted if that is later. */
struct rate rates_read(const struct rates *rates, enum rate_span span, int64_t now);

/* The messages of the last hour, in steps of 5 minutes by the clock: the oldest first,
 * the one that is just filled last. */
#define RATES_TREND 12
void rates_trend(const struct rates *rates, uint32_t trend[RATES_TREND], int64_t now);

#endif
