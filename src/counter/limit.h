/*
 * A limit: how much in which period, counted by which strategy.  How it is
 * spelled, and nothing of what was used (counter/window.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_COUNTER_LIMIT_H
#define THEMIS_COUNTER_LIMIT_H

#include "base/err.h"
#include "ctl/bounds.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIMITS_MAX 8 /* of one policy */
/* Octets, 1073741824G: twice as many, and what a window adds to them, fit an int64_t. */
#define LIMIT_OCTETS_MAX (UINT64_C(1) << 60)
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
	bool sized; /* given with K, M or G: octets */
	/* for an object, for a while: so many messages more than amount; 0: none */
	uint64_t granted;
	int64_t granted_until; /* microseconds */
};

/* What fits into it. */
static inline uint64_t limit_room(const struct limit *limit)
{
	return limit->amount + limit->granted;
}

/* Reads "100/hour", "5 per 10 minutes", "100:3600", "20M/day", several of them with , or
 * ; between; "none" or "0:0" is no limit at all.  Fills at most LIMITS_MAX limits
 * (id 0, strategy moving) and their number; two of the same period are refused. */
int limits_parse(
	const char *text, struct limit limits[LIMITS_MAX], size_t *n, struct err *err);

/* Are they such as messages and recipients can have: up to LIMIT_AMOUNT_MAX, not in K, M
 * or G?  (Octets can have any that limits_parse() reads.)  0, or -1 and err. */
int limits_check_unsized(const struct limit *limits, size_t n, struct err *err);

/* Reads for how long a penalty lasts: a duration as in "30m", up to LIMIT_PERIOD_MAX, or
 * "0" for none.  0 or -1. */
int penalty_parse(const char *text, int64_t *seconds);

/* "100/hour", "5/10minutes", "20M/day", with what is granted: limits_parse() reads it
 * back.  Returns buf. */
char *limit_format(char buf[LIMIT_TEXT_MAX], const struct limit *limit);

#define OCTETS_TEXT_MAX 24

/* Reads a number of octets, with K, M or G (of 1024) or without, up to LIMIT_OCTETS_MAX.
 * *sized (NULL: never mind): with one.  0 or -1. */
int octets_parse(const char *text, uint64_t *octets, bool *sized);

/* For people: rounded up to two figures at least, as in "12M", "1536K" or "2000". Returns
 * buf. */
char *octets_say(char buf[OCTETS_TEXT_MAX], uint64_t octets);

#endif
