/*
 * Copies of the database, for `backup` and before an upgrade.
 *
 * With SQLite's backup interface rather than VACUUM INTO, which makes a smaller file but
 * has to build each index anew: a copy page by page takes a fraction of the time for
 * which the log cannot start again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/copy.h"

#include "base/arena.h"
#include "base/user.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP_PAGES 1024	 /* between two looks whether it is to end */
#define STEP_CODE  10000 /* instructions of SQLite's machine, likewise */

struct copy {
	struct db *from;
	const char *path;
	char *directory, *temporary;
	bool made;    /* the temporary file is there */
	bool suspect; /* SQLite could not make sense of what is in one of them */
	sqlite3 *to;
	/* keep the moment, and (without reading anything) an interrupt from being
	 * forgotten between one step and the next */
	sqlite3_stmt *moment, *going;
};

static int failed(struct copy *c, sqlite3 *handle, struct err *err)
{
	int code = sqlite3_errcode(handle) & 0xff;

	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
		c->suspect = true;
	return err_code(err, ERR_FAILED, "%s: %s", c->path, sqlite3_errmsg(handle));
}

/* Not the daemon's to write, say, or no room. */
static int failed_at(const char *path, struct err *err)
{
	const char *why = strerror(errno), *more = ", who writes it";
	char user[USER_MAX];

	/* as a rule it is so for this process alone */
	if (errno == EROFS)
		more = "; the unit of the packages lets it write below /var/lib/themis "
		       "alone, and elsewhere where a ReadWritePaths= names that: "
		       "themisd(8), SERVICE MANAGERS";
	return err_code(err, ERR_FAILED, "%s: %s (themisd runs as %s%s)", path, why,
		user_say(user, geteuid()), more);
}

/* The directory of an absolute path, which the caller frees; *name: what stands in it. */
static char *cut_path(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char *directory = mem_strdup(path);

	directory[slash == path ? 1 : slash - path] = '\0';
	*name = slash + 1;
	return directory;
}

/* Would SQLite take it for its own, as the journal of the database?  There are many ways
 * to spell a directory. */
static bool is_reserved(
	const struct copy *c, const struct stat *directory, const char *name)
{
	const char *base;
	char *own = cut_path(sqlite3_db_filename(db_handle(c->from), "main"), &base);
	size_t n = strlen(base);
	struct stat st;
	bool reserved = strncmp(name, base, n) == 0 && name[n] == '-' &&
			stat(own, &st) == 0 && st.st_dev == directory->st_dev &&
			st.st_ino == directory->st_ino;

	free(own);
	return reserved;
}

static int check_path(struct copy *c, struct err *err)
{
	const char *name;
	struct stat st;

	if (c->path[0] != '/')
		return err_set(err, "not an absolute path: \"%.200s\"", c->path);
	c->directory = cut_path(c->path, &name);
	if (*name == '\0' || strlen(c->path) > PATH_MAX - 20)
		return err_set(err, "not the name of a file: \"%.200s\"", c->path);
	if (stat(c->directory, &st) < 0)
		return err_code(
			err, ERR_NO_SUCH, "%.200s: %s", c->directory, strerror(errno));
	if (is_reserved(c, &st, name))
		return err_set(err, "%.200s: the database uses names like that", c->path);
	if (lstat(c->path, &st) == 0)
		return err_code(err, ERR_EXISTS, "%.200s: there already, and left alone",
			c->path);
	return 0;
}

/* For its owner alone, before anything is in it. */
static int make_temporary(struct copy *c, struct err *err)
{
	size_t size = strlen(c->path) + sizeof(".XXXXXX");
	int fd;

	c->temporary = mem_calloc(1, size);
	snprintf(c->temporary, size, "%s.XXXXXX", c->path);
	fd = mkostemp(c->temporary, O_CLOEXEC);
	if (fd < 0)
		return failed_at(c->directory, err);
	c->made = true;
	close(fd);
	return 0;
}

/* A statement of the source that stands at its first row. */
static sqlite3_stmt *stand(struct copy *c, const char *sql, struct err *err)
{
	sqlite3_stmt *q = NULL;

	if (sqlite3_prepare_v2(db_handle(c->from), sql, -1, &q, NULL) == SQLITE_OK &&
		sqlite3_step(q) == SQLITE_ROW)
		return q;
	failed(c, db_handle(c->from), err);
	sqlite3_finalize(q);
	return NULL;
}

/* Has sqlite3_interrupt() been called? */
static int is_stopped(void *arg)
{
	struct copy *c = arg;
	sqlite3_stmt *q = stand(c, "SELECT 1", NULL);

	sqlite3_finalize(q);
	return q == NULL;
}

