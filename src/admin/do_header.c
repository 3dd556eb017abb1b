/*
 * The header commands: what a policy adds to a message whose headers match.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/policy_door.h"
#include "admin/stage.h"
#include "base/str.h"
#include "ctl/wire.h"
#include "ctl/words.h"
#include "policy/rule_rows.h"

#include <string.h>

/* What a dump has to say of it, whatever the policy's name is by then, is one line. */
static int check_length(const struct request *rq, struct err *err)
{
	size_t length = strlen("header add ") + POLICY_NAME_MAX;

	for (size_t i = 1; i < rq->nargs; i++)
		length += 1 + word_length(rq->args[i]);
	if (length > WIRE_LINE_MAX)
		return err_set(err,
			"the rule would take %zu octets of a line that has %d, with what "
			"has to be quoted: make two of it",
			length, WIRE_LINE_MAX);
	return 0;
}

/* The rule that the words give: POLICY HEADER /regex/ NEW-HEADER VALUE ... */
static struct rule *read_rule(struct request *rq, struct err *err)
{
	struct rule *rule;

	if (rq->nargs % 2 == 0) {
		err_set(err, "the header \"%.100s\" has no value (NEW-HEADER VALUE ...)",
			rq->args[rq->nargs - 1]);
		return NULL;
	}
	if (check_length(rq, err) < 0)
		return NULL;
	rule = rule_new(rq->args[1], rq->args[2], err);
	for (size_t i = 3; rule != NULL && i < rq->nargs; i += 2)
		if (rule_add(rule, rq->args[i], rq->args[i + 1], err) < 0) {
			rule_free(rule);
			rule = NULL;
		}
	return rule;
}

struct rule_change {
	const struct rule *rule;
	bool replaces; /* whatever rules there are for that header */
};

/* In a file that is loaded: may it take the place of one that is there? */
static bool may_put(struct request *rq, const struct rule *rule)
{
	char *header;

	if (rq->stage == NULL)
		return false;
	header = arena_strdup(rq->arena, rule_header(rule));
	str_fold(header);
	return stage_declares(rq->stage, arena_printf(rq->arena, "%s %s %s", rq->args[0],
						 header, rule_regex(rule))) > 0;
}

static int apply_add(struct request *rq, struct db *db, void *arg, struct err *err)
{
	const struct rule_change *c = arg;
	int64_t id;

	if (request_policy(db, rq->args[0], &id, err) < 0 ||
		(c->replaces && db_run(db, SQL_HEADER_DELETE, err, "itt", id,
					rule_header(c->rule), NULL) < 0))
		return -1;
	policy_edits_add(&rq->touched.policies, id);
	return may_put(rq, c->rule) ? rule_rows_put(db, id, c->rule, err)
				    : rule_rows_add(db, id, c->rule, err);
}

static int change_rule(struct request *rq, bool replaces, struct err *err)
{
	struct rule *rule = read_rule(rq, err);
	struct rule_change c = { rule, replaces };
	int rc;

	if (rule == NULL)
		return -1;
	rc = admin_change(rq, &(struct change){ apply_add, NULL, &c, NULL }, err);
	rule_free(rule);
	return rc < 0 ? -1
		      : request_done(rq, "rule for %.100s %s %s%s", rq->args[1],
				replaces ? "is now that of" : "added to", rq->args[0],
				policy_door_note_header(rq));
}

int do_header_add(struct request *rq, struct err *err)
{
	return change_rule(rq, false, err);
}

int do_header_set(struct request *rq, struct err *err)
{
	return change_rule(rq, true, err);
}

struct rule_removal {
	const char *header, *regex; /* NULL: each */
	int gone;
};

static int apply_delete(struct request *rq, struct db *db, void *arg, struct err *err)
{
	struct rule_removal *r = arg;
	int64_t id;

	if (request_policy(db, rq->args[0], &id, err) < 0)
		return -1;
	policy_edits_add(&rq->touched.policies, id);
	r->gone = db_run(db, SQL_HEADER_DELETE, err, "itt", id, r->header, r->regex);
	if (r->gone == 0)
		return err_code(err, ERR_NO_SUCH, "policy %s has no rule for %s%s%s",
			rq->args[0], r->header != NULL ? r->header : "any header",
			r->regex != NULL ? " and " : "",
			r->regex != NULL ? r->regex : "");
	return r->gone < 0 ? -1 : 0;
}

int do_header_delete(struct request *rq, struct err *err)
{
	struct rule_removal r = { .regex = rq->nargs > 2 ? rq->args[2] : NULL };

	if (strcmp(rq->args[1], "all") != 0)
		r.header = rq->args[1];
	if (admin_change(rq, &(struct change){ apply_delete, NULL, &r, NULL }, err) < 0)
		return -1;
	return request_done(rq, "%d rule%s deleted", r.gone, r.gone == 1 ? "" : "s");
}

int do_header_list(struct request *rq, struct err *err)
{
	const char *policy = rq->nargs > 0 ? rq->args[0] : NULL;
	struct db *db = rq->db;
	int64_t id;

	if (policy != NULL && request_policy(db, policy, &id, err) < 0)
		return -1;
	return request_rows(rq, db, db_query(db, SQL_HEADER_LIST, err, "t", policy), err);
}
