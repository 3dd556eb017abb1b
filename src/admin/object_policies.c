/*
 * The policies that mail of an object meets, and what their limits have left for it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/object_show.h"

#include "admin/counters.h"
#include "base/clock.h"
#include "engine/look.h"
#include "engine/object.h"

#include <stdlib.h>
#include <string.h>

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

/* All mail is nobody's.  Where the policy counts for something else, which this object
 * alone does not tell (the client, the login behind an address), mail of it meets the
 * policy all the same; but a sender whom null_sender skips is what he is. */
static bool applies(
	const struct message *m, const struct policy *p, enum object_kind kind)
{
	enum reach reach = look_source(m, p);

	if (kind == OF_ALL)
		return p->enabled && counts_for(p, kind);
	return reach == REACH_MATCHES ||
	       (reach == REACH_OBJECT && (kind != OF_SENDER || p->key == KEY_CLIENT));
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

/* What stands in a list that is ordered: the fullest first, then in the order of
 * evaluation. */
struct entry {
	double full;	 /* 1: no room is left */
	size_t order, n; /* of the policy; of the entry itself */
	json_t *row;	 /* of a counter; owned until it is listed */
};

/* The object before the policies, while it goes through them. */
struct standing {
	struct request *rq;
	struct policy_set *set;
	json_t *places; /* of each policy in the set, by its name */
	double *full;	/* of each policy: its fullest limit */
	json_t *known;	/* counters that there are: counter_key() */
	struct entry *counters, *policies;
	size_t ncounters, counters_cap, npolicies;
};

static struct standing *standing_new(struct request *rq, struct policy_set *set)
{
	struct standing *s = arena_alloc(rq->arena, sizeof(*s));

	*s = (struct standing){ .rq = rq,
		.set = set,
		.places = json_object(),
		.full = arena_alloc(rq->arena, set->npolicies * sizeof(*s->full)),
		.known = json_object(),
		.policies =
			arena_alloc(rq->arena, set->npolicies * sizeof(*s->policies)) };
	for (size_t i = 0; i < set->npolicies; i++) {
		s->full[i] = 0;
		json_object_set_new(
			s->places, set->policies[i]->name, json_integer((json_int_t)i));
	}
	return s;
}

static const char *counter_key(struct arena *arena, const char *policy, const char *limit)
{
	return arena_printf(arena, "%s %s", policy, limit);
}

static double fullness(const json_t *counter)
{
	double used = json_number_value(json_object_get(counter, "used")),
	       amount = json_number_value(json_object_get(counter, "amount"));

	return amount > 0 ? used / amount : 1;
}

static void add_counter(struct standing *s, json_t *row, size_t order)
{
	struct entry e = { fullness(row), order, s->ncounters, row };

	s->counters = arena_grow(s->rq->arena, s->counters, s->ncounters,
		&s->counters_cap, sizeof(*s->counters));
	s->counters[s->ncounters++] = e;
	if (order < s->set->npolicies && e.full > s->full[order])
		s->full[order] = e.full;
}

/* Those that there are, of policies that are no more for it, too. */
static int read_counters(struct standing *s, const char *object, struct err *err)
{
	struct db *db = s->rq->live;
	sqlite3_stmt *q = db_query(db, SQL_OBJECT_COUNTERS, err, "t", object);
	int more = -1;

	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		json_t *row = request_row_of(q), *place;
		const char *policy = json_string_value(json_object_get(row, "policy")),
			   *limit = json_string_value(json_object_get(row, "limit"));

		counter_row_tidy(row);
		json_object_set_new(
			s->known, counter_key(s->rq->arena, policy, limit), json_true());
		/* one that has come since the set was made is the last */
		place = json_object_get(s->places, policy);
		add_counter(s, row,
			place != NULL ? (size_t)json_integer_value(place)
				      : s->set->npolicies);
	}
	return more;
}

/* Nothing used yet, for each limit of the policy that has no counter. */
static void add_unused(
	struct standing *s, const struct message *m, size_t order, const char *object)
{
	const struct policy *p = s->set->policies[order];
	struct grant grant = object_granted(m, p, object, clock_now());
	char limit[LIMIT_TEXT_MAX];

	for (size_t i = 0; i < p->limits.n; i++) {
		struct limit l = p->limits.limit[i];

		l.amount += grant.amount;
		limit_format(limit, &l);
		if (json_object_get(
			    s->known, counter_key(s->rq->arena, p->name, limit)) != NULL)
			continue;
		add_counter(s,
			json_pack("{s:s, s:o, s:s, s:i, s:I, s:n}", "policy", p->name,
				"object", json_text(object), "limit", limit, "used", 0,
				"amount", (json_int_t)l.amount, "free_at"),
			order);
	}
}

static void meet_policies(struct standing *s, const char *object)
{
	struct engine *engine = s->rq->admin->engine;
	struct asked a = { 0 };
	struct message *m;

	ask_as(&a, s->rq->arena, object);
	m = engine_ask(engine, &a.session, s->set, NULL, a.sender, a.login);
	for (size_t i = 0; i < s->set->npolicies; i++) {
		const struct policy *p = s->set->policies[i];

		if (!applies(m, p, a.kind))
			continue;
		if (policy_counts(p) && counts_for(p, a.kind))
			add_unused(s, m, i, object);
		s->policies[s->npolicies] =
			(struct entry){ s->full[i], i, s->npolicies, NULL };
		s->npolicies++;
	}
	engine_drop(m);
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->full != y->full)
		return x->full > y->full ? -1 : 1;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return (x->n > y->n) - (x->n < y->n);
}

/* The first of them as a list of the answer; a policy gets its row here. */
static void list_entries(struct standing *s, struct entry *entries, size_t n,
	const char *name, json_t *row)
{
	size_t shown = n < OBJECT_LIST_MAX ? n : OBJECT_LIST_MAX;
	json_t *list = json_array();

	if (n > 0)
		qsort(entries, n, sizeof(*entries), compare_entries);
	for (size_t i = 0; i < shown; i++)
		json_array_append_new(list,
			entries[i].row != NULL
				? entries[i].row
				: policy_row(s->rq, s->set->policies[entries[i].order]));
	for (size_t i = shown; i < n; i++)
		json_decref(entries[i].row);
	object_put_list(row, name, list, n - shown);
}

int object_add_policies(
	struct request *rq, const char *object, json_t *row, struct err *err)
{
	struct policy_slot *slot = rq->admin->engine->slot;
	struct policy_set *set = policy_slot_acquire(slot);
	struct standing *s = standing_new(rq, set);
	int rc = read_counters(s, object, err);

	if (rc == 0)
		meet_policies(s, object);
	list_entries(s, s->counters, s->ncounters, "counters", row);
	list_entries(s, s->policies, s->npolicies, "policies", row);
	json_decref(s->places);
	json_decref(s->known);
	policy_slot_release(slot, set);
	return rc;
}
