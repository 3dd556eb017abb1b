/*
 * Reports: finding one, and asking it.  Called by admin/do_report.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/report.h"

#include "base/near.h"
#include "base/str.h"

#include <string.h>

const struct report *report_find(const char *name, struct err *err)
{
	char guess[NEAR_TEXT_MAX], shown[100];
	struct near near;

	near_begin(&near, name);
	for (size_t i = 0; i < nreports; i++) {
		if (strcmp(reports[i].name, name) == 0)
			return &reports[i];
		near_offer(&near, reports[i].name, strlen(reports[i].name));
	}
	err_code(err, ERR_NO_SUCH, "no report \"%s\" (%sreport list has them)",
		str_escape(shown, sizeof(shown), name), near_within(&near, guess));
	return NULL;
}

/* A report need not have each of the three. */
static int bind_text(sqlite3_stmt *q, const char *name, const char *text)
{
	int at = sqlite3_bind_parameter_index(q, name);

	return at == 0 ? SQLITE_OK : sqlite3_bind_text(q, at, text, -1, SQLITE_STATIC);
}

static int bind_number(sqlite3_stmt *q, const char *name, const int64_t *number)
{
	int at = sqlite3_bind_parameter_index(q, name);

	return at == 0 || number == NULL ? SQLITE_OK : sqlite3_bind_int64(q, at, *number);
}

sqlite3_stmt *report_query(struct db *db, const struct report *report, const char *since,
	const char *until, const int64_t *top, struct err *err)
{
	sqlite3_stmt *q = NULL;

	if (sqlite3_prepare_v2(db_handle(db), report->sql, -1, &q, NULL) == SQLITE_OK &&
		bind_text(q, ":since", since) == SQLITE_OK &&
		bind_text(q, ":until", until) == SQLITE_OK &&
		bind_number(q, ":top", top) == SQLITE_OK)
		return q;
	err_code(err, ERR_FAILED, "report %s: %s", report->name,
		sqlite3_errmsg(db_handle(db)));
	sqlite3_finalize(q);
	return NULL;
}
