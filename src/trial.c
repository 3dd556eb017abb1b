/*
 * The test of a configuration and a database.  Called by main, before there is any other
 * thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "trial.h"

#include "db/ahead.h"
#include "db/schema.h"
#include "policy/load.h"
#include "process.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Mail can go on without either of these, so it is no failure. */
static void look_for(const char *path, const char *without)
{
	if (access(path, X_OK) < 0)
		printf("%s: %s, so %s\n", path, strerror(errno), without);
}

/* Through a reader, so that nothing is made. */
static int test_database(const char *path, const char *sendmail, struct err *err)
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
	if (db == NULL)
		return -1;
	set = policy_set_load(db, NULL, err);
	if (set == NULL) {
		schema_failed(db, path, err);
	} else {
		printf("%s: %zu policies, %zu groups\n", path, set->npolicies,
			group_index_count(set->groups));
		if (schema < SQL_MIGRATIONS)
			printf("%s: will be upgraded from schema %d to %d at the start\n"
			       "%s: before that a copy of it will be made beside it\n",
				path, schema, SQL_MIGRATIONS, path);
		if (*set->settings.alert_mail != '\0')
			look_for(sendmail, "alerts cannot be mailed");
	}
	policy_set_discard(set);
	db_close(db);
	if (set == NULL)
		return -1;
	return schema < SQL_MIGRATIONS ? schema_check_room(path, schema, st.st_size, err)
				       : 0;
}

int trial_run(const struct conf *conf, struct err *err)
{
	char path[PATH_MAX];

	if (test_database(conf->text[CONF_DATABASE], conf_sendmail(conf), err) < 0)
		return -1;
	look_for(process_find(path, "themis-spf"), "SPF cannot be checked");
	puts("configuration and database are good");
	return 0;
}
