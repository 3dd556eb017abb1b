/*
 * One struct walk a check; its levels are the records that include and redirect lead to,
 * each of which check_host() judges.  The limit of terms bounds their depth.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/worker/walk.h"

#include "base/str.h"
#include "spf/worker/lookup.h"
#include "spf/worker/macro.h"
#include "spf/worker/match.h"
#include "spf/worker/peer.h"
#include "spf/worker/record.h"
#include "spf/worker/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TERMS_MAX 10 /* 4.6.4 */

struct walk {
	struct arena *arena;
	const struct spf_question *question;
	struct trace trace;
	struct lookup lookup;
	struct peer peer;
	struct matcher *matcher;
	struct macro_facts facts;
	unsigned terms;	       /* that ask DNS, over all records */
	const char *mechanism; /* of the last record that was judged: what decided */
	struct err problem;    /* why it is none or an error */
};

static enum spf_result check_host(struct walk *w, const char *domain);

/* --- limits --- */

static enum spf_result fail_with(struct walk *w, enum spf_result result)
{
	w->mechanism = "";
	return result;
}

/* What holds whatever a term has found: the deadline, and the limit of void lookups.
 * SPF_RESULTS: neither has come. */
static enum spf_result broken_limit(struct walk *w, const struct term *t)
{
	if (w->lookup.late) {
		err_set(&w->problem, "%s: DNS did not answer in time", t->shown);
		return fail_with(w, SPF_TEMPERROR);
	}
	if (lookup_is_over(&w->lookup)) {
		err_set(&w->problem, "%s: more than %d void lookups", t->shown,
			LOOKUP_VOIDS_MAX);
		return fail_with(w, SPF_PERMERROR);
	}
	return SPF_RESULTS;
}

/* Counts a term that asks, before it does, as its macros may; 0 or -1: it is one too
 * many. */
static int count_term(struct walk *w, const struct term *t)
{
	if (!term_kind_asks(t->kind))
		return 0;
	if (w->terms == TERMS_MAX)
		return err_set(&w->problem, "%s: more than %d terms that ask DNS",
			t->shown, TERMS_MAX);
	w->terms++;
	lookup_begin_term(&w->lookup);
	trace_say(&w->trace, "%s  term %u of %d", t->shown, w->terms, TERMS_MAX);
	return 0;
}

/* --- one term --- */

static const char *validated(void *arg, const char *domain)
{
	return peer_name(arg, domain);
}

/* The domain that a term of the domain's record is about; NULL if there can be none,
 * since it holds a local part of others than ASCII (RFC 8616, 4). */
static const char *target(struct walk *w, const struct term *t, const char *domain)
{
	if (*t->domain == '\0')
		return domain;
	if (macro_has_local(t->domain) &&
		!str_is_ascii(w->facts.local, strlen(w->facts.local)))
		return NULL;
	w->facts.domain = domain;
	return macro_expand(w->arena, t->domain, &w->facts);
}

/* The table of 5.2. */
static enum match match_include(struct walk *w, const struct term *t, const char *domain)
{
	static const enum match table[SPF_RESULTS] = {
		[SPF_PASS] = MATCH_YES,
		[SPF_FAIL] = MATCH_NO,
		[SPF_SOFTFAIL] = MATCH_NO,
		[SPF_NEUTRAL] = MATCH_NO,
		[SPF_TEMPERROR] = MATCH_TEMPERROR,
		[SPF_PERMERROR] = MATCH_PERMERROR,
		[SPF_NONE] = MATCH_PERMERROR,
	};
	enum spf_result result = check_host(w, domain);

	if (result == SPF_NONE)
		err_prefix(&w->problem, "%s", t->shown);
	return table[result];
}

static enum match match(struct walk *w, const struct term *t, const char *domain)
{
	enum match r = MATCH_NO;
	const char *about;

