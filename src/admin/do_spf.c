/*
 * spf check: what a sender policy says of a client, and how it came to that.  On the
 * thread of an asker, which waits for the answer as long as a message would.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/request.h"
#include "base/str.h"
#include "engine/spf.h"
#include "spf/service.h"

#include <string.h>

static int read_session(struct request *rq, struct session *session, struct err *err)
{
	const char *helo = request_pair(rq, "helo");

	if (request_client(rq, &session->client, err) < 0)
		return -1;
	if (session->client.family == 0)
		return err_set(err, "of which client? (client=ADDRESS)");
	if (helo != NULL && strlen(helo) > SPF_TEXT_MAX)
		return err_set(err, "helo: more than %d octets", SPF_TEXT_MAX);
	session->helo = arena_strdup(rq->arena, helo);
	return 0;
}

/* It is as a message's, but for what an MTA would make of it, or is no address at all. */
static int check_sender(const struct message *m, const char *text, struct err *err)
{
	const struct addr *sender = &m->sender;
	const char *helo = m->session->helo, *at = strrchr(text, '@');
	char shown[160];

	str_escape(shown, sizeof(shown), text);
	if (sender->kind == ADDR_LOCAL)
		return err_set(err,
			"sender: \"%s\" has no domain (a message's would get that of the "
			"MTA)",
			shown);
	if (sender->kind == ADDR_INVALID &&
		(at == NULL || strspn(at, "@>") == strlen(at)))
		return err_set(err,
			"sender: not an address: \"%s\" (as bob@example.org, or <>)",
			shown);
	if (sender->kind == ADDR_NULL && (helo == NULL || *helo == '\0'))
		return err_set(err,
			"whose policy? (sender=ADDRESS, or helo=NAME for that of the "
			"null sender)");
	return 0;
}

/* A row each, as a card shows a list of lines. */
static json_t *trace_of(const struct spf_answer *a)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < a->ntrace; i++)
		json_array_append_new(
			rows, json_pack("{s:o}", "step", json_text(a->trace[i])));
	return rows;
}

/* The text, or nothing where there is none. */
static json_t *said(const char *text)
{
	return json_text(*text != '\0' ? text : NULL);
}

/* Why policies do not check mail of that client; NULL: they do. */
static const char *exempt(const struct message *m)
{
	return m->spf_exempt != NULL
		       ? arena_printf(m->arena, "%s: policies check no mail of it",
				 m->spf_exempt)
		       : NULL;
}

static int answer_row(struct request *rq, const struct message *m,
	const struct spf_answer *a, struct err *err)
{
	return request_row(rq,
		json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:o}",
			"result", spf_result_name(a->result), "identity",
			a->helo ? "helo" : "mailfrom", "sender", said(a->sender),
			"domain", said(a->domain), "mechanism", said(a->mechanism),
			"problem", said(a->problem), "exempt", json_text(exempt(m)),
			"ttl", (json_int_t)a->ttl, "terms", (json_int_t)a->terms, "voids",
			(json_int_t)a->voids, "queries", (json_int_t)a->queries, "trace",
			trace_of(a)),
		err);
}

/* Without the <> of a path, and no longer than a question may have it. */
static const char *bare_path(struct arena *arena, const char *path)
{
	size_t len = strnlen(path, SPF_TEXT_MAX);

	if (len > 2 && path[0] == '<' && path[len - 1] == '>')
		return arena_memdup(arena, path + 1, len - 2);
	return arena_memdup(arena, path, len);
}

static int check(
	struct request *rq, const struct message *m, const char *sender, struct err *err)
{
	struct spf_service *service = rq->admin->engine->spf;
	struct spf_question question = spf_question(m);
	struct settings settings;
	struct spf_ask *ask;
	int rc;

	if (request_settings(rq, &settings, err) < 0)
		return -1;
	if (service == NULL)
		return err_code(err, ERR_FAILED, "nobody checks SPF here");
	/* one whose domain DNS cannot hold has an answer, too: none (RFC 7208 4.3) */
	if (m->sender.kind == ADDR_INVALID && m->sender.domain == NULL)
		question.sender = bare_path(rq->arena, sender);
	question.trace = true;
	ask = service->ask(service, &question, settings.spf_deadline);
	rc = answer_row(rq, m, service->wait(service, ask, 0), err);
	service->drop(service, ask);
	return rc;
}

int do_spf_check(struct request *rq, struct err *err)
{
	struct engine *engine = rq->admin->engine;
	const char *sender = request_pair(rq, "sender");
	struct session session = { 0 };
	struct policy_set *set;
	struct message *m;
	int rc;

	if (read_session(rq, &session, err) < 0)
		return -1;
	if (sender == NULL)
		sender = "<>";
	set = policy_slot_acquire(engine->slot);
	m = engine_ask(engine, &session, set, NULL, sender, NULL);
	rc = check_sender(m, sender, err);
	if (rc == 0)
		rc = check(rq, m, sender, err);
	engine_drop(m);
	policy_slot_release(engine->slot, set);
	return rc;
}
