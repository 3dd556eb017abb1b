/*
 * Refusals remembered.  Called by the engine, on the message's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/refusal.h"

#include "base/clock.h"

/* For so long after a refusal something is being refused. */
#define REFUSING_MAX ((int64_t)3600 * CLOCK_SECOND)

void refusal_remember(struct engine *e, const struct verdict *v, int64_t now)
{
	int64_t until = now + REFUSING_MAX, before = atomic_load(&e->refusing);

	/* of SPF nobody is told before RCPT */
	if (!verdict_refuses(v) || v->by_spf)
		return;
	if (v->free_at != 0 && v->free_at < until)
		until = v->free_at;
	while (until > before &&
		!atomic_compare_exchange_weak(&e->refusing, &before, until))
		continue;
}

void refusal_keep(struct message *m, struct recipient *r, const struct verdict *v)
{
	if (settings_keep_recipients(m->settings)) {
		r->refused_by = v->policy;
		STAILQ_INSERT_TAIL(&m->refused, r, link);
	}
	m->refusals = arena_grow(m->arena, m->refusals, m->nrefusals, &m->refusals_cap,
		sizeof(*m->refusals));
	m->refusals[m->nrefusals++] = *v;
}
