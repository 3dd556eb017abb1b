/*
 * The header check: which headers the rules of a policy add.  Run by the engine at the
 * end of a message, on its thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/check.h"
#include "engine/engine.h"

#define ADDED_MAX 64 /* headers to one message */

static void add(struct message *m, const struct rule_addition *added, size_t n,
	struct findings *f)
{
	for (size_t i = 0; i < n; i++) {
		if (f->nheaders == ADDED_MAX) {
			f->headers_left_out = true;
			return;
		}
		f->headers = arena_grow(m->arena, f->headers, f->nheaders,
			&f->headers_cap, sizeof(*f->headers));
		f->headers[f->nheaders++] = added[i];
	}
}

/* The first header that the rule matches says what is added: once. */
static void run_rule(struct message *m, const struct rule *rule, struct findings *f)
{
	const struct rule_addition *added;
	const struct header *h;
	size_t n;

	rule_additions(rule, &n);
	STAILQ_FOREACH(h, &m->headers, link) {
		enum rule_result result;

		if (!rule_is_for(rule, h->name))
			continue;
		result = rule_match(
			rule, h->value, h->len, &m->rule_budget, m->arena, &added);
		if (result == RULE_LIMIT && !m->dry)
			stats_count_header_limit(m->engine->stats);
		if (result != RULE_YES)
			continue;
		add(m, added, n, f);
		return;
	}
}

static void run(struct message *m, const struct policy *p, struct findings *f)
{
	bool before = m->rule_budget.untried > 0 || f->headers_left_out;

	for (size_t i = 0; i < p->nrules; i++)
		run_rule(m, p->rules[i], f);
	/* what a message may spend, and get, is a limit, too */
	if (!before && !m->dry && (m->rule_budget.untried > 0 || f->headers_left_out))
		stats_count_header_limit(m->engine->stats);
}

const struct check check_header = { "header", run };
