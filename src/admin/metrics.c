/*
 * The table of metrics.  Called by the command `metrics` and by the HTTP server, on their
 * threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/metrics.h"

#include "admin/stage.h"
#include "admin/status.h"
#include "base/episode.h"
#include "config.h"
#include "engine/feed.h"
#include "engine/pending.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Numbers without a label; -1: not known, or there is no such thing. */
struct figures {
	int64_t started, last_change; /* moments */
	int64_t header_limits, sessions, in_hand, pending;
	int64_t tails, tail_lost, transactions;
	int64_t alerts_delivered, alerts_failed, alerts_suppressed;
	int64_t counters, counters_max, policies, policies_left_out, groups, policy_sets;
	int64_t spf_workers, spf_checks, spf_questions, spf_cached, spf_temperrors,
		spf_replaced;
	int64_t database_bytes, log_bytes, history_rows;
};

/* A policy that any message has matched. */
struct share {
	const char *name;  /* the set's */
	uint64_t messages; /* each verdict that was given counts */
	struct stats_verdicts verdicts;
};

struct page {
	FILE *to;
	const struct admin *admin;
	struct arena *arena;
	struct figures figures;
	struct stats_verdicts verdicts; /* of all mail */
	struct share *shares;		/* those that are named */
	size_t nshares;
};

enum metric_kind { GAUGE, COUNTER };

struct metric {
	const char *name;
	enum metric_kind kind;
	const char *help; /* without what would have to be escaped */
	void (*put)(const struct page *page, const struct metric *metric);
	size_t figure; /* put_figure() and put_moment(): where it is in struct figures */
};

struct label {
	const char *name, *value;
};

/* --- samples --- */

void metrics_put_value(FILE *to, const char *value)
{
	for (const char *c = value; *c != '\0'; c++)
		if (*c == '\n')
			fputs("\\n", to);
		else if (*c == '\\' || *c == '"')
			fprintf(to, "\\%c", *c);
		else
			fputc(*c, to);
}

static void put_sample(const struct page *page, const struct metric *m, uint64_t value,
	const struct label *labels, size_t n)
{
	fputs(m->name, page->to);
	for (size_t i = 0; i < n; i++) {
		fprintf(page->to, "%s%s=\"", i == 0 ? "{" : ",", labels[i].name);
		metrics_put_value(page->to, labels[i].value);
		fputc('"', page->to);
	}
	fprintf(page->to, "%s %" PRIu64 "\n", n > 0 ? "}" : "", value);
}

static void put_one(const struct page *page, const struct metric *m, const char *name,
	const char *value, uint64_t number)
{
	put_sample(page, m, number, &(struct label){ name, value }, 1);
}

static int64_t figure_of(const struct page *page, const struct metric *m)
{
	int64_t value;

	memcpy(&value, (const char *)&page->figures + m->figure, sizeof(value));
	return value;
}

static void put_figure(const struct page *page, const struct metric *m)
{
	int64_t value = figure_of(page, m);

	if (value >= 0)
		put_sample(page, m, (uint64_t)value, NULL, 0);
}

static void put_moment(const struct page *page, const struct metric *m)
{
	int64_t when = figure_of(page, m);

	if (when > 0)
		fprintf(page->to, "%s %" PRId64 ".%03d\n", m->name, when / CLOCK_SECOND,
			(int)(when % CLOCK_SECOND / 1000));
}

static void put_build(const struct page *page, const struct metric *m)
{
	const struct label labels[] = { { "version", PACKAGE_VERSION },
		{ "sqlite", sqlite3_libversion() } };

	put_sample(page, m, 1, labels, 2);
}

static void put_verdicts(
	const struct page *page, const struct metric *m, const uint64_t numbers[VERDICTS])
{
	for (int v = 0; v < VERDICTS; v++)
		put_one(page, m, "verdict", verdict_name((enum verdict_kind)v),
			numbers[v]);
}

static void put_messages(const struct page *page, const struct metric *m)
{
	put_verdicts(page, m, page->verdicts.given);
}

static void put_messages_revised(const struct page *page, const struct metric *m)
{
	put_verdicts(page, m, page->verdicts.revised);
}

