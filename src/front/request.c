/*
 * Requests of the policy protocol.  Called by the policy service, on its thread; pure but
 * for the arena.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/request.h"

#include "base/str.h"
#include "policy/pool.h"

#include <string.h>

#define NAME(name)                                                                       \
	{                                                                                \
		name, sizeof(name) - 1                                                   \
	}

static const struct {
	const char *name;
	size_t len;
} names[] = {
	[REQUEST_KIND] = NAME("request"),
	[REQUEST_STATE] = NAME("protocol_state"),
	[REQUEST_INSTANCE] = NAME("instance"),
	[REQUEST_QUEUE_ID] = NAME("queue_id"),
	[REQUEST_SENDER] = NAME("sender"),
	[REQUEST_RECIPIENT] = NAME("recipient"),
	[REQUEST_RECIPIENT_COUNT] = NAME("recipient_count"),
	[REQUEST_SIZE] = NAME("size"),
	[REQUEST_LOGIN] = NAME("sasl_username"),
	[REQUEST_HELO] = NAME("helo_name"),
	[REQUEST_CLIENT] = NAME("client_address"),
	[REQUEST_PORT] = NAME("client_port"),
	[REQUEST_SERVER] = NAME("server_address"),
	[REQUEST_SERVER_PORT] = NAME("server_port"),
	[REQUEST_CONTEXT] = NAME("policy_context"),
};

_Static_assert(
	sizeof(names) / sizeof(names[0]) == REQUEST_KNOWN, "a name for each attribute");

/* A state that is not here is one in which there is no message yet. */
static const struct {
	const char *name;
	enum asked_state state;
} states[] = {
	{ "MAIL", ASKED_MAIL },
	{ "RCPT", ASKED_RCPT },
	{ "DATA", ASKED_DATA },
	{ "END-OF-MESSAGE", ASKED_END },
};

#define KIND "smtpd_access_policy"

static int attribute_find(const char *name, size_t len)
{
	for (int a = 0; a < REQUEST_KNOWN; a++)
		if (names[a].len == len && memcmp(names[a].name, name, len) == 0)
			return a;
	return -1;
}

/* An empty line: what must be there? */
static int end(const struct request *rq, struct err *err)
{
	const char *kind = rq->values[REQUEST_KIND];
	char shown[80];

	if (kind == NULL)
		return err_set(err, "a request without request=" KIND);
	if (strcmp(kind, KIND) != 0)
		return err_set(err, "request=\"%s\" (only " KIND " is known)",
			str_escape(shown, sizeof(shown), kind));
	if (rq->values[REQUEST_STATE] == NULL)
		return err_set(err, "a request without protocol_state");
	return 1;
}

int request_line(struct request *rq, const char *line, struct err *err)
{
	const char *equals = strchr(line, '=');
	char shown[80];
	int a;

	if (*line == '\0')
		return end(rq, err);
	if (equals == NULL || equals == line)
		return err_set(err, "not name=value: \"%s\"",
			str_escape(shown, sizeof(shown), line));
	if (++rq->attributes > REQUEST_ATTRIBUTES_MAX)
		return err_set(err, "more than %d attributes", REQUEST_ATTRIBUTES_MAX);
	a = attribute_find(line, (size_t)(equals - line));
	if (a < 0)
		return 0;
	if (rq->values[a] != NULL)
		return err_set(err, "%s is given twice", names[a].name);
	if (rq->arena == NULL)
		rq->arena = arena_new();
	rq->values[a] = arena_strdup(rq->arena, equals + 1);
	return 0;
}

void request_clear(struct request *rq)
{
	arena_free(rq->arena);
	memset(rq, 0, sizeof(*rq));
}

static enum asked_state state_of(const char *name)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(name, states[i].name) == 0)
			return states[i].state;
	return ASKED_NOTHING;
}

static int read_number(const struct request *rq, enum request_attribute a, uint64_t *out,
	struct err *err)
{
	const char *value = rq->values[a];
	char shown[80];

	*out = 0;
	if (value == NULL || *value == '\0' || str_to_u64(value, INT64_MAX, out) == 0)
		return 0;
	return err_set(err, "%s is no number: \"%s\"", names[a].name,
		str_escape(shown, sizeof(shown), value));
}

/* As it may stand in the history, in the log and in a reply; NULL: none yet. */
static const char *queue_id_of(const struct request *rq)
{
	const char *value = rq->values[REQUEST_QUEUE_ID];
	char id[QUEUE_ID_SIZE];

	return value != NULL && *value != '\0'
		       ? arena_strdup(rq->arena, str_printable(id, sizeof(id), value))
		       : NULL;
}

/* A context is the name of an MTA if it is one of a host in full. */
static void name_mta(struct session *session, const struct request *rq, const char *host)
{
	const char *context = rq->values[REQUEST_CONTEXT],
		   *server = rq->values[REQUEST_SERVER];

	if (context != NULL)
		session->also[0] = addr_domain(rq->arena, context);
	if (server != NULL)
		session->also[1] = pool_address(rq->arena, server);
	if (session->also[0] != NULL && strchr(session->also[0], '.') != NULL)
		host = session->also[0];
	session->mta = arena_strdup(rq->arena, host);
}

int request_read(const struct request *rq, const char *host, struct session *session,
	struct asked *asked, struct err *err)
{
	const char *client = rq->values[REQUEST_CLIENT],
		   *server = rq->values[REQUEST_SERVER];

	*session = (struct session){ .port = cidr_port(rq->values[REQUEST_PORT]),
		.server_port = cidr_port(rq->values[REQUEST_SERVER_PORT]),
		.helo = arena_strdup(rq->arena, rq->values[REQUEST_HELO]) };
	*asked = (struct asked){ .arena = rq->arena,
		.state = state_of(rq->values[REQUEST_STATE]),
		.instance = rq->values[REQUEST_INSTANCE],
		.sender = rq->values[REQUEST_SENDER],
		.recipient = rq->values[REQUEST_RECIPIENT],
		.login = rq->values[REQUEST_LOGIN],
		.queue_id = queue_id_of(rq) };
	if (client != NULL)
		cidr_take_client(&session->client, client);
	if (server != NULL)
		cidr_take_client(&session->server, server);
	if (session->helo != NULL)
		str_utf8_cut(session->helo, SPF_TEXT_MAX);
	name_mta(session, rq, host);
	if (read_number(rq, REQUEST_SIZE, &asked->size, err) < 0)
		return -1;
	return read_number(rq, REQUEST_RECIPIENT_COUNT, &asked->nrecipients, err);
}
