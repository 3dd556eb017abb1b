/*
 * Connections to the database.  Opened by main, one each for the writer, the
 * keeper and the control server; each is used by one thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/db.h"

#include "base/arena.h"
#include "base/clock.h"
#include "db/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const db_configuration[] = {
	"setting",
	"pool",
	"pool_member",
	"member_group",
	"member",
	"policy",
	"policy_limit",
	"header_rule",
	"header_addition",
	"object_flag",
	/* not of it, but of what its commands look at */
	"object_grant",
	NULL,
};

struct db {
	sqlite3 *handle;
	sqlite3_stmt *statements[SQL_COUNT]; /* prepared when first asked for */
	int64_t deadline;		     /* of db_hurry(); 0: none */
};

static int failed(struct db *db, struct err *err, const char *what)
{
	return err_code(
		err, ERR_FAILED, "database: %s: %s", what, sqlite3_errmsg(db->handle));
}

static uint32_t big_endian(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The header of an SQLite file (https://sqlite.org/fileformat.html, 1.3): the
 * user version is at 60, the application id at 68. */
static int check_header(
	const char *path, const unsigned char *header, ssize_t n, struct err *err)
{
	if (n == 0)
		return 0; /* empty: a new database */
	if (n < 100 || memcmp(header, "SQLite format 3", 16) != 0)
		return err_set(err, "%s: not an SQLite database; it is left alone", path);
	if (big_endian(header + 68) != DB_APPLICATION_ID)
		return err_set(err,
			"%s: the database of another program (application_id "
			"0x%08x, not 0x%08x); it is left alone",
			path, big_endian(header + 68), DB_APPLICATION_ID);
	if (big_endian(header + 60) > SQL_MIGRATIONS)
		return schema_refuse(path, big_endian(header + 60), err);
	return 0;
}

/* The directory of a path with a slash in it; the caller's. */
static char *directory_of(const char *path)
{
	char *directory = mem_strdup(path), *slash = strrchr(directory, '/');

	slash[slash == directory] = '\0';
	return directory;
}

/* Of the directory, which is not made. */
static int check_directory(const char *path, struct err *err)
{
	char *directory = directory_of(path);
	struct stat st;
	int rc = 0;

	if (stat(directory, &st) < 0)
		rc = err_set(err, "%s: its directory has to be there: %s", path,
			strerror(errno));
	free(directory);
	return rc;
}

int db_check_file(const char *path, struct err *err)
{
	unsigned char header[100];
	struct stat st;
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? check_directory(path, err)
				       : err_set(err, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(err, "%s: not a regular file; it is left alone", path);
	}
	n = pread(fd, header, sizeof(header), 0);
	close(fd);
	if (n < 0)
		return err_set(err, "%s: %s", path, strerror(errno));
	return check_header(path, header, n, err);
}

int db_check_access(const char *path, const char *user, struct err *err)
{
	char *real = realpath(path, NULL), *directory;
	int rc = 0;

	if (real != NULL && access(real, R_OK | W_OK) < 0)
		rc = err_set(err,
			"%s: %s (the user %s, as whom themisd runs, has to own it, or "
			"else be able to read and write it)",
			path, strerror(errno), user);
	directory = directory_of(real != NULL ? real : path);
	if (rc == 0 && access(directory, W_OK | X_OK) < 0)
		rc = err_set(err,
			"%s: its directory: %s (the user %s, as whom themisd runs, has "
			"to be able to make files beside it)",
			path, strerror(errno), user);
	free(directory);
	free(real);
	return rc;
}

int db_exec(struct db *db, const char *sql, struct err *err)
{
	if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return failed(db, err, sql);
	return 0;
}

/* Where there can be no log (a file system without shared memory), SQLite goes on
 * without one and says nothing. */
static int check_wal(struct db *db, struct err *err)
{
	int mode = SQLITE_ERROR;
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v2(db->handle, "PRAGMA journal_mode", -1, &stmt, NULL) !=
		SQLITE_OK)
		return failed(db, err, "journal_mode");
	if (sqlite3_step(stmt) == SQLITE_ROW && strcmp(db_text(stmt, 0), "wal") == 0)
		mode = SQLITE_OK;
	sqlite3_finalize(stmt);
	return mode == SQLITE_OK ? 0
				 : err_set(err, "the file system cannot hold a "
						"write-ahead log (is it a network's?)");
}

static int configure(struct db *db, enum db_mode mode, struct err *err)
{
	static const char *const pragmas[] = {
		[DB_WRITER] = ("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
			       "PRAGMA wal_autocheckpoint = 0; PRAGMA foreign_keys = ON;"
			       "PRAGMA journal_size_limit = 33554432"),
		[DB_READER] = "PRAGMA query_only = ON",
		[DB_KEEPER] = ("PRAGMA synchronous = NORMAL;"
			       "PRAGMA wal_autocheckpoint = 0"),
		[DB_MEMORY] = "PRAGMA journal_mode = MEMORY",
		[DB_BLANK] = "PRAGMA journal_mode = MEMORY",
	};

	if (sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) !=
			SQLITE_OK ||
		sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) !=
			SQLITE_OK)
		return failed(db, err, "configure");
	if (db_exec(db, pragmas[mode], err) < 0 ||
		(mode == DB_WRITER && check_wal(db, err) < 0))
		return -1;
	if (sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL) !=
		SQLITE_OK)
		return failed(db, err, "configure");
	return 0;
}