	w->trace.depth++;
	about = target(w, t, domain);
	if (about != NULL && !w->lookup.late && !lookup_is_over(&w->lookup))
		r = t->kind == TERM_INCLUDE
			    ? match_include(w, t, about)
			    : match_term(w->matcher, t, about, &w->problem);
	w->trace.depth--;
	return r;
}

/* SPF_RESULTS: it does not match, and the next one is to be looked at. */
static enum spf_result judge_mechanism(
	struct walk *w, const struct term *t, const char *domain)
{
	enum spf_result result;
	enum match r;

	if (count_term(w, t) != 0)
		return fail_with(w, SPF_PERMERROR);
	r = match(w, t, domain);
	result = broken_limit(w, t);
	if (result != SPF_RESULTS)
		return result;
	if (r == MATCH_TEMPERROR || r == MATCH_PERMERROR) {
		trace_say(&w->trace, "%s  %s", t->shown, w->problem.text);
		return fail_with(w, r == MATCH_TEMPERROR ? SPF_TEMPERROR : SPF_PERMERROR);
	}
	if (r == MATCH_NO) {
		trace_say(&w->trace, "%s  no match", t->shown);
		return SPF_RESULTS;
	}
	trace_say(&w->trace, "%s  matches: %s", t->shown, spf_result_name(t->qualifier));
	w->mechanism = t->text;
	return t->qualifier;
}

/* --- one record --- */

static enum spf_result judge_redirect(
	struct walk *w, const struct term *t, const char *domain)
{
	enum spf_result result;
	const char *to;

	if (count_term(w, t) != 0)
		return fail_with(w, SPF_PERMERROR);
	w->trace.depth++;
	to = target(w, t, domain);
	result = broken_limit(w, t);
	if (result == SPF_RESULTS && to != NULL) {
		result = check_host(w, to);
	} else if (result == SPF_RESULTS) {
		err_set(&w->problem, "the sender's local part is no ASCII");
		result = SPF_NONE;
	}
	w->trace.depth--;
	if (result != SPF_NONE)
		return result;
	err_prefix(&w->problem, "%s", t->shown);
	return fail_with(w, SPF_PERMERROR);
}

static enum spf_result judge_record(
	struct walk *w, const struct record *r, const char *domain)
{
	enum spf_result result = SPF_RESULTS;

	for (size_t i = 0; i < r->n && result == SPF_RESULTS; i++)
		result = judge_mechanism(w, &r->mechanisms[i], domain);
	if (result != SPF_RESULTS)
		return result;
	if (r->redirect != NULL)
		return judge_redirect(w, r->redirect, domain);
	trace_say(&w->trace, "default: neutral");
	w->mechanism = "default";
	return SPF_NEUTRAL;
}

/* 4.5: of the TXT records those that bear the version; their number. */
static size_t select_records(
	struct walk *w, const struct dns_answer *a, const char **text, size_t *len)
{
	size_t n = 0;

	for (size_t i = 0; a->status == DNS_FOUND && i < a->n; i++) {
		size_t l;
		const char *s = lookup_text(w->arena, &a->data[i], &l);

		if (s == NULL || !record_is_spf(s, l))
			continue;
		*text = s;
		*len = l;
		n++;
	}
	return n;
}

/* 4.3; only what is checked can be no name at all. */
static enum spf_result say_no_domain(struct walk *w, const char *shown)
{
	if (*shown != '\0')
		err_set(&w->problem, "%s: no domain name of two labels or more", shown);
	else if (*w->question->sender == '\0')
		err_set(&w->problem, "the sender is null, and there is no HELO name");
	else
		err_set(&w->problem, "the sender has no domain");
	return SPF_NONE;
}

/* 4.3 to 4.7; the problem is told for what is none or an error. */
static enum spf_result check_host(struct walk *w, const char *domain)
{
	char shown[SPF_TRACE_LINE_MAX / 2];
	struct record record;
	struct dns_answer a;
	const char *text;
	size_t n, len;

