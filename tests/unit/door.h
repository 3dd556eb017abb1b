/*
 * Requests of the policy protocol to the engine of a site (fixture.h), as a front end
 * would ask them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TESTS_DOOR_H
#define THEMIS_TESTS_DOOR_H

#include "fixture.h"

#include "engine/asked.h"
#include "engine/pending.h"

#define DOOR_CLIENT "192.0.2.7"
#define DOOR_PORT   41526

/* A request; what is left out: of instance 1, from bob@example.org, at DOOR_CLIENT and
 * DOOR_PORT, to alice@example.net at RCPT. */
struct query {
	enum asked_state state;
	const char *instance, *sender, *rcpt, *login, *queue_id, *client, *helo, *mta;
	const char *context, *server;
	unsigned port;
	bool no_port;
	uint64_t nrecipients, size;
};

static inline const char *or_else(const char *text, const char *otherwise)
{
	return text != NULL ? text : otherwise;
}

static inline void door_session(
	struct session *session, const struct query *q, struct arena *arena)
{
	struct err err = { ERR_BAD, "" };

	*session = (struct session){ .also = { q->context, q->server } };
	if (!q->no_port)
		session->port = q->port != 0 ? q->port : DOOR_PORT;
	if (q->mta != NULL)
		session->mta = (char *)(uintptr_t)addr_domain(arena, q->mta);
	session->helo = arena_strdup(arena, q->helo);
	must(cidr_parse(or_else(q->client, DOOR_CLIENT), &session->client, &err), &err);
}

/* The verdict; its text "" is DUNNO, or what its kind says. */
static inline struct outcome door_ask(struct site *s, int64_t now, const struct query *q)
{
	struct arena *arena = arena_new();
	struct session session;
	struct asked asked = { .arena = arena,
		.state = q->state,
		.instance = or_else(q->instance, "1"),
		.sender = or_else(q->sender, "bob@example.org"),
		.recipient = q->rcpt,
		.login = q->login,
		.queue_id = q->queue_id,
		.nrecipients = q->nrecipients,
		.size = q->size };
	struct outcome o = { 0 };
	struct verdict v;
	struct message *m;

	if (q->state == ASKED_RCPT)
		asked.recipient = or_else(q->rcpt, "alice@example.net");
	door_session(&session, q, arena);
	session.steps = asked_steps(&s->engine, now);
	m = asked_begin(&s->engine, &session, &asked, now);
	if (q->state != ASKED_MAIL)
		while (mail_waits = true, engine_wait_end(m, now))
			continue;
	mail_waits = false;
	v = asked_decide(m, &asked, now);
	outcome_keep(&o, &v);
	asked_end(m, &asked);
	arena_free(arena);
	return o;
}

/* ASK(site, NOW, RCPT, .rcpt = "a@x.net") */
#define ASK(site, now, what, ...)                                                        \
	door_ask(site, now, &(struct query){ .state = ASKED_##what, __VA_ARGS__ })

/* The same message at the milter. */
#define MILTER(site, now, ...)                                                           \
	SEND(site, now, .client = DOOR_CLIENT, .port = DOOR_PORT, __VA_ARGS__)

/* "DUNNO", "HOLD", "DISCARD", or its code. */
static inline const char *said(const struct outcome *o)
{
	if (*o->code != '\0')
		return o->code;
	return o->kind == VERDICT_HOLD	    ? "HOLD"
	       : o->kind == VERDICT_DISCARD ? "DISCARD"
					    : "DUNNO";
}

#define ASSERT_SAID(expected, asked)                                                     \
	do {                                                                             \
		struct outcome o_ = asked;                                               \
                                                                                         \
		assert_string_equal(said(&o_), expected);                                \
	} while (0)

#define ASSERT_USED(s, policy, object, expected)                                         \
	assert_int_equal(site_used(s, policy, 0, object, NOW), expected)

/* A site with a door. */
static inline int door_setup(void **state)
{
	struct site *s;

	site_setup(state);
	s = *state;
	s->engine.pending = pending_table_new();
	return 0;
}

static inline int door_teardown(void **state)
{
	struct site *s = *state;

	pending_table_free(s->engine.pending);
	s->engine.pending = NULL;
	return site_teardown(state);
}

#define DOOR_TEST(f) cmocka_unit_test_setup_teardown(f, door_setup, door_teardown)

#endif
