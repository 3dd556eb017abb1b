/*
 * Replay.  Called by the commands that try a policy on the history, on a thread of
 * theirs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/replay.h"

#include "base/clock.h"
#include "counter/scratch.h"
#include "engine/identity.h"
#include "engine/look.h"
#include "engine/record.h"
#include "engine/spf.h"

#include <stdlib.h>
#include <string.h>

struct replay {
	struct engine engine;
	const struct policy *policy;
	struct session session; /* of the message in hand */
	struct message *m;
	struct decision *d;
	struct replay_object *objects;
	size_t nobjects, objects_cap;
	struct spf_answer answers[SPF_RESULTS];
};

struct replay *replay_new(struct policy_set *set, const char *policy, size_t max)
{
	struct replay *r = mem_calloc(1, sizeof(*r));

	r->engine.slot = policy_slot_new();
	r->engine.store = scratch_store_new(max);
	r->engine.silent = true;
	policy_slot_publish(r->engine.slot, set);
	r->policy = policy_set_find(set, policy);
	for (int i = 0; i < SPF_RESULTS; i++)
		spf_answer_init(&r->answers[i], (enum spf_result)i, "");
	return r;
}

static void drop_message(struct replay *r)
{
	if (r->m != NULL)
		r->m->dry = false; /* or the set's reference would stay */
	engine_drop(r->m);
	r->m = NULL;
}

void replay_free(struct replay *r)
{
	if (r == NULL)
		return;
	drop_message(r);
	for (int i = 0; i < SPF_RESULTS; i++)
		spf_answer_clear(&r->answers[i]);
	r->engine.store->close(r->engine.store);
	policy_slot_free(r->engine.slot);
	free(r);
}

const struct policy *replay_policy(const struct replay *r)
{
	return r->policy;
}

/* The limits of one policy, everywhere and for each pool. */
static int64_t longest(const struct limits *limits)
{
	int64_t period = limits->penalty.period;

	for (size_t i = 0; i < limits->n; i++) {
		const struct limit *l = &limits->limit[i];
		/* what a period before this one has left over is still there */
		bool lasts =
			l->strategy == STRATEGY_SLIDING || l->strategy == STRATEGY_BUCKET;
		int64_t memory = lasts ? 2 * l->period : l->period;

		period = memory > period ? memory : period;
	}
	return period;
}

int64_t replay_memory(const struct replay *r)
{
	int64_t period = longest(&r->policy->limits), apart;

	for (size_t i = 0; i < r->policy->napart; i++) {
		apart = longest(&r->policy->apart[i].limits);
		period = apart > period ? apart : period;
	}
	return period * CLOCK_SECOND;
}

size_t replay_counters(const struct replay *r)
{
	return r->engine.store->count(r->engine.store);
}

/* The set, which no message has to hold. */
static const struct policy_set *set_of(const struct replay *r)
{
	struct policy_set *set = policy_slot_acquire(r->engine.slot);

	policy_slot_release(r->engine.slot, set);
	return set;
}

bool replay_wants_recipients(const struct replay *r)
{
	return (set_of(r)->steps & STEP_RCPT) != 0;
}

/* What could not be read then is what cannot be now: neither an address nor a login. */
static const char *again(const char *name)
{
	return name != NULL && strcmp(name, "<invalid>") == 0 ? "@" : name;
}

/* By SMTP, in a session that shows everything. */
static void begin(struct replay *r, const struct replay_row *row)
{
	r->session = (struct session){ .mta = (char *)row->mta, .steps = STEPS_ALL };
	if (row->client == NULL ||
		cidr_parse(row->client, &r->session.client, NULL) < 0 ||
		!cidr_is_address(&r->session.client))
		r->session.client = (struct cidr){ 0 };
	r->m = engine_message(
		&r->engine, &r->session, again(row->sender), NULL, again(row->login));
	r->d = arena_alloc(r->m->arena, sizeof(*r->d));
	r->objects = NULL;
	r->nobjects = r->objects_cap = 0;
}

/* True: it was checked, and that is not known. */
static bool begin_spf(struct replay *r, const struct replay_row *row)
{
	if (!policy_set_checks_spf(r->m->set))
		return false;
	spf_begin(r->m, row->time); /* there is no service: nobody is asked */
	if (r->m->spf_exempt != NULL)
		return false;
	if (row->spf >= 0)
		spf_take(r->m, &r->answers[row->spf]);
	else
		r->m->spf_exempt = "nothing is known of it";
	return row->spf < 0 && policy_checks_spf(r->policy);
}

enum way { WAY_THERE, WAY_ELSEWHERE, WAY_UNKNOWN };

