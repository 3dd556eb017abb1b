/*
 * The database: one SQLite file in WAL mode.  A struct db is one connection
 * and belongs to one thread.  Opening the writer's connection makes the
 * file, or brings it to our schema (db/schema.h); a file that is not ours, or that a
 * newer Themis wrote, is refused before anything in it is touched.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_DB_DB_H
#define THEMIS_DB_DB_H

#include "base/err.h"
#include "db/sql.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* "Thms" as a number: what file(1) and PRAGMA application_id show. */
#define DB_APPLICATION_ID 0x54686d73

/* How long a statement waits for another program's lock, in milliseconds. */
#define DB_BUSY_TIMEOUT 2000

enum db_mode {
	DB_WRITER, /* makes and migrates the file; checkpoints nothing */
	DB_READER, /* sees, changes nothing */
	DB_KEEPER, /* checkpoints and syncs (db/keeper.h) */
	/* path ":memory:": our schema and nothing in it; foreign keys are not looked at
	 * until somebody asks for that */
	DB_MEMORY,
	DB_BLANK, /* path ":memory:": nothing at all */
};

struct db;

/* The writer's connection opens first: see db_check_file(). */
struct db *db_open(const char *path, enum db_mode mode, struct err *err);
void db_close(struct db *db); /* NULL is fine */

/* Opens the log, as SQLite does by itself with the first look at the database; but not
 * any more where the file was removed meanwhile.  Whoever has it open reads on even then.
 */
int db_open_log(struct db *db, struct err *err);

/* The tables that a configuration is made of, each before those that refer to it, and
 * NULL. */
extern const char *const db_configuration[];

/* Looks at a file (an absolute path) from outside, as `themisd -t` does: 0 if db_open()
 * would take it, or if there is none yet.  Never while this process has it open: closing
 * the file would drop SQLite's locks on it. */
int db_check_file(const char *path, struct err *err);

/* Likewise: may the user that this process has become do what the writer does: read and
 * write the file, and make others beside it?  SQLite's own words do not say what to do.
 */
int db_check_access(const char *path, const char *user, struct err *err);

/* A statement, reset and bound, owned by the connection; good until the same
 * name is asked for again.  types: a letter for each parameter: t text (NULL
 * becomes NULL), i int64_t, n pointer to int64_t (NULL becomes NULL).  Texts must
 * live until the statement has run.  NULL on failure. */
sqlite3_stmt *db_query(
	struct db *db, enum sql name, struct err *err, const char *types, ...);

/* 1: a row is there; 0: no more (and the statement is reset); -1: failed. */
int db_next(struct db *db, sqlite3_stmt *stmt, struct err *err);

/* Runs a statement to its end; the number of rows changed, or -1. */
int db_run(struct db *db, enum sql name, struct err *err, const char *types, ...);

int64_t db_last_id(struct db *db);

/* SQL without parameters, as it stands: BEGIN IMMEDIATE and friends. */
int db_exec(struct db *db, const char *sql, struct err *err);

/* Was the last failure the statement's own (a constraint, a size), so that it would come
 * again?  Else it was that of a disk, of a lock, of memory. */
bool db_fails_again(struct db *db);

/* From here on whatever runs fails that is not at its end at that moment, in microseconds
 * of clock_monotonic(); 0: nothing does.  And: has that moment come? */
void db_hurry(struct db *db, int64_t deadline);
bool db_is_late(const struct db *db);

/* Ends what is going on, whatever has come between: queries that were not read to their
 * end, and a transaction, which is rolled back. */
void db_rest(struct db *db);

/* False once SQLite has rolled back by itself (disk full, I/O error). */
bool db_in_transaction(struct db *db);

/* The connection, for what SQLite alone offers (checkpoint, file control). */
sqlite3 *db_handle(struct db *db);

/* A text column, "" for NULL; good until the next step. */
const char *db_text(sqlite3_stmt *stmt, int column);

#endif
