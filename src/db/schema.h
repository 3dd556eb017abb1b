/*
 * The schema of a database: which it is, and how an earlier one becomes ours.  Called
 * when a database is opened, before anything else is done with it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_DB_SCHEMA_H
#define THEMIS_DB_SCHEMA_H

#include "db/db.h"

/* path: of the database, for the words of all that follows. */

/* The number of the schema that it has, 0: none yet.  0, or -1 and err: it is none of
 * ours, or a newer Themis wrote it. */
int schema_read(struct db *db, const char *path, int *schema, struct err *err);

/* What is said of one that is newer than ours, and what to do; returns -1. */
int schema_refuse(const char *path, uint32_t schema, struct err *err);

/* Puts the path before what SQLite has said last of this connection, and, where that is
 * since the file is damaged, what to do; returns -1. */
int schema_failed(struct db *db, const char *path, struct err *err);

/* Makes ours of it, in one transaction, without a copy.  0, or -1 and err, and it is what
 * it was. */
int schema_migrate(struct db *db, const char *path, struct err *err);

/* The same for the daemon's file: one that has a schema already is copied before, and the
 * copy named PATH.schema-N, after the schema that it has; or .2, .3 and so on behind
 * that: nothing is ever put in the place of another copy.  It is for its owner alone.
 *
 * Until the upgrade is committed the copy is PATH.schema-N.new.  If it is not, the copy
 * goes again; one that was left by a crash, where the database still is of schema N, is
 * made anew.  So there is one for each upgrade, however many tries that took.  0, or -1
 * and err, and the database is what it was, as it is where there is no room for a copy.
 */
int schema_upgrade(struct db *db, const char *path, struct err *err);

/* Is there room beside the file for a copy of so many octets?  0, or -1 and err. */
int schema_check_room(const char *path, int schema, int64_t octets, struct err *err);

/* Whoever wants to know that an upgrade begins, which may take long: told has the words
 * of it.  Once, before the database is opened. */
void schema_tell(void (*told)(const char *words));

#endif
