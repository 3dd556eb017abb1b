/*
 * The pool commands.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/pools.h"
#include "base/str.h"
#include "policy/pool.h"

int pool_find(struct db *db, const char *name, int64_t *id, struct err *err)
{
	return named_must_find(db, NAMED_POOL, name, id, err);
}

struct pool_change {
	const char **hosts;
	const char
		*address; /* a host that the milter does not know as such; NULL: none */
	size_t n, done;	  /* done: how many really came */
	bool idle;	  /* its MTAs see no policy at all */
};

/* The hosts as they are stored; every one of them is judged before the first is
 * touched. */
static int parse_hosts(struct request *rq, struct pool_change *c, struct err *err)
{
	char shown[160];

	c->n = rq->nargs - 1;
	c->hosts = arena_alloc(rq->arena, c->n * sizeof(*c->hosts));
	for (size_t i = 0; i < c->n; i++) {
		const char *host = rq->args[i + 1];

		c->hosts[i] = pool_host(rq->arena, host);
		if (c->hosts[i] == NULL)
			return err_set(err,
				"not the name of an MTA: \"%s\" (as its macro j, "
				"Postfix's myhostname: mx1.example.org)",
				str_escape(shown, sizeof(shown), host));
		if (pool_address(rq->arena, host) != NULL)
			c->address = c->hosts[i];
	}
	return 0;
}

/* 1: it is in that pool already, 0: in none. */
static int where_is(
	struct request *rq, struct db *db, const char *host, int64_t id, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_POOL_OF, err, "t", host);
	int found = q != NULL ? db_next(db, q, err) : -1;

	if (found != 1)
		return found;
	if (sqlite3_column_int64(q, 0) != id)
		found = err_code(err, ERR_IN_USE,
			"%s is in the pool %s (an MTA is in one pool at most)", host,
			arena_strdup(rq->arena, db_text(q, 1)));
	sqlite3_reset(q);
	return found;
}

/* Do the MTAs of the pool see no policy, so that all their mail passes? */
static int is_idle(
	struct request *rq, struct db *db, int64_t id, bool *idle, struct err *err)
{
	struct settings settings;
	const char *policies;

	if (pool_settings_load(&settings, id, db, err) < 0 ||
		request_names(rq, db, db_query(db, SQL_POOL_POLICIES, err, "i", id),
			&policies, err) < 0)
		return -1;
	*idle = !settings.pool_fallback && policies == NULL;
	return 0;
}

/* General policies may count apart for each pool that there is. */
static int touch_policies(struct request *rq, struct err *err)
{
	struct settings settings;

	if (request_settings(rq, &settings, err) < 0)
		return -1;
	rq->touched.terms = settings.pool_counters;
	return 0;
}

static int find_or_make(
	struct request *rq, struct db *db, const char *name, int64_t *id, struct err *err)
{
	int found = named_find(db, NAMED_POOL, name, id, err);

	if (found != 0)
		return found < 0 ? -1 : 0;
	if (db_run(db, SQL_POOL_MAKE, err, "t", name) < 0)
		return -1;
	*id = db_last_id(db);
	return touch_policies(rq, err);
}

static int apply_add(struct request *rq, struct db *db, void *arg, struct err *err)
{
	struct pool_change *c = arg;
	int64_t id;

	if (find_or_make(rq, db, rq->args[0], &id, err) < 0)
		return -1;
	for (size_t i = 0; i < c->n; i++) {
		int there = where_is(rq, db, c->hosts[i], id, err);

		if (there < 0 || (there == 0 && db_run(db, SQL_POOL_ADD, err, "ti",
							c->hosts[i], id) < 0))
			return -1;
		c->done += there == 0;
	}
	return is_idle(rq, db, id, &c->idle, err);
}

int do_pool_add(struct request *rq, struct err *err)
{
	struct pool_change c = { 0 };
	const char *there = "", *address = "", *idle = "";

	if (name_check("pool", rq->args[0], err) < 0 || parse_hosts(rq, &c, err) < 0 ||
		admin_change(rq, &(struct change){ apply_add, NULL, &c, NULL }, err) < 0)
		return -1;
	if (c.done < c.n)
		there = arena_printf(rq->arena, ", %zu there already", c.n - c.done);
	if (c.address != NULL)
		address = arena_printf(rq->arena,
			"; %s is known as an MTA at policy_socket alone", c.address);
	if (c.idle)
		idle = arena_printf(rq->arena,
			"; warning: the pool has no policy and no pool_fallback, so all "
			"mail of its MTAs passes (policy add %s:NAME ...)",
			rq->args[0]);
	return request_done(rq, "%zu added%s%s%s", c.done, there, address, idle);
}

static int apply_remove(struct request *rq, struct db *db, void *arg, struct err *err)
{
	struct pool_change *c = arg;
	int64_t id;
	int gone;

	if (pool_find(db, rq->args[0], &id, err) < 0)
		return -1;
	for (size_t i = 0; i < c->n; i++) {
		gone = db_run(db, SQL_POOL_REMOVE, err, "ti", c->hosts[i], id);
		if (gone < 0)
			return -1;
		if (gone == 0)
			return err_code(err, ERR_NO_SUCH, "pool %s has no MTA \"%s\"",
				rq->args[0], c->hosts[i]);
	}
	return 0;
}

int do_pool_remove(struct request *rq, struct err *err)
{
	struct pool_change c = { 0 };

	if (parse_hosts(rq, &c, err) < 0 ||
		admin_change(rq, &(struct change){ apply_remove, NULL, &c, NULL }, err) <
			0)
		return -1;
	return request_done(rq, "%zu removed", c.n);
}

int do_pool_show(struct request *rq, struct err *err)
{
	struct db *db = rq->db;
	int64_t id;

	if (pool_find(db, rq->args[0], &id, err) < 0)
		return -1;
	return request_rows(rq, db, db_query(db, SQL_POOL_SHOW, err, "i", id), err);
}

int do_pool_list(struct request *rq, struct err *err)
{
	struct db *db = rq->db;

	return request_rows(rq, db, db_query(db, SQL_POOL_LIST, err, ""), err);
}

static int apply_delete(struct request *rq, struct db *db, void *arg, struct err *err)
{
	const char *policies;
	int64_t id;

	(void)arg;
	if (pool_find(db, rq->args[0], &id, err) < 0 ||
		request_names(rq, db, db_query(db, SQL_POOL_POLICIES, err, "i", id),
			&policies, err) < 0)
		return -1;
	if (policies != NULL)
		return err_code(err, ERR_IN_USE, "pool %s has policies: %s", rq->args[0],
			policies);
	if (db_run(db, SQL_SETTING_FORGET, err, "i", id) < 0 ||
		db_run(db, SQL_POOL_DELETE, err, "i", id) < 0)
		return -1;
	return touch_policies(rq, err);
}

int do_pool_delete(struct request *rq, struct err *err)
{
	if (admin_change(rq, &(struct change){ apply_delete, NULL, NULL, NULL }, err) < 0)
		return -1;
	return request_done(rq, "pool %s deleted", rq->args[0]);
}
