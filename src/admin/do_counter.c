/*
 * The counter commands: what is used, by whom.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/counters.h"

#include <string.h>

void counter_row_tidy(json_t *row)
{
	if (json_is_null(json_object_get(row, "pool")))
		json_object_del(row, "pool");
}

static int counter_rows(struct request *rq, sqlite3_stmt *q, struct err *err)
{
	int more = -1;

	while (q != NULL && (more = db_next(rq->live, q, err)) == 1) {
		json_t *row = request_row_of(q);

		counter_row_tidy(row);
		if (request_row(rq, row, err) < 0) {
			sqlite3_reset(q);
			return -1;
		}
	}
	return more;
}

int do_counter_list(struct request *rq, struct err *err)
{
	struct db *db = rq->live;
	const char *policy = request_pair(rq, "policy"),
		   *object = request_pair(rq, "object");
	int64_t id;

	if (policy != NULL && request_policy(db, policy, &id, err) < 0)
		return -1;
	if (object != NULL && (object = request_object(rq, object, err)) == NULL)
		return -1;
	return counter_rows(rq,
		object != NULL
			? db_query(db, SQL_COUNTER_LIST_OBJECT, err, "tt", object, policy)
			: db_query(db, SQL_COUNTER_LIST, err, "t", policy),
		err);
}

struct reset {
	const char *object, *policy; /* NULL: all */
	int64_t *limits;	     /* of the policy */
	size_t nlimits;
};

/* By the key, since there may be a million counters. */
static int delete_rows(struct db *db, const struct reset *r, struct err *err)
{
	int rc = 0;

	if (r->policy == NULL && r->object == NULL)
		return db_run(db, SQL_BUCKET_RESET, err, "");
	if (r->policy == NULL)
		return db_run(db, SQL_BUCKET_RESET_OBJECT, err, "t", r->object);
	for (size_t i = 0; rc >= 0 && i < r->nlimits; i++)
		rc = r->object != NULL
			     ? db_run(db, SQL_BUCKET_FORGET, err, "it", r->limits[i],
				       r->object)
			     : db_run(db, SQL_LIMIT_FORGET, err, "i", r->limits[i]);
	return rc;
}

static int apply_reset(struct request *rq, struct db *db, void *arg, struct err *err)
{
	struct reset *r = arg;
	size_t cap = 0;
	sqlite3_stmt *q;
	int more = 0;
	int64_t id;

	if (r->policy != NULL && request_policy(db, r->policy, &id, err) < 0)
		return -1;
	q = r->policy != NULL ? db_query(db, SQL_LIMIT_OF, err, "t", r->policy) : NULL;
	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		r->limits = arena_grow(
			rq->arena, r->limits, r->nlimits, &cap, sizeof(*r->limits));
		r->limits[r->nlimits++] = sqlite3_column_int64(q, 0);
	}
	if (more < 0 || (r->policy != NULL && q == NULL))
		return -1;
	return delete_rows(db, r, err) < 0 ? -1 : 0;
}

static bool is_reset(void *arg, int64_t limit_id, const char *object)
{
	const struct reset *r = arg;
	bool of_policy = r->policy == NULL;

	for (size_t i = 0; !of_policy && i < r->nlimits; i++)
		of_policy = r->limits[i] == limit_id;
	return of_policy && (r->object == NULL || strcmp(r->object, object) == 0);
}

static void reset_memory(struct request *rq, void *arg)
{
	engine_reset(rq->admin->engine, is_reset, arg);
}

int do_counter_reset(struct request *rq, struct err *err)
{
	struct reset r = { .policy = request_pair(rq, "policy") };

	if (strcmp(rq->args[0], "all") != 0 &&
		(r.object = request_object(rq, rq->args[0], err)) == NULL)
		return -1;
	if (admin_change(
		    rq, &(struct change){ apply_reset, reset_memory, &r, NULL }, err) < 0)
		return -1;
	return request_done(rq, "counters of %s reset%s%s",
		r.object != NULL ? r.object : "all objects",
		r.policy != NULL ? " in policy " : "", r.policy != NULL ? r.policy : "");
}