/* Does the look come to the policy, so far as the recipients (if they are known) do not
 * decide that? */
static enum way find_way(const struct replay *r, bool recipients)
{
	const struct message *m = r->m;

	for (size_t i = 0; i < m->ncandidates; i++) {
		const struct policy *p = m->candidates[i];

		if (look_source(m, p) != REACH_MATCHES)
			continue;
		if (p == r->policy)
			return WAY_THERE;
		if (look_ends_with(p))
			return WAY_ELSEWHERE;
		if (look_needs_recipients(p) && !recipients)
			return WAY_UNKNOWN;
	}
	return WAY_ELSEWHERE;
}

/* Has it met a policy that says stop and had to do with those alone who were taken out?
 */
static bool was_stopped(const struct replay *r, const struct replay_row *row)
{
	for (size_t n = 0; n < row->ntaken; n++) {
		const struct recipient *one =
			identity_recipient(r->m, again(row->taken[n]), NULL);

		for (size_t i = 0; r->m->candidates[i] != r->policy; i++) {
			const struct policy *p = r->m->candidates[i];

			if (p->stop && look_source(r->m, p) == REACH_MATCHES &&
				criterion_match(&p->destination, &one->groups))
				return true;
		}
	}
	return false;
}

static void add_object(struct replay *r, const char *name, bool refused)
{
	if (name == NULL)
		return;
	r->objects = arena_grow(r->m->arena, r->objects, r->nobjects, &r->objects_cap,
		sizeof(*r->objects));
	r->objects[r->nobjects++] = (struct replay_object){ name, refused };
}

/* Single recipients; how many of them the policy refuses. */
static size_t play_recipients(struct replay *r, const struct replay_row *row)
{
	size_t refused = 0;

	if (!message_has_recipients(r->m))
		return 0;
	for (size_t i = 0; i < row->nrecipients; i++) {
		struct verdict v = engine_rcpt(
			r->m, again(row->recipients[i].address), NULL, NULL, row->time);

		if (v.text == NULL)
			continue;
		add_object(r, v.object, true);
		refused++;
	}
	return refused;
}

/* It had refused some recipients. */
static bool has_refused(const struct replay_row *row)
{
	for (size_t i = 0; i < row->nrecipients; i++)
		if (row->recipients[i].refused)
			return true;
	return false;
}

/* It did not go on, and not by the policy's word at its end, but since others refused it,
 * or since it was given up when some recipients had been refused: what was charged
 * nowhere then is charged nowhere now.  refused: how many recipients it refuses. */
static bool was_given_up(const struct replay_row *row, size_t refused)
{
	if (!verdict_stops(row->verdict))
		return false;
	return !row->by_policy || (refused > 0 && has_refused(row));
}

/* All the same, may the policy have said something of it as a whole?  At its end, since
 * only of what came to it the size is known; or before, to each recipient alike. */
static bool was_judged(const struct replay *r, const struct replay_row *row)
{
	return (row->by_policy && row->size > 0) ||
	       (has_refused(row) && !policy_judges_recipients(r->policy));
}

bool replay_is_offered(const struct replay_row *row)
{
	if (has_refused(row))
		return true;
	if (row->verdict == VERDICT_ERROR ||
		(row->verdict == VERDICT_BYPASS && row->by_hand))
		return false;
	return row->by_policy || !verdict_stops(row->verdict);
}

static const struct match *match_of(const struct replay *r)
{
	const struct findings *f = &r->d->f;

	for (size_t i = 0; i < f->nmatches; i++)
		if (f->matches[i].policy == r->policy)
			return &f->matches[i];
	return NULL;
}

/* Everybody that the match has asked room for. */
static void add_asked(struct replay *r, const struct match *match)
{
	const struct counter_hit *hits = &r->d->f.hits[match->first_hit];
	bool refused = match->verdict.kind != VERDICT_ACCEPT;

	if (match->nhits == 0)
		add_object(r, refused ? match->verdict.object : match->object, refused);
	for (size_t i = 0; i < match->nhits; i++) {
		bool first = i == 0 || hits[i].group != hits[i - 1].group;

		if (first)
			add_object(r, hits[i].key.object, false);
		r->objects[r->nobjects - 1].refused |= refused && hits[i].full;
	}
}

/* Those whose recipients were taken out: whom SPF speaks against, or who have no room. */
static bool add_dropped(struct replay *r)
{
	const struct discards *out = &r->d->d;
	const struct recipient *one;
	bool any = false, apart = false;

	for (size_t i = 0; i < out->nby; i++) {
		if (out->by[i].policy != r->policy)
			continue;
		any = true;
		if (policy_counts_by_recipient(r->policy) && !out->by[i].by_spf)
			apart = true;
		else
			add_object(r, out->by[i].object, true);
	}
	if (!apart)
		return any;
	STAILQ_FOREACH(one, &out->recipients, link)
		add_object(r, identity_recipient_object(r->policy, one), true);
	return true;
}