/* Only what there was: most policies ever have one or two verdicts. */
static void put_share(const struct page *page, const struct metric *m, const char *policy,
	const uint64_t numbers[VERDICTS])
{
	for (int v = 0; v < VERDICTS; v++) {
		const struct label labels[] = { { "policy", policy },
			{ "verdict", verdict_name((enum verdict_kind)v) } };

		if (numbers[v] > 0)
			put_sample(page, m, numbers[v], labels, 2);
	}
}

static void put_policies(const struct page *page, const struct metric *m)
{
	for (size_t i = 0; i < page->nshares; i++)
		put_share(page, m, page->shares[i].name, page->shares[i].verdicts.given);
}

static void put_policies_revised(const struct page *page, const struct metric *m)
{
	for (size_t i = 0; i < page->nshares; i++)
		put_share(
			page, m, page->shares[i].name, page->shares[i].verdicts.revised);
}

static void put_spf(const struct page *page, const struct metric *m)
{
	uint64_t results[SPF_RESULTS];

	stats_read_spf(page->admin->engine->stats, 0, results);
	for (int r = 0; r < SPF_RESULTS; r++)
		put_one(page, m, "result", spf_result_name((enum spf_result)r),
			results[r]);
}

static bool has_policy_socket(const struct admin *a)
{
	return a->policy_socket != NULL && *a->policy_socket != '\0';
}

static void put_connections(const struct page *page, const struct metric *m)
{
	const struct admin *a = page->admin;

	put_one(page, m, "socket", "milter", a->connections());
	if (has_policy_socket(a))
		put_one(page, m, "socket", "policy", a->policy_connections());
	put_one(page, m, "socket", "control", a->clients);
}

static void put_connections_max(const struct page *page, const struct metric *m)
{
	const struct admin *a = page->admin;

	put_one(page, m, "socket", "milter", a->max_connections);
	if (has_policy_socket(a))
		put_one(page, m, "socket", "policy", a->max_connections);
	put_one(page, m, "socket", "control", a->max_clients);
}

static void put_trouble(const struct page *page, const struct metric *m)
{
	struct episode_seen seen;

	for (int k = 0; k < EPISODES; k++) {
		episode_look((enum episode_kind)k, &seen);
		put_one(page, m, "state", seen.state, seen.goes_on);
	}
}

static void put_trouble_begun(const struct page *page, const struct metric *m)
{
	struct episode_seen seen;

	for (int k = 0; k < EPISODES; k++) {
		episode_look((enum episode_kind)k, &seen);
		put_one(page, m, "state", seen.state, seen.begun);
	}
}

/* --- the table --- */

#define FIGURE(member) put_figure, offsetof(struct figures, member)
#define MOMENT(member) put_moment, offsetof(struct figures, member)

