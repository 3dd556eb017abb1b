/*
 * What the tests of policy, engine and admin stand on: a temporary directory, a
 * database in it, an engine that works with it, and a mail to send through it (mail.h).
 * Time is an argument here too; nothing waits.  Everything fails the test that
 * calls it, so none of it may be called on a second thread, but for engine_...
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TESTS_FIXTURE_H
#define THEMIS_TESTS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/net.h"
#include "base/str.h"
#include "counter/mem.h"
#include "counter/window.h"
#include "engine/engine.h"
#include "engine/feed.h"
#include "engine/housekeep.h"
#include "engine/traffic.h"
#include "policy/load.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* 2023-11-14T22:00:00Z, the start of an hour, in microseconds */
#define NOW	((int64_t)1699999200 * CLOCK_SECOND)
#define MINUTES (60 * CLOCK_SECOND)
#define HOURS	(60 * MINUTES)
#define DAYS	(24 * HOURS)

struct site {
	char dir[256], database[300];
	struct db *db; /* what the test itself reads and changes the database with */
	struct engine engine;
	char text[1000]; /* of site_text() */
};

static inline void must(int rc, const struct err *err)
{
	if (rc < 0)
		fail_msg("%s", err->text);
}

/* A new database.  The first one is made as themisd makes it, the others are copies: each
 * migration that there ever was, run again and again, was most of what the tests took. */
static inline struct db *site_database(const char *path, struct err *err)
{
	static unsigned char *image;
	static sqlite3_int64 size;
	struct db *db;
	FILE *file;

	if (image == NULL) {
		db = db_open(path, DB_WRITER, err);
		image = db == NULL ? NULL
				   : sqlite3_serialize(db_handle(db), "main", &size, 0);
		return db;
	}
	file = fopen(path, "wx");
	assert_non_null(file);
	assert_int_equal(fwrite(image, 1, (size_t)size, file), size);
	assert_int_equal(fclose(file), 0);
	return db_open(path, DB_WRITER, err);
}

/* A directory and a new database. */
static inline void site_open(struct site *s)
{
	const char *tmp = getenv("TMPDIR");
	struct err err = { ERR_BAD, "" };

	memset(s, 0, sizeof(*s));
	log_open("test", 0, LEVEL_ERROR);
	snprintf(s->dir, sizeof(s->dir), "%s/themis-XXXXXX", tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(s->dir));
	snprintf(s->database, sizeof(s->database), "%s/themis.db", s->dir);
	s->db = site_database(s->database, &err);
	must(s->db != NULL ? 0 : -1, &err);
}

/* Loads a set from the database and publishes it. */
static inline void site_publish(struct site *s)
{
	struct err err = { ERR_BAD, "" };
	struct policy_set *set = policy_set_load(s->db, NULL, &err);

	must(set != NULL ? 0 : -1, &err);
	policy_slot_publish(s->engine.slot, set);
}

/* A store with what the database holds; so many counters are in memory. */
static inline struct counter_store *site_store(struct site *s, size_t max, int64_t now)
{
	struct err err = { ERR_BAD, "" };
	struct counter_store *store = mem_store_open(
		s->db, db_open(s->database, DB_READER, &err), max, now, &err);

	must(store != NULL ? 0 : -1, &err);
	return store;
}

/* The engine; what it stores is loaded, as when the daemon starts; so many counters are
 * to be in memory. */
static inline void site_start_with(struct site *s, size_t max_counters, int64_t now)
{
	struct err err = { ERR_BAD, "" };
	struct writer_hook charges, hook;

	s->engine.slot = policy_slot_new();
	s->engine.stats = stats_new();
	s->engine.traffic = traffic_new(s->engine.slot);
	s->engine.feed = feed_new();
	site_publish(s);
	s->engine.store = site_store(s, max_counters, now);
	charges = mem_store_hook(s->engine.store);
	hook = traffic_hook(s->engine.traffic, &charges);
	s->engine.writer = writer_new(db_open(s->database, DB_WRITER, &err), &hook);
	assert_non_null(s->engine.writer);
}

static inline void site_start(struct site *s, int64_t now)
{
	site_start_with(s, 1000000, now);
}

static inline void site_stop(struct site *s)
{
	if (s->engine.slot == NULL)
		return;
	writer_stop(s->engine.writer);
	free(s->engine.writer); /* nobody is left who could call it */
	s->engine.store->close(s->engine.store);
	stats_free(s->engine.stats);
	traffic_free(s->engine.traffic);
	feed_free(s->engine.feed);
	policy_slot_free(s->engine.slot);
	memset(&s->engine, 0, sizeof(s->engine));
}

