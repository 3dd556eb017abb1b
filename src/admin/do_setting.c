/*
 * The setting commands.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/alert.h"
#include "admin/pools.h"
#include "base/cidr.h"
#include "policy/load.h"

#include <string.h>

/* The pool that the command names: its id, 0 if it names none. */
static int find_pool(struct request *rq, struct db *db, int64_t *id, struct err *err)
{
	const char *name = request_pair(rq, "pool");

	*id = 0;
	return name != NULL ? pool_find(db, name, id, err) : 0;
}

/* As it is stored for that pool, in the arena; NULL if it is not, or with *found -1. */
static const char *stored(
	struct request *rq, enum setting s, int64_t pool, int *found, struct err *err)
{
	struct db *db = rq->db;
	sqlite3_stmt *q =
		db_query(db, SQL_SETTING_FIND, err, "ti", setting_info(s)->name, pool);
	const char *value = NULL;

	*found = q != NULL ? db_next(db, q, err) : -1;
	if (*found == 1)
		value = arena_strdup(rq->arena, db_text(q, 0));
	sqlite3_reset(q);
	return value;
}

static int show(struct request *rq, enum setting s, int64_t pool, struct err *err)
{
	const struct setting_info *info = setting_info(s);
	const char *value = NULL, *of = NULL;
	int found = 0;
	json_t *row;

	if (pool != 0) {
		value = stored(rq, s, pool, &found, err);
		of = value != NULL ? request_pair(rq, "pool") : NULL;
	}
	if (value == NULL && found >= 0)
		value = stored(rq, s, 0, &found, err);
	if (found < 0)
		return -1;
	row = json_pack("{s:s, s:s}", "name", info->name, "value",
		value != NULL ? value : info->default_value);
	/* whose value it is, where a pool's were asked for */
	if (pool != 0)
		json_object_set_new(row, "pool", json_text(of));
	json_object_update_new(
		row, json_pack("{s:s, s:s, s:s}", "default", info->default_value,
			     "values", info->values, "meaning", info->meaning));
	return request_row(rq, row, err);
}

int do_setting_list(struct request *rq, struct err *err)
{
	int64_t pool;

	if (find_pool(rq, rq->db, &pool, err) < 0)
		return -1;
	for (int s = 0; s < SETTINGS; s++)
		if ((pool == 0 || setting_info((enum setting)s)->scope == SCOPE_POOL) &&
			show(rq, (enum setting)s, pool, err) < 0)
			return -1;
	return 0;
}

int do_setting_show(struct request *rq, struct err *err)
{
	int s = setting_find(rq->args[0], err);
	int64_t pool;

	if (s < 0 || find_pool(rq, rq->db, &pool, err) < 0)
		return -1;
	return show(rq, (enum setting)s, pool, err);
}

/* A change of one setting; value NULL: back to the default. */
struct setting_change {
	enum setting setting;
	const char *value;
	const char *idle; /* groups that it names without effect; NULL: none */
};

/* A setting for a pool has its meaning only while pools count apart. */
static int check_apart(struct request *rq, struct db *db, const struct setting_change *c,
	int64_t pool, struct err *err)
{
	struct settings settings;
	const char *pools;

	if (request_settings(rq, &settings, err) < 0)
		return -1;

	if (pool != 0 && setting_info(c->setting)->scope != SCOPE_POOL)
		return err_set(err, "%s cannot be given for a pool",
			setting_info(c->setting)->name);
	if (pool != 0 && !settings.pool_counters)
		return err_set(err, "settings can be given for a pool with "
				    "pool_counters=yes only");
	if (c->setting != SETTING_POOL_COUNTERS ||
		(c->value != NULL && strcmp(c->value, "yes") == 0))
		return 0;
	if (request_names(rq, db, db_query(db, SQL_SETTING_POOLS, err, ""), &pools, err) <
		0)
		return -1;
	if (pools != NULL)
		return err_code(err, ERR_IN_USE,
			"there are settings for a pool (%s): unset them first", pools);
	return 0;
}

/* A flag of an IPv6 client is on its network of so many bits: with others it would be
 * nobody's. */
static int check_prefix(struct request *rq, struct db *db, const struct setting_change *c,
	struct err *err)
{
	struct settings to, from;
	const char *objects;

	settings_defaults(&to);
	if (c->value != NULL && setting_set(&to, c->setting, c->value, err) < 0)
		return -1;
	if (request_settings(rq, &from, err) < 0)
		return -1;
	if (to.ipv6_prefix == from.ipv6_prefix)
		return 0;
	if (request_names(rq, db, db_query(db, SQL_OBJECT_NETWORKS, err, ""), &objects,
		    err) < 0)
		return -1;
	if (objects != NULL)
		return err_code(err, ERR_IN_USE,
			"IPv6 clients are blocked, bypassed or granted more (%s): clear "
			"them first",
			objects);
	return 0;
}

