/*
 * The command `tail`: what a client wants to see, and the rows that it gets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/tail.h"

#include "base/clock.h"
#include "ctl/wire.h"

#include <stdlib.h>
#include <string.h>

/* Between two looks at the clients: other commands are not to wait for a flood. */
#define SERVE_AT_ONCE 256

/* Filters: what is not given lets all through. */
struct tail {
	LIST_ENTRY(tail) link;
	struct tails *tails; /* NULL: not begun */
	struct outbox *out;
	unsigned verdicts; /* a bit for each that is wanted */
	char *policy, *object;
	struct cidr network, client; /* the object's, if it is an address; client= */
	uint64_t shown;
};

void tail_free(struct tail *t)
{
	if (t == NULL)
		return;
	if (t->tails != NULL) {
		LIST_REMOVE(t, link);
		feed_leave(t->tails->feed);
	}
	free(t->policy);
	free(t->object);
	free(t);
}

void tail_begin(struct tails *tails, struct tail *t, struct outbox *out)
{
	t->tails = tails;
	t->out = out;
	LIST_INSERT_HEAD(&tails->list, t, link);
	feed_listen(tails->feed, tails->wake);
}

uint64_t tail_shown(const struct tail *t)
{
	return t->shown;
}

bool tail_is_behind(const struct tail *t)
{
	return t->out->used - t->out->sent > TAIL_BEHIND_MAX;
}

static int verdict_of(const char *name)
{
	int v = 0;

	while (v < VERDICTS && strcmp(name, verdict_name((enum verdict_kind)v)) != 0)
		v++;
	return v < VERDICTS ? v : -1;
}

/* "defer,block": a list. */
static int read_verdicts(struct request *rq, unsigned *verdicts, struct err *err)
{
	const char *given = request_pair(rq, "verdict");
	char *list = arena_strdup(rq->arena, given), *name;

	while (list != NULL && (name = strsep(&list, ",")) != NULL) {
		int v = verdict_of(name);

		if (v < 0)
			return request_refuse(rq, "verdict", name, err);
		*verdicts |= 1u << v;
	}
	return 0;
}

static int read_object(struct request *rq, struct tail *t, struct err *err)
{
	const char *text = request_pair(rq, "object");

	if (text == NULL)
		return 0;
	text = request_object(rq, text, err);
	if (text == NULL)
		return -1;
	t->object = mem_strdup(text);
	cidr_parse(text, &t->network, NULL);
	return 0;
}

static int read_policy(struct request *rq, struct tail *t, struct err *err)
{
	const char *name = request_pair(rq, "policy");
	int64_t id;

	if (name != NULL && request_policy(rq->live, name, &id, err) < 0)
		return -1;
	t->policy = mem_strdup(name);
	return 0;
}

static int read_client(struct request *rq, struct tail *t, struct err *err)
{
	const char *text = request_pair(rq, "client");

	if (text == NULL || cidr_parse(text, &t->client, err) == 0)
		return 0;
	return err_prefix(err, "client");
}

int do_tail(struct request *rq, struct err *err)
{
	struct tail *t = mem_calloc(1, sizeof(*t));

	if (read_verdicts(rq, &t->verdicts, err) < 0 || read_policy(rq, t, err) < 0 ||
		read_object(rq, t, err) < 0 || read_client(rq, t, err) < 0) {
		tail_free(t);
		return -1;
	}
	rq->tail = t;
	return 0;
}

/* Is it that login or sender, or one of that domain? */
static bool is_of(const char *who, const char *object)
{
	const char *domain = who != NULL ? strrchr(who, '@') : NULL;

	return who != NULL && (strcmp(who, object) == 0 ||
				      (domain != NULL && strcmp(domain, object) == 0));
}

static bool is_within(const char *address, const struct cidr *network)
{
	struct cidr client;

	return address != NULL && cidr_parse(address, &client, NULL) == 0 &&
	       cidr_contains(network, &client);
}

/* An object is whom the limit was counted for, or else the sender in one of his names. */
static bool concerns(const struct tail *t, const struct decision_row *row)
{
	return is_of(row->login, t->object) || is_of(row->sender, t->object) ||
	       (row->object != NULL && strcmp(row->object, t->object) == 0) ||
	       (t->network.family != 0 && is_within(row->client, &t->network));
}

static bool wants(const struct tail *t, const struct decision_row *row)
{
	if (t->verdicts != 0 && !(t->verdicts & 1u << verdict_of(row->verdict)))
		return false;
	if (t->policy != NULL &&
		(row->policy == NULL || strcmp(t->policy, row->policy) != 0))
		return false;
	if (t->object != NULL && !concerns(t, row))
		return false;
	return t->client.family == 0 || is_within(row->client, &t->client);
}

static json_t *number_unless_zero(int64_t n)
{
	return n != 0 ? json_integer(n) : json_null();
}

/* A moment of the past as the history has it: to the millisecond before it. */
static json_t *moment(int64_t when)
{
	char text[CLOCK_TEXT_MAX];

	return json_string(clock_format(text, when - when % 1000));
}

static json_t *free_at(int64_t when)
{
	char text[CLOCK_TEXT_MAX];

	return when != 0 ? json_string(clock_format(text, when)) : json_null();
}

/* As in v_decisions, but that the reason, which may be long, is the last. */
static char *row_text(const struct decision_row *row)
{
	json_t *json =
		json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
			  "s:o, s:o, s:o}",
			"time", moment(row->time), "verdict", row->verdict, "policy",
			json_text(row->policy), "object", json_text(row->object), "login",
			json_text(row->login), "sender", json_text(row->sender), "client",
			json_text(row->client), "mta", json_text(row->mta), "recipients",
			number_unless_zero(row->recipients), "size",
			number_unless_zero(row->size), "queue_id",
			json_text(row->queue_id), "free_at", free_at(row->free_at), "spf",
			json_text(row->spf), "reason", json_text(row->reason));
	char *text = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	return text;
}

static void give(struct tails *tails, const struct decision_row *row)
{
	char *text = NULL;
	struct tail *t;

	LIST_FOREACH(t, &tails->list, link)
	{
		/* one that is behind is dropped before the next */
		if (tail_is_behind(t) || !wants(t, row))
			continue;
		if (text == NULL)
			text = row_text(row);
		if (text == NULL)
			return;
		outbox_line(t->out, WIRE_ROW, text);
		t->shown++;
	}
	free(text);
}

static void tell_lost(struct tails *tails, uint64_t lost)
{
	struct tail *t;
	char text[60];

	snprintf(text, sizeof(text), "{\"not_shown\":%llu}", (unsigned long long)lost);
	LIST_FOREACH(t, &tails->list, link)
	outbox_line(t->out, WIRE_ROW, text);
}

bool tails_serve(struct tails *tails)
{
	struct decision_row *row;
	uint64_t lost;

	for (int i = 0; i < SERVE_AT_ONCE; i++) {
		row = feed_take(tails->feed);
		if (row == NULL) {
			lost = feed_lost(tails->feed);
			if (lost > 0)
				tell_lost(tails, lost);
			return false;
		}
		give(tails, row);
		free(row);
	}
	return !LIST_EMPTY(&tails->list);
}
