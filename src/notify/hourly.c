/*
 * The alerts of an hour.  Called by the thread that delivers them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "notify/hourly.h"

#include "base/clock.h"

#define HOUR (3600 * CLOCK_SECOND)

static int64_t *at(struct hourly *h, size_t i)
{
	return &h->times[(h->first + i) % ALERT_HOURLY_MAX];
}

int64_t hourly_free_at(struct hourly *h, unsigned most, int64_t now)
{
	while (h->n > 0 && *at(h, 0) + HOUR <= now) {
		h->first = (h->first + 1) % ALERT_HOURLY_MAX;
		h->n--;
	}
	/* the clock was set back: else these would take the room until it is there again
	 */
	while (h->n > 0 && *at(h, h->n - 1) > now)
		h->n--;
	/* there may have been more before the setting was changed */
	return h->n < most ? now : *at(h, h->n - most) + HOUR;
}

bool hourly_take(struct hourly *h, unsigned most, int64_t now)
{
	if (hourly_free_at(h, most, now) > now)
		return false;
	h->n++;
	*at(h, h->n - 1) = now;
	return true;
}
