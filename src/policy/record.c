/*
 * Policies as rows.  Read by the loading of sets and by commands, written by
 * commands inside the writer's transaction.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/record.h"

#include "policy/limit_rows.h"

static int read_row(struct db *db, sqlite3_stmt *q, struct policy *p, struct err *err)
{
	policy_init(p, db_text(q, 1));
	p->id = sqlite3_column_int64(q, 0);
	p->pool_id = sqlite3_column_int64(q, 2);
	for (int i = 3; i < sqlite3_column_count(q); i++) {
		int a = policy_attribute_find(sqlite3_column_name(q, i), err);

		if (a < 0 ||
			policy_set(p, (enum policy_attribute)a, db_text(q, i), err) < 0)
			return err_prefix(err, "policy %s", p->name);
	}
	return limit_rows_read(db, p, err);
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

int policy_record_pool(
	struct db *db, const char *policy, int64_t *pool_id, struct err *err)
{
	struct arena *arena;
	sqlite3_stmt *q;
	size_t len;
	int found;

	*pool_id = 0;
	if (policy_name_check(policy, &len, err) < 0)
		return -1;
	if (len == 0)
		return 0;
	arena = arena_new();
	q = db_query(db, SQL_POOL_FIND, err, "t", arena_memdup(arena, policy, len));
	found = q != NULL ? db_next(db, q, err) : -1;
	if (found == 1) {
		*pool_id = sqlite3_column_int64(q, 0);
		sqlite3_reset(q);
	} else if (found == 0) {
		found = err_code(err, ERR_NO_SUCH, "no pool \"%.*s\"", (int)len, policy);
	}
	arena_free(arena);
	return found < 0 ? -1 : 0;
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
			"tnttininittttttttt", p->name,
			p->pool_id != 0 ? &p->pool_id : NULL,
			policy_get(p, ATTRIBUTE_ENABLED, arena),
			policy_get(p, ATTRIBUTE_TYPE, arena), (int64_t)p->priority,
			source_id, (int64_t)p->source.inverted, destination_id,
			(int64_t)p->destination.inverted,
			policy_get(p, ATTRIBUTE_KEY, arena),
			policy_get(p, ATTRIBUTE_STRATEGY, arena),
			policy_get(p, ATTRIBUTE_COUNT, arena),
			policy_get(p, ATTRIBUTE_ACTION, arena),
			policy_get(p, ATTRIBUTE_REPLY, arena),
			policy_get(p, ATTRIBUTE_PENALTY, arena),
			policy_get(p, ATTRIBUTE_STOP, arena),
			policy_get(p, ATTRIBUTE_ONLY_HEADERS, arena),
			policy_get(p, ATTRIBUTE_RATE_STATS, arena));
	arena_free(arena);
	return rc;
}

int policy_record_write(struct db *db, const struct policy *p,
	const struct policy *before, struct err *err)
{
	struct policy stored = *p;

	if (policy_check(p, err) < 0 ||
		policy_record_pool(db, p->name, &stored.pool_id, err) < 0 ||
		write_row(db, &stored, err) < 0)
		return -1;
	return limit_rows_write(db, &stored, before, err);
}

int policy_record_rename(
	struct db *db, const struct policy *p, const char *name, struct err *err)
{
	struct policy renamed = *p, before;
	int rc;

	if (policy_record_pool(db, name, &renamed.pool_id, err) < 0 ||
		limit_rows_move(db, p, renamed.pool_id, err) < 0 ||
		db_run(db, SQL_POLICY_RENAME, err, "ttn", p->name, name,
			renamed.pool_id != 0 ? &renamed.pool_id : NULL) < 0 ||
		policy_record_find(db, name, &before, err) < 0)
		return -1;
	/* another pool may have other defaults */
	rc = limit_rows_write(db, &renamed, &before, err);
	policy_clear(&before);
	return rc;
}

struct all {
	struct arena *arena;
	struct policy *policies;
	size_t n, cap;
};

static int keep_all(void *arg, struct policy *p, struct err *err)
{
	struct all *all = arg;

	(void)err;
	all->policies = arena_grow(
		all->arena, all->policies, all->n, &all->cap, sizeof(*all->policies));
	all->policies[all->n++] = *p;
	return 0;
}

int policy_records_settle(struct db *db, struct err *err)
{
	struct all all = { .arena = arena_new() };
	int rc = policy_records_read(db, NULL, keep_all, &all, err) < 0 ? -1 : 0;

	for (size_t i = 0; i < all.n; i++) {
		if (rc == 0)
			rc = limit_rows_write(
				db, &all.policies[i], &all.policies[i], err);
		policy_clear(&all.policies[i]);
	}
	arena_free(all.arena);
	return rc;
}

int policy_record_delete(struct db *db, const struct policy *p, struct err *err)
{
	if (limit_rows_drop(db, p->id, err) < 0 ||
		db_run(db, SQL_POLICY_FORGET, err, "i", p->id) < 0)
		return -1;
	return db_run(db, SQL_POLICY_DELETE, err, "i", p->id) < 0 ? -1 : 0;
}