/* In the order of doc/metrics.md, which a test holds against it. */
static const struct metric metrics[] = {
	{ "themis_build_info", GAUGE, "Always 1; which versions this is made of",
		put_build, 0 },
	{ "themis_start_time_seconds", GAUGE, "When themisd started, since 1970",
		MOMENT(started) },
	{ "themis_messages_total", COUNTER,
		"Messages that were decided on, by each verdict that they came to",
		put_messages, 0 },
	{ "themis_messages_revised_total", COUNTER,
		"Verdicts among these whose message came to another one afterwards",
		put_messages_revised, 0 },
	{ "themis_policy_messages_total", COUNTER,
		"Messages that a policy matched, by each verdict that it came to; the "
		"busiest policies",
		put_policies, 0 },
	{ "themis_policy_messages_revised_total", COUNTER,
		"Verdicts among these whose message came to another one afterwards",
		put_policies_revised, 0 },
	{ "themis_policies_left_out", GAUGE,
		"Policies with messages that themis_policy_messages_total has no room "
		"for",
		FIGURE(policies_left_out) },
	{ "themis_spf_results_total", COUNTER,
		"Messages whose SPF was checked, by result", put_spf, 0 },
	{ "themis_header_limits_total", COUNTER,
		"Header rules that ran into a limit of matching", FIGURE(header_limits) },
	{ "themis_sessions", GAUGE, "SMTP sessions at the milter", FIGURE(sessions) },
	{ "themis_messages_in_hand", GAUGE, "Messages that wait for their verdict",
		FIGURE(in_hand) },
	{ "themis_connections", GAUGE,
		"Connections to a socket, also those that are idle", put_connections, 0 },
	{ "themis_connections_max", GAUGE,
		"How many connections a socket takes at a time", put_connections_max, 0 },
	{ "themis_pending_messages", GAUGE,
		"Messages at policy_socket of which it is known what they have paid",
		FIGURE(pending) },
	{ "themis_counters", GAUGE, "Counters in memory", FIGURE(counters) },
	{ "themis_counters_max", GAUGE, "About how many counters there may be in memory",
		FIGURE(counters_max) },
	{ "themis_policies", GAUGE, "Policies, enabled or not", FIGURE(policies) },
	{ "themis_groups", GAUGE, "Groups", FIGURE(groups) },
	{ "themis_policy_sets_total", COUNTER,
		"Policy sets since the start: the first one, and one for each change",
		FIGURE(policy_sets) },
	{ "themis_last_change_timestamp_seconds", GAUGE,
		"When the configuration was changed last, since 1970",
		MOMENT(last_change) },
	{ "themis_transactions", GAUGE, "Transactions that administrators have open",
		FIGURE(transactions) },
	{ "themis_tails", GAUGE, "Clients that watch decisions", FIGURE(tails) },
	{ "themis_tail_lost_total", COUNTER,
		"Decisions that were not shown to who watches, since they came too fast",
		FIGURE(tail_lost) },
	{ "themis_alerts_delivered_total", COUNTER,
		"Alerts that the program and the mail have taken",
		FIGURE(alerts_delivered) },
	{ "themis_alerts_failed_total", COUNTER, "Alerts that could not be delivered",
		FIGURE(alerts_failed) },
	{ "themis_alerts_suppressed_total", COUNTER,
		"Alerts that were left out, being too many", FIGURE(alerts_suppressed) },
	{ "themis_spf_workers", GAUGE, "Processes that check SPF", FIGURE(spf_workers) },
	{ "themis_spf_checks", GAUGE, "Checks of SPF under way", FIGURE(spf_checks) },
	{ "themis_spf_workers_replaced_total", COUNTER,
		"Processes that had to be replaced", FIGURE(spf_replaced) },
	{ "themis_spf_questions_total", COUNTER, "Questions about SPF",
		FIGURE(spf_questions) },
	{ "themis_spf_cached_total", COUNTER,
		"Those among them that an earlier answer was good for",
		FIGURE(spf_cached) },
	{ "themis_spf_temperrors_total", COUNTER, "Those among them that got a temperror",
		FIGURE(spf_temperrors) },
	{ "themis_trouble", GAUGE, "1 while something does not work, by its kind",
		put_trouble, 0 },
	{ "themis_trouble_begun_total", COUNTER, "How often that has begun",
		put_trouble_begun, 0 },
	{ "themis_database_bytes", GAUGE, "Size of the database",
		FIGURE(database_bytes) },
	{ "themis_database_log_bytes", GAUGE, "Size of its log (WAL)",
		FIGURE(log_bytes) },
	{ "themis_history_rows", GAUGE, "Messages in the history", FIGURE(history_rows) },
};

/* --- what goes into it --- */