	spf_ascii(shown, sizeof(shown), domain, strlen(domain));
	w->mechanism = "";
	if (!spf_is_domain(domain))
		return say_no_domain(w, shown);
	a = lookup_ask(&w->lookup, domain, LOOKUP_TXT);
	if (a.status == DNS_FAILED || w->lookup.late) {
		err_set(&w->problem, "%s: DNS did not answer%s", shown,
			w->lookup.late ? " in time" : "");
		return SPF_TEMPERROR;
	}
	n = select_records(w, &a, &text, &len);
	if (n == 0) {
		err_set(&w->problem, "%s has no sender policy", shown);
		return SPF_NONE;
	}
	if (n > 1) {
		err_set(&w->problem, "%s has %zu sender policies", shown, n);
		return SPF_PERMERROR;
	}
	if (record_parse(w->arena, text, len, &record, &w->problem) != 0) {
		err_prefix(&w->problem, "%s", shown);
		return SPF_PERMERROR;
	}
	return judge_record(w, &record, domain);
}

/* --- the whole check --- */

/* 2.4, 4.1 and 4.3: whom the check is about. */
static void find_identity(struct walk *w, struct spf_answer *out)
{
	const struct spf_question *q = w->question;
	const char *at = strrchr(q->sender, '@');
	struct macro_facts *f = &w->facts;

	out->helo = *q->sender == '\0';
	f->helo = spf_clean_domain(w->arena, q->helo);
	f->origin = spf_question_domain(w->arena, q);
	f->local = at != NULL && at > q->sender
			   ? arena_memdup(w->arena, q->sender, (size_t)(at - q->sender))
			   : "postmaster";
	f->sender = arena_printf(w->arena, "%s@%s", f->local, f->origin);
	f->client = &q->client;
	f->validated = validated;
	f->arg = &w->peer;
}

static void replace(char **text, const char *with)
{
	char ascii[4 * SPF_TEXT_MAX];

	free(*text);
	*text = mem_strdup(spf_ascii(ascii, sizeof(ascii), with, strlen(with)));
}

static void fill(struct walk *w, enum spf_result result, struct spf_answer *out)
{
	const bool told =
		result == SPF_NONE || result == SPF_TEMPERROR || result == SPF_PERMERROR;
	char voids[16];

	if (lookup_is_over(&w->lookup))
		snprintf(voids, sizeof(voids), "more than");
	else
		snprintf(voids, sizeof(voids), "%u of", w->lookup.voids);
	out->result = result;
	replace(&out->sender, w->facts.sender);
	replace(&out->domain, spf_is_domain(w->facts.origin) ? w->facts.origin : "");
	replace(&out->mechanism, w->mechanism);
	replace(&out->problem, told ? w->problem.text : "");
	out->ttl = result == SPF_TEMPERROR ? 0 : w->lookup.ttl;
	out->terms = w->terms;
	out->voids = w->lookup.voids;
	out->queries = w->lookup.queries;
	if (told)
		trace_say(&w->trace, "%s: %s", spf_result_name(result), out->problem);
	trace_end(&w->trace, "limits: %u of %d terms, %s %d void lookups, %u quer%s",
		w->terms, TERMS_MAX, voids, LOOKUP_VOIDS_MAX, w->lookup.queries,
		w->lookup.queries == 1 ? "y" : "ies");
}

void spf_evaluate(const struct spf_question *question, struct resolver *resolver,
	struct spf_answer *out)
{
	struct walk w = { .arena = arena_new(), .question = question };

	spf_answer_init(out, SPF_NONE, "");
	w.trace = (struct trace){ .on = question->trace, .answer = out };
	w.lookup = (struct lookup){
		.resolver = resolver, .trace = &w.trace, .ttl = SPF_TTL_MAX
	};
	w.peer = (struct peer){ .lookup = &w.lookup, .client = &question->client };
	w.matcher = match_new(&w.lookup, &question->client);
	find_identity(&w, out);
	fill(&w, check_host(&w, w.facts.origin), out);
	match_free(w.matcher);
	arena_free(w.arena);
}
