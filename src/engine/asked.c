/*
 * Messages that come in requests.  Called by the policy service, on its thread, and by
 * those that wait for it, on theirs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/asked.h"

#include "engine/identity.h"
#include "engine/look.h"
#include "engine/pending.h"
#include "engine/record.h"
#include "engine/spf.h"

#include <stdlib.h>
#include <string.h>

/* Atoms, and a dot between any two (RFC 5321 4.1.2)? */
static bool is_dotted(const char *local, size_t len)
{
	size_t start = 0;

	for (size_t i = 0; i <= len; i++) {
		if (i < len && local[i] != '.') {
			if (strchr(" \"(),:;<>@[\\]", local[i]) != NULL)
				return false;
			continue;
		}
		if (i == start)
			return false;
		start = i + 1;
	}
	return true;
}

/* As in a command of SMTP: what is none of these would be in quotes there.  NULL: it is
 * as it stands. */
static const char *quote(struct arena *arena, const char *address)
{
	const char *at = strrchr(address, '@');
	size_t local = at != NULL ? (size_t)(at - address) : strlen(address);
	char *quoted, *o;

	if (is_dotted(address, local) || addr_parse(arena, address).kind != ADDR_INVALID)
		return NULL;
	quoted = o = arena_alloc(arena, 2 * strlen(address) + 3);
	*o++ = '"';
	for (size_t i = 0; i < local; i++) {
		if (address[i] == '"' || address[i] == '\\')
			*o++ = '\\';
		*o++ = address[i];
	}
	*o++ = '"';
	memcpy(o, address + local, strlen(address) - local);
	return addr_parse(arena, quoted).kind != ADDR_INVALID ? quoted : NULL;
}

static const char *external(struct arena *arena, const char *address)
{
	const char *quoted;

	if (address == NULL || *address == '\0')
		return "<>";
	quoted = quote(arena, address);
	return quoted != NULL ? quoted : address;
}

unsigned asked_steps(struct engine *engine, int64_t now)
{
	return (STEPS_ALL & ~(unsigned)STEP_MAIL_ANSWER) |
	       (engine_steps(engine, now) & STEP_MAIL_ANSWER);
}

static void add_recipient(void *arg, const char *address)
{
	struct message *m = arg;
	struct recipient *r = identity_recipient(m, address, NULL);

	r->n = ++m->nseen;
	STAILQ_INSERT_TAIL(&m->recipients, r, link);
	m->nrecipients++;
}

/* The one in question, or all that were let pass; and whether these are all that there
 * are. */
static void add_recipients(struct message *m, const struct asked *a)
{
	const char *given = a->recipient != NULL && *a->recipient != '\0'
				    ? external(a->arena, a->recipient)
				    : NULL;

	if (a->state == ASKED_RCPT) {
		m->nseen = pending_recipients(m->pending) +
			   pending_facts(m->pending)->nrefused;
		add_recipient(m, given != NULL ? given : "");
		m->nrecipients = pending_recipients(m->pending) + 1;
		return;
	}
	pending_each_recipient(m->pending, add_recipient, m);
	/* a message of one recipient says who that is */
	if (m->nrecipients == 0 && given != NULL)
		add_recipient(m, given);
	m->unknown =
		m->nrecipients == 0 || (pending_passed(m->pending) < a->nrecipients &&
					       m->nrecipients < a->nrecipients);
	m->told_recipients = a->nrecipients;
	if (a->nrecipients > 0)
		m->nrecipients = a->nrecipients;
}

/* A policy that cannot be asked for want of recipients must not fail silently. */
static void watch_unknown(const struct message *m, int64_t now)
{
	for (size_t i = 0; m->unknown && i < m->ncandidates; i++) {
		const struct policy *p = m->candidates[i];

		if (!look_needs_recipients(p))
			continue;
		pending_miss_recipients(m->engine->pending, p->name, now);
		return;
	}
}

static struct pending *find_pending(
	struct engine *engine, const struct asked *a, int64_t now)
{
	const char *instance =
		a->instance != NULL && *a->instance != '\0' ? a->instance : NULL;
	struct pending *p = NULL;

