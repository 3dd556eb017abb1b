/*
 * Who sends most, from the history.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/top.h"

#include "base/clock.h"
#include "base/str.h"

#include <string.h>

#define TOP_DEFAULT  20
#define TOP_MAX	     1000
#define LAST_DEFAULT 3600 /* seconds */

static const char *const measures[] = { "messages", "refused" };

static int read_last(struct request *rq, int64_t *seconds, struct err *err)
{
	const char *text = request_pair(rq, "last");
	char shown[160];

	*seconds = LAST_DEFAULT;
	if (text == NULL || (duration_parse(text, seconds) == 0 && *seconds > 0))
		return 0;
	return err_set(err, "last: not a duration: \"%s\" (try 10m, 1h or 7d)",
		str_escape(shown, sizeof(shown), text));
}

int top_read(struct request *rq, struct top *top, struct err *err)
{
	const char *by = request_pair(rq, "by"), *most = request_pair(rq, "top");
	char shown[160];

	*top = (struct top){ .most = TOP_DEFAULT };
	if (by != NULL) {
		int chosen = str_choose(by, measures, 2);

		if (chosen < 0)
			return err_set(err,
				"by: not a value: \"%s\" (messages or refused)",
				str_escape(shown, sizeof(shown), by));
		top->refused = chosen == 1;
	}
	if (most != NULL && (str_to_u64(most, TOP_MAX, &top->most) < 0 || top->most == 0))
		return err_set(err, "top: not a number of rows: \"%s\" (1 to %d)",
			str_escape(shown, sizeof(shown), most), TOP_MAX);
	return 0;
}

int do_top_objects(struct request *rq, struct err *err)
{
	int64_t now = clock_now(), seconds, since;
	struct top top;

	if (top_read(rq, &top, err) < 0 || read_last(rq, &seconds, err) < 0)
		return -1;
	if (!request_is_recorded(rq))
		return err_code(err, ERR_IN_USE,
			"nothing is recorded, so nobody knows who sends most: history is "
			"off (setting set history messages)");
	since = now - seconds * CLOCK_SECOND;
	return request_rows(rq, rq->live,
		db_query(rq->live, SQL_HISTORY_TOP, err, "iiti", since, now,
			measures[top.refused], (int64_t)top.most),
		err);
}
