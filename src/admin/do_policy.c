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
		rc = admin_change(rq, &(struct change){ apply_add, NULL, &p, NULL }, err);
	policy_clear(&p);
	return rc < 0 ? -1 : request_done(rq, "policy %s added", rq->args[0]);
}

/* A change of a policy that is there. */
struct edit {
	const char *enabled; /* what enable and disable set; NULL: what is given */
	struct policy before;
};

static int apply_edit(struct request *rq, struct db *db, void *arg, struct err *err)
{
	struct edit *edit = arg;
	struct policy p;
	int rc;

	if (policy_record_find(db, rq->args[0], &edit->before, err) < 0)
		return -1;
	p = edit->before;
	p.reply = mem_strdup(edit->before.reply);
	rc = edit->enabled != NULL ? policy_set(&p, ATTRIBUTE_ENABLED, edit->enabled, err)
				   : set_pairs(rq, &p, 1, err);
	if (rc == 0)
		rc = policy_record_write(db, &p, &edit->before, err);
	policy_clear(&p);
	return rc;
}

static bool limit_lives(const struct policy_set *set, int64_t id)
{
	for (size_t i = 0; i < set->npolicies; i++)
		for (size_t k = 0; k < set->policies[i].nlimits; k++)
			if (set->policies[i].limits[k].id == id)
				return true;
	return false;
}

/* The counters of limits that the policy had and nobody has any more. */
static void forget_counters(struct request *rq, const struct policy *before)
{
	struct engine *e = rq->admin->engine;
	struct policy_set *set = policy_slot_acquire(e->slot);

	for (size_t i = 0; i < before->nlimits; i++)
		if (!limit_lives(set, before->limits[i].id))
			e->store->reset(e->store,
				&(struct counter_key){ before->limits[i].id, NULL });
	policy_slot_release(e->slot, set);
}

static void edited(struct request *rq, void *arg)
{
	const struct edit *edit = arg;

	forget_counters(rq, &edit->before);
}

static int edit_policy(struct request *rq, const char *enabled, struct err *err)
{
	struct edit edit = { .enabled = enabled };
	int rc = admin_change(
		rq, &(struct change){ apply_edit, edited, &edit, NULL }, err);

	policy_clear(&edit.before);
	return rc;
}

int do_policy_set(struct request *rq, struct err *err)
{
	if (edit_policy(rq, NULL, err) < 0)
		return -1;
	return request_done(rq, "policy %s changed", rq->args[0]);
}

int do_policy_enable(struct request *rq, struct err *err)
{
	if (edit_policy(rq, "yes", err) < 0)
		return -1;
	return request_done(rq, "policy %s enabled", rq->args[0]);
}

int do_policy_disable(struct request *rq, struct err *err)
{
	if (edit_policy(rq, "no", err) < 0)
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

static void deleted(struct request *rq, void *arg)
{
	forget_counters(rq, arg);
}

int do_policy_delete(struct request *rq, struct err *err)
{
	struct change change = { apply_delete, deleted, NULL, NULL };
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
			rq, &(struct change){ apply_rename, NULL, NULL, NULL }, err) < 0)
		return -1;
	return request_done(rq, "policy %s is now %s", rq->args[0], rq->args[1]);
}
