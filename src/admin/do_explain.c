/*
 * explain: what would be said to a message, at MAIL, at each RCPT and at its end, and
 * why.  The engine's own functions answer, for a message that is only asked about.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/explain.h"
#include "base/clock.h"
#include "base/str.h"
#include "counter/window.h"
#include "engine/look.h"
#include "engine/object.h"
#include "engine/record.h"

#include <string.h>

/* The question: facts as the command gives them. */
struct question {
	struct session session;
	struct policy_set *set; /* one reference */
	/* what is asked with: that set as the command wants it, what it points to being
	 * the set's */
	struct policy_set as;
	/* if one policy alone is asked about */
	struct policy policy;
	const struct policy *policies[1];
	struct policy_index index;
	struct pool in_pool;
	struct message *m;
	bool dns;	/* SPF is to be checked */
	bool traced;	/* and how that went has been told */
	size_t refused; /* recipients */
	uint64_t size;	/* 0: not given */
	int64_t now;
};

/* Why a policy takes no part; NULL: it does. */
static const char *const reaches[] = {
	[REACH_MATCHES] = NULL,
	[REACH_DISABLED] = "it is disabled",
	[REACH_SOURCE] = "the source does not match",
	[REACH_OBJECT] = "there is nobody to count for",
	[REACH_DESTINATION] = "the destination does not match",
	[REACH_DOOR] = "it cannot be asked by the policy protocol",
};

static int read_bool(struct request *rq, const char *name, bool *out, struct err *err)
{
	const char *value = request_pair(rq, name);

	if (value == NULL || str_to_bool(value, out) == 0)
		return 0;
	return request_refuse(rq, name, value, err);
}

static int read_size(struct request *rq, uint64_t *size, struct err *err)
{
	const char *value = request_pair(rq, "size");
	char shown[160];

	if (value == NULL || (octets_parse(value, size, NULL) == 0 && *size > 0))
		return 0;
	return err_set(err, "size: not a value: \"%s\" (1 to %lluG, as in 500K or 12M)",
		str_escape(shown, sizeof(shown), value),
		(unsigned long long)LIMIT_OCTETS_MAX >> 30);
}

/* The MTA that the last message came from: most sites have one. */
static int last_mta(struct request *rq, const char **mta, struct err *err)
{
	struct db *db = rq->live;
	sqlite3_stmt *q = db_query(db, SQL_MTA_LAST, err, "");
	int found = q != NULL ? db_next(db, q, err) : -1;

	if (found == 1)
		*mta = arena_strdup(rq->arena, db_text(q, 0));
	sqlite3_reset(q);
	return found < 0 ? -1 : 0;
}

static int read_session(struct request *rq, struct question *q, struct err *err)
{
	const char *mta = request_pair(rq, "mta"), *at = request_pair(rq, "at");
	char shown[160];

	if (request_client(rq, &q->session.client, err) < 0)
		return -1;
	q->session.helo = arena_strdup(rq->arena, request_pair(rq, "helo"));
	if (q->session.helo != NULL)
		str_utf8_cut(q->session.helo, SPF_TEXT_MAX);
	if (mta == NULL && last_mta(rq, &mta, err) < 0)
		return -1;
	if (mta != NULL) {
		q->session.mta = (char *)pool_host(rq->arena, mta);
		if (q->session.mta == NULL)
			return err_set(err, "mta: not a host name: \"%s\"",
				str_escape(shown, sizeof(shown), mta));
	}
	if (at != NULL && strcmp(at, "early") != 0)
		return request_refuse(rq, "at", at, err);
	if (read_bool(rq, "local", &q->session.local, err) < 0 ||
		read_bool(rq, "dns", &q->dns, err) < 0 ||
		read_size(rq, &q->size, err) < 0)
		return -1;
	if (request_pair(rq, "sender") == NULL && request_pair(rq, "login") == NULL)
		return err_set(err, "whose mail? (sender=ADDRESS, login=LOGIN or both)");
	q->session.steps = q->set->steps;
	if (at != NULL || (engine_steps(rq->admin->engine, q->now) & STEP_MAIL_ANSWER))
		q->session.steps |= STEP_MAIL_ANSWER;
	return 0;
}