struct db *db_open(const char *path, enum db_mode mode, struct err *err)
{
	static const int flags[] = {
		[DB_WRITER] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		[DB_READER] = SQLITE_OPEN_READONLY,
		[DB_KEEPER] = SQLITE_OPEN_READWRITE,
		[DB_MEMORY] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		[DB_BLANK] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	};
	struct db *db;

	/* only the first to open may look at the file from outside: when any
	 * descriptor of it is closed, POSIX drops all locks of this process, and
	 * with them those of SQLite's connections */
	if (mode == DB_WRITER && db_check_file(path, err) < 0)
		return NULL;
	db = mem_calloc(1, sizeof(*db));
	if (sqlite3_open_v2(path, &db->handle, flags[mode] | SQLITE_OPEN_NOMUTEX, NULL) !=
		SQLITE_OK) {
		err_set(err, "%s: %s", path, sqlite3_errmsg(db->handle));
		goto fail;
	}
	sqlite3_busy_timeout(db->handle, DB_BUSY_TIMEOUT);
	/* a file that is refused keeps its log as it is */
	if (sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) !=
		SQLITE_OK) {
		failed(db, err, path);
		goto fail;
	}
	/* the schema first: a new file is whole before it has a log beside it */
	if ((mode == DB_WRITER && schema_upgrade(db, path, err) < 0) ||
		(mode == DB_MEMORY && schema_migrate(db, path, err) < 0))
		goto fail;
	if (configure(db, mode, err) < 0) {
		err_prefix(err, "%s", path);
		goto fail;
	}
	return db;
fail:
	db_close(db);
	return NULL;
}

int db_open_log(struct db *db, struct err *err)
{
	return db_exec(db, "SELECT 1 FROM sqlite_schema", err);
}

