/*
 * Alerts that were left out.  Called by the thread that delivers alerts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "notify/excess.h"

#include "base/clock.h"

#define HOUR (3600 * CLOCK_SECOND)

/* What is of the future was before the clock was set back. */
static bool is_past(int64_t last, int64_t now)
{
	return last == 0 || now < last || now >= last + HOUR;
}

bool excess_add(struct excess *e, uint64_t number, int64_t now)
{
	if (number == 0)
		return false;
	if (e->number == 0)
		e->since = now;
	e->number += number;
	if (!is_past(e->logged, now))
		return false;
	e->logged = now;
	return true;
}

bool excess_take(struct excess *e, bool has_room, int64_t now, struct excess *out)
{
	if (e->number == 0 || !is_past(e->told, now) ||
		!(has_room || is_past(e->since, now)))
		return false;
	*out = *e;
	e->number = 0;
	e->told = now;
	return true;
}
