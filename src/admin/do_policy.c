/*
 * The policy commands.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/policy_door.h"
#include "admin/stage.h"
#include "policy/record.h"

static int must_not_exist(struct db *db, const char *name, struct err *err)
{
	int64_t id;
	int found = named_find(db, NAMED_POLICY, name, &id, err);

	return found == 1 ? err_code(err, ERR_EXISTS, "there is a policy \"%s\" already",
				    name)
			  : found;
}

/* In the place of the one that is there, and without its header rules: 1.  0 if there is
 * none. */
static int put_policy(struct db *db, const struct policy *p, struct err *err)
{
	struct policy put = *p, before;
	int rc, found = named_find(db, NAMED_POLICY, p->name, &put.id, err);

	if (found <= 0)
		return found;
	if (policy_record_find(db, p->name, &before, err) < 0)
		return -1;
	rc = policy_record_write(db, &put, &before, err);
	policy_clear(&before);
	if (rc < 0 || db_run(db, SQL_HEADER_DELETE, err, "itt", put.id, NULL, NULL) < 0)
		return -1;
	return 1;
}

static int apply_add(struct request *rq, struct db *db, void *arg, struct err *err)
{
	const struct policy *p = arg;
	int puts = rq->stage != NULL ? stage_declares(rq->stage, p->name) : 0;
	int64_t id;

	if (puts < 0)
		return err_code(
			err, ERR_EXISTS, "the policy \"%.80s\" is added twice", p->name);
	if (puts > 0 && (puts = put_policy(db, p, err)) < 0)
		return -1;
	if (puts > 0)
		return 0;
	if (must_not_exist(db, p->name, err) < 0 ||
		policy_record_write(db, p, NULL, err) < 0 ||
		request_policy(db, p->name, &id, err) < 0)
		return -1;
	policy_edits_add(&rq->touched.policies, id);
	return 0;
}

/* What of it has no effect as it stands; "" if all has. */
static const char *note_on(struct request *rq, const struct policy *p)
{
	const char *note = "", *door = policy_door_note(rq, p);

	if (p->type == TYPE_BYPASS && !p->destination.any)
		note = "; with type=bypass the destination is not looked at";
	else if (p->checks_spf && !policy_checks_spf(p))
		note = arena_printf(rq->arena, "; with %s SPF is not looked at",
			p->only_headers ? "only-headers" : "a bypass");
	else if (p->checks_spf && p->key == KEY_LOGIN)
		note = "; with key=login SPF is not looked at: mail with a login is not "
		       "checked";
	else if (policy_counts(p) && p->penalty > 0 && !policy_refuses(p))
		note = arena_printf(rq->arena, "; with action=%s there is no penalty",
			policy_get(p, ATTRIBUTE_ACTION, rq->arena));
	return *door != '\0' ? arena_printf(rq->arena, "%s%s", note, door) : note;
}

int do_policy_add(struct request *rq, struct err *err)
{
	struct policy p;
	size_t pool;
	int rc = -1;

	if (policy_name_check(rq->args[0], &pool, err) < 0)
		return -1;
	policy_init(&p, rq->args[0]);
	if (request_attributes(rq, &p, err) == 0 && policy_check(&p, err) == 0)
		rc = admin_change(rq, &(struct change){ apply_add, NULL, &p, NULL }, err);
	if (rc == 0)
		rc = request_done(rq, "policy %s added%s", rq->args[0], note_on(rq, &p));
	policy_clear(&p);
	return rc;
}

/* A change of a policy that is there. */
struct edit {
	const char *enabled; /* what enable and disable set; NULL: what is given */
	struct policy before;
	const char *note; /* on what came of it */
};

static int apply_edit(struct request *rq, struct db *db, void *arg, struct err *err)
{
	struct edit *edit = arg;
	struct policy p;
	int rc;

	if (policy_record_find(db, rq->args[0], &edit->before, err) < 0)
		return -1;
	policy_edits_add(&rq->touched.policies, edit->before.id);
	policy_copy(&p, &edit->before);
	rc = edit->enabled != NULL ? policy_set(&p, ATTRIBUTE_ENABLED, edit->enabled, err)
				   : request_attributes(rq, &p, err);
	if (rc == 0)
		rc = policy_record_write(db, &p, &edit->before, err);
	edit->note = note_on(rq, &p);
	policy_clear(&p);
	return rc;
}

