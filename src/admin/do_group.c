/*
 * The group commands.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/request.h"

static int must_find(struct db *db, const char *name, int64_t *id, struct err *err)
{
	return named_must_find(db, NAMED_GROUP, name, id, err);
}

/* The members as they are stored; every one of them is judged before the first
 * is touched. */
static const char **parse_members(struct request *rq, struct err *err)
{
	const char **members = arena_alloc(rq->arena, rq->nargs * sizeof(*members));
	struct cidr network;

	for (size_t i = 1; i < rq->nargs; i++) {
		members[i - 1] = member_parse(rq->arena, rq->args[i], &network, err);
		if (members[i - 1] == NULL)
			return NULL;
	}
	return members;
}

struct member_change {
	const char **members;
	size_t n, done; /* done: how many really came or went */
	struct group_edits edits;
};

/* Makes the change, and fills in what came of it. */
static int change_members(struct request *rq, struct member_change *c,
	int (*apply)(struct request *, struct db *, void *, struct err *),
	struct err *err)
{
	c->edits.arena = rq->arena;
	return admin_change(rq, &(struct change){ apply, NULL, c, &c->edits }, err);
}

static int apply_add(struct request *rq, struct db *db, void *arg, struct err *err)
{
	struct member_change *c = arg;
	int64_t id = 0;
	int found = named_find(db, NAMED_GROUP, rq->args[0], &id, err), added;

	if (found < 0 ||
		(found == 0 && db_run(db, SQL_GROUP_MAKE, err, "t", rq->args[0]) < 0))
		return -1;
	if (found == 0)
		id = db_last_id(db);
	for (size_t i = 0; i < c->n; i++) {
		added = db_run(db, SQL_GROUP_ADD, err, "it", id, c->members[i]);
		if (added < 0)
			return -1;
		if (added > 0)
			group_edits_add(&c->edits, id, c->members[i], false);
		c->done += (size_t)added;
	}
	return 0;
}

int do_group_add(struct request *rq, struct err *err)
{
	struct member_change c = { .n = rq->nargs - 1 };

	c.members = parse_members(rq, err);
	if (name_check("group", rq->args[0], err) < 0 || c.members == NULL ||
		change_members(rq, &c, apply_add, err) < 0)
		return -1;
	if (c.done < c.n)
		return request_done(
			rq, "%zu added, %zu there already", c.done, c.n - c.done);
	return request_done(rq, "%zu added", c.done);
}

static int apply_remove(struct request *rq, struct db *db, void *arg, struct err *err)
{
	struct member_change *c = arg;
	int64_t id;
	int gone;

	if (must_find(db, rq->args[0], &id, err) < 0)
		return -1;
	for (size_t i = 0; i < c->n; i++) {
		gone = db_run(db, SQL_GROUP_REMOVE, err, "it", id, c->members[i]);
		if (gone < 0)
			return -1;
		if (gone == 0)
			return err_code(err, ERR_NO_SUCH, "group %s has no member \"%s\"",
				rq->args[0], c->members[i]);
		group_edits_add(&c->edits, id, c->members[i], true);
		c->done++;
	}
	return 0;
}

int do_group_remove(struct request *rq, struct err *err)
{
	struct member_change c = { .n = rq->nargs - 1 };

	c.members = parse_members(rq, err);
	if (c.members == NULL || change_members(rq, &c, apply_remove, err) < 0)
		return -1;
	return request_done(rq, "%zu removed", c.done);
}

int do_group_show(struct request *rq, struct err *err)
{
	struct db *db = rq->db;
	int64_t id;

	if (must_find(db, rq->args[0], &id, err) < 0)
		return -1;
	return request_rows(rq, db, db_query(db, SQL_GROUP_SHOW, err, "i", id), err);
}

int do_group_list(struct request *rq, struct err *err)
{
	struct db *db = rq->db;

	return request_rows(rq, db, db_query(db, SQL_GROUP_LIST, err, ""), err);
}

static int apply_delete(struct request *rq, struct db *db, void *arg, struct err *err)
{
	struct member_change *c = arg;
	const char *users;
	sqlite3_stmt *q;
	int more = -1;
	int64_t id;

	if (must_find(db, rq->args[0], &id, err) < 0 ||
		request_names(rq, db, db_query(db, SQL_GROUP_USERS, err, "i", id), &users,
			err) < 0)
		return -1;
	if (users != NULL)
		return err_code(
			err, ERR_IN_USE, "group %s is used by %s", rq->args[0], users);
	q = db_query(db, SQL_GROUP_SHOW, err, "i", id);
	while (q != NULL && (more = db_next(db, q, err)) == 1)
		group_edits_add(
			&c->edits, id, arena_strdup(rq->arena, db_text(q, 0)), true);
	if (q == NULL || more < 0)
		return -1;
	return db_run(db, SQL_GROUP_DELETE, err, "i", id) < 0 ? -1 : 0;
}

int do_group_delete(struct request *rq, struct err *err)
{
	struct member_change c = { 0 };

	if (change_members(rq, &c, apply_delete, err) < 0)
		return -1;
	return request_done(rq, "group %s deleted", rq->args[0]);
}
