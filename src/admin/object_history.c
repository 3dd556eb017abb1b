/*
 * What the history has of an object: what was seen of it, at whatever time; and of the
 * last day also what was from it but counted for another one, or for none, since nobody
 * who is refused knows by which key.  There is no index for that, as each message would
 * pay for it, so the latest rows are looked at, one by one, and so are those that are not
 * in table seen yet.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/object_show.h"

#include "base/clock.h"

#include <stdlib.h>

/* As much of the history as is looked at: a tenth of a second's work each. */
#define LATELY	    (86400 * CLOCK_SECOND)
#define LATELY_ROWS 200000 /* of all that is of the last day */

/* JSON as the parameter of a statement.  Takes it over. */
static const char *list_text(struct arena *arena, json_t *list)
{
	char *text = json_dumps(list, JSON_COMPACT);
	const char *kept = arena_strdup(arena, text);

	free(text);
	json_decref(list);
	return kept;
}

/* The addresses of clients that are this object; "[]" if it is none.  The history has
 * them whole, and a network of IPv6 has many. */
static const char *read_addresses(
	struct request *rq, int64_t since, const char *object, struct err *err)
{
	json_t *list = json_array();
	struct cidr network, client;
	sqlite3_stmt *q;
	int more = 0;

	if (cidr_parse(object, &network, NULL) < 0)
		return list_text(rq->arena, list);
	if (network.family == 4) {
		json_array_append_new(list, json_string(object));
		return list_text(rq->arena, list);
	}
	q = db_query(rq->live, SQL_HISTORY_ADDRESSES, err, "i", since);
	while (q != NULL && (more = db_next(rq->live, q, err)) == 1)
		if (cidr_parse(db_text(q, 0), &client, NULL) == 0 &&
			cidr_contains(&network, &client))
			json_array_append_new(list, json_string(db_text(q, 0)));
	if (q != NULL && more == 0)
		return list_text(rq->arena, list);
	json_decref(list);
	return NULL;
}

/* The rows of the last day that are the object's, as a JSON list of their ids; *from: the
 * moment since which they were looked at, 0 if it is the whole day.  In the arena; NULL
 * with err. */
static const char *read_lately(
	struct request *rq, const char *object, int64_t *from, struct err *err)
{
	int64_t now = clock_now(), since;
	struct db *db = rq->live;
	const char *addresses, *ids;
	sqlite3_stmt *q = db_query(
		db, SQL_HISTORY_FROM, err, "ii", now - LATELY, (int64_t)LATELY_ROWS - 1);

	if (q == NULL || db_next(db, q, err) != 1)
		return NULL;
	since = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	*from = since != now - LATELY ? since : 0;
	addresses = read_addresses(rq, since, object, err);
	if (addresses == NULL)
		return NULL;
	q = db_query(db, SQL_HISTORY_WHOSE, err, "iitt", since, now, object, addresses);
	if (q == NULL || db_next(db, q, err) != 1)
		return NULL;
	ids = arena_strdup(rq->arena, db_text(q, 0));
	sqlite3_reset(q);
	return ids;
}

/* What is not in table seen yet, as SQL_OBJECT_FRESH says it: all that came in the last
 * hour, and after an upgrade all of the history for a while.  In the arena; NULL with
 * err. */
static const char *read_fresh(struct request *rq, const char *object, struct err *err)
{
	sqlite3_stmt *q = db_query(rq->live, SQL_OBJECT_FRESH, err, "t", object);
	const char *fresh;

	if (q == NULL || db_next(rq->live, q, err) != 1)
		return NULL;
	fresh = arena_strdup(rq->arena, db_text(q, 0));
	sqlite3_reset(q);
	return fresh;
}

/* The one row of a query, into the answer. */
static int add_row(struct db *db, sqlite3_stmt *q, json_t *row, struct err *err)
{
	if (q == NULL || db_next(db, q, err) != 1)
		return -1;
	json_object_update_new(row, request_row_of(q));
	sqlite3_reset(q);
	return 0;
}

int object_add_history(
	struct request *rq, const char *object, json_t *row, struct err *err)
{
	char text[CLOCK_TEXT_MAX];
	struct db *db = rq->live;
	int64_t from;
	const char *ids = read_lately(rq, object, &from, err);
	const char *fresh = ids != NULL ? read_fresh(rq, object, err) : NULL;
	json_t *refused;

	if (fresh == NULL ||
		add_row(db, db_query(db, SQL_OBJECT_SEEN, err, "ttt", object, ids, fresh),
			row, err) < 0)
		return -1;
	json_object_set_new(
		row, "day_from", json_text(from != 0 ? clock_format(text, from) : NULL));
	refused = request_list(
		db, db_query(db, SQL_OBJECT_REFUSED_LATELY, err, "t", ids), err);
	if (refused == NULL)
		return -1;
	json_object_set_new(row, "refused_lately", refused);
	return object_add_list(rq,
		db_query(db, SQL_OBJECT_CLIENTS, err, "ttt", object, ids, fresh),
		"clients", row, err);
}