static int open_both(struct copy *c, struct err *err)
{
	/* nobody else knows the file yet, and what is not whole goes away */
	static const char pragmas[] =
		"PRAGMA locking_mode = EXCLUSIVE;"
		"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF";

	if (sqlite3_open_v2(c->temporary, &c->to,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
		sqlite3_exec(c->to, pragmas, NULL, NULL, NULL) != SQLITE_OK)
		return failed(c, c->to, err);
	sqlite3_progress_handler(c->to, STEP_CODE, is_stopped, c);
	c->going = stand(c, "VALUES (1), (2)", err);
	c->moment = stand(c, "SELECT 1 FROM sqlite_schema", err);
	return c->going != NULL && c->moment != NULL ? 0 : -1;
}

static int copy_pages(struct copy *c, struct err *err)
{
	sqlite3_backup *backup =
		sqlite3_backup_init(c->to, "main", db_handle(c->from), "main");
	int rc = SQLITE_OK, pages, left;

	if (backup == NULL)
		return failed(c, c->to, err);
	while (rc == SQLITE_OK && !is_stopped(c))
		rc = sqlite3_backup_step(backup, STEP_PAGES);
	pages = sqlite3_backup_pagecount(backup);
	left = sqlite3_backup_remaining(backup);
	if (sqlite3_backup_finish(backup) != SQLITE_OK)
		return failed(c, c->to, err);
	if (rc != SQLITE_DONE)
		return err_code(err, ERR_FAILED, "%s: interrupted after %d of %d pages",
			c->path, pages - left, pages);
	/* the log may start again */
	sqlite3_finalize(c->moment);
	c->moment = NULL;
	return 0;
}

/* What quick_check says, its first line: above that there may be a heading. */
static void say_damage(const char *what, const char *said, struct err *err)
{
	if (strncmp(said, "***", 3) == 0 && strchr(said, '\n') != NULL)
		said = strchr(said, '\n') + 1;
	err_code(err, ERR_FAILED, "%s is not whole: %.*s", what, (int)strcspn(said, "\n"),
		said);
}

int db_copy_check(sqlite3 *handle, const char *what, struct err *err)
{
	sqlite3_stmt *q = NULL;
	int rc = -1;

	if (sqlite3_prepare_v2(handle, "PRAGMA quick_check(1)", -1, &q, NULL) !=
			SQLITE_OK ||
		sqlite3_step(q) != SQLITE_ROW)
		err_code(err, ERR_FAILED, "%s: %s", what, sqlite3_errmsg(handle));
	else if (strcmp(db_text(q, 0), "ok") != 0)
		say_damage(what, db_text(q, 0), err);
	else
		rc = 0;
	sqlite3_finalize(q);
	return rc;
}

/* It is a copy of each page: so of what is wrong with the database, too. */
static int look_through(struct copy *c, struct err *err)
{
	char what[ERR_TEXT_MAX];

	/* one file, that can be read where nothing can be written */
	if (sqlite3_exec(c->to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) !=
		SQLITE_OK)
		return failed(c, c->to, err);
	snprintf(what, sizeof(what), "%.400s: the copy", c->path);
	if (db_copy_check(c->to, what, err) == 0)
		return 0;
	c->suspect = true;
	return -1;
}

static int sync_path(const char *path, int flags, struct err *err)
{
	int fd = open(path, flags | O_RDONLY | O_CLOEXEC), rc = 0;

	if (fd < 0 || fsync(fd) < 0)
		rc = failed_at(path, err);
	if (fd >= 0)
		close(fd);
	return rc;
}

static bool is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* Where the file system cannot promise that it is not over another file, it was looked
 * for a moment ago. */
int db_copy_name(const char *from, const char *to, struct err *err)
{
	const char *name;
	char *directory;
	int rc = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);

	if (rc < 0 && errno == EINVAL && !is_there(to))
		rc = rename(from, to);
	if (rc < 0 && is_there(to))
		return err_code(
			err, ERR_EXISTS, "%.200s: there already, and left alone", to);
	if (rc < 0)
		return failed_at(to, err);
	directory = cut_path(to, &name);
	rc = sync_path(directory, O_DIRECTORY, err);
	free(directory);
	return rc;
}

static int give_name(struct copy *c, struct err *err)
{
	if (db_copy_name(c->temporary, c->path, err) < 0)
		return -1;
	c->made = false;
	return 0;
}

/* SQLite has written all of it. */
static int close_copy(struct copy *c, struct err *err)
{
	if (sqlite3_close(c->to) != SQLITE_OK)
		return failed(c, c->to, err);
	c->to = NULL;
	return 0;
}

static void clear(struct copy *c)
{
	char log[PATH_MAX + sizeof("-wal")];

	sqlite3_finalize(c->moment);
	sqlite3_finalize(c->going);
	sqlite3_close(c->to);
	if (c->made) {
		unlink(c->temporary);
		snprintf(log, sizeof(log), "%s-wal", c->temporary);
		unlink(log);
	}
	free(c->directory);
	free(c->temporary);
}

/* All of it, on the disk; not its name. */
static int fill(struct copy *c, struct err *err)
{
	return open_both(c, err) == 0 && copy_pages(c, err) == 0 &&
			       look_through(c, err) == 0 && close_copy(c, err) == 0
		       ? sync_path(c->temporary, 0, err)
		       : -1;
}

int db_copy(struct db *from, const char *path, int64_t *octets, struct err *err)
{
	struct copy c = { .from = from, .path = path };
	struct stat st;
	int rc = -1;

	if (check_path(&c, err) == 0 && make_temporary(&c, err) == 0 &&
		fill(&c, err) == 0 && give_name(&c, err) == 0)
		rc = 0;
	clear(&c);
	if (rc == 0 && octets != NULL)
		*octets = stat(path, &st) == 0 ? st.st_size : 0;
	return rc;
}

/* Its name is the temporary one. */
static int make_here(struct copy *c, struct err *err)
{
	int fd = open(c->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return failed_at(c->path, err);
	close(fd);
	c->temporary = mem_strdup(c->path);
	c->made = true;
	return 0;
}

int db_copy_here(struct db *from, const char *path, bool *suspect, struct err *err)
{
	struct copy c = { .from = from, .path = path };
	int rc = -1;

	if (check_path(&c, err) == 0 && make_here(&c, err) == 0 && fill(&c, err) == 0 &&
		sync_path(c.directory, O_DIRECTORY, err) == 0) {
		c.made = false;
		rc = 0;
	}
	*suspect = c.suspect;
	clear(&c);
	return rc;
}
