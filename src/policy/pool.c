/*
 * The table of pools.  Loaded by the writer's thread (or at start), read by all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/pool.h"

#include "base/addr.h"
#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct pool_host {
	UT_hash_handle hh;
	size_t pool;
	char name[];
};

static int load_pools(struct pool_table *t, struct db *db,
	const struct settings *settings, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_POOL_LOAD, err, "");
	int more = -1;

	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		struct pool *pool;

		t->pools = mem_realloc(t->pools, t->n + 1, sizeof(*t->pools));
		pool = &t->pools[t->n++];
		*pool = (struct pool){ .id = sqlite3_column_int64(q, 0),
			.settings = *settings };
		snprintf(pool->name, sizeof(pool->name), "%s", db_text(q, 1));
	}
	return more;
}

static int load_hosts(struct pool_table *t, struct db *db, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_POOL_HOSTS, err, "");
	int more = -1;

	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		const char *name = db_text(q, 0);
		size_t len = strlen(name);
		struct pool_host *host = mem_calloc(1, sizeof(*host) + len + 1);

		memcpy(host->name, name, len + 1);
		host->pool =
			(size_t)(pool_by_id(t, sqlite3_column_int64(q, 1)) - t->pools);
		HASH_ADD_KEYPTR(hh, t->hosts, host->name, len, host);
	}
	return more;
}

/* Those of pools (others are passed over), or those that hold everywhere. */
static int load_settings(struct pool_table *t, struct settings *settings, bool of_pools,
	struct db *db, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_SETTING_LOAD, err, "");
	int more = -1, s;

	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		int64_t pool_id = sqlite3_column_int64(q, 1);
		struct pool *pool = of_pools ? pool_by_id(t, pool_id) : NULL;

		if (of_pools ? pool == NULL : pool_id != 0)
			continue;
		s = setting_find(db_text(q, 0), err);
		if (s < 0 || setting_set(of_pools ? &pool->settings : settings,
				     (enum setting)s, db_text(q, 2), err) < 0) {
			sqlite3_reset(q);
			return -1;
		}
	}
	return more;
}

int pool_table_load(
	struct pool_table *t, struct settings *settings, struct db *db, struct err *err)
{
	settings_defaults(settings);
	/* pools begin with what holds everywhere */
	if (load_settings(t, settings, false, db, err) < 0 ||
		load_pools(t, db, settings, err) < 0 ||
		load_settings(t, settings, true, db, err) < 0)
		return -1;
	return load_hosts(t, db, err);
}

static int load_own(
	struct settings *settings, int64_t pool_id, struct db *db, struct err *err)
{
	for (int s = 0; s < SETTINGS; s++) {
		const char *name = setting_info((enum setting)s)->name;
		sqlite3_stmt *q =
			db_query(db, SQL_SETTING_FIND, err, "ti", name, pool_id);
		int more = q != NULL ? db_next(db, q, err) : -1;

		if (more == 1)
			more = setting_set(settings, (enum setting)s, db_text(q, 0), err);
		sqlite3_reset(q);
		if (more < 0)
			return -1;
	}
	return 0;
}

int pool_settings_load(
	struct settings *settings, int64_t pool_id, struct db *db, struct err *err)
{
	settings_defaults(settings);
	if (load_own(settings, 0, db, err) < 0)
		return -1;
	return pool_id != 0 ? load_own(settings, pool_id, db, err) : 0;
}

void pool_table_clear(struct pool_table *t)
{
	struct pool_host *host, *next;

	HASH_ITER(hh, t->hosts, host, next) {
		HASH_DEL(t->hosts, host);
		free(host);
	}
	free(t->pools);
	memset(t, 0, sizeof(*t));
}

struct pool *pool_by_id(const struct pool_table *t, int64_t id)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->pools[i].id == id)
			return &t->pools[i];
	return NULL;
}

const struct pool *pool_of_mta(const struct pool_table *t, const char *mta)
{
	struct pool_host *host = NULL;

	if (mta != NULL && t->hosts != NULL)
		HASH_FIND_STR(t->hosts, mta, host);
	return host != NULL ? &t->pools[host->pool] : NULL;
}
