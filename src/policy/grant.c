/*
 * The table of grants.  Made by the writer's thread in a change, and at start; asked on
 * the thread of each message while there is a grant.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "policy/grant.h"

#include "base/arena.h"
#include "base/str.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <uthash.h>

struct granted {
	SLIST_ENTRY(granted) link;
	int64_t policy_id; /* 0: every policy */
	struct grant grant;
};

/* An object, and all that is granted to it: few. */
struct grantee {
	UT_hash_handle hh;
	SLIST_HEAD(, granted) granted;
	char object[];
};

struct grant_table {
	struct grantee *grantees;
	int64_t last;
	atomic_uint references;
};

static struct grantee *find(const struct grant_table *t, const char *object)
{
	size_t len = strlen(object);
	struct grantee *g;

	HASH_FIND_BYHASHVALUE(
		hh, t->grantees, object, len, (unsigned)str_hash(object, len), g);
	return g;
}

static struct grantee *find_or_make(struct grant_table *t, const char *object)
{
	struct grantee *g = find(t, object);
	size_t len = strlen(object);

	if (g != NULL)
		return g;
	g = mem_calloc(1, sizeof(*g) + len + 1);
	memcpy(g->object, object, len + 1);
	HASH_ADD_KEYPTR_BYHASHVALUE(
		hh, t->grantees, g->object, len, (unsigned)str_hash(object, len), g);
	return g;
}

/* Of the statement grant_load. */
static void add_row(struct grant_table *t, sqlite3_stmt *q)
{
	struct grantee *g = find_or_make(t, db_text(q, 0));
	struct granted *one = mem_calloc(1, sizeof(*one));

	one->policy_id = sqlite3_column_int64(q, 1);
	one->grant.amount = (uint64_t)sqlite3_column_int64(q, 2);
	one->grant.until = sqlite3_column_int64(q, 3);
	SLIST_INSERT_HEAD(&g->granted, one, link);
	if (one->grant.until > t->last)
		t->last = one->grant.until;
}

struct grant_table *grant_table_load(struct db *db, struct err *err)
{
	struct grant_table *t = mem_calloc(1, sizeof(*t));
	sqlite3_stmt *q = db_query(db, SQL_GRANT_LOAD, err, "");
	int more = -1;

	atomic_init(&t->references, 1);
	while (q != NULL && (more = db_next(db, q, err)) == 1)
		add_row(t, q);
	if (more == 0)
		return t;
	grant_table_release(t);
	return NULL;
}

struct grant_table *grant_table_acquire(struct grant_table *t)
{
	atomic_fetch_add_explicit(&t->references, 1, memory_order_relaxed);
	return t;
}

static void grantee_free(struct grantee *g)
{
	struct granted *one;

	while ((one = SLIST_FIRST(&g->granted)) != NULL) {
		SLIST_REMOVE_HEAD(&g->granted, link);
		free(one);
	}
	free(g);
}

void grant_table_release(struct grant_table *t)
{
	struct grantee *g, *next;

	if (t == NULL ||
		atomic_fetch_sub_explicit(&t->references, 1, memory_order_acq_rel) != 1)
		return;
	HASH_ITER(hh, t->grantees, g, next) {
		HASH_DEL(t->grantees, g);
		grantee_free(g);
	}
	free(t);
}

struct grant grant_of(
	const struct grant_table *t, const char *object, int64_t policy_id, int64_t now)
{
	const struct grantee *g = t->last > now ? find(t, object) : NULL;
	struct grant sum = { 0 };
	const struct granted *one;

	if (g == NULL)
		return sum;
	SLIST_FOREACH(one, &g->granted, link)
	{
		if ((one->policy_id != 0 && one->policy_id != policy_id) ||
			one->grant.until <= now)
			continue;
		sum.amount += one->grant.amount;
		if (sum.until == 0 || one->grant.until < sum.until)
			sum.until = one->grant.until;
	}
	return sum;
}

int64_t grant_last(const struct grant_table *t)
{
	return t->last;
}