	if (instance != NULL)
		p = pending_take(engine->pending, instance, now);
	return p != NULL ? p : pending_new(instance, now);
}

struct message *asked_begin(struct engine *engine, const struct session *session,
	const struct asked *a, int64_t now)
{
	struct message *m;

	m = engine_message(
		engine, session, external(a->arena, a->sender), NULL, a->login);
	m->asked = true;
	m->one = a->state == ASKED_RCPT;
	m->sized = a->state == ASKED_END;
	m->size = a->size;
	m->pending = find_pending(engine, a, now);
	if (pending_facts(m->pending)->spf != NULL)
		spf_take(m, pending_facts(m->pending)->spf);
	else
		spf_begin(m, now);
	if (a->state == ASKED_MAIL)
		return m;
	add_recipients(m, a);
	watch_unknown(m, now);
	return m;
}

/* The message goes into the hold queue or away, whatever else is asked about it. */
static void seal(struct message *m, const struct verdict *v)
{
	struct pending_facts *facts = pending_facts(m->pending);

	facts->sealed = v->kind;
	free(facts->refused_for);
	facts->refused_for = mem_strdup(v->reason);
}

static void keep_spf(struct message *m)
{
	struct pending_facts *facts = pending_facts(m->pending);

	if (m->spf == NULL || facts->spf != NULL)
		return;
	facts->spf = mem_calloc(1, sizeof(*facts->spf));
	spf_answer_copy(facts->spf, m->spf);
}

/* By what a recipient is the same: those that do not parse have one canonical form. */
static const char *name_of(const struct recipient *r)
{
	return r->address.kind == ADDR_INVALID ? r->given : r->address.text;
}

/* Nothing new: it is sealed, or a second list of restrictions asks about a recipient. */
static bool is_settled(const struct message *m)
{
	const struct recipient *r = STAILQ_FIRST(&m->recipients);

	return pending_facts(m->pending)->sealed != VERDICT_ACCEPT ||
	       (m->one && pending_has_recipient(m->pending, name_of(r)));
}

enum asked_step asked_begin_decision(struct message *m, const struct asked *a,
	int64_t now, void (*stored)(void *arg, bool committed), void *arg)
{
	if (is_settled(m))
		return ASKED_DONE;
	if (!engine_end_begin(m, a->queue_id, now))
		return ASKED_STORED;
	if (stored == NULL)
		return record_store(m, m->ending) == 0 ? ASKED_STORED : ASKED_FAILED;
	switch (record_post(m, m->ending, stored, arg)) {
	case 1:
		return ASKED_POSTED;
	case 0:
		return ASKED_STORED;
	default:
		return ASKED_FAILED;
	}
}

struct verdict asked_finish_decision(struct message *m, enum asked_step step)
{
	struct verdict v = { .kind = VERDICT_ACCEPT };
	/* if it is about one: refused, it is in the list no more */
	const struct recipient *r = STAILQ_FIRST(&m->recipients);

	if (step == ASKED_DONE) {
		/* said again, it is one of those that the MTA counts */
		if (m->one && pending_facts(m->pending)->sealed == VERDICT_ACCEPT)
			pending_add_recipient(m->pending, name_of(r));
		return v;
	}
	v = engine_end_finish(m, step == ASKED_STORED);
	keep_spf(m);
	if (v.kind == VERDICT_HOLD || v.kind == VERDICT_DISCARD)
		seal(m, &v);
	pending_facts(m->pending)->ended = m->sized && v.text == NULL;
	if (v.text == NULL && m->one)
		pending_add_recipient(m->pending, name_of(r));
	return v;
}

bool asked_waits(struct message *m, const struct asked *a, int64_t now)
{
	return a->state == ASKED_MAIL || engine_end_waits(m, now);
}

struct verdict asked_decide(struct message *m, const struct asked *a, int64_t now)
{
	if (a->state == ASKED_MAIL)
		return engine_early(m, now);
	return asked_finish_decision(m, asked_begin_decision(m, a, now, NULL, NULL));
}

void asked_end(struct message *m, const struct asked *a)
{
	struct pending *p = m->pending;

	m->pending = NULL;
	pending_put(m->engine->pending, p, m, a->queue_id);
	engine_drop(m);
}
