/*
 * The table of flags.  Loaded by the writer's thread (or at start), read by all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/flag.h"

#include "base/arena.h"
#include "base/str.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

static const char *const names[] = {
	[FLAG_BLOCK] = "block",
	[FLAG_BYPASS] = "bypass",
};

_Static_assert(sizeof(names) / sizeof(names[0]) == FLAGS, "a name for each flag");

struct flagged {
	UT_hash_handle hh;
	int64_t until[FLAGS];
	char object[];
};

struct flag_table {
	struct flagged *objects;
	int64_t last[FLAGS];
	atomic_uint references;
};

const char *flag_name(enum flag flag)
{
	return names[flag];
}

int flag_parse(const char *name)
{
	return str_choose(name, names, FLAGS);
}

static struct flagged *find(const struct flag_table *t, const char *object)
{
	size_t len = strlen(object);
	struct flagged *f;

	HASH_FIND_BYHASHVALUE(
		hh, t->objects, object, len, (unsigned)str_hash(object, len), f);
	return f;
}

static void add(struct flag_table *t, const char *object, enum flag flag, int64_t until)
{
	struct flagged *f = find(t, object);
	size_t len = strlen(object);

	if (f == NULL) {
		f = mem_calloc(1, sizeof(*f) + len + 1);
		memcpy(f->object, object, len + 1);
		HASH_ADD_KEYPTR_BYHASHVALUE(hh, t->objects, f->object, len,
			(unsigned)str_hash(object, len), f);
	}
	f->until[flag] = until;
	if (until > t->last[flag])
		t->last[flag] = until;
}

struct flag_table *flag_table_load(struct db *db, struct err *err)
{
	struct flag_table *t = mem_calloc(1, sizeof(*t));
	sqlite3_stmt *q = db_query(db, SQL_FLAG_LOAD, err, "");
	int more = -1;

	atomic_init(&t->references, 1);
	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		int flag = flag_parse(db_text(q, 1));

		if (flag < 0) {
			err_set(err, "database: an object has the flag \"%.80s\"",
				db_text(q, 1));
			sqlite3_reset(q);
			more = -1;
			break;
		}
		add(t, db_text(q, 0), (enum flag)flag,
			sqlite3_column_type(q, 2) == SQLITE_NULL
				? INT64_MAX
				: sqlite3_column_int64(q, 2));
	}
	if (more == 0)
		return t;
	flag_table_release(t);
	return NULL;
}

struct flag_table *flag_table_acquire(struct flag_table *t)
{
	atomic_fetch_add_explicit(&t->references, 1, memory_order_relaxed);
	return t;
}

void flag_table_release(struct flag_table *t)
{
	struct flagged *f, *next;

	if (t == NULL ||
		atomic_fetch_sub_explicit(&t->references, 1, memory_order_acq_rel) != 1)
		return;
	HASH_ITER(hh, t->objects, f, next) {
		HASH_DEL(t->objects, f);
		free(f);
	}
	free(t);
}

int64_t flag_until(const struct flag_table *t, const char *object, enum flag flag)
{
	const struct flagged *f = find(t, object);

	return f != NULL ? f->until[flag] : 0;
}

int64_t flag_last(const struct flag_table *t, enum flag flag)
{
	return t->last[flag];
}
