/*
 * Spellings of today.  Called where a database is migrated (db/schema.h), on main's
 * thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/spelling.h"

#include "base/addr.h"

#include <string.h>

/* Most names are ASCII, and not even parsed. */
#define OLD(column)                                                                      \
	" WHERE " column " GLOB '*[^ -~]*' AND spelling(" column ") <> " column

static const char renew[] = "UPDATE OR REPLACE member SET name = spelling(name)" OLD(
	"name") ";"
		"INSERT INTO bucket (limit_id, object, first, last, count, rest)"
		"	SELECT limit_id, spelling(object), first, last, count, rest FROM "
		"bucket" OLD("object") "	ON CONFLICT DO UPDATE SET last = "
				       "max(last, excluded.last),"
				       "		count = count + excluded.count;"
				       "DELETE FROM bucket" OLD("object");

/* As members are read (policy/name.c), of which objects are some; NULL: it is none. */
static const char *spell(struct arena *arena, const char *text)
{
	const char *at = strrchr(text, '@'), *domain;
	struct addr a;
	int begin;

	if (text[0] == '@') {
		begin = text[1] == '.' ? 2 : 1;
		domain = addr_domain(arena, text + begin);
		return domain != NULL ? arena_printf(arena, "%.*s%s", begin, text, domain)
				      : NULL;
	}
	if (at != NULL && at[1] == '\0') {
		a = addr_parse(arena, arena_memdup(arena, text, strlen(text) - 1));
		return a.kind == ADDR_LOCAL ? arena_printf(arena, "%s@", a.text) : NULL;
	}
	a = addr_parse(arena, text);
	return a.kind == ADDR_MAILBOX || a.kind == ADDR_LOCAL ? a.text : NULL;
}

static void spelling(sqlite3_context *context, int n, sqlite3_value **values)
{
	const char *text = (const char *)sqlite3_value_text(values[0]), *spelled;
	struct arena *arena = arena_new();

	(void)n;
	spelled = text != NULL ? spell(arena, text) : NULL;
	sqlite3_result_text(
		context, spelled != NULL ? spelled : text, -1, SQLITE_TRANSIENT);
	arena_free(arena);
}

static int name_function(
	struct db *db, void (*function)(sqlite3_context *, int, sqlite3_value **))
{
	return sqlite3_create_function(db_handle(db), "spelling", 1,
		SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL, function,
		NULL, NULL);
}

int spelling_renew(struct db *db, struct err *err)
{
	int rc = name_function(db, spelling);

	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db_handle(db), renew, NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		err_code(err, ERR_FAILED, "database: spellings: %s",
			sqlite3_errmsg(db_handle(db)));
	name_function(db, NULL);
	return rc == SQLITE_OK ? 0 : -1;
}