/* done: "changed" and the like. */
static int edit_policy(
	struct request *rq, const char *enabled, const char *done, struct err *err)
{
	struct edit edit = { .enabled = enabled };
	int rc = admin_change(rq, &(struct change){ apply_edit, NULL, &edit, NULL }, err);

	policy_clear(&edit.before);
	if (rc < 0)
		return -1;
	return request_done(rq, "policy %s %s%s", rq->args[0], done, edit.note);
}

int do_policy_set(struct request *rq, struct err *err)
{
	return edit_policy(rq, NULL, "changed", err);
}

int do_policy_enable(struct request *rq, struct err *err)
{
	return edit_policy(rq, "yes", "enabled", err);
}

int do_policy_disable(struct request *rq, struct err *err)
{
	return edit_policy(rq, "no", "disabled", err);
}

static json_t *policy_row(struct request *rq, const struct policy *p)
{
	json_t *row = json_object();

	json_object_set_new(row, "name", json_string(p->name));
	for (int i = 0; i < ATTRIBUTES; i++) {
		enum policy_attribute a = (enum policy_attribute)i;
		const char *value = policy_get(p, a, rq->arena);

		json_object_set_new(row, policy_attribute_name(a),
			a == ATTRIBUTE_PRIORITY ? json_integer(p->priority)
						: json_text(value));
	}
	return row;
}

static int list_policy(void *arg, struct policy *p, struct err *err)
{
	struct request *rq = arg;
	json_t *row = policy_row(rq, p);

	policy_clear(p);
	return request_row(rq, row, err);
}

/* The rules are no attribute: they have commands of their own. */
static int add_rules(struct request *rq, int64_t id, json_t *row, struct err *err)
{
	json_t *rules = request_list(
		rq->db, db_query(rq->db, SQL_HEADER_SHOW, err, "i", id), err);

	if (rules == NULL)
		return -1;
	if (json_array_size(rules) > 0)
		json_object_set(row, "headers", rules);
	json_decref(rules);
	return 0;
}

int do_policy_show(struct request *rq, struct err *err)
{
	struct policy p;
	json_t *row;
	int rc;

	if (policy_record_find(rq->db, rq->args[0], &p, err) < 0)
		return -1;
	row = policy_row(rq, &p);
	rc = add_rules(rq, p.id, row, err);
	policy_clear(&p);
	if (rc == 0)
		return request_row(rq, row, err);
	json_decref(row);
	return -1;
}

int do_policy_list(struct request *rq, struct err *err)
{
	return policy_records_read(rq->db, policy_all(), list_policy, rq, err) < 0 ? -1
										   : 0;
}

static int apply_delete(struct request *rq, struct db *db, void *arg, struct err *err)
{
	const struct policy *p = arg;

	if (policy_record_find(db, rq->args[0], arg, err) < 0)
		return -1;
	policy_edits_add(&rq->touched.policies, p->id);
	rq->touched.grants = true; /* they go with it */
	return policy_record_delete(db, p, err);
}

int do_policy_delete(struct request *rq, struct err *err)
{
	struct change change = { apply_delete, NULL, NULL, NULL };
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
	struct policy *p = arg;

	if (must_not_exist(db, rq->args[1], err) < 0 ||
		policy_record_find(db, rq->args[0], p, err) < 0)
		return -1;
	policy_edits_add(&rq->touched.policies, p->id);
	return policy_record_rename(db, p, rq->args[1], err);
}

int do_policy_rename(struct request *rq, struct err *err)
{
	struct policy p;
	size_t pool;
	int rc;

	if (policy_name_check(rq->args[1], &pool, err) < 0)
		return -1;
	policy_init(&p, rq->args[0]);
	rc = admin_change(rq, &(struct change){ apply_rename, NULL, &p, NULL }, err);
	policy_clear(&p);
	return rc < 0 ? -1
		      : request_done(rq, "policy %s is now %s", rq->args[0], rq->args[1]);
}
