/*
 * Schemas, migrations, and the copy of what there was before them.  Called by main's
 * thread; the migrations alone also by `themisd -t`, in memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/schema.h"

#include "base/log.h"
#include "db/copy.h"
#include "db/spelling.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MEGABYTE    ((int64_t)1 << 20)
#define COPIES_MOST 1000 /* of one schema: nobody has upgraded so often */

/* Of a copy whose upgrade is not committed yet. */
static const char unfinished[] = ".new";

static void (*tell)(const char *words);

void schema_tell(void (*told)(const char *words))
{
	tell = told;
}

static int failed(struct db *db, struct err *err, const char *what)
{
	return err_code(
		err, ERR_FAILED, "database: %s: %s", what, sqlite3_errmsg(db_handle(db)));
}

static int read_pragma(struct db *db, const char *sql, int64_t *value, struct err *err)
{
	sqlite3_stmt *stmt;
	int rc;

	if (sqlite3_prepare_v2(db_handle(db), sql, -1, &stmt, NULL) != SQLITE_OK)
		return failed(db, err, sql);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*value = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW ? 0 : failed(db, err, sql);
}

static bool is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* The newest of those copies that we could go on with, "" if there is none. */
static void find_copy(char name[PATH_MAX], const char *path)
{
	for (int schema = SQL_MIGRATIONS; schema > 0; schema--) {
		snprintf(name, PATH_MAX, "%s.schema-%d", path, schema);
		if (is_there(name))
			return;
	}
	*name = '\0';
}

int schema_refuse(const char *path, uint32_t schema, struct err *err)
{
	char copy[PATH_MAX];

	find_copy(copy, path);
	return err_set(err,
		"%s: written by a newer Themis (schema %u, this one knows up to %d), and "
		"left alone: install that version or a newer one, or put %s from before "
		"its upgrade in its place%s%s (themisd(8), UPGRADING)",
		path, schema, SQL_MIGRATIONS, *copy != '\0' ? "the copy" : "a backup",
		*copy != '\0' ? ", " : "", copy);
}

/* What to do, before the words that say what is wrong; left (NULL: nothing): a copy that
 * an earlier try has left. */
static int say_damaged(const char *path, const char *left, struct err *err)
{
	return err_prefix(err,
		"%s: the database is damaged, and was left as it was: restore a backup "
		"(doc/backup.md, \"Going back to a copy\")%s%s%s",
		path, left != NULL ? ", or look at " : "", left != NULL ? left : "",
		left != NULL ? ", which an earlier try has left" : "");
}

/* As far as can be told: who may not read it does not know. */
static bool is_damaged(struct db *db, struct err *err)
{
	return db_copy_check(db_handle(db), "the file", err) < 0 &&
	       (sqlite3_errcode(db_handle(db)) & 0xff) != SQLITE_BUSY;
}

int schema_failed(struct db *db, const char *path, struct err *err)
{
	int code = sqlite3_errcode(db_handle(db)) & 0xff;

	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
		return say_damaged(path, NULL, err);
	return err_prefix(err, "%s", path);
}

int schema_read(struct db *db, const char *path, int *schema, struct err *err)
{
	int64_t version = 0, application = 0;

	if (read_pragma(db, "PRAGMA user_version", &version, err) < 0 ||
		read_pragma(db, "PRAGMA application_id", &application, err) < 0)
		return schema_failed(db, path, err);
	/* what the header did not show yet may be in the log */
	if (version > SQL_MIGRATIONS)
		return schema_refuse(path, (uint32_t)version, err);
	if (version > 0 && application != DB_APPLICATION_ID)
		return err_set(err, "%s: the database of another program", path);
	*schema = (int)version;
	return 0;
}

/* --- migrations --- */

static int run_migration(struct db *db, int version, struct err *err)
{
	if (sqlite3_exec(db_handle(db), sql_migration[version - 1], NULL, NULL, NULL) !=
		SQLITE_OK)
		return failed(db, err, "migration");
	return 0;
}

/* The first databases of schema 5 had a trail without this column, which its migration
 * has made ever since. */
