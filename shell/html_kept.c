/*
 * What is not kept, on the page of `report html`: that nothing is known of a time is not
 * to read as if there had been nothing.  Called by the parts of the page.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report.h"
#include "scale.h"

#include <stdlib.h>
#include <string.h>

/* The settings, in days, of what a part is made of: any of them will do. */
static const struct {
	const char *names[3], *said;
} keeps[REPORT_PARTS] = {
	[REPORT_TRAFFIC] = { { "stats_minute_days", "stats_hour_days", "stats_day_days" },
		"settings stats_minute_days, stats_hour_days, stats_day_days" },
	[REPORT_WEEKDAYS] = { { "stats_minute_days", "stats_hour_days" },
		"settings stats_minute_days, stats_hour_days" },
	[REPORT_TROUBLE] = { { "stats_hour_days" }, "setting stats_hour_days" },
};

/* -1: nobody has said. */
static int64_t setting_of(const struct report *r, const char *name)
{
	const json_t *row;
	size_t i;

	json_array_foreach(r->rows[REPORT_SETTINGS], i, row)
		if (strcmp(row_text(row, "name"), name) == 0)
			return atoll(row_text(row, "value"));
	return -1;
}

/* For as long as that, or for ever, as far as is known. */
static int64_t kept_since(const struct report *r, enum report_part part)
{
	int64_t most = 0, days;

	for (size_t i = 0; i < 3 && keeps[part].names[i] != NULL; i++) {
		days = setting_of(r, keeps[part].names[i]);
		if (days < 0)
			return 0;
		if (days > most)
			most = days;
	}
	/* a day goes as a whole */
	return most == 0 ? r->made : r->made - (most + 1) * SCALE_DAY;
}

int64_t report_kept_since(const struct report *r, enum report_part part)
{
	int64_t since = kept_since(r, part);

	return since > r->since && since < r->until ? since : r->since;
}

/* The history has some of it, so there was mail. */
static bool was_mail(const struct report *r, enum report_part part)
{
	if (part == REPORT_TROUBLE || json_array_size(r->rows[part]) > 0)
		return false;
	return json_array_size(r->rows[REPORT_TRAFFIC]) > 0 ||
	       json_array_size(r->rows[REPORT_TOP_OBJECTS]) > 0 ||
	       json_array_size(r->rows[REPORT_POLICIES]) > 0;
}

const char *report_unkept(const struct report *r, enum report_part part)
{
	int64_t since = kept_since(r, part);

	if (part != REPORT_TROUBLE && setting_of(r, "stats_rows") == 0)
		return "not kept (setting stats_rows)";
	if (since >= r->until || since == r->made || was_mail(r, part))
		return arena_printf(r->arena, "not kept (%s)", keeps[part].said);
	if (since > r->since)
		return arena_printf(
			r->arena, "not kept for so long (%s)", keeps[part].said);
	return NULL;
}

const char *report_none(
	const struct report *r, enum report_part part, const char *what, const char *none)
{
	const char *why = report_unkept(r, part);

	return why != NULL ? arena_printf(r->arena, "%s is %s.", what, why) : none;
}
