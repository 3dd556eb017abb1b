/*
 * How many alerts there were in the last hour: never more than so many in any hour. What
 * is of the clock's future, since it was set back, is forgotten. Pure: `now` is an
 * argument; not locked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_NOTIFY_HOURLY_H
#define THEMIS_NOTIFY_HOURLY_H

#include "policy/setting.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All 0: there were none. */
struct hourly {
	int64_t times[ALERT_HOURLY_MAX]; /* a ring, the oldest at first */
	size_t first, n;
};

/* From when on one more fits where there may be `most` in an hour (1 to
 * ALERT_HOURLY_MAX): now, if it does. */
int64_t hourly_free_at(struct hourly *h, unsigned most, int64_t now);

/* One more, if it fits. */
bool hourly_take(struct hourly *h, unsigned most, int64_t now);

#endif
