/*
 * Policies as rows.  Read by the loading of sets and by commands, written by
 * commands inside the writer's transaction.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/record.h"

#include "policy/limit_rows.h"
#include "policy/named.h"

void policy_edits_add(struct policy_edits *edits, int64_t policy_id)
{
	edits->ids = arena_grow(
		edits->arena, edits->ids, edits->n, &edits->cap, sizeof(*edits->ids));
	edits->ids[edits->n++] = policy_id;
}

/* Columns of SQL_POLICY_LOAD; the attributes have names. */
enum { COLUMN_ID, COLUMN_NAME, COLUMN_POOL, COLUMN_SOURCE, COLUMN_DESTINATION, COLUMNS };

struct reading {
	sqlite3_stmt *q;
	int attributes[ATTRIBUTES], nattributes; /* by column, from COLUMNS on */
	struct policy_rows limits;
};

static int find_attributes(struct reading *r, struct err *err)
{
	r->nattributes = sqlite3_column_count(r->q) - COLUMNS;
	for (int i = 0; i < r->nattributes; i++) {
		r->attributes[i] = policy_attribute_find(
			sqlite3_column_name(r->q, COLUMNS + i), err);
		if (r->attributes[i] < 0)
			return -1;
	}
	return 0;
}

static int read_row(struct reading *r, struct policy *p, struct err *err)
{
	policy_init(p, db_text(r->q, COLUMN_NAME));
	p->id = sqlite3_column_int64(r->q, COLUMN_ID);
	p->pool_id = sqlite3_column_int64(r->q, COLUMN_POOL);
	for (int i = 0; i < r->nattributes; i++)
		if (policy_set(p, (enum policy_attribute)r->attributes[i],
			    db_text(r->q, COLUMNS + i), err) < 0)
			return err_prefix(err, "policy %s", p->name);
	p->source.group_id = sqlite3_column_int64(r->q, COLUMN_SOURCE);
	p->destination.group_id = sqlite3_column_int64(r->q, COLUMN_DESTINATION);
	return limit_rows_read(&r->limits, p, err);
}

static int reading_begin(
	struct reading *r, struct db *db, struct policy_range range, struct err *err)
{
	r->q = db_query(db, SQL_POLICY_LOAD, err, "ii", range.first, range.last);
	if (r->q == NULL || find_attributes(r, err) < 0)
		return -1;
	return policy_rows_open(&r->limits, db, SQL_LIMIT_LOAD, range, err);
}

int policy_records_read(struct db *db, struct policy_range range,
	int (*fn)(void *arg, struct policy *p, struct err *err), void *arg,
	struct err *err)
{
	struct reading r = { 0 };
	struct policy p;
	int rc = reading_begin(&r, db, range, err), n = 0;

	while (rc == 0 && (rc = db_next(db, r.q, err)) == 1) {
		rc = read_row(&r, &p, err);
		if (rc == 0)
			rc = fn(arg, &p, err);
		else
			policy_clear(&p);
		n++;
	}
	sqlite3_reset(r.q);
	policy_rows_close(&r.limits);
	return rc < 0 ? -1 : n;
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
	int64_t id;

	if (named_must_find(db, NAMED_POLICY, name, &id, err) < 0)
		return -1;
	return policy_records_read(db, policy_one(id), keep_one, p, err) == 1 ? 0 : -1;
}

/* The group's id; NULL in *id for "any". */
static int find_group(struct db *db, const struct criterion *c, int64_t *room,
	int64_t **id, struct err *err)
{
	*id = NULL;
	if (c->any)
		return 0;
	*id = room;
	return named_must_find(db, NAMED_GROUP, c->group, room, err);
}

int policy_record_pool(
	struct db *db, const char *policy, int64_t *pool_id, struct err *err)
{
	struct arena *arena;
	size_t len;
	int rc;

	*pool_id = 0;
	if (policy_name_check(policy, &len, err) < 0)
		return -1;
	if (len == 0)
		return 0;
	arena = arena_new();
	rc = named_must_find(
		db, NAMED_POOL, arena_memdup(arena, policy, len), pool_id, err);
	arena_free(arena);
	return rc;
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
			"tnttininitttttttttt", p->name,
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
			policy_get(p, ATTRIBUTE_RATE_STATS, arena),
			policy_get(p, ATTRIBUTE_SPF, arena));
	arena_free(arena);
	return rc;
}

int policy_record_write(struct db *db, const struct policy *p,
	const struct policy *before, struct err *err)
{
	struct policy stored = *p;
	struct limit_terms terms;
	int rc = limit_terms_load(&terms, db, err);

	if (rc < 0 || policy_check(p, err) < 0 ||
		policy_record_pool(db, p->name, &stored.pool_id, err) < 0 ||
		write_row(db, &stored, err) < 0)
		rc = -1;
	else
		rc = limit_rows_write(db, &terms, &stored, before, err);
	limit_terms_clear(&terms);
	return rc < 0 ? -1 : 0;
}

static int rename_row(struct db *db, const struct limit_terms *terms,
	const struct policy *p, const char *name, struct err *err)
{
	struct policy renamed = *p, before;
	int rc;

	if (policy_record_pool(db, name, &renamed.pool_id, err) < 0 ||
		limit_rows_move(db, terms, p, renamed.pool_id, err) < 0 ||
		db_run(db, SQL_POLICY_RENAME, err, "ttn", p->name, name,
			renamed.pool_id != 0 ? &renamed.pool_id : NULL) < 0 ||
		policy_record_find(db, name, &before, err) < 0)
		return -1;
	/* another pool may have other defaults */
	rc = limit_rows_write(db, terms, &renamed, &before, err);
	policy_clear(&before);
	return rc < 0 ? -1 : 0;
}

int policy_record_rename(
	struct db *db, const struct policy *p, const char *name, struct err *err)
{
	struct limit_terms terms;
	int rc = limit_terms_load(&terms, db, err);

	if (rc == 0)
		rc = rename_row(db, &terms, p, name, err);
	limit_terms_clear(&terms);
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

static int settle(struct db *db, const struct limit_terms *terms, const struct policy *p,
	struct policy_edits *edits, struct err *err)
{
	int changed = limit_rows_write(db, terms, p, p, err);

	if (changed > 0 && edits != NULL)
		policy_edits_add(edits, p->id);
	return changed < 0 ? -1 : 0;
}

int policy_records_settle(struct db *db, struct policy_edits *edits, struct err *err)
{
	struct all all = { .arena = arena_new() };
	struct limit_terms terms;
	int rc = limit_terms_load(&terms, db, err);

	if (rc == 0 && policy_records_read(db, policy_all(), keep_all, &all, err) < 0)
		rc = -1;
	for (size_t i = 0; i < all.n; i++) {
		if (rc == 0)
			rc = settle(db, &terms, &all.policies[i], edits, err);
		policy_clear(&all.policies[i]);
	}
	limit_terms_clear(&terms);
	arena_free(all.arena);
	return rc;
}

int policy_record_delete(struct db *db, const struct policy *p, struct err *err)
{
	if (limit_rows_drop(db, p->id, err) < 0)
		return -1;
	return db_run(db, SQL_POLICY_DELETE, err, "i", p->id) < 0 ? -1 : 0;
}
