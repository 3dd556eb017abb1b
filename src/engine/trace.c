/*
 * Trace fields.  Called by the engine as headers come and at the end of a message, on its
 * thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/trace.h"

#include "engine/spf.h"
#include "spf/received.h"

#include <limits.h>
#include <unistd.h>

/* Whose name the fields bear: the setting's, the MTA's, or this host's. */
static const char *receiver(struct message *m)
{
	char host[HOST_NAME_MAX + 1] = "";

	if (m->receiver != NULL)
		return m->receiver;
	if (*m->settings->authserv_id != '\0')
		m->receiver = m->settings->authserv_id;
	else if (m->session->mta != NULL)
		m->receiver = m->session->mta;
	else if (gethostname(host, sizeof(host) - 1) == 0 && *host != '\0')
		m->receiver = arena_strdup(m->arena, host);
	else
		m->receiver = "localhost";
	return m->receiver;
}

bool trace_header(struct message *m, const char *name, const char *value)
{
	int field = policy_set_checks_spf(m->set) ? received_field(name) : -1;

	if (field < 0)
		return false;
	m->trace_seen[field]++;
	if (trace_is_flooded(m) || !received_claims(field, value, receiver(m)) ||
		spf_trusts_client(m))
		return false;
	m->forged = arena_grow(
		m->arena, m->forged, m->nforged, &m->forged_cap, sizeof(*m->forged));
	m->forged[m->nforged++] =
		(struct header_place){ .name = received_field_name(field),
			.nth = m->trace_seen[field] };
	return true;
}

bool trace_is_unseen(const struct message *m)
{
	return policy_set_checks_spf(m->set) && !(m->session->steps & STEP_HEADERS) &&
	       !spf_trusts_client(m);
}

bool trace_is_flooded(const struct message *m)
{
	return m->nforged > TRACE_FORGED_MAX;
}

void trace_mark(struct message *m, struct verdict *v)
{
	struct rule_addition *fields;
	struct spf_question question;

	v->forged = m->forged;
	v->nforged = m->nforged;
	if (v->spf == NULL || v->text != NULL)
		return;
	question = spf_question(m);
	fields = arena_alloc(m->arena, RECEIVED_FIELDS * sizeof(*fields));
	for (int f = 0; f < RECEIVED_FIELDS; f++)
		fields[f] = (struct rule_addition){ received_field_name(f),
			received_value(m->arena, f, receiver(m), &question, v->spf) };
	v->trace = fields;
	v->ntrace = RECEIVED_FIELDS;
}
