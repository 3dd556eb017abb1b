/*
 * object show: all that is known of one login, sender, client address ..., in one row.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/object_show.h"

void object_put_list(json_t *row, const char *name, json_t *list, size_t more)
{
	char more_name[40];

	json_object_set_new(row, name, list);
	snprintf(more_name, sizeof(more_name), "%s_more", name);
	json_object_set_new(row, more_name, json_integer((json_int_t)more));
}

int object_add_list(struct request *rq, sqlite3_stmt *q, const char *name, json_t *row,
	struct err *err)
{
	json_t *list = json_array();
	size_t more = 0;
	int found = -1;

	while (q != NULL && (found = db_next(rq->live, q, err)) == 1)
		if (json_array_size(list) < OBJECT_LIST_MAX)
			json_array_append_new(list, request_row_of(q));
		else
			more++;
	object_put_list(row, name, list, more);
	return found;
}

/* A list of the answer: the rows of a query about the object. */
struct part {
	const char *name;
	enum sql statement;
};

static int add_parts(struct request *rq, const char *object, json_t *row, struct err *err)
{
	static const struct part parts[] = {
		{ "flags", SQL_FLAG_SHOW },
		{ "grants", SQL_GRANT_SHOW },
		{ "penalties", SQL_OBJECT_PENALTIES },
		{ "refusals", SQL_OBJECT_REFUSALS },
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (object_add_list(rq,
			    db_query(rq->live, parts[i].statement, err, "t", object),
			    parts[i].name, row, err) < 0)
			return -1;
	return 0;
}

static int show(struct request *rq, const char *object, struct err *err)
{
	json_t *row = json_object();

	json_object_set_new(row, "object", json_text(object));
	if (object_add_history(rq, object, row, err) < 0 ||
		add_parts(rq, object, row, err) < 0 ||
		object_add_policies(rq, object, row, err) < 0) {
		json_decref(row);
		return -1;
	}
	return request_row(rq, row, err);
}

int do_object_show(struct request *rq, struct err *err)
{
	struct db *db = rq->live;
	const char *object = request_object(rq, rq->args[0], err);
	int rc;

	/* one moment for all of it */
	if (object == NULL || db_exec(db, "BEGIN", err) < 0)
		return -1;
	rc = show(rq, object, err);
	db_exec(db, "ROLLBACK", NULL); /* it has only looked */
	return rc;
}
