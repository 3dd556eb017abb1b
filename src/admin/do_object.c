/*
 * The object and counter commands: what is used, by whom.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/request.h"

#include <string.h>

/* The object's one spelling, with the ipv6_prefix of now. */
static const char *parse_object(struct request *rq, const char *text, struct err *err)
{
	struct policy_slot *slot = rq->admin->engine->slot;
	struct policy_set *set = policy_slot_acquire(slot);
	unsigned prefix = set->settings.ipv6_prefix;

	policy_slot_release(slot, set);
	return object_parse(rq->arena, text, prefix, err);
}

static int check_policy(struct db *db, const char *name, struct err *err)
{
	sqlite3_stmt *q;
	int found;

	if (name == NULL)
		return 0;
	q = db_query(db, SQL_POLICY_FIND, err, "t", name);
	found = q != NULL ? db_next(db, q, err) : -1;
	if (found == 0)
		return err_code(err, ERR_NO_SUCH, "no policy \"%.80s\"", name);
	sqlite3_reset(q);
	return found < 0 ? -1 : 0;
}

static json_t *array_of(struct db *db, sqlite3_stmt *q, struct err *err)
{
	json_t *rows = json_array();
	int more = -1;

	while (q != NULL && (more = db_next(db, q, err)) == 1)
		json_array_append_new(rows, request_row_of(q));
	if (more == 0)
		return rows;
	json_decref(rows);
	return NULL;
}

static int show(struct request *rq, const char *object, struct err *err)
{
	struct db *db = rq->admin->reader;
	json_t *row, *clients, *counters;
	sqlite3_stmt *q;

	clients = array_of(db, db_query(db, SQL_OBJECT_CLIENTS, err, "t", object), err);
	counters = array_of(
		db, db_query(db, SQL_COUNTER_LIST, err, "tt", NULL, object), err);
	q = db_query(db, SQL_OBJECT_SEEN, err, "t", object);
	if (clients == NULL || counters == NULL || q == NULL ||
		db_next(db, q, err) != 1) {
		json_decref(clients);
		json_decref(counters);
		return -1;
	}
	row = json_object();
	json_object_set_new(row, "object", json_text(object));
	json_object_update_new(row, request_row_of(q));
	sqlite3_reset(q);
	json_object_set_new(row, "clients", clients);
	json_object_set_new(row, "counters", counters);
	return request_row(rq, row, err);
}

int do_object_show(struct request *rq, struct err *err)
{
	struct db *db = rq->admin->reader;
	const char *object = parse_object(rq, rq->args[0], err);
	int rc;

	/* one moment for all of it */
	if (object == NULL || db_exec(db, "BEGIN", err) < 0)
		return -1;
	rc = show(rq, object, err);
	db_exec(db, "ROLLBACK", NULL); /* it has only looked */
	return rc;
}

int do_counter_list(struct request *rq, struct err *err)
{
	struct db *db = rq->admin->reader;
	const char *policy = request_pair(rq, "policy"),
		   *object = request_pair(rq, "object");

	if (check_policy(db, policy, err) < 0)
		return -1;
	if (object != NULL && (object = parse_object(rq, object, err)) == NULL)
		return -1;
	return request_rows(
		rq, db, db_query(db, SQL_COUNTER_LIST, err, "tt", policy, object), err);
}

struct reset {
	const char *object, *policy; /* NULL: all */
	int64_t *limits;	     /* of the policy */
	size_t nlimits;
};

static int apply_reset(struct request *rq, struct db *db, void *arg, struct err *err)
{
	struct reset *r = arg;
	size_t cap = 0;
	sqlite3_stmt *q;
	int more = 0;

	if (check_policy(db, r->policy, err) < 0)
		return -1;
	q = r->policy != NULL ? db_query(db, SQL_LIMIT_OF, err, "t", r->policy) : NULL;
	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		r->limits = arena_grow(
			rq->arena, r->limits, r->nlimits, &cap, sizeof(*r->limits));
		r->limits[r->nlimits++] = sqlite3_column_int64(q, 0);
	}
	if (more < 0 || (r->policy != NULL && q == NULL))
		return -1;
	return db_run(db, SQL_BUCKET_RESET, err, "tt", r->object, r->policy) < 0 ? -1 : 0;
}

static void reset_memory(struct request *rq, void *arg)
{
	struct counter_store *store = rq->admin->engine->store;
	const struct reset *r = arg;

	if (r->policy == NULL)
		store->reset(store, &(struct counter_key){ 0, r->object });
	for (size_t i = 0; i < r->nlimits; i++)
		store->reset(store, &(struct counter_key){ r->limits[i], r->object });
}

int do_counter_reset(struct request *rq, struct err *err)
{
	struct reset r = { .policy = request_pair(rq, "policy") };

	if (strcmp(rq->args[0], "all") != 0 &&
		(r.object = parse_object(rq, rq->args[0], err)) == NULL)
		return -1;
	if (admin_change(
		    rq, &(struct change){ apply_reset, reset_memory, &r, NULL }, err) < 0)
		return -1;
	return request_done(rq, "counters of %s reset%s%s",
		r.object != NULL ? r.object : "all objects",
		r.policy != NULL ? " in policy " : "", r.policy != NULL ? r.policy : "");
}
