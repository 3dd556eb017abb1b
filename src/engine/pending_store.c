/*
 * Pending messages on their way to the database and back.  Called when the daemon stops,
 * on the writer's thread, and when it starts, on the main one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/pending_own.h"

#include <jansson.h>
#include <stdlib.h>

/* What is packed is small and of our own making. */
static char *dump(json_t *json)
{
	char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;

	if (text == NULL)
		mem_exhausted();
	json_decref(json);
	return text;
}

static char *dump_recipients(const struct pending *p)
{
	json_t *list = json_array();

	for (const struct passed *r = p->recipients; r != NULL; r = r->hh.next)
		json_array_append_new(list, json_string(r->address));
	return dump(list);
}

static char *dump_payments(const struct pending *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->npayments; i++)
		if (p->payments[i].cost > 0)
			json_array_append_new(list,
				json_pack("[IsII]", (json_int_t)p->payments[i].limit_id,
					p->payments[i].object,
					(json_int_t)p->payments[i].cost,
					(json_int_t)p->payments[i].bucket));
	return dump(list);
}

static char *dump_told(const struct pending *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->ntold; i++)
		json_array_append_new(
			list, json_pack("[Ii]", (json_int_t)p->told[i].policy_id,
				      (int)p->told[i].kind));
	return dump(list);
}

static int save_one(const struct pending *p, struct db *db, struct err *err)
{
	char *recipients = dump_recipients(p), *payments = dump_payments(p),
	     *told = dump_told(p);
	const struct pending_row *row = p->facts.row;
	char server[CIDR_TEXT_MAX];
	int rc = db_run(db, SQL_PENDING_PUT, err, "tttiiitttiitiiti", p->instance, p->tie,
		p->queue_id, p->begun, row != NULL ? row->id : 0,
		row != NULL ? row->time : 0, recipients, payments, told,
		(int64_t)p->facts.sealed, (int64_t)p->facts.nrefused,
		p->facts.refused_for, (int64_t)p->npassed, (int64_t)p->facts.ended,
		p->server.family != 0 ? cidr_format(server, &p->server) : NULL,
		(int64_t)p->server_port);

	free(recipients);
	free(payments);
	free(told);
	return rc < 0 ? -1 : 0;
}

int pending_save(struct pending_table *t, struct db *db, struct err *err)
{
	const struct pending *p;
	int rc = 0;

	pthread_mutex_lock(&t->lock);
	TAILQ_FOREACH(p, &t->age, age)
		if (rc == 0)
			rc = save_one(p, db, err);
	pthread_mutex_unlock(&t->lock);
	return rc;
}

static json_t *parse(const char *text)
{
	return text != NULL ? json_loads(text, 0, NULL) : NULL;
}

static void load_recipients(struct pending *p, const char *text)
{
	json_t *list = parse(text), *one;
	size_t i;

	json_array_foreach(list, i, one)
		if (json_is_string(one))
			pending_add_recipient(p, json_string_value(one));
	json_decref(list);
}

static void load_payments(struct pending *p, const char *text)
{
	json_t *list = parse(text), *one;
	json_int_t limit_id, cost, bucket;
	const char *object;
	size_t i;

	json_array_foreach(list, i, one)
		if (json_unpack(one, "[IsII]", &limit_id, &object, &cost, &bucket) == 0 &&
			cost > 0)
			pending_add_payment(p, limit_id, object, (uint64_t)cost, bucket);
	json_decref(list);
}

static void load_told(struct pending *p, const char *text)
{
	json_t *list = parse(text), *one;
	json_int_t policy_id;
	size_t i;
	int kind;

	json_array_foreach(list, i, one)
		if (json_unpack(one, "[Ii]", &policy_id, &kind) == 0 && kind >= 0 &&
			kind < VERDICTS)
			pending_tell(p, policy_id, (enum verdict_kind)kind);
	json_decref(list);
}

static char *text_or_null(sqlite3_stmt *q, int column)
{
	return sqlite3_column_type(q, column) != SQLITE_NULL
		       ? mem_strdup(db_text(q, column))
		       : NULL;
}

static struct pending *load_one(sqlite3_stmt *q)
{
	struct pending *p = pending_new(db_text(q, 0), sqlite3_column_int64(q, 3));
	int64_t sealed = sqlite3_column_int64(q, 9);

	p->tie = text_or_null(q, 1);
	p->queue_id = text_or_null(q, 2);
	if (sqlite3_column_int64(q, 4) != 0)
		p->facts.row = pending_row_new(
			sqlite3_column_int64(q, 4), sqlite3_column_int64(q, 5));
	load_recipients(p, db_text(q, 6));
	p->npassed = (uint64_t)sqlite3_column_int64(q, 12);
	p->facts.ended = sqlite3_column_int64(q, 13) != 0;
	cidr_take_client(&p->server, db_text(q, 14));
	p->server_port = (unsigned)sqlite3_column_int64(q, 15);
	load_payments(p, db_text(q, 7));
	load_told(p, db_text(q, 8));
	p->facts.refused_for = text_or_null(q, 11);
	/* whoever is told of either is told why */
	if (p->facts.refused_for == NULL)
		return p;
	if (sealed == VERDICT_HOLD || sealed == VERDICT_DISCARD)
		p->facts.sealed = (enum verdict_kind)sealed;
	p->facts.nrefused = (uint64_t)sqlite3_column_int64(q, 10);
	return p;
}

int pending_load(struct pending_table *t, struct db *db, int64_t now, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_PENDING_LOAD, err, "");
	int more = -1;

	while (q != NULL && (more = db_next(db, q, err)) == 1) {
		struct pending *p = load_one(q);

		/* the clock may have been set meanwhile */
		if (p->begun > now)
			p->begun = now;
		pthread_mutex_lock(&t->lock);
		pending_insert(t, p);
		pthread_mutex_unlock(&t->lock);
	}
	if (more < 0)
		return -1;
	return db_run(db, SQL_PENDING_CLEAR, err, "") < 0 ? -1 : 0;
}
