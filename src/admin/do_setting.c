/*
 * The setting commands.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/request.h"

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

static int apply_set(struct request *rq, struct db *db, void *arg, struct err *err)
{
	(void)arg;
	return db_run(db, SQL_SETTING_PUT, err, "tt", rq->args[0], rq->args[1]) < 0 ? -1
										    : 0;
}

int do_setting_set(struct request *rq, struct err *err)
{
	int s = setting_find(rq->args[0], err);
	struct settings try;

	settings_defaults(&try);
	if (s < 0 || setting_set(&try, (enum setting)s, rq->args[1], err) < 0 ||
		admin_change(rq, &(struct change){ apply_set, NULL, NULL, false }, err) <
			0)
		return -1;
	return request_done(rq, "%s is %s", rq->args[0],
		*rq->args[1] != '\0' ? rq->args[1] : "empty");
}

static int apply_unset(struct request *rq, struct db *db, void *arg, struct err *err)
{
	(void)arg;
	return db_run(db, SQL_SETTING_UNSET, err, "t", rq->args[0]) < 0 ? -1 : 0;
}

int do_setting_unset(struct request *rq, struct err *err)
{
	int s = setting_find(rq->args[0], err);
	const char *value;

	if (s < 0 || admin_change(rq, &(struct change){ apply_unset, NULL, NULL, false },
			     err) < 0)
		return -1;
	value = setting_info((enum setting)s)->default_value;
	return request_done(rq, "%s is %s, its default", rq->args[0],
		*value != '\0' ? value : "empty");
}