/* The set as if it had that policy alone, and enabled; what it points to is the set's,
 * but for the index. */
static int narrow(struct db *db, struct question *q, const char *name,
	const struct pool **pool, struct err *err)
{
	const struct policy *p = policy_set_find(q->set, name);

	if (p == NULL)
		return named_missing(db, NAMED_POLICY, name, err);
	q->policy = *p;
	q->policy.enabled = true;
	q->policies[0] = &q->policy;
	q->as.policies = q->policies;
	q->as.npolicies = 1;
	policy_index_init(&q->index, q->policies, 1);
	q->as.index = q->index;
	q->as.first_general = 0;
	q->as.steps = policy_steps(&q->policy);
	q->session.steps |= q->as.steps;
	if (*pool == NULL)
		return 0;
	q->in_pool = **pool;
	q->in_pool.npolicies = 0;
	q->in_pool.settings.pool_fallback = true;
	*pool = &q->in_pool;
	return 0;
}

static int begin(struct request *rq, struct question *q, struct err *err)
{
	const char *policy = request_pair(rq, "policy"),
		   *sender = request_pair(rq, "sender"),
		   *login = request_pair(rq, "login");
	const struct pool *pool;

	if (read_session(rq, q, err) < 0)
		return -1;
	policy_set_view(&q->as, q->set);
	if (request_pair(rq, "at") != NULL)
		q->as.settings.reject_early = REJECT_EARLY_ALWAYS;
	pool = pool_of_mta(&q->set->pools, q->session.mta);
	if (policy != NULL && narrow(rq->db, q, policy, &pool, err) < 0)
		return -1;
	q->m = engine_ask(rq->admin->engine, &q->session, &q->as, pool,
		sender != NULL ? sender : login, login);
	q->m->dns = q->dns;
	return 0;
}

/* One row of the answer: what is NULL says nothing there, nor do the numbers without a
 * limit. */
struct line {
	const char *at, *policy, *matches, *object, *limit;
	json_int_t used, cost;
	const char *free_at, *verdict, *reply, *why;
};

static int line_row(struct request *rq, const struct line *l, struct err *err)
{
	return request_row(rq,
		json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "at",
			l->at, "policy", json_text(l->policy), "matches",
			json_text(l->matches), "object", json_text(l->object), "limit",
			json_text(l->limit), "used",
			l->limit != NULL ? json_integer(l->used) : json_null(), "cost",
			l->limit != NULL ? json_integer(l->cost) : json_null(), "free_at",
			json_text(l->free_at), "verdict", json_text(l->verdict), "reply",
			json_text(l->reply), "why", json_text(l->why)),
		err);
}

/* What is said at one stage; where it goes on without a word, the reason if there is one.
 * why is what else is to be known, or NULL. */
static int stage_row(struct request *rq, const char *at, const struct verdict *v,
	const char *why, struct err *err)
{
	struct line l = { .at = at,
		.policy = v->policy != NULL ? v->policy->name : NULL,
		.object = v->object,
		.verdict = verdict_name(v->kind),
		.reply = v->reason,
		.why = why };

	if (v->text != NULL)
		l.reply = arena_printf(
			rq->arena, "%s %s %s", v->code, v->enhanced, v->text);
	return line_row(rq, &l, err);
}

/* Why the limit is higher than that of the policy. */
static const char *say_grant(struct request *rq, const struct limit *limit)
{
	char until[CLOCK_TEXT_MAX];

	return arena_printf(rq->arena, "%llu of the limit are granted until %s",
		(unsigned long long)limit->granted,
		clock_format(until, limit->granted_until));
}

