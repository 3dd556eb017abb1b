/*
 * What the trail says of a thing.  Called by commands that ask whether somebody else has
 * changed it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/trail.h"

#include <string.h>

/* The row that a query finds, if there is one and it is later than what is there. */
static int keep_change(
	struct db *db, sqlite3_stmt *q, struct trail_change *change, struct err *err)
{
	int found = q != NULL ? db_next(db, q, err) : -1;
	int64_t when;

	if (found != 1)
		return found;
	if (sqlite3_column_int64(q, 0) > change->number) {
		change->number = sqlite3_column_int64(q, 0);
		/* as v_audit shows it: not rounded up */
		when = sqlite3_column_int64(q, 1);
		clock_format(change->time, when - when % 1000);
		snprintf(change->user, sizeof(change->user), "%s", db_text(q, 2));
	}
	sqlite3_reset(q);
	return 0;
}

int audit_changed_since(struct db *db, const struct thing *thing, int64_t number,
	struct trail_change *change, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_AUDIT_SINCE, err, "ttti",
		thing_kind_name(thing->kind), thing->name, thing->pool, number);

	*change = (struct trail_change){ 0 };
	if (keep_change(db, q, change, err) < 0)
		return -1;
	if (thing->kind == THING_POOL && keep_change(db,
						 db_query(db, SQL_AUDIT_SINCE_POOL, err,
							 "ti", thing->name, number),
						 change, err) < 0)
		return -1;
	return change->number != 0;
}

/* Rows of which none has taken back another. */
struct standing {
	int64_t *numbers;
	size_t n, cap;
};

/* The row that was taken back need not be the last one: a setting of a pool is not only
 * the pool's.  False: it is not there. */
static bool take_back(struct standing *s, int64_t number)
{
	for (size_t i = s->n; i-- > 0;)
		if (s->numbers[i] == number) {
			s->n--;
			memmove(s->numbers + i, s->numbers + i + 1,
				(s->n - i) * sizeof(*s->numbers));
			return true;
		}
	return false;
}

static int read_standing(struct standing *s, struct db *db, const struct thing *thing,
	bool with_settings, int64_t number, struct arena *arena, struct err *err)
{
	sqlite3_stmt *q =
		db_query(db, SQL_AUDIT_FROM, err, "tttii", thing_kind_name(thing->kind),
			thing->name, thing->pool, number, (int64_t)with_settings);
	int more = -1;

	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		int64_t undoes = sqlite3_column_int64(q, 1);

		if (undoes != 0 && take_back(s, undoes))
			continue;
		s->numbers =
			arena_grow(arena, s->numbers, s->n, &s->cap, sizeof(*s->numbers));
		s->numbers[s->n++] = sqlite3_column_int64(q, 0);
	}
	return more;
}

/* Who made the change of that row. */
static int find_change(
	struct db *db, int64_t number, struct trail_change *change, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_AUDIT_SHOW, err, "i", number);

	if (q == NULL || db_next(db, q, err) != 1)
		return -1;
	change->number = number;
	snprintf(change->time, sizeof(change->time), "%s", db_text(q, 1));
	snprintf(change->user, sizeof(change->user), "%s", db_text(q, 2));
	sqlite3_reset(q);
	return 0;
}

int audit_last_standing(struct db *db, const struct thing *thing, bool with_settings,
	int64_t number, struct trail_change *last, struct err *err)
{
	struct arena *arena = arena_new();
	struct standing s = { 0 };
	int rc = read_standing(&s, db, thing, with_settings, number, arena, err);

	*last = (struct trail_change){ 0 };
	if (rc == 0 && s.n > 0)
		rc = find_change(db, s.numbers[s.n - 1], last, err);
	arena_free(arena);
	return rc;
}
