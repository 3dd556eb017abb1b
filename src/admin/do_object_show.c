/*
 * object show: all that is known of one login, sender, client address ..., and which
 * policies are for it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/counters.h"

#include "base/clock.h"
#include "engine/look.h"
#include "engine/object.h"

#include <string.h>

/* A list of the answer: the rows of a query about the object. */
struct part {
	const char *name;
	enum sql statement;
};

static int add_parts(struct request *rq, const char *object, json_t *row, struct err *err)
{
	static const struct part parts[] = {
		{ "flags", SQL_FLAG_SHOW },
		{ "grants", SQL_GRANT_SHOW },
		{ "penalties", SQL_OBJECT_PENALTIES },
		{ "refusals", SQL_OBJECT_REFUSALS },
		{ "clients", SQL_OBJECT_CLIENTS },
		{ "counters", SQL_OBJECT_COUNTERS },
	};
	struct db *db = rq->live;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		json_t *rows = request_list(
			db, db_query(db, parts[i].statement, err, "t", object), err);

		if (rows == NULL)
			return -1;
		json_object_set_new(row, parts[i].name, rows);
	}
	return 0;
}

/* The one row of a query, into the answer. */
static int add_row(struct db *db, sqlite3_stmt *q, json_t *row, struct err *err)
{
	if (q == NULL || db_next(db, q, err) != 1)
		return -1;
	json_object_update_new(row, request_row_of(q));
	sqlite3_reset(q);
	return 0;
}

/* What an object is, by its spelling. */
enum object_kind { OF_LOGIN, OF_SENDER, OF_DOMAIN, OF_CLIENT, OF_ALL };

/* What mail of the object is like, for the policies. */
struct asked {
	enum object_kind kind;
	struct session session;
	const char *sender, *login; /* as of a message; login NULL: none */
};

/* A sender who is nobody: no local part is as invalid. */
#define NOBODY "<..>"

static void ask_as(struct asked *a, struct arena *arena, const char *object)
{
	struct cidr *client = &a->session.client;

	a->sender = NOBODY;
	if (strcmp(object, "*") == 0) {
		a->kind = OF_ALL;
	} else if (cidr_parse(object, client, NULL) == 0) {
		a->kind = OF_CLIENT;
		/* of a network the first address: those of one object are alike */
		client->bits = client->family == 6 ? 128 : 32;
	} else if (*object == '@') {
		a->kind = OF_DOMAIN;
		a->sender = arena_printf(arena, "<..%s>", object);
	} else if (*object == '<') {
		a->kind = OF_SENDER;
		a->sender = strcmp(object, "<>") == 0 ? object : NOBODY;
	} else {
		a->kind = OF_LOGIN; /* and a sender */
		a->login = a->sender = object;
	}
}

/* Does the policy count for objects of that kind? */
static bool counts_for(const struct policy *p, enum object_kind kind)
{
	switch (p->key) {
	case KEY_LOGIN:
		return kind == OF_LOGIN;
	case KEY_SENDER:
	case KEY_SENDER_PLUS:
		return kind == OF_LOGIN || kind == OF_SENDER;
	case KEY_DOMAIN:
	case KEY_DOMAIN_PLUS:
		return kind == OF_DOMAIN;
	case KEY_CLIENT:
		return kind == OF_CLIENT;
	case KEY_POLICY:
		return kind == OF_ALL;
	case KEY_RECIPIENT:
	case KEY_RECIPIENT_DOMAIN:
		break; /* who it is sent to is not known here */
	}
	return false;
}

/* All mail is nobody's. */
static bool applies(
	const struct message *m, const struct policy *p, enum object_kind kind)
{
	if (kind == OF_ALL)
		return p->enabled && counts_for(p, kind);
	return look_source(m, p) == REACH_MATCHES;
}