void db_close(struct db *db)
{
	if (db == NULL)
		return;
	for (int i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(db->statements[i]);
	sqlite3_close(db->handle);
	free(db);
}

static sqlite3_stmt *statement(struct db *db, enum sql name, struct err *err)
{
	sqlite3_stmt **stmt = &db->statements[name];

	if (*stmt != NULL) {
		sqlite3_reset(*stmt);
		return *stmt;
	}
	if (sqlite3_prepare_v3(db->handle, sql_text[name], -1, SQLITE_PREPARE_PERSISTENT,
		    stmt, NULL) != SQLITE_OK)
		failed(db, err, "prepare");
	return *stmt;
}

/* SQLITE_STATIC: what is bound must live until the statement has run, and in
 * both callers below it does or is the caller's own. */
static int bind(sqlite3_stmt *stmt, const char *types, va_list ap)
{
	int rc = SQLITE_OK;

	for (int i = 1; *types != '\0' && rc == SQLITE_OK; i++, types++) {
		switch (*types) {
		case 't':
			rc = sqlite3_bind_text(
				stmt, i, va_arg(ap, const char *), -1, SQLITE_STATIC);
			break;
		case 'i':
			rc = sqlite3_bind_int64(stmt, i, va_arg(ap, int64_t));
			break;
		case 'n': {
			const int64_t *value = va_arg(ap, const int64_t *);

			rc = value == NULL ? sqlite3_bind_null(stmt, i)
					   : sqlite3_bind_int64(stmt, i, *value);
			break;
		}
		default:
			rc = SQLITE_MISUSE;
		}
	}
	return rc;
}

sqlite3_stmt *db_query(
	struct db *db, enum sql name, struct err *err, const char *types, ...)
{
	sqlite3_stmt *stmt = statement(db, name, err);
	va_list ap;
	int rc;

	if (stmt == NULL)
		return NULL;
	va_start(ap, types);
	rc = bind(stmt, types, ap);
	va_end(ap);
	if (rc != SQLITE_OK) {
		failed(db, err, "bind");
		return NULL;
	}
	return stmt;
}

int db_next(struct db *db, sqlite3_stmt *stmt, struct err *err)
{
	int rc = sqlite3_step(stmt);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		failed(db, err, "query");
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? 0 : -1;
}

int db_run(struct db *db, enum sql name, struct err *err, const char *types, ...)
{
	sqlite3_stmt *stmt = statement(db, name, err);
	va_list ap;
	int rc;

	if (stmt == NULL)
		return -1;
	va_start(ap, types);
	rc = bind(stmt, types, ap);
	va_end(ap);
	while (rc == SQLITE_OK || rc == SQLITE_ROW)
		rc = sqlite3_step(stmt);
	if (rc != SQLITE_DONE)
		failed(db, err, "write");
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? sqlite3_changes(db->handle) : -1;
}

int64_t db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}

bool db_fails_again(struct db *db)
{
	static const int passing[] = { SQLITE_BUSY, SQLITE_LOCKED, SQLITE_NOMEM,
		SQLITE_READONLY, SQLITE_INTERRUPT, SQLITE_IOERR, SQLITE_CORRUPT,
		SQLITE_FULL, SQLITE_CANTOPEN, SQLITE_PROTOCOL, SQLITE_NOTADB,
		SQLITE_ABORT };
	int code = sqlite3_errcode(db->handle) & 0xff;

	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if (code == passing[i])
			return false;
	return true;
}

bool db_is_late(const struct db *db)
{
	return db->deadline != 0 && clock_monotonic() >= db->deadline;
}

/* SQLite asks after so many steps of its machine, which are a few milliseconds. */
#define STEPS 100000

static int ask_late(void *arg)
{
	return db_is_late(arg);
}

void db_hurry(struct db *db, int64_t deadline)
{
	db->deadline = deadline;
	sqlite3_progress_handler(db->handle, deadline != 0 ? STEPS : 0,
		deadline != 0 ? ask_late : NULL, db);
}

void db_rest(struct db *db)
{
	sqlite3_stmt *stmt = NULL;

	while ((stmt = sqlite3_next_stmt(db->handle, stmt)) != NULL)
		if (sqlite3_stmt_busy(stmt))
			sqlite3_reset(stmt);
	if (db_in_transaction(db))
		db_exec(db, "ROLLBACK", NULL);
}

bool db_in_transaction(struct db *db)
{
	return !sqlite3_get_autocommit(db->handle);
}

sqlite3 *db_handle(struct db *db)
{
	return db->handle;
}

const char *db_text(sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	return text != NULL ? text : "";
}
