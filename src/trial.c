/*
 * The test of a configuration and a database.  Called by main, before there is any other
 * thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "trial.h"

#include "db/ahead.h"
#include "policy/load.h"
#include "process.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Through a reader, so that nothing is made. */
static int test_database(const char *path, struct err *err)
{
	struct policy_set *set = NULL;
	struct stat st;
	struct db *db;
	int schema;

	if (db_check_file(path, err) < 0)
		return -1;
	if (stat(path, &st) < 0 || st.st_size == 0) {
		printf("%s: not there yet, it will be made\n", path);
		return 0;
	}
	db = ahead_open(path, &schema, err);
	if (db != NULL)
		set = policy_set_load(db, NULL, err);
	if (set != NULL) {
		printf("%s: %zu policies, %zu groups\n", path, set->npolicies,
			group_index_count(set->groups));
		if (schema < SQL_MIGRATIONS)
			printf("%s: will be upgraded from schema %d to %d at the start\n",
				path, schema, SQL_MIGRATIONS);
	}
	policy_set_discard(set);
	db_close(db);
	return set != NULL ? 0 : -1;
}

/* Mail can go on without it, so this is no failure. */
static void test_worker(void)
{
	char path[PATH_MAX];

	if (access(process_find(path, "themis-spf"), X_OK) < 0)
		printf("%s: %s, so SPF cannot be checked\n", path, strerror(errno));
}

int trial_run(const struct conf *conf, struct err *err)
{
	if (test_database(conf->text[CONF_DATABASE], err) < 0)
		return -1;
	test_worker();
	puts("configuration and database are good");
	return 0;
}