/* By their messages; equal ones by name, so that there is one order. */
static int compare_shares(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void gather_policies(struct page *page, const struct policy_set *set)
{
	struct stats *stats = page->admin->engine->stats;
	struct figures *f = &page->figures;
	size_t n = 0;

	page->shares = arena_alloc(page->arena, set->npolicies * sizeof(*page->shares));
	for (size_t i = 0; i < set->npolicies; i++) {
		struct share *s = &page->shares[n]; /* stays, if it has any */

		*s = (struct share){ .name = set->policies[i]->name };
		stats_read_all(stats, set->policies[i]->id, &s->verdicts);
		for (int v = 0; v < VERDICTS; v++)
			s->messages += s->verdicts.given[v];
		n += s->messages > 0;
	}
	page->nshares = n;
	if (n > METRICS_POLICIES_MAX) {
		qsort(page->shares, n, sizeof(*page->shares), compare_shares);
		page->nshares = METRICS_POLICIES_MAX;
	}
	f->policies_left_out = (int64_t)(n - page->nshares);
	f->policies = (int64_t)set->npolicies;
	f->groups = (int64_t)group_index_count(set->groups);
	f->policy_sets = (int64_t)set->number;
}

static void gather_spf(struct figures *f, const struct admin *a)
{
	struct spf_pool_counts c = status_spf(a);

	f->spf_workers = c.crew.workers;
	f->spf_checks = c.crew.busy;
	f->spf_replaced = (int64_t)c.crew.replaced;
	f->spf_questions = (int64_t)c.questions;
	f->spf_cached = (int64_t)c.cached;
	f->spf_temperrors = (int64_t)c.temperrors;
}

static void gather_alerts(struct figures *f, const struct admin *a)
{
	struct alert_counts c = status_alerts(a);

	f->alerts_delivered = (int64_t)c.delivered;
	f->alerts_failed = (int64_t)c.failed;
	f->alerts_suppressed = (int64_t)c.suppressed;
}

static void gather_mail(struct figures *f, const struct admin *a)
{
	const struct engine *engine = a->engine;
	unsigned sessions, in_hand;

	a->sessions(&sessions, &in_hand);
	f->started = a->started;
	f->sessions = sessions;
	f->in_hand = in_hand;
	f->pending = has_policy_socket(a) ? (int64_t)pending_count(engine->pending) : -1;
	f->header_limits = (int64_t)stats_header_limits(engine->stats);
	f->counters = (int64_t)engine->store->count(engine->store);
	f->counters_max = a->max_counters;
	f->transactions = stage_count();
	f->tails = feed_listeners(engine->feed);
	f->tail_lost = (int64_t)feed_lost_ever(engine->feed);
}

/* Each row has the id behind that of the last one, and the oldest go first: so the ends
 * say how many there are. */
static int64_t count_history(struct db *db)
{
	sqlite3_stmt *q = db_query(db, SQL_HISTORY_ENDS, NULL, "");
	int64_t rows = -1;

	if (q == NULL || db_next(db, q, NULL) != 1)
		return -1;
	rows = sqlite3_column_type(q, 0) == SQLITE_NULL
		       ? 0
		       : sqlite3_column_int64(q, 1) - sqlite3_column_int64(q, 0) + 1;
	sqlite3_reset(q);
	return rows;
}

static void gather_files(struct page *page, struct db *db)
{
	struct figures *f = &page->figures;
	const char *user;

	f->database_bytes = status_file_bytes(page->admin, "");
	f->log_bytes = status_file_bytes(page->admin, "-wal");
	f->history_rows = count_history(db);
	f->last_change = status_last_change(db, page->arena, &user);
}

static void put_metric(
	const struct page *page, const struct metric *m, enum metrics_form form)
{
	fprintf(page->to, "# HELP %s %s\n", m->name, m->help);
	if (m->kind == GAUGE)
		fprintf(page->to, "# TYPE %s gauge\n", m->name);
	else if (form == METRICS_PROMETHEUS)
		fprintf(page->to, "# TYPE %s counter\n", m->name);
	m->put(page, m);
}

char *metrics_text(
	const struct admin *admin, struct db *db, enum metrics_form form, size_t *size)
{
	struct policy_set *set = policy_slot_acquire(admin->engine->slot);
	char *text = NULL;
	struct page page = {
		.to = open_memstream(&text, size), .admin = admin, .arena = arena_new()
	};

	if (page.to == NULL)
		mem_exhausted();
	gather_mail(&page.figures, admin);
	gather_spf(&page.figures, admin);
	gather_alerts(&page.figures, admin);
	stats_read_all(admin->engine->stats, 0, &page.verdicts);
	gather_policies(&page, set);
	gather_files(&page, db);
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		put_metric(&page, &metrics[i], form);
	if (form == METRICS_OPEN)
		fputs("# EOF\n", page.to);
	policy_slot_release(admin->engine->slot, set);
	arena_free(page.arena);
	if (fclose(page.to) != 0)
		mem_exhausted();
	return text;
}
