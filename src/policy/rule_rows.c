/*
 * Rows of header rules.  Read by the loading of sets, written by commands inside the
 * writer's transaction.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/rule_rows.h"

static struct rule *keep(struct policy *p, struct rule *rule)
{
	p->rules = mem_realloc(p->rules, p->nrules + 1, sizeof(*p->rules));
	return p->rules[p->nrules++] = rule;
}

int rule_rows_open(struct policy_rows *rows, struct db *db, struct policy_range range,
	int64_t above, struct err *err)
{
	*rows = (struct policy_rows){ .db = db };
	rows->q =
		db_query(db, SQL_HEADER_LOAD, err, "iii", range.first, range.last, above);
	return rows->q != NULL ? 0 : -1;
}

static int ask_number(struct db *db, sqlite3_stmt *q, int64_t *number, struct err *err)
{
	if (q == NULL || db_next(db, q, err) < 0)
		return -1;
	*number = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	return 0;
}

int rule_rows_untouched(struct db *db, int64_t policy_id, const char *header,
	const char *regex, int64_t *above, struct err *err)
{
	return ask_number(db,
		db_query(db, SQL_HEADER_UNTOUCHED, err, "itt", policy_id, header, regex),
		above, err);
}

int rule_rows_read(struct policy_rows *rows, struct policy *p, struct err *err)
{
	sqlite3_stmt *q = rows->q;
	struct rule *rule = NULL;
	int64_t last = 0, id;
	int more;

	/* a row for each header that is added, those of one rule together */
	while ((more = policy_rows_next(rows, p->id, err)) == 1) {
		id = sqlite3_column_int64(q, 1);
		if (id != last) {
			rule = rule_new(db_text(q, 2), db_text(q, 3), err);
			if (rule != NULL)
				keep(p, rule);
		}
		last = id;
		if (rule == NULL || rule_add(rule, db_text(q, 4), db_text(q, 5), err) < 0)
			return err_prefix(err, "a header rule");
	}
	return more;
}

static int add_additions(
	struct db *db, int64_t id, const struct rule *rule, struct err *err)
{
	const struct rule_addition *added;
	size_t n;

	added = rule_additions(rule, &n);
	for (size_t i = 0; i < n; i++)
		if (db_run(db, SQL_HEADER_ADDITION, err, "iitt", id, (int64_t)i,
			    added[i].name, added[i].value) < 0)
			return -1;
	return 0;
}

int rule_rows_add(
	struct db *db, int64_t policy_id, const struct rule *rule, struct err *err)
{
	int64_t there;
	int done;

	if (ask_number(db, db_query(db, SQL_HEADER_COUNT, err, "i", policy_id), &there,
		    err) < 0)
		return -1;
	done = db_run(db, SQL_HEADER_ADD, err, "itt", policy_id, rule_header(rule),
		rule_regex(rule));
	if (done == 0)
		return err_code(err, ERR_EXISTS,
			"there is a rule for %s and %s already (header set replaces it)",
			rule_header(rule), rule_regex(rule));
	if (there >= RULES_MAX)
		return err_set(err,
			"the policy has %d header rules already, and may not have more "
			"(one pattern with | takes the place of several)",
			RULES_MAX);
	return done < 0 ? -1 : add_additions(db, db_last_id(db), rule, err);
}

int rule_rows_put(
	struct db *db, int64_t policy_id, const struct rule *rule, struct err *err)
{
	int64_t id;

	if (ask_number(db,
		    db_query(db, SQL_HEADER_FIND, err, "itt", policy_id,
			    rule_header(rule), rule_regex(rule)),
		    &id, err) < 0)
		return -1;
	if (id == 0)
		return rule_rows_add(db, policy_id, rule, err);
	if (db_run(db, SQL_HEADER_BARE, err, "i", id) < 0)
		return -1;
	return add_additions(db, id, rule, err);
}
