/*
 * What a message counts as.  On the message's thread, before the front end has it again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/tally.h"

#include "engine/pending.h"

struct tallies {
	struct message *m;
	bool error; /* is what it is for all of them */
	struct tally *list;
	size_t n, cap;
};

static struct tally *find(const struct tallies *t, const struct policy *p)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->list[i].policy == p)
			return &t->list[i];
	return NULL;
}

static void add(struct tallies *t, const struct policy *p, enum verdict_kind kind)
{
	struct tally *tally = find(t, p);

	if (t->error)
		kind = VERDICT_ERROR;
	if (tally == NULL) {
		t->list =
			arena_grow(t->m->arena, t->list, t->n, &t->cap, sizeof(*t->list));
		tally = &t->list[t->n++];
		*tally = (struct tally){ .policy = p, .kind = kind };
	} else if (kind > tally->kind) {
		tally->kind = kind;
	}
}

static void add_verdicts(struct tallies *t, const struct verdict *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].policy != NULL)
			add(t, v[i].policy, v[i].kind);
}

/* What a monitor said before recipients were taken out holds, unless it has looked again.
 */
static void add_monitors(struct tallies *t, const struct decision *d)
{
	for (size_t i = 0; i < d->d.nmonitors; i++)
		if (!findings_have(&d->f, d->d.monitors[i].policy))
			add(t, d->d.monitors[i].policy, VERDICT_MONITOR);
}

/* A policy that refused some of the recipients, or took them out, has nothing against
 * the others. */
static void add_matches(struct tallies *t, const struct findings *f)
{
	for (size_t i = 0; i < f->nmatches; i++) {
		const struct match *match = &f->matches[i];
		enum verdict_kind kind = match->verdict.kind;

		if (kind == VERDICT_ACCEPT && match->policy == f->bypass)
			kind = VERDICT_BYPASS;
		add(t, match->policy, kind);
	}
}

/* What was counted as the same before, or as something graver of a policy, goes; all mail
 * counts the message as what it has come to by now. */
static void drop_counted(struct tallies *t)
{
	const struct pending *pending = t->m->pending;
	size_t n = 0;

	for (size_t i = 0; pending != NULL && i < t->n; i++) {
		struct tally tally = t->list[i];
		const struct policy *p = tally.policy;

		tally.again = pending_told(pending, p != NULL ? p->id : 0, &tally.before);
		if (tally.again && (tally.kind == tally.before ||
					   (p != NULL && tally.kind < tally.before)))
			continue;
		t->list[n++] = tally;
	}
	if (pending != NULL)
		t->n = n;
}

size_t tally_of(struct message *m, const struct decision *d, struct tally **list)
{
	struct tallies t = { .m = m, .error = d->v.kind == VERDICT_ERROR };

	if (d->retried)
		return 0;
	/* refused, a recipient leaves the message what it is for others */
	if (!d->cut || !m->one || m->nrecipients == 0)
		add(&t, NULL, d->v.kind);
	add_verdicts(&t, m->refusals, m->nrefusals);
	add_verdicts(&t, d->d.by, d->d.nby);
	add_monitors(&t, d);
	add_matches(&t, &d->f);
	if (d->f.lacking != NULL)
		add(&t, d->f.lacking, VERDICT_ERROR);
	drop_counted(&t);
	*list = t.list;
	return t.n;
}
