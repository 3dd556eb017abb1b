/*
 * Rows that belong to policies.  Read by the loading of sets and by commands.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/rows.h"

#include <stddef.h>

int policy_rows_open(struct policy_rows *rows, struct db *db, enum sql statement,
	struct policy_range range, struct err *err)
{
	*rows = (struct policy_rows){ .db = db };
	rows->q = db_query(db, statement, err, "ii", range.first, range.last);
	return rows->q != NULL ? 0 : -1;
}

int policy_rows_next(struct policy_rows *rows, int64_t policy_id, struct err *err)
{
	int more = 1;

	if (!rows->pending && !rows->ended) {
		more = db_next(rows->db, rows->q, err);
		rows->pending = more == 1;
		rows->ended = more == 0;
	}
	if (more < 0 || rows->ended || sqlite3_column_int64(rows->q, 0) != policy_id)
		return more < 0 ? -1 : 0;
	rows->pending = false;
	return 1;
}

void policy_rows_close(struct policy_rows *rows)
{
	sqlite3_reset(rows->q);
}
