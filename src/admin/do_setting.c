/*
 * The setting commands.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/request.h"
#include "policy/record.h"

static int show(struct request *rq, enum setting s, struct err *err)
{
	const struct setting_info *info = setting_info(s);
	struct db *db = rq->admin->reader;
	const char *value = info->default_value;
	sqlite3_stmt *q = db_query(db, SQL_SETTING_FIND, err, "t", info->name);
	int found = q != NULL ? db_next(db, q, err) : -1;
	json_t *row;

	if (found < 0)
		return -1;
	if (found == 1)
		value = arena_strdup(rq->arena, db_text(q, 0));
	sqlite3_reset(q);
	row = json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", info->name, "value", value,
		"default", info->default_value, "values", info->values, "meaning",
		info->meaning);
	return request_row(rq, row, err);
}

int do_setting_list(struct request *rq, struct err *err)
{
	for (int s = 0; s < SETTINGS; s++)
		if (show(rq, (enum setting)s, err) < 0)
			return -1;
	return 0;
}

int do_setting_show(struct request *rq, struct err *err)
{
	int s = setting_find(rq->args[0], err);

	return s < 0 ? -1 : show(rq, (enum setting)s, err);
}

/* A change of one setting; value NULL: back to the default. */
struct setting_change {
	enum setting setting;
	const char *value;
};

static int apply_setting(struct request *rq, struct db *db, void *arg, struct err *err)
{
	const struct setting_change *c = arg;
	const char *name = setting_info(c->setting)->name;
	int rc;

	(void)rq;
	rc = c->value != NULL ? db_run(db, SQL_SETTING_PUT, err, "tt", name, c->value)
			      : db_run(db, SQL_SETTING_UNSET, err, "t", name);
	if (rc >= 0 && c->setting == SETTING_DEFAULT_LIMIT)
		rc = policy_records_inherit(db, err);
	return rc < 0 ? -1 : 0;
}

static int change_setting(
	struct request *rq, int setting, const char *value, struct err *err)
{
	struct setting_change c = { (enum setting)setting, value };

	return admin_change(rq, &(struct change){ apply_setting, NULL, &c, NULL }, err);
}

int do_setting_set(struct request *rq, struct err *err)
{
	int s = setting_find(rq->args[0], err);
	const char *value = rq->args[1];
	struct settings try;

	settings_defaults(&try);
	if (s < 0 || setting_set(&try, (enum setting)s, value, err) < 0 ||
		change_setting(rq, s, value, err) < 0)
		return -1;
	return request_done(rq, "%s is %s", setting_info((enum setting)s)->name,
		*value != '\0' ? value : "empty");
}

int do_setting_unset(struct request *rq, struct err *err)
{
	int s = setting_find(rq->args[0], err);
	const struct setting_info *info;

	if (s < 0 || change_setting(rq, s, NULL, err) < 0)
		return -1;
	info = setting_info((enum setting)s);
	return request_done(rq, "%s is %s, its default", info->name,
		*info->default_value != '\0' ? info->default_value : "empty");
}
