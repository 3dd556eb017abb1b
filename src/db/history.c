/*
 * The history by time.  On the thread that the connection belongs to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/history.h"

#include <stddef.h>

/* The first row with that id or a later one: 1, its id and time; 0: there is none. */
static int row_at(
	struct db *db, int64_t from, int64_t *id, int64_t *time, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_HISTORY_AT, err, "i", from);
	int found = q != NULL ? db_next(db, q, err) : -1;

	if (found != 1)
		return found;
	*id = sqlite3_column_int64(q, 0);
	*time = sqlite3_column_int64(q, 1);
	sqlite3_reset(q);
	return 1;
}

static int read_ends(struct db *db, int64_t *first, int64_t *end, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_HISTORY_ENDS, err, "");

	if (q == NULL || db_next(db, q, err) != 1)
		return -1;
	*first = sqlite3_column_int64(q, 0);
	*end = sqlite3_column_int64(q, 1) + 1;
	sqlite3_reset(q);
	return 0;
}

int history_begin(struct db *db, int64_t since, int64_t *id, struct err *err)
{
	int64_t low, high, at = 0, time = 0;

	if (read_ends(db, &low, &high, err) < 0)
		return -1;
	since -= HISTORY_DISORDER;
	/* before low all are older; from high on none is, or there is none */
	while (low < high) {
		int64_t middle = low + (high - low) / 2;
		int found = row_at(db, middle, &at, &time, err);

		if (found < 0)
			return -1;
		if (found == 0 || time >= since)
			high = middle;
		else
			low = at + 1;
	}
	*id = low;
	return 0;
}

int history_begin_within(struct db *db, int64_t since, int64_t most, int64_t *id,
	int64_t *from, struct err *err)
{
	int64_t first, end, time;

	*from = since;
	if (history_begin(db, since, id, err) < 0 || read_ends(db, &first, &end, err) < 0)
		return -1;
	if (end - *id <= most)
		return 0;
	if (row_at(db, end - most, id, &time, err) < 0)
		return -1;
	if (time > since)
		*from = time;
	return 0;
}
