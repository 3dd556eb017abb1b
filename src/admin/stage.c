/*
 * Transactions.  Used by the commands that change something, and by those that begin and
 * end a transaction.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/stage.h"

#include "base/str.h"
#include "ctl/words.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* A policy that the file has said of how it is to be. */
struct declared {
	UT_hash_handle hh;
	char thing[];
};

struct stage {
	enum stage_kind kind;
	struct db *db;
	int64_t begun;
	struct arena *arena; /* the lines' */
	struct batch_line *lines;
	size_t n, cap, octets;
	struct declared *declared, *newest; /* NULL: the change declares nothing */
};

static atomic_uint open_stages; /* of all clients */

static int attach(struct db *db, const char *path, struct err *err)
{
	sqlite3 *handle = db_handle(db);
	sqlite3_stmt *stmt = NULL;
	int rc;

	if (sqlite3_prepare_v2(handle, "ATTACH ?1 AS live", -1, &stmt, NULL) !=
			SQLITE_OK ||
		sqlite3_bind_text(stmt, 1, path, -1, SQLITE_STATIC) != SQLITE_OK)
		rc = SQLITE_ERROR;
	else
		rc = sqlite3_step(stmt);
	if (rc != SQLITE_DONE)
		err_code(err, ERR_FAILED, "%s: %s", path, sqlite3_errmsg(handle));
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? 0 : -1;
}

static int copy_tables(struct db *db, struct err *err)
{
	char sql[200];

	for (const char *const *table = db_configuration; *table != NULL; table++) {
		snprintf(sql, sizeof(sql), "INSERT INTO main.%s SELECT * FROM live.%s",
			*table, *table);
		if (db_exec(db, sql, err) < 0)
			return -1;
	}
	return 0;
}

static int read_begun(struct stage *s, struct err *err)
{
	static const char sql[] = "SELECT IFNULL(MAX(id), 0) FROM live.audit";
	sqlite3_stmt *stmt = NULL;
	int rc;

	if (sqlite3_prepare_v2(db_handle(s->db), sql, -1, &stmt, NULL) != SQLITE_OK)
		return err_code(err, ERR_FAILED, "database: %s",
			sqlite3_errmsg(db_handle(s->db)));
	rc = db_next(s->db, stmt, err);
	if (rc == 1)
		s->begun = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return rc == 1 ? 0 : -1;
}

/* One moment for all of it. */
static int copy(struct stage *s, const char *database, struct err *err)
{
	if (attach(s->db, database, err) < 0 || db_exec(s->db, "BEGIN", err) < 0 ||
		read_begun(s, err) < 0)
		return -1;
	if (s->kind != STAGE_EXACT && copy_tables(s->db, err) < 0)
		return -1;
	/* what refers to something was so in the database; from now on it is looked at */
	return db_exec(
		s->db, "COMMIT; DETACH live; PRAGMA foreign_keys = ON; BEGIN", err);
}

unsigned stage_count(void)
{
	return atomic_load(&open_stages);
}

struct stage *stage_new(const char *database, enum stage_kind kind, struct err *err)
{
	struct stage *s = mem_calloc(1, sizeof(*s));

	atomic_fetch_add(&open_stages, 1);
	s->kind = kind;
	s->arena = arena_new();
	s->db = db_open(":memory:", DB_MEMORY, err);
	if (s->db != NULL && copy(s, database, err) == 0)
		return s;
	stage_free(s);
	return NULL;
}

void stage_free(struct stage *s)
{
	struct declared *d, *next;

	if (s == NULL)
		return;
	HASH_ITER(hh, s->declared, d, next) {
		HASH_DEL(s->declared, d);
		free(d);
	}
	atomic_fetch_sub(&open_stages, 1);
	db_close(s->db);
	arena_free(s->arena);
	free(s);
}

enum stage_kind stage_kind(const struct stage *s)
{
	return s->kind;
}

struct db *stage_db(struct stage *s)
{
	return s->db;
}

const struct batch_line *stage_lines(const struct stage *s, size_t *n)
{
	*n = s->n;
	return s->lines;
}

int64_t stage_begun(const struct stage *s)
{
	return s->begun;
}

int stage_takes(const struct stage *s, const struct command *c, struct err *err)
{
	bool acts = c->access == ACCESS_ACT ||
		    (c->access == ACCESS_FLAG && s->kind == STAGE_CHANGES);

	if (s->kind != STAGE_CHANGES && strcmp(c->verb, "rename") == 0)
		return err_set(err,
			"a file that is loaded says how things are to be: no %s has had "
			"another name (begin and commit can rename)",
			c->noun);
	if (!acts)
		return 0;
	return err_set(err,
		"%s %s acts at once, and a transaction is open (commit or abort it "
		"first)",
		c->noun, c->verb);
}

/* One line more, in memory of the stage. */
static void keep_line(struct stage *s, const struct request *rq)
{
	size_t n = (*rq->command->verb != '\0' ? 2 : 1) + rq->nargs, k = 0;
	char **words = arena_alloc(s->arena, n * sizeof(*words));

	words[k++] = arena_strdup(s->arena, rq->command->noun);
	if (*rq->command->verb != '\0')
		words[k++] = arena_strdup(s->arena, rq->command->verb);
	for (size_t i = 0; i < rq->nargs; i++)
		words[k++] = arena_strdup(s->arena, rq->args[i]);
	s->lines = arena_grow(s->arena, s->lines, s->n, &s->cap, sizeof(*s->lines));
	s->lines[s->n++] = (struct batch_line){ words, n };
}

static void forget(struct stage *s, struct declared *d)
{
	if (d == NULL)
		return;
	HASH_DEL(s->declared, d);
	free(d);
}

int stage_change(
	struct stage *s, struct request *rq, const struct change *change, struct err *err)
{
	size_t octets = strlen(rq->line);

	if (s->n == STAGE_LINES_MAX || s->octets + octets > STAGE_OCTETS_MAX)
		return err_code(err, ERR_FAILED,
			"a transaction has at most %d commands of %zu MiB in all",
			STAGE_LINES_MAX, STAGE_OCTETS_MAX / 1024 / 1024);
	if (db_exec(s->db, "SAVEPOINT change", err) < 0)
		return -1;
	s->newest = NULL;
	/* limits that come from settings need not follow them: nobody sees them here */
	if (change->apply(rq, s->db, change->arg, err) < 0) {
		db_exec(s->db, "ROLLBACK TO change; RELEASE change", NULL);
		forget(s, s->newest);
		return -1;
	}
	if (db_exec(s->db, "RELEASE change", err) < 0)
		return -1;
	s->octets += octets;
	keep_line(s, rq);
	return 0;
}

int stage_declares(struct stage *s, const char *thing)
{
	size_t len = strlen(thing);
	struct declared *d;

	if (s->kind == STAGE_CHANGES)
		return 0;
	HASH_FIND(hh, s->declared, thing, len, d);
	if (d != NULL)
		return -1;
	d = mem_calloc(1, sizeof(*d) + len + 1);
	memcpy(d->thing, thing, len + 1);
	HASH_ADD(hh, s->declared, thing, len, d);
	s->newest = d;
	return 1;
}