/* 1 if the group has a client address or a network, else 0; -1 and err. */
static int has_host(struct db *db, int64_t group, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_GROUP_HOSTS, err, "i", group);
	struct cidr network;
	int found = q != NULL ? db_next(db, q, err) : -1;

	while (found == 1 && cidr_parse(db_text(q, 0), &network, NULL) < 0)
		found = db_next(db, q, err);
	sqlite3_reset(q);
	return found;
}

/* The groups that a setting names have to be there; a client is in one by its address
 * alone. */
static int check_trusted(
	struct request *rq, struct db *db, struct setting_change *c, struct err *err)
{
	int64_t ids[SPF_TRUSTED_MAX];
	struct settings to;

	settings_defaults(&to);
	if (c->value != NULL && setting_set(&to, c->setting, c->value, err) < 0)
		return -1;
	if (settings_find_trusted(&to, ids, db, err) < 0)
		return -1;
	c->idle = NULL;
	for (size_t i = 0; i < to.nspf_trusted; i++) {
		int found = has_host(db, ids[i], err);

		if (found < 0)
			return -1;
		if (found == 0)
			c->idle = arena_printf(rq->arena, "%s%s%s",
				c->idle != NULL ? c->idle : "",
				c->idle != NULL ? ", " : "", to.spf_trusted[i]);
	}
	return 0;
}

static bool changes_limits(enum setting setting)
{
	return setting == SETTING_DEFAULT_LIMIT || setting == SETTING_DEFAULT_PENALTY ||
	       setting == SETTING_POOL_COUNTERS;
}

static int apply_setting(struct request *rq, struct db *db, void *arg, struct err *err)
{
	struct setting_change *c = arg;
	const char *name = setting_info(c->setting)->name;
	int64_t pool;
	int rc;

	if (find_pool(rq, db, &pool, err) < 0 || check_apart(rq, db, c, pool, err) < 0)
		return -1;
	if (c->setting == SETTING_IPV6_PREFIX && check_prefix(rq, db, c, err) < 0)
		return -1;
	if (c->setting == SETTING_SPF_TRUSTED && check_trusted(rq, db, c, err) < 0)
		return -1;
	rc = c->value != NULL
		     ? db_run(db, SQL_SETTING_PUT, err, "tit", name, pool, c->value)
		     : db_run(db, SQL_SETTING_UNSET, err, "ti", name, pool);
	rq->touched.terms = changes_limits(c->setting);
	return rc < 0 ? -1 : 0;
}

static int change_setting(struct request *rq, struct setting_change *c, struct err *err)
{
	return admin_change(rq, &(struct change){ apply_setting, NULL, c, NULL }, err);
}

/* " in pool mx", where the command names one. */
static const char *in_pool(struct request *rq)
{
	const char *pool = request_pair(rq, "pool");

	return pool != NULL ? arena_printf(rq->arena, " in pool %s", pool) : "";
}

/* What of the value has no effect; "" if all has. */
static const char *note_on(
	struct request *rq, const struct setting_change *c, const char *given)
{
	const char *note = "";

	if (c->setting == SETTING_SPF_TRUSTED && strcmp(c->value, given) != 0)
		note = "; a group that is named twice is there once";
	if (c->idle != NULL)
		note = arena_printf(
			rq->arena, "%s; there is no client address in %s", note, c->idle);
	return note;
}

int do_setting_set(struct request *rq, struct err *err)
{
	int s = setting_find(rq->args[0], err);
	const char *given = rq->args[1];
	struct setting_change c = { .setting = (enum setting)s };
	const char *missing = "";
	struct settings try;

	settings_defaults(&try);
	if (s < 0 || setting_set(&try, c.setting, given, err) < 0)
		return -1;
	if (c.setting == SETTING_ALERT_PROGRAM &&
		alert_check_program(rq, given, &missing, err) < 0)
		return -1;
	if (c.setting == SETTING_ALERT_MAIL && *given != '\0')
		missing = alert_note_on_mail(rq);
	c.value = setting_spelling(c.setting, given, rq->arena);
	if (change_setting(rq, &c, err) < 0)
		return -1;
	return request_done(rq, "%s is %s%s%s%s", setting_info(c.setting)->name,
		*c.value != '\0' ? c.value : "empty", in_pool(rq), note_on(rq, &c, given),
		missing);
}

int do_setting_unset(struct request *rq, struct err *err)
{
	int s = setting_find(rq->args[0], err);
	struct setting_change c = { .setting = (enum setting)s };
	const struct setting_info *info;

	if (s < 0 || change_setting(rq, &c, err) < 0)
		return -1;
	info = setting_info((enum setting)s);
	if (request_pair(rq, "pool") != NULL)
		return request_done(
			rq, "%s%s is what it is elsewhere", info->name, in_pool(rq));
	return request_done(rq, "%s is %s, its default", info->name,
		*info->default_value != '\0' ? info->default_value : "empty");
}
