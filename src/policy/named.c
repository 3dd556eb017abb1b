/*
 * Names in the database, and words about those that are not there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/named.h"

#include "base/near.h"
#include "base/str.h"

#include <string.h>

static const struct {
	const char *word;
	enum sql find, names;
} kinds[] = {
	[NAMED_GROUP] = { "group", SQL_GROUP_FIND, SQL_GROUP_NAMES },
	[NAMED_POLICY] = { "policy", SQL_POLICY_FIND, SQL_POLICY_NAMES },
	[NAMED_POOL] = { "pool", SQL_POOL_FIND, SQL_POOL_NAMES },
};

int named_find(
	struct db *db, enum named kind, const char *name, int64_t *id, struct err *err)
{
	sqlite3_stmt *q = db_query(db, kinds[kind].find, err, "t", name);
	int found = q != NULL ? db_next(db, q, err) : -1;

	if (found == 1) {
		*id = sqlite3_column_int64(q, 0);
		sqlite3_reset(q);
	}
	return found;
}

int named_missing(struct db *db, enum named kind, const char *name, struct err *err)
{
	sqlite3_stmt *q = db_query(db, kinds[kind].names, err, "");
	char guess[NEAR_TEXT_MAX], shown[100];
	struct near near;
	int more = -1;

	near_begin(&near, name);
	while (q != NULL && (more = db_next(db, q, err)) == 1)
		near_offer(&near, db_text(q, 0), strlen(db_text(q, 0)));
	if (more < 0)
		return -1;
	return err_code(err, ERR_NO_SUCH, "no %s \"%s\"%s", kinds[kind].word,
		str_escape(shown, sizeof(shown), name), near_behind(&near, guess));
}

int named_must_find(
	struct db *db, enum named kind, const char *name, int64_t *id, struct err *err)
{
	int found = named_find(db, kind, name, id, err);

	if (found == 0)
		return named_missing(db, kind, name, err);
	return found < 0 ? -1 : 0;
}