static int complete_trail(struct db *db, struct err *err)
{
	static const char add[] = "ALTER TABLE audit ADD COLUMN undoes INTEGER";

	if (sqlite3_table_column_metadata(db_handle(db), "main", "audit", "undoes", NULL,
		    NULL, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return db_exec(db, add, err);
}

/* What SQL alone cannot, behind all migrations from that schema on. */
static int complete(struct db *db, int schema, struct err *err)
{
	if (complete_trail(db, err) < 0)
		return -1;
	return schema < SPELLING_SCHEMA ? spelling_renew(db, err) : 0;
}

/* Schema and number come together. */
static int end_migration(struct db *db, struct err *err)
{
	char pragmas[120];

	snprintf(pragmas, sizeof(pragmas),
		"PRAGMA user_version = %d; PRAGMA application_id = %d", SQL_MIGRATIONS,
		DB_APPLICATION_ID);
	return db_exec(db, pragmas, err) < 0 ? -1 : db_exec(db, "COMMIT", err);
}

int schema_migrate(struct db *db, const char *path, struct err *err)
{
	int v = SQL_MIGRATIONS, schema;

	if (schema_read(db, path, &schema, err) < 0)
		return -1;
	if (schema == SQL_MIGRATIONS)
		return 0;
	if (db_exec(db, "BEGIN IMMEDIATE", err) < 0)
		return err_prefix(err, "%s", path);
	for (v = schema + 1; v <= SQL_MIGRATIONS; v++)
		if (run_migration(db, v, err) < 0)
			break;
	if (v > SQL_MIGRATIONS && complete(db, schema, err) == 0 &&
		end_migration(db, err) == 0)
		return 0;
	if (db_in_transaction(db))
		db_exec(db, "ROLLBACK", NULL);
	/* the last is where it is committed */
	return err_prefix(err, "%s: left as it was: migration %d", path,
		v < SQL_MIGRATIONS ? v : SQL_MIGRATIONS);
}

/* --- the copy --- */

/* By whatever links it was reached, beside the file itself. */
static const char *name_copy(
	char name[PATH_MAX], struct db *db, int schema, const char *end)
{
	snprintf(name, PATH_MAX, "%s.schema-%d%s",
		sqlite3_db_filename(db_handle(db), "main"), schema, end);
	return name;
}

static int64_t megabytes(int64_t octets)
{
	return (octets + MEGABYTE - 1) / MEGABYTE;
}

static int size_of(struct db *db, int64_t *octets, struct err *err)
{
	int64_t pages, size;

	if (read_pragma(db, "PRAGMA page_count", &pages, err) < 0 ||
		read_pragma(db, "PRAGMA page_size", &size, err) < 0)
		return -1;
	*octets = pages * size;
	return 0;
}

/* The words of who cannot make one, before those that say why. */
static int refuse(const char *path, int schema, int64_t octets, struct err *err)
{
	return err_prefix(err,
		"%s: not upgraded from schema %d to %d, and left as it was, since no "
		"copy of it can be made, for which %lld MB are needed beside it",
		path, schema, SQL_MIGRATIONS, (long long)megabytes(octets));
}

int schema_check_room(const char *path, int schema, int64_t octets, struct err *err)
{
	struct statvfs fs;
	int64_t free_octets;

	if (statvfs(path, &fs) < 0)
		return 0; /* then the copy will tell */
	free_octets = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
	if (octets <= free_octets)
		return 0;
	err_code(
		err, ERR_FAILED, "%lld MB are free", (long long)(free_octets / MEGABYTE));
	return refuse(path, schema, octets, err);
}

/* What an upgrade has left that was killed. */
static int discard(const char *copy, struct err *err)
{
	char journal[PATH_MAX + sizeof("-journal")];

	if (unlink(copy) < 0)
		return err_code(err, ERR_FAILED, "%s: %s", copy, strerror(errno));
	snprintf(journal, sizeof(journal), "%s-journal", copy);
	unlink(journal);
	return 0;
}

/* Since the database is of that schema still, it has all that is in a copy that was left.
 * If that is not so, it was the disk. */
static int make_copy(struct db *db, const char *path, const char *copy, int schema,
	int64_t octets, struct err *err)
{
	bool suspect = false;

	if (is_there(copy)) {
		if (is_damaged(db, err))
			return say_damaged(path, copy, err);
		if (discard(copy, err) < 0)
			return refuse(path, schema, octets, err);
	}
	if (schema_check_room(path, schema, octets, err) < 0)
		return -1;
	if (db_copy_here(db, copy, &suspect, err) == 0)
		return 0;
	/* or is it the copy alone? */
	return suspect && is_damaged(db, err) ? say_damaged(path, NULL, err)
					      : refuse(path, schema, octets, err);
}

static int copy_before(struct db *db, const char *path, int schema, struct err *err)
{
	char copy[PATH_MAX], words[200];
	int64_t octets;

	if (size_of(db, &octets, err) < 0)
		return schema_failed(db, path, err);
	name_copy(copy, db, schema, unfinished);
	snprintf(words, sizeof(words),
		"upgrading the database from schema %d to %d, after a copy of it (%lld "
		"MB)",
		schema, SQL_MIGRATIONS, (long long)megabytes(octets));
	log_info("%s", words);
	if (tell != NULL)
		tell(words);
	return make_copy(db, path, copy, schema, octets, err);
}

/* The upgrade is committed: it gets the name that stays. */
static void keep_copy(struct db *db, int schema)
{
	char copy[PATH_MAX], name[PATH_MAX], end[20] = "";
	struct err err = { ERR_EXISTS, "" };

	name_copy(copy, db, schema, unfinished);
	for (int i = 2; i <= COPIES_MOST && err.code == ERR_EXISTS; i++) {
		name_copy(name, db, schema, end);
		if (db_copy_name(copy, name, &err) == 0) {
			log_info("the database is of schema %d now; as it was before it "
				 "is in %s, which can go when all is well",
				SQL_MIGRATIONS, name);
			return;
		}
		snprintf(end, sizeof(end), ".%d", i);
	}
	log_warning(
		"as the database was before its upgrade it is in %s, which keeps that "
		"name: %s",
		copy, err.text);
}

/* Is it a copy of that schema, and whole? */
static int check_copy(const char *path, int schema, struct err *err)
{
	struct db *db;
	struct stat st;
	int64_t version = 0;
	int rc = -1;

	/* to open a pipe would be to wait for who writes into it */
	if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(err, "not a regular file");
	db = db_open(path, DB_READER, err);
	if (db == NULL)
		return -1;
	if (read_pragma(db, "PRAGMA user_version", &version, err) == 0 &&
		db_copy_check(db_handle(db), path, err) == 0)
		rc = version == schema ? 0 : err_set(err, "of schema %d", (int)version);
	db_close(db);
	return rc;
}

/* An upgrade was committed, and killed before it could name its copy. */
static void keep_left_copies(struct db *db)
{
	char copy[PATH_MAX];
	struct err err;

	for (int schema = 1; schema < SQL_MIGRATIONS; schema++) {
		if (!is_there(name_copy(copy, db, schema, unfinished)))
			continue;
		if (check_copy(copy, schema, &err) == 0)
			keep_copy(db, schema);
		else
			log_warning("%s is no whole copy of a database, and can go: %s",
				copy, err.text);
	}
}

int schema_upgrade(struct db *db, const char *path, struct err *err)
{
	char copy[PATH_MAX];
	int schema;

	if (schema_read(db, path, &schema, err) < 0)
		return -1;
	if (schema == SQL_MIGRATIONS)
		keep_left_copies(db);
	if (schema == SQL_MIGRATIONS || schema == 0)
		return schema_migrate(db, path, err);
	if (copy_before(db, path, schema, err) < 0)
		return -1;
	if (schema_migrate(db, path, err) < 0) {
		unlink(name_copy(copy, db, schema, unfinished));
		return -1;
	}
	keep_copy(db, schema);
	return 0;
}
