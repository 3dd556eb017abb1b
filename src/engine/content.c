/*
 * What is kept of the content of a message.  Called by the front end that sees it, on the
 * message's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/engine.h"
#include "engine/retry.h"
#include "engine/trace.h"

#include <string.h>

#define HEADER_ROOM (2 * RULE_SUBJECT_MAX) /* folds take some, too */

/* Room for one header more; when there are enough, that of the oldest of the last ones,
 * so that a sender cannot fill the memory.  It is told like any other limit. */
static struct header *make_header(struct message *m, size_t len)
{
	struct header *h;

	if (m->nheaders >= HEADERS_FIRST + HEADERS_LAST) {
		if (m->nheaders == HEADERS_FIRST + HEADERS_LAST && !m->dry)
			stats_count_header_limit(m->engine->stats);
		h = STAILQ_NEXT(m->last_first, link);
		STAILQ_REMOVE(&m->headers, h, header, link);
		return h;
	}
	h = arena_alloc(m->arena, sizeof(*h));
	h->value = arena_alloc(
		m->arena, (m->nheaders < HEADERS_FIRST ? len : HEADER_ROOM) + 1);
	return h;
}

void engine_header(struct message *m, const char *name, const char *value)
{
	size_t len = strnlen(value, HEADER_ROOM);
	struct header *h;

	m->size += strlen(name) + strlen(value);
	if (m->session->local)
		retry_header(m, name, value);
	if (trace_header(m, name, value))
		return;
	name = policy_index_header(&m->set->index, name);
	if (name == NULL)
		return;
	h = make_header(m, len);
	memcpy(h->value, value, len);
	h->value[len] = '\0';
	h->len = rule_unfold(h->value, h->value);
	h->name = name;
	STAILQ_INSERT_TAIL(&m->headers, h, link);
	if (++m->nheaders == HEADERS_FIRST)
		m->last_first = h;
}

void engine_body(struct message *m, size_t len)
{
	m->size += len;
}