/* What one limit, or the penalty, has for this message. */
static int hit_row(struct request *rq, const struct question *q,
	const struct match *match, const struct counter_hit *hit, struct err *err)
{
	char limit[LIMIT_TEXT_MAX], free_at[CLOCK_TEXT_MAX];
	bool any_size = match->policy->count == COUNT_BYTES && q->size == 0;
	struct line l = { .at = "END",
		.policy = match->policy->name,
		.matches = "yes",
		.object = hit->key.object,
		.limit = limit_format(limit, hit->limit),
		.used = (json_int_t)hit->used,
		.cost = (json_int_t)(hit->look ? 0 : hit->cost),
		.why = any_size ? "taken for 1 byte: no size=N is given" : NULL };

	if (hit->limit->granted > 0)
		l.why = say_grant(rq, hit->limit);
	if (hit->look)
		l.limit = arena_printf(rq->arena, "penalty %s",
			duration_format(limit, hit->limit->period));
	if (hit->free_at == WINDOW_NEVER)
		l.free_at = "never";
	else if (hit->free_at > q->now)
		l.free_at = clock_format(free_at, hit->free_at);
	return line_row(rq, &l, err);
}

/* How the check of SPF went, once, if there was one. */
static int trace_rows(
	struct request *rq, struct question *q, const char *at, struct err *err)
{
	if (q->traced || q->m->spf == NULL)
		return 0;
	q->traced = true;
	return explain_trace(rq, q->m, at, err);
}

static int spf_rows(
	struct request *rq, struct question *q, const struct policy *p, struct err *err)
{
	const struct line l = {
		.at = "END", .policy = p->name, .matches = "yes", .why = explain_spf(q->m)
	};

	if (!policy_checks_spf(p))
		return 0;
	return line_row(rq, &l, err) < 0 ? -1 : trace_rows(rq, q, "END", err);
}

static int match_rows(struct request *rq, struct question *q, const struct findings *f,
	size_t i, struct err *err)
{
	const struct match *match = &f->matches[i];
	const struct line l = { .at = "END",
		.policy = match->policy->name,
		.matches = "yes",
		.object = match->object,
		.verdict = verdict_name(match->policy == f->bypass ? VERDICT_BYPASS
								   : match->verdict.kind),
		.reply = match->verdict.reason };

	if (spf_rows(rq, q, match->policy, err) < 0)
		return -1;
	for (size_t k = match->first_hit; k < match->first_hit + match->nhits; k++)
		if (hit_row(rq, q, match, &f->hits[k], err) < 0)
			return -1;
	return line_row(rq, &l, err);
}

/* What was said when recipients were taken out, of a policy that then has none left. */
static const struct verdict *discard_by(const struct decision *d, const struct policy *p)
{
	for (size_t i = 0; i < d->d.nby; i++)
		if (d->d.by[i].policy == p)
			return &d->d.by[i];
	return NULL;
}

static int discard_rows(
	struct request *rq, struct question *q, const struct verdict *v, struct err *err)
{
	if (spf_rows(rq, q, v->policy, err) < 0)
		return -1;
	return line_row(rq,
		&(struct line){ .at = "END",
			.policy = v->policy->name,
			.matches = "yes",
			.object = v->object,
			.verdict = verdict_name(v->kind),
			.reply = v->reason },
		err);
}

/* Why the policy takes no part; NULL: it would, and nothing comes of it. */
static int missed_row(
	struct request *rq, const struct policy *p, const char *why, struct err *err)
{
	return line_row(rq,
		&(struct line){ .at = "END",
			.policy = p->name,
			.matches = why != NULL ? "no" : "yes",
			.why = why },
		err);
}

