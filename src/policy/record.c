/*
 * Policies as rows.  Read by the loading of sets and by commands, written by
 * commands inside the writer's transaction.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/record.h"

static int read_limit_ids(struct db *db, struct policy *p, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_LIMIT_LOAD, err, "i", p->id);
	int more = -1;

	while (q != NULL && (more = db_next(db, q, err)) == 1)
		for (size_t i = 0; i < p->nlimits; i++)
			if (p->limits[i].period == sqlite3_column_int64(q, 1))
				p->limits[i].id = sqlite3_column_int64(q, 0);
	return more;
}

static int read_row(struct db *db, sqlite3_stmt *q, struct policy *p, struct err *err)
{
	policy_init(p, db_text(q, 1));
	p->id = sqlite3_column_int64(q, 0);
	for (int i = 2; i < sqlite3_column_count(q); i++) {
		int a = policy_attribute_find(sqlite3_column_name(q, i), err);

		if (a < 0 ||
			policy_set(p, (enum policy_attribute)a, db_text(q, i), err) < 0)
			return err_prefix(err, "policy %s", p->name);
	}
	return read_limit_ids(db, p, err);
}

int policy_records_read(struct db *db, const char *name,
	int (*fn)(void *arg, struct policy *p, struct err *err), void *arg,
	struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_POLICY_LOAD, err, "t", name);
	struct policy p;
	int more = -1, n = 0;

	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		if (read_row(db, q, &p, err) < 0) {
			policy_clear(&p);
			more = -1;
		} else {
			more = fn(arg, &p, err);
		}
		if (more < 0) {
			sqlite3_reset(q);
			return -1;
		}
		n++;
	}
	return more < 0 ? -1 : n;
}

static int keep_one(void *arg, struct policy *p, struct err *err)
{
	struct policy *out = arg;

	(void)err;
	*out = *p;
	return 0;
}

int policy_record_find(struct db *db, const char *name, struct policy *p, struct err *err)
{
	int n = policy_records_read(db, name, keep_one, p, err);

	if (n == 0)
		return err_code(err, ERR_NO_SUCH, "no policy \"%.80s\"", name);
	return n < 0 ? -1 : 0;
}

/* The group's id; NULL in *id for "any". */
static int find_group(struct db *db, const struct criterion *c, int64_t *room,
	int64_t **id, struct err *err)
{
	sqlite3_stmt *q;
	int found;

	*id = NULL;
	if (c->any)
		return 0;
	q = db_query(db, SQL_GROUP_FIND, err, "t", c->group);
	found = q != NULL ? db_next(db, q, err) : -1;
	if (found == 0)
		return err_code(err, ERR_NO_SUCH, "no group \"%s\"", c->group);
	if (found < 0)
		return -1;
	*room = sqlite3_column_int64(q, 0);
	*id = room;
	sqlite3_reset(q);
	return 0;
}

static int write_row(struct db *db, const struct policy *p, struct err *err)
{
	struct arena *arena = arena_new();
	int64_t source, destination, *source_id, *destination_id;
	int rc = -1;

	if (find_group(db, &p->source, &source, &source_id, err) < 0)
		err_prefix(err, "source");
	else if (find_group(db, &p->destination, &destination, &destination_id, err) < 0)
		err_prefix(err, "destination");
	else
		rc = db_run(db, p->id == 0 ? SQL_POLICY_INSERT : SQL_POLICY_UPDATE, err,
			"tttininittttt", p->name, policy_get(p, ATTRIBUTE_ENABLED, arena),
			policy_get(p, ATTRIBUTE_TYPE, arena), (int64_t)p->priority,
			source_id, (int64_t)p->source.inverted, destination_id,
			(int64_t)p->destination.inverted,
			policy_get(p, ATTRIBUTE_KEY, arena),
			policy_get(p, ATTRIBUTE_STRATEGY, arena),
			policy_get(p, ATTRIBUTE_COUNT, arena),
			policy_get(p, ATTRIBUTE_ACTION, arena),
			policy_get(p, ATTRIBUTE_REPLY, arena));
	arena_free(arena);
	return rc;
}

static int drop_limit(struct db *db, int64_t id, struct err *err)
{
	if (db_run(db, SQL_LIMIT_FORGET, err, "i", id) < 0 ||
		db_run(db, SQL_LIMIT_DELETE, err, "i", id) < 0)
		return -1;
	return 0;
}

/* The identity of a counter is (policy, object, period, count, strategy, key). */
static bool limit_stays(
	const struct limit *limit, const struct policy *before, const struct policy *p)
{
	if (p->strategy != before->strategy || p->count != before->count ||
		p->key != before->key)
		return false;
	for (size_t i = 0; i < p->nlimits; i++)
		if (p->limits[i].period == limit->period)
			return true;
	return false;
}

int policy_record_write(struct db *db, const struct policy *p,
	const struct policy *before, struct err *err)
{
	char spelling[LIMIT_TEXT_MAX];
	int64_t id = p->id;

	if (policy_check(p, err) < 0 || write_row(db, p, err) < 0)
		return -1;
	if (id == 0)
		id = db_last_id(db);
	for (size_t i = 0; before != NULL && i < before->nlimits; i++)
		if (!limit_stays(&before->limits[i], before, p) &&
			drop_limit(db, before->limits[i].id, err) < 0)
			return -1;
	for (size_t i = 0; i < p->nlimits; i++)
		if (db_run(db, SQL_LIMIT_PUT, err, "iiit", id, p->limits[i].period,
			    (int64_t)p->limits[i].amount,
			    limit_format(spelling, &p->limits[i])) < 0)
			return -1;
	return 0;
}

int policy_record_delete(struct db *db, const struct policy *p, struct err *err)
{
	for (size_t i = 0; i < p->nlimits; i++)
		if (drop_limit(db, p->limits[i].id, err) < 0)
			return -1;
	return db_run(db, SQL_POLICY_DELETE, err, "i", p->id) < 0 ? -1 : 0;
}