static json_t *policy_row(struct request *rq, const struct policy *p)
{
	json_t *row = json_object();
	static const enum policy_attribute shown[] = { ATTRIBUTE_TYPE, ATTRIBUTE_KEY,
		ATTRIBUTE_LIMIT, ATTRIBUTE_ACTION };

	json_object_set_new(row, "policy", json_text(p->name));
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		json_object_set_new(row, policy_attribute_name(shown[i]),
			json_text(policy_get(p, shown[i], rq->arena)));
	return row;
}

/* A counter within the answer. */
static const char *counter_key(struct arena *arena, const char *policy, const char *limit)
{
	return arena_printf(arena, "%s %s", policy, limit);
}

/* Those that there are, as members: there may be thousands. */
static json_t *index_counters(struct arena *arena, const json_t *counters)
{
	json_t *index = json_object(), *row;
	size_t i;

	json_array_foreach(counters, i, row)
		json_object_set_new(index,
			counter_key(arena,
				json_string_value(json_object_get(row, "policy")),
				json_string_value(json_object_get(row, "limit"))),
			json_true());
	return index;
}

/* Nothing used yet, for each limit of the policy that has no counter. */
static void add_unused(struct request *rq, json_t *counters, const json_t *index,
	const struct message *m, const struct policy *p, const char *object)
{
	struct grant grant = object_granted(m, p, object, clock_now());
	char limit[LIMIT_TEXT_MAX];

	for (size_t i = 0; i < p->limits.n; i++) {
		struct limit l = p->limits.limit[i];

		l.amount += grant.amount;
		limit_format(limit, &l);
		if (json_object_get(index, counter_key(rq->arena, p->name, limit)) !=
			NULL)
			continue;
		json_array_append_new(counters,
			json_pack("{s:s, s:o, s:s, s:i, s:I, s:n}", "policy", p->name,
				"object", json_text(object), "limit", limit, "used", 0,
				"amount", (json_int_t)l.amount, "free_at"));
	}
}

/* The policies that mail of the object meets, and what they have left for it. */
static void add_policies(struct request *rq, const char *object, json_t *row)
{
	struct policy_slot *slot = rq->admin->engine->slot;
	struct policy_set *set = policy_slot_acquire(slot);
	json_t *policies = json_array(), *counters = json_object_get(row, "counters"),
	       *index = index_counters(rq->arena, counters);
	struct asked a = { 0 };
	struct message *m;

	ask_as(&a, rq->arena, object);
	m = engine_ask(rq->admin->engine, &a.session, set, NULL, a.sender, a.login);
	for (size_t i = 0; i < set->npolicies; i++) {
		const struct policy *p = set->policies[i];

		if (!applies(m, p, a.kind))
			continue;
		json_array_append_new(policies, policy_row(rq, p));
		if (policy_counts(p) && counts_for(p, a.kind))
			add_unused(rq, counters, index, m, p, object);
	}
	engine_drop(m);
	policy_slot_release(slot, set);
	json_decref(index);
	json_object_set_new(row, "policies", policies);
}

static int show(struct request *rq, const char *object, struct err *err)
{
	struct db *db = rq->live;
	json_t *row = json_object(), *counter;
	size_t i;

	json_object_set_new(row, "object", json_text(object));
	if (add_row(db, db_query(db, SQL_OBJECT_SEEN, err, "t", object), row, err) < 0 ||
		add_row(db, db_query(db, SQL_OBJECT_REFUSED, err, "t", object), row,
			err) < 0 ||
		add_parts(rq, object, row, err) < 0) {
		json_decref(row);
		return -1;
	}
	add_policies(rq, object, row);
	json_array_foreach(json_object_get(row, "counters"), i, counter)
		counter_row_tidy(counter);
	return request_row(rq, row, err);
}

int do_object_show(struct request *rq, struct err *err)
{
	struct db *db = rq->live;
	const char *object = request_object(rq, rq->args[0], err);
	int rc;

	/* one moment for all of it */
	if (object == NULL || db_exec(db, "BEGIN", err) < 0)
		return -1;
	rc = show(rq, object, err);
	db_exec(db, "ROLLBACK", NULL); /* it has only looked */
	return rc;
}