/* Every policy in order: what it found, or why it found nothing. */
static int policy_rows(struct request *rq, struct question *q, const struct decision *d,
	const char *flag, bool only_headers, struct err *err)
{
	const struct findings *f = &d->f;
	const struct policy *p, *end = NULL;
	size_t next = 0;

	for (size_t i = 0; (p = policy_set_at(q->m->set, q->m->pool, i)) != NULL; i++) {
		int rc;

		if (next < f->nmatches && f->matches[next].policy == p) {
			rc = match_rows(rq, q, f, next++, err);
			if (p == f->bypass || p->stop)
				end = p;
		} else if (discard_by(d, p) != NULL) {
			rc = discard_rows(rq, q, discard_by(d, p), err);
		} else {
			const char *why = reaches[look_at(q->m, p)];

			if (end != NULL)
				why = arena_printf(rq->arena,
					"not looked at, %s ends the look", end->name);
			else if (flag != NULL && !(only_headers && p->only_headers))
				why = arena_printf(rq->arena, "not looked at, %s", flag);
			rc = missed_row(rq, p, why, err);
		}
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* SPF may have been asked for a recipient who was refused for something else. */
static int unreached_rows(struct request *rq, struct question *q, struct err *err)
{
	if (trace_rows(rq, q, "END", err) < 0)
		return -1;
	return line_row(rq,
		&(struct line){ .at = "END",
			.reply = "it does not get there: no recipient is left" },
		err);
}

static int explain_end(struct request *rq, struct question *q, struct err *err)
{
	struct decision *d = arena_alloc(q->m->arena, sizeof(*d));
	const char *blocked = object_blocked(q->m, q->now),
		   *bypassed = object_bypassed(q->m, q->now), *flag = NULL;

	if (q->refused > 0 && q->m->nrecipients == 0)
		return unreached_rows(rq, q, err);
	q->m->size = q->size;
	d->v = engine_decide(q->m, d, NULL, q->now);
	if (blocked != NULL || bypassed != NULL)
		flag = arena_printf(rq->arena, "%.200s is %s",
			blocked != NULL ? blocked : bypassed,
			blocked != NULL ? "blocked" : "bypassed");
	if (policy_rows(rq, q, d, flag, blocked == NULL, err) < 0 ||
		trace_rows(rq, q, "END", err) < 0 ||
		explain_headers(rq, q->m, &d->v, err) < 0)
		return -1;
	return stage_row(rq, "END", &d->v, NULL, err);
}

static int explain_rcpt(
	struct request *rq, struct question *q, const char *rcpt, struct err *err)
{
	struct verdict v = engine_rcpt(q->m, rcpt, NULL, NULL, q->now);
	const char *at = arena_printf(rq->arena, "RCPT %s", rcpt);
	bool by_spf = v.policy != NULL && policy_checks_spf(v.policy);

	q->refused += v.text != NULL;
	if (stage_row(rq, at, &v, by_spf ? explain_spf(q->m) : NULL, err) < 0)
		return -1;
	return by_spf ? trace_rows(rq, q, at, err) : 0;
}

static int add_header(
	struct request *rq, struct question *q, const char *header, struct err *err)
{
	size_t n = strcspn(header, ":");
	const char *value = header + n;

	if (n == 0 || *value == '\0')
		return err_set(err, "header: not NAME: VALUE: \"%.100s\"", header);
	value += 1 + strspn(value + 1, " \t");
	engine_header(q->m, arena_memdup(rq->arena, header, n), value);
	return 0;
}

/* Calls fn with each value that the command gives by that name. */
static int each_pair(struct request *rq, struct question *q, const char *name,
	int (*fn)(struct request *, struct question *, const char *, struct err *),
	struct err *err)
{
	const char *value;
	size_t len;

	for (size_t i = 0; i < rq->nargs; i++) {
		if (!pair_split(rq->args[i], &len, &value) || strlen(name) != len ||
			strncmp(rq->args[i], name, len) != 0)
			continue;
		if (fn(rq, q, value, err) < 0)
			return -1;
	}
	return 0;
}

static int answer(struct request *rq, struct question *q, struct err *err)
{
	struct verdict v = engine_early(q->m, q->now);

	if (stage_row(rq, "MAIL", &v, NULL, err) < 0 ||
		each_pair(rq, q, "rcpt", explain_rcpt, err) < 0)
		return -1;
	return explain_end(rq, q, err);
}

int do_explain(struct request *rq, struct err *err)
{
	struct policy_slot *slot = rq->admin->engine->slot;
	struct question *q = arena_alloc(rq->arena, sizeof(*q));
	int rc;

	q->now = clock_now();
	q->set = policy_slot_acquire(slot);
	rc = begin(rq, q, err);
	if (rc == 0)
		rc = each_pair(rq, q, "header", add_header, err);
	if (rc == 0) {
		/* it is known at the end, not before */
		q->m->size = 0;
		rc = answer(rq, q, err);
	}
	engine_drop(q->m);
	policy_index_clear(&q->index);
	policy_slot_release(slot, q->set);
	return rc;
}
