/*
 * What the tests of policy, engine and admin stand on: a temporary directory, a
 * database in it, an engine that works with it, and a mail to send through it.
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
#include "policy/record.h"

#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
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
	s->db = db_open(s->database, DB_WRITER, &err);
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

/* The engine; what it stores is loaded, as when the daemon starts. */
static inline void site_start(struct site *s, int64_t now)
{
	struct err err = { ERR_BAD, "" };
	struct writer_hook hook;

	s->engine.slot = policy_slot_new();
	s->engine.store = mem_store_new();
	s->engine.stats = stats_new();
	site_publish(s);
	must(mem_store_load(s->engine.store, s->db, now, &err), &err);
	hook = mem_store_hook(s->engine.store);
	s->engine.writer = writer_new(db_open(s->database, DB_WRITER, &err), &hook);
	assert_non_null(s->engine.writer);
}

static inline void site_stop(struct site *s)
{
	if (s->engine.slot == NULL)
		return;
	writer_stop(s->engine.writer);
	free(s->engine.writer); /* nobody is left who could call it */
	s->engine.store->close(s->engine.store);
	stats_free(s->engine.stats);
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
		p = before;
		p.reply = mem_strdup(before.reply);
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

static inline void site_setting(struct site *s, const char *name, const char *value)
{
	struct err err = { ERR_BAD, "" };

	must(db_run(s->db, SQL_SETTING_PUT, &err, "tt", name, value), &err);
	if (s->engine.slot != NULL)
		site_publish(s);
}

/* A mail; what is left out: from bob@example.org to one recipient. */
struct mail {
	const char *sender, *login, *client, *mta, *queue_id;
	const char *rcpt[64];
};

/* A verdict that outlives its message. */
struct outcome {
	enum verdict_kind kind;
	char code[4], enhanced[8], text[600];
	char policy[NAME_MAX_OCTETS + 1], object[600], reason[600];
	int64_t free_at;
	char drops[600]; /* the recipients taken out, with a blank behind each */
};

#define KEEP(to, from) snprintf(to, sizeof(to), "%s", (from) != NULL ? (from) : "")

/* A mail that has come as far as MAIL; its session as a front end makes it. */
struct begun {
	struct arena *arena;
	struct session session;
	struct message *m;
};

static inline struct begun *site_begin(struct site *s, const struct mail *mail)
{
	struct begun *b = mem_calloc(1, sizeof(*b));
	struct err err = { ERR_BAD, "" };

	b->arena = arena_new();
	if (mail->mta != NULL)
		b->session.mta = (char *)(uintptr_t)addr_domain(b->arena, mail->mta);
	if (mail->client != NULL)
		must(cidr_parse(mail->client, &b->session.client, &err), &err);
	b->m = engine_mail(&s->engine, &b->session,
		mail->sender != NULL ? mail->sender : "<bob@example.org>", NULL,
		mail->login);
	return b;
}

static inline void site_finish(struct begun *b)
{
	engine_drop(b->m);
	arena_free(b->arena);
	free(b);
}

static inline struct outcome site_send(
	struct site *s, int64_t now, const struct mail *mail)
{
	struct begun *b = site_begin(s, mail);
	struct message *m = b->m;
	struct outcome o = { 0 };
	const struct recipient *r;
	struct verdict v;

	if (mail->rcpt[0] == NULL)
		engine_rcpt(m, "<alice@example.net>", NULL);
	for (size_t i = 0; i < LENGTH(mail->rcpt) && mail->rcpt[i] != NULL; i++)
		engine_rcpt(m, mail->rcpt[i], NULL);
	v = engine_end(m, mail->queue_id != NULL ? mail->queue_id : "4XyZ", now);
	o.kind = v.kind;
	o.free_at = v.free_at;
	KEEP(o.code, v.code);
	KEEP(o.enhanced, v.enhanced);
	KEEP(o.text, v.text);
	KEEP(o.policy, v.policy != NULL ? v.policy->name : NULL);
	KEEP(o.object, v.object);
	KEEP(o.reason, v.reason);
	if (v.drops != NULL)
		STAILQ_FOREACH(r, v.drops, link)
			str_append(o.drops, sizeof(o.drops), "%s ", r->given);
	site_finish(b);
	return o;
}

/* SEND(site, NOW, .login = "bob") */
#define SEND(site, now, ...) site_send(site, now, &(struct mail){ __VA_ARGS__ })

/* What the i-th limit of the policy has used for the object. */
static inline uint64_t site_used(
	struct site *s, const char *policy, size_t i, const char *object, int64_t now)
{
	struct policy_set *set = policy_slot_acquire(s->engine.slot);
	struct counter_hit hit = { .key.object = object };
	size_t p = 0;

	while (p < set->npolicies && strcmp(set->policies[p].name, policy) != 0)
		p++;
	assert_true(p < set->npolicies && i < set->policies[p].nlimits);
	hit.limit = &set->policies[p].limits[i];
	hit.key.limit_id = hit.limit->id;
	s->engine.store->peek(s->engine.store, &hit, 1, now);
	policy_slot_release(s->engine.slot, set);
	return hit.used;
}

/* A raw client of a socket, with what it has read and not yet looked at. */
struct talk {
	int fd;
	char buf[70000];
	size_t used;
	char line[9000]; /* of the last hear() */
	char row[3000];	 /* the last row of the last ask() */
	int rows;
};

/* Reads a line; false at the end.  Nothing here may take ten seconds. */
static inline bool hear(struct talk *t)
{
	char *lf;
	ssize_t n;

	while ((lf = memchr(t->buf, '\n', t->used)) == NULL) {
		struct pollfd fd = { t->fd, POLLIN, 0 };

		if (poll(&fd, 1, 10000) != 1)
			fail_msg("the server does not answer");
		n = read(t->fd, t->buf + t->used, sizeof(t->buf) - t->used);
		if (n <= 0)
			return false;
		t->used += (size_t)n;
	}
	snprintf(t->line, sizeof(t->line), "%.*s", (int)(lf - t->buf), t->buf);
	t->used -= (size_t)(lf + 1 - t->buf);
	memmove(t->buf, lf + 1, t->used);
	return true;
}

static inline void say(struct talk *t, const char *bytes, size_t n)
{
	assert_int_equal(send(t->fd, bytes, n, MSG_NOSIGNAL), n);
}

/* The closing line of the next answer. */
static inline const char *answer(struct talk *t)
{
	for (t->rows = 0; hear(t) && strncmp(t->line, "150 ", 4) == 0; t->rows++)
		snprintf(t->row, sizeof(t->row), "%s", t->line + 4);
	return t->line;
}

static inline const char *ask(struct talk *t, const char *command)
{
	say(t, command, strlen(command));
	say(t, "\n", 1);
	return answer(t);
}

static inline struct talk *talk_open(const char *path)
{
	struct talk *t = mem_calloc(1, sizeof(*t));

	t->fd = net_connect_unix(path);
	assert_true(t->fd >= 0);
	return t;
}

static inline void talk_close(struct talk *t)
{
	close(t->fd);
	free(t);
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

#ifdef THEMIS_ADMIN_SERVER_H /* a test that includes it first: a control server too */

struct house {
	struct site site;
	struct admin admin;
	struct roles roles;
	struct server *server;
	char socket[300];
};

static inline void house_sessions(unsigned *sessions, unsigned *messages)
{
	*sessions = 3;
	*messages = 2;
}

static inline unsigned house_connections(void)
{
	return 4;
}

static inline void house_open(struct house *h, struct roles roles)
{
	struct err err = { ERR_BAD, "" };
	int listener;

	site_open(&h->site);
	chmod(h->site.dir, 0711);
	site_start(&h->site, clock_now());
	snprintf(h->socket, sizeof(h->socket), "%s/control", h->site.dir);
	h->admin = (struct admin){ .engine = &h->site.engine,
		.keeper = keeper_new(db_open(h->site.database, DB_KEEPER, NULL), NULL),
		.reader = db_open(h->site.database, DB_READER, NULL),
		.started = clock_now(),
		.database = h->site.database,
		.control_socket = h->socket,
		.milter_socket = "inet:8440@127.0.0.1",
		.max_clients = 64,
		.max_connections = 100,
		.connections = house_connections,
		.sessions = house_sessions };
	h->roles = roles;
	listener = net_listen_unix(h->socket, 0666, &err);
	must(listener, &err);
	h->server = server_new(listener, &h->admin, &h->roles);
	assert_non_null(h->server);
}

static inline void house_close(struct house *h)
{
	server_stop(h->server);
	keeper_stop(h->admin.keeper);
	db_close(h->admin.reader);
	site_close(&h->site);
}

static inline int house_setup(void **state)
{
	struct house *h = *state = mem_calloc(1, sizeof(*h));

	house_open(h, (struct roles){ getuid(), (gid_t)-1, (gid_t)-1, "themis" });
	return 0;
}

static inline int house_teardown(void **state)
{
	house_close(*state);
	free(*state);
	return 0;
}

#define HOUSE_TEST(f) cmocka_unit_test_setup_teardown(f, house_setup, house_teardown)

#endif

#endif