/* The end; does the policy refuse there? */
static bool decide(struct replay *r, int64_t now)
{
	const struct match *match;

	*r->d = (struct decision){ 0 };
	r->d->v = engine_decide(r->m, r->d, NULL, now);
	match = match_of(r);
	return match != NULL && match->verdict.kind != VERDICT_ACCEPT;
}

/* What is not known makes it no cheaper than the least that it can cost: whoever has no
 * room for that is refused for certain.  Else nothing is charged. */
static enum replay_outcome play_least(
	struct replay *r, int64_t now, enum replay_outcome unknown)
{
	bool refused;

	r->m->dry = r->m->dns = true; /* its SPF is known */
	refused = decide(r, now);
	r->m->dry = false;
	/* they are not there any more */
	if (add_dropped(r))
		return REPLAY_REFUSED;
	if (!refused)
		return match_of(r) != NULL ? unknown : REPLAY_PASSED_BY;
	/* a penalty may begin */
	decide(r, now);
	add_asked(r, match_of(r));
	return REPLAY_REFUSED;
}

static enum replay_outcome play_end(struct replay *r, int64_t now)
{
	bool refused = decide(r, now);
	const struct match *match = match_of(r);

	if (match != NULL)
		add_asked(r, match);
	if (add_dropped(r) || refused)
		return REPLAY_REFUSED;
	return match != NULL ? REPLAY_ROOM : REPLAY_PASSED_BY;
}

/* Is it the number of its recipients alone that has to be known? */
static bool wants_number(const struct policy *p)
{
	return p->destination.any && !policy_counts_by_recipient(p);
}

/* How many there are, where the policy only wants to know that: 0 is not known. */
static enum replay_outcome play_number(
	struct replay *r, const struct replay_row *row, enum replay_outcome unsized)
{
	r->m->told_recipients = row->accepted > 0 ? row->accepted : 1;
	if (row->accepted == 0 && r->policy->count == COUNT_RECIPIENTS)
		return play_least(r, row->time, REPLAY_NO_RECIPIENTS);
	return unsized != REPLAY_ROOM ? play_least(r, row->time, unsized)
				      : play_end(r, row->time);
}

static enum replay_outcome play(struct replay *r, const struct replay_row *row)
{
	const struct policy *p = r->policy;
	bool known = row->nrecipients > 0;
	enum replay_outcome unsized =
		p->count == COUNT_BYTES && row->size == 0 ? REPLAY_NO_SIZE : REPLAY_ROOM;
	enum replay_outcome end;
	enum way way = find_way(r, known);
	size_t refused;

	if (way != WAY_THERE)
		return way == WAY_UNKNOWN ? REPLAY_NO_RECIPIENTS : REPLAY_PASSED_BY;
	if (was_stopped(r, row))
		return REPLAY_PASSED_BY;
	if (!known && !wants_number(p))
		return REPLAY_NO_RECIPIENTS;
	refused = play_recipients(r, row);
	/* before its end it has shown nothing of its size */
	r->m->size = row->size;
	if (known && refused == row->nrecipients)
		return REPLAY_REFUSED;
	if (was_given_up(row, refused)) {
		end = was_judged(r, row) ? play_least(r, row->time, REPLAY_ROOM)
					 : REPLAY_ROOM;
		return refused > 0 ? REPLAY_REFUSED : end;
	}
	if (!known)
		return play_number(r, row, unsized);
	end = unsized != REPLAY_ROOM ? play_least(r, row->time, unsized)
				     : play_end(r, row->time);
	return refused > 0 ? REPLAY_REFUSED : end;
}

void replay_play(struct replay *r, const struct replay_row *row, struct replay_said *said)
{
	drop_message(r);
	begin(r, row);
	*said = (struct replay_said){ .no_spf = begin_spf(r, row) };
	said->outcome = play(r, row);
	if (scratch_store_is_full(r->engine.store))
		said->outcome = REPLAY_FULL;
	said->no_spf &= said->outcome != REPLAY_PASSED_BY;
	said->objects = r->objects;
	said->nobjects = r->nobjects;
	if (said->outcome == REPLAY_ROOM || said->outcome == REPLAY_REFUSED) {
		const struct match *match = match_of(r);

		said->nhits = match != NULL ? match->nhits : 0;
		said->hits = match != NULL ? &r->d->f.hits[match->first_hit] : NULL;
	}
}