static inline int site_remove(
	const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

static inline void site_close(struct site *s)
{
	site_stop(s);
	db_close(s->db);
	nftw(s->dir, site_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/* All that the housekeeping has to do. */
static inline void site_keep_house(struct site *s, int64_t now)
{
	struct housekeeper *h =
		housekeeper_new(&s->engine, db_open(s->database, DB_READER, NULL));
	int steps = 1;

	while (housekeep(h, now))
		assert_true(steps++ < 10000);
	housekeeper_free(h);
}

static inline void site_sql(struct site *s, const char *sql)
{
	struct err err = { ERR_BAD, "" };

	must(db_exec(s->db, sql, &err), &err);
}

/* The first column of the first row, "(null)" for NULL, "" without a row. */
static inline const char *site_text(struct site *s, const char *sql)
{
	sqlite3_stmt *q = NULL;
	const char *text;

	s->text[0] = '\0';
	assert_int_equal(
		sqlite3_prepare_v2(db_handle(s->db), sql, -1, &q, NULL), SQLITE_OK);
	if (sqlite3_step(q) == SQLITE_ROW) {
		text = (const char *)sqlite3_column_text(q, 0);
		snprintf(s->text, sizeof(s->text), "%s", text != NULL ? text : "(null)");
	}
	sqlite3_finalize(q);
	return s->text;
}

static inline int64_t site_number(struct site *s, const char *sql)
{
	return atoll(site_text(s, sql));
}

/* "staff", "bob@example.org", ..., NULL */
static inline void site_group(struct site *s, const char *name, ...)
{
	struct err err = { ERR_BAD, "" };
	struct arena *arena = arena_new();
	const char *member;
	struct cidr network;
	va_list ap;
	int64_t id;

	must(db_run(s->db, SQL_GROUP_MAKE, &err, "t", name), &err);
	id = db_last_id(s->db);
	va_start(ap, name);
	while ((member = va_arg(ap, const char *)) != NULL) {
		member = member_parse(arena, member, &network, &err);
		must(member != NULL ? 0 : -1, &err);
		must(db_run(s->db, SQL_GROUP_ADD, &err, "it", id, member), &err);
	}
	va_end(ap);
	arena_free(arena);
	if (s->engine.slot != NULL)
		site_publish(s);
}

/* Makes the policy or changes it: "outbound", "limit=3/hour", ..., NULL.  A new
 * one is from any to any. */
static inline void site_policy(struct site *s, const char *name, ...)
{
	struct err err = { ERR_BAD, "" };
	struct policy before, p;
	bool there = policy_record_find(s->db, name, &before, &err) == 0;
	const char *pair;
	va_list ap;
	int a;

	if (there) {
		policy_copy(&p, &before);
	} else {
		policy_init(&p, name);
		must(policy_set(&p, ATTRIBUTE_SOURCE, "any", &err), &err);
		must(policy_set(&p, ATTRIBUTE_DESTINATION, "any", &err), &err);
	}
	va_start(ap, name);
	while ((pair = va_arg(ap, const char *)) != NULL) {
		char attribute[40];

		snprintf(attribute, sizeof(attribute), "%.*s", (int)strcspn(pair, "="),
			pair);
		must(a = policy_attribute_find(attribute, &err), &err);
		must(policy_set(
			     &p, (enum policy_attribute)a, strchr(pair, '=') + 1, &err),
			&err);
	}
	va_end(ap);
	must(policy_record_write(s->db, &p, there ? &before : NULL, &err), &err);
	policy_clear(&p);
	if (there)
		policy_clear(&before);
	if (s->engine.slot != NULL)
		site_publish(s);
}

/* As a command does it: what inherits from settings and pools follows. */
static inline void site_settle(struct site *s)
{
	struct err err = { ERR_BAD, "" };

	must(policy_records_settle(s->db, NULL, &err), &err);
	if (s->engine.slot != NULL)
		site_publish(s);
}

static inline int64_t site_pool_id(struct site *s, const char *pool)
{
	char sql[200];

	snprintf(sql, sizeof(sql), "SELECT id FROM pool WHERE name = '%s'", pool);
	return site_number(s, sql);
}

/* For the pool alone; value NULL: no longer. */
static inline void site_setting_of(
	struct site *s, const char *pool, const char *name, const char *value)
{
	struct err err = { ERR_BAD, "" };
	int64_t id = pool != NULL ? site_pool_id(s, pool) : 0;

	must(value != NULL ? db_run(s->db, SQL_SETTING_PUT, &err, "tit", name, id, value)
			   : db_run(s->db, SQL_SETTING_UNSET, &err, "ti", name, id),
		&err);
	site_settle(s);
}

static inline void site_setting(struct site *s, const char *name, const char *value)
{
	site_setting_of(s, NULL, name, value);
}

/* "mx", "mx1.example.org", ..., NULL */
static inline void site_pool(struct site *s, const char *name, ...)
{
	struct err err = { ERR_BAD, "" };
	const char *host;
	va_list ap;

	if (site_pool_id(s, name) == 0)
		must(db_run(s->db, SQL_POOL_MAKE, &err, "t", name), &err);
	va_start(ap, name);
	while ((host = va_arg(ap, const char *)) != NULL)
		must(db_run(s->db, SQL_POOL_ADD, &err, "ti", host, site_pool_id(s, name)),
			&err);
	va_end(ap);
	site_settle(s);
}

/* until 0: for good. */
static inline void site_flag(
	struct site *s, const char *object, enum flag flag, int64_t until)
{
	struct err err = { ERR_BAD, "" };

	must(db_run(s->db, SQL_FLAG_PUT, &err, "ttntit", object, flag_name(flag),
		     until != 0 ? &until : NULL, NULL, NOW, "root"),
		&err);
	if (s->engine.slot != NULL)
		site_publish(s);
}

/* A counter_match: those of the key's limit (0: of all) and object (NULL: all). */
static inline bool site_is_of_key(void *arg, int64_t limit_id, const char *object)
{
	const struct counter_key *key = arg;

	return (key->limit_id == 0 || key->limit_id == limit_id) &&
	       (key->object == NULL || strcmp(key->object, object) == 0);
}

/* What the i-th limit of the policy, as it holds for the MTAs of the pool (NULL: of
 * none), has used for the object. */
static inline uint64_t site_used_in(struct site *s, const char *pool, const char *policy,
	size_t i, const char *object, int64_t now)
{
	struct policy_set *set = policy_slot_acquire(s->engine.slot);
	struct counter_hit hit = { .key.object = object };
	const struct limits *limits;
	size_t p = 0;

	while (p < set->npolicies && strcmp(set->policies[p]->name, policy) != 0)
		p++;
	assert_true(p < set->npolicies);
	limits = policy_set_limits(set, set->policies[p],
		pool != NULL ? pool_by_id(&set->pools, site_pool_id(s, pool)) : NULL);
	assert_true(i < limits->n);
	hit.limit = &limits->limit[i];
	hit.key.limit_id = hit.limit->id;
	s->engine.store->peek(s->engine.store, &hit, 1, now);
	policy_slot_release(s->engine.slot, set);
	return hit.used;
}

static inline uint64_t site_used(
	struct site *s, const char *policy, size_t i, const char *object, int64_t now)
{
	return site_used_in(s, NULL, policy, i, object, now);
}

/* Setup and teardown of a test that has an engine: *state is the site. */
static inline int site_setup(void **state)
{
	struct site *s = mem_calloc(1, sizeof(*s));

	site_open(s);
	site_start(s, NOW);
	*state = s;
	return 0;
}

/* The same with the database alone. */
static inline int site_setup_database(void **state)
{
	struct site *s = mem_calloc(1, sizeof(*s));

	site_open(s);
	*state = s;
	return 0;
}

static inline int site_teardown(void **state)
{
	site_close(*state);
	free(*state);
	return 0;
}

#define SITE_TEST(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)
#define DATABASE_TEST(f)                                                                 \
	cmocka_unit_test_setup_teardown(f, site_setup_database, site_teardown)

/* Spoils the page of the file that this text is in. */
static inline void site_spoil(struct site *s, const char *text)
{
	static char zero[512], all[1 << 22];
	long page = (long)site_number(s, "PRAGMA page_size");
	FILE *file;
	size_t n;
	char *at;

	site_sql(s, "PRAGMA wal_checkpoint(TRUNCATE)");
	file = fopen(s->database, "r+");
	assert_non_null(file);
	n = fread(all, 1, sizeof(all), file);
	at = memmem(all, n, text, strlen(text));
	assert_non_null(at);
	fseek(file, (at - all) / page * page, SEEK_SET);
	assert_int_equal(fwrite(zero, sizeof(zero), 1, file), 1);
	fclose(file);
}

#include "mail.h"

/* "accept 2 defer 1": what the policy (NULL: all of them) has said. */
static inline const char *site_totals(struct site *s, const char *policy)
{
	static char text[200];
	uint64_t counts[VERDICTS];
	char sql[200];
	int64_t id = 0;

	if (policy != NULL) {
		snprintf(sql, sizeof(sql), "SELECT id FROM policy WHERE name = '%s'",
			policy);
		id = site_number(s, sql);
	}
	stats_read(s->engine.stats, id, counts);
	*text = '\0';
	for (int v = 0; v < VERDICTS; v++)
		if (counts[v] > 0)
			str_append(text, sizeof(text), "%s%s %d", *text ? " " : "",
				verdict_name((enum verdict_kind)v), (int)counts[v]);
	return text;
}

#endif
