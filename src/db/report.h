/*
 * The reports: the queries of sql/report/ as they were when this was built, each with
 * what the comments at its head say.  sql/report.awk makes the table.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_DB_REPORT_H
#define THEMIS_DB_REPORT_H

#include "db/db.h"

#include <stddef.h>

struct report {
	const char *name, *title;
	const char *since; /* the default period: "1d"; NULL: it is about now */
	unsigned top;	   /* rows at most, if nobody says how many; 0: all there are */
	const char *sql;   /* the file, comments and all */
};

extern const struct report reports[];
extern const size_t nreports;

/* NULL and err, with the nearest name. */
const struct report *report_find(const char *name, struct err *err);

/* The query, bound.  since and until: moments as text; NULL, as top NULL: the query has
 * its own.  All three must live until it has run.  The caller's, for sqlite3_finalize();
 * NULL and err. */
sqlite3_stmt *report_query(struct db *db, const struct report *report, const char *since,
	const char *until, const int64_t *top, struct err *err);

#endif
