/*
 * The policy commands.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/request.h"
#include "policy/record.h"

/* Sets what the command gives as NAME=VALUE, from word `first` on. */
static int set_pairs(struct request *rq, struct policy *p, size_t first, struct err *err)
{
	for (size_t i = first; i < rq->nargs; i++) {
		const char *value;
		size_t len;
		int a;

		pair_split(rq->args[i], &len, &value);
		a = policy_attribute_find(arena_memdup(rq->arena, rq->args[i], len), err);
		if (a < 0 || policy_set(p, (enum policy_attribute)a, value, err) < 0)
			return -1;
	}
	return 0;
}

static int must_not_exist(struct db *db, const char *name, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_POLICY_FIND, err, "t", name);
	int found = q != NULL ? db_next(db, q, err) : -1;

	if (found == 1) {
		sqlite3_reset(q);
		return err_code(
			err, ERR_EXISTS, "there is a policy \"%s\" already", name);
	}
	return found;
}

static int apply_add(struct request *rq, struct db *db, void *arg, struct err *err)
{
	(void)rq;
	if (must_not_exist(db, ((struct policy *)arg)->name, err) < 0)
		return -1;
	return policy_record_write(db, arg, NULL, err);
}

int do_policy_add(struct request *rq, struct err *err)
{
	struct policy p;
	int rc = -1;

	if (name_check("policy", rq->args[0], err) < 0)
		return -1;
	policy_init(&p, rq->args[0]);
	if (set_pairs(rq, &p, 1, err) == 0 && policy_check(&p, err) == 0)
		rc = admin_change(
			rq, &(struct change){ apply_add, NULL, &p, false }, err);
	policy_clear(&p);
	return rc < 0 ? -1 : request_done(rq, "policy %s added", rq->args[0]);
}

/* Attributes of a policy that is there; `more` does what else the command asks. */
static int change_policy(struct request *rq, struct db *db,
	int (*more)(struct request *, struct policy *, struct err *), struct err *err)
{
	struct policy before, p;
	int rc = -1;

	if (policy_record_find(db, rq->args[0], &before, err) < 0)
		return -1;
	p = before;
	p.reply = xstrdup(before.reply);
	if (more(rq, &p, err) == 0)
		rc = policy_record_write(db, &p, &before, err);
	policy_clear(&p);
	policy_clear(&before);
	return rc;
}

static int set_given(struct request *rq, struct policy *p, struct err *err)
{
	return set_pairs(rq, p, 1, err);
}

static int set_enabled(struct request *rq, struct policy *p, struct err *err)
{
	(void)rq;
	return policy_set(p, ATTRIBUTE_ENABLED, "yes", err);
}

static int set_disabled(struct request *rq, struct policy *p, struct err *err)
{
	(void)rq;
	return policy_set(p, ATTRIBUTE_ENABLED, "no", err);
}

static int apply_set(struct request *rq, struct db *db, void *arg, struct err *err)
{
	(void)arg;
	return change_policy(rq, db, set_given, err);
}

static int apply_enable(struct request *rq, struct db *db, void *arg, struct err *err)
{
	(void)arg;
	return change_policy(rq, db, set_enabled, err);
}

static int apply_disable(struct request *rq, struct db *db, void *arg, struct err *err)
{
	(void)arg;
	return change_policy(rq, db, set_disabled, err);
}

int do_policy_set(struct request *rq, struct err *err)
{
	if (rq->nargs < 2)
		return err_set(
			err, "nothing to set (usage: policy set POLICY NAME=VALUE ...)");
	if (admin_change(rq, &(struct change){ apply_set, NULL, NULL, false }, err) < 0)
		return -1;
	return request_done(rq, "policy %s changed", rq->args[0]);
}

int do_policy_enable(struct request *rq, struct err *err)
{
	if (admin_change(rq, &(struct change){ apply_enable, NULL, NULL, false }, err) <
		0)
		return -1;
	return request_done(rq, "policy %s enabled", rq->args[0]);
}

int do_policy_disable(struct request *rq, struct err *err)
{
	if (admin_change(rq, &(struct change){ apply_disable, NULL, NULL, false }, err) <
		0)
		return -1;
	return request_done(rq, "policy %s disabled", rq->args[0]);
}

static int show_policy(void *arg, struct policy *p, struct err *err)
{
	struct request *rq = arg;
	json_t *row = json_object();

	json_object_set_new(row, "name", json_string(p->name));
	for (int i = 0; i < ATTRIBUTES; i++) {
		enum policy_attribute a = (enum policy_attribute)i;
		const char *value = policy_get(p, a, rq->arena);

		json_object_set_new(row, policy_attribute_name(a),
			a == ATTRIBUTE_PRIORITY ? json_integer(p->priority)
						: json_text(value));
	}
	policy_clear(p);
	return request_row(rq, row, err);
}

int do_policy_show(struct request *rq, struct err *err)
{
	struct policy p;

	if (policy_record_find(rq->admin->reader, rq->args[0], &p, err) < 0)
		return -1;
	return show_policy(rq, &p, err);
}

int do_policy_list(struct request *rq, struct err *err)
{
	return policy_records_read(rq->admin->reader, NULL, show_policy, rq, err) < 0 ? -1
										      : 0;
}

static int apply_delete(struct request *rq, struct db *db, void *arg, struct err *err)
{
	return policy_record_find(db, rq->args[0], arg, err) < 0
		       ? -1
		       : policy_record_delete(db, arg, err);
}

static void forget_counters(struct request *rq, void *arg)
{
	struct counter_store *store = rq->admin->engine->store;
	const struct policy *p = arg;

	for (size_t i = 0; i < p->nlimits; i++)
		store->reset(store, &(struct counter_key){ p->limits[i].id, NULL });
}

int do_policy_delete(struct request *rq, struct err *err)
{
	struct change change = { apply_delete, forget_counters, NULL, false };
	struct policy p;
	int rc;

	policy_init(&p, rq->args[0]);
	change.arg = &p;
	rc = admin_change(rq, &change, err);
	policy_clear(&p);
	return rc < 0 ? -1 : request_done(rq, "policy %s deleted", rq->args[0]);
}

static int apply_rename(struct request *rq, struct db *db, void *arg, struct err *err)
{
	int renamed;

	(void)arg;
	if (must_not_exist(db, rq->args[1], err) < 0)
		return -1;
	renamed = db_run(db, SQL_POLICY_RENAME, err, "tt", rq->args[0], rq->args[1]);
	if (renamed == 0)
		return err_code(err, ERR_NO_SUCH, "no policy \"%.80s\"", rq->args[0]);
	return renamed < 0 ? -1 : 0;
}

int do_policy_rename(struct request *rq, struct err *err)
{
	if (name_check("policy", rq->args[1], err) < 0 ||
		admin_change(
			rq, &(struct change){ apply_rename, NULL, NULL, false }, err) < 0)
		return -1;
	return request_done(rq, "policy %s is now %s", rq->args[0], rq->args[1]);
}
