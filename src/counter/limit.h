/*
 * A limit: how much in which period, counted by which strategy.  How it is
 * spelled, and nothing of what was used (counter/window.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_COUNTER_LIMIT_H
#define THEMIS_COUNTER_LIMIT_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define LIMITS_MAX	 8	    /* of one policy */
#define LIMIT_AMOUNT_MAX 2000000000 /* messages or recipients */
/* Octets, 1073741824G: twice as many, and what a window adds to them, fit an int64_t. */
#define LIMIT_OCTETS_MAX (UINT64_C(1) << 60)
#define LIMIT_PERIOD_MAX (10 * 365 * 86400)
#define LIMIT_TEXT_MAX	 64

enum strategy {
	STRATEGY_MOVING,
	STRATEGY_SLIDING,
	STRATEGY_FIXED,
	STRATEGY_BUCKET,
	STRATEGIES
};

/* "moving", "sliding", "fixed", "bucket"; 0 or -1. */
int strategy_parse(const char *text, enum strategy *out);
const char *strategy_name(enum strategy strategy);

struct limit {
	int64_t id;	 /* policy_limit.id: the identity of its counters */
	uint64_t amount; /* 0: refuses all */
	int64_t period;	 /* seconds, 1 to LIMIT_PERIOD_MAX */
	enum strategy strategy;
};

/* Reads "100/hour", "5 per 10 minutes", "100:3600", several of them with , or ;
 * between; "none" or "0:0" is no limit at all.  Fills at most LIMITS_MAX limits
 * (id 0, strategy moving) and their number; two of the same period are refused. */
int limits_parse(
	const char *text, struct limit limits[LIMITS_MAX], size_t *n, struct err *err);

/* Reads for how long a penalty lasts: a duration as in "30m", up to LIMIT_PERIOD_MAX, or
 * "0" for none.  0 or -1. */
int penalty_parse(const char *text, int64_t *seconds);

/* "100/hour", "5/10minutes": limits_parse() reads it back.  Returns buf. */
char *limit_format(char buf[LIMIT_TEXT_MAX], const struct limit *limit);

#endif
