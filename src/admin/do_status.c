/*
 * The commands about the daemon itself: status, quit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/policy_door.h"
#include "admin/stage.h"
#include "admin/stats.h"
#include "admin/status.h"
#include "base/clock.h"
#include "base/episode.h"
#include "config.h"
#include "engine/feed.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int64_t status_file_bytes(const struct admin *a, const char *suffix)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s%s", a->database, suffix);
	return stat(path, &st) < 0 ? 0 : st.st_size;
}

int64_t status_last_change(struct db *db, struct arena *arena, const char **user)
{
	sqlite3_stmt *q = db_query(db, SQL_AUDIT_LAST, NULL, "");
	int64_t when = 0;

	*user = NULL;
	if (q != NULL && db_next(db, q, NULL) == 1) {
		when = sqlite3_column_int64(q, 0);
		*user = arena_strdup(arena, db_text(q, 1));
		sqlite3_reset(q);
	}
	return when;
}

struct spf_pool_counts status_spf(const struct admin *a)
{
	struct spf_pool_counts c = { 0 };

	if (a->spf_pool != NULL)
		spf_pool_count(a->spf_pool, &c);
	return c;
}

static json_t *degraded(void)
{
	char text[EPISODE_TEXT_MAX];

	return json_text(episode_say(text) ? text : NULL);
}

/* The same, a row each. */
static json_t *troubles(void)
{
	struct episode_seen list[EPISODES];
	size_t n = episode_list(list);
	json_t *rows = json_array();
	char since[CLOCK_TEXT_MAX];

	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			rows, json_pack("{s:s, s:s, s:o}", "state", list[i].state,
				      "since", clock_format(since, list[i].since),
				      "words", json_text(list[i].words)));
	return rows;
}

static void add_daemon(struct request *rq, json_t *row)
{
	const struct admin *a = rq->admin;
	char started[CLOCK_TEXT_MAX];

	json_object_update_new(
		row, json_pack("{s:s, s:i, s:s, s:I, s:o, s:I, s:o}", "version",
			     PACKAGE_VERSION, "pid", (int)getpid(), "started",
			     clock_format(started, a->started), "uptime",
			     (json_int_t)((clock_now() - a->started) / CLOCK_SECOND),
			     "degraded", degraded(), "episodes",
			     (json_int_t)episode_count(), "troubles", troubles()));
}

/* Of all mail, since the start and now. */
static void add_mail(struct request *rq, json_t *row)
{
	const struct admin *a = rq->admin;
	uint64_t verdicts[VERDICTS], passed = 0, refused = 0;
	unsigned sessions, in_hand;
	struct rates rates;

	stats_read(a->engine->stats, 0, verdicts);
	stats_rates(a->engine->stats, 0, &rates);
	for (int v = 0; v < VERDICTS; v++)
		if (verdict_stops((enum verdict_kind)v))
			refused += verdicts[v];
		else if (v != VERDICT_ERROR)
			passed += verdicts[v];
	a->sessions(&sessions, &in_hand);
	json_object_update_new(row,
		json_pack("{s:I, s:I, s:I, s:I, s:o, s:i, s:i, s:i, s:i}", "messages",
			(json_int_t)(passed + refused + verdicts[VERDICT_ERROR]),
			"passed", (json_int_t)passed, "refused", (json_int_t)refused,
			"errors", (json_int_t)verdicts[VERDICT_ERROR], "per_second",
			stats_per_second(&rates, clock_now()), "sessions", (int)sessions,
			"messages_in_hand", (int)in_hand, "connections",
			(int)a->connections(), "max_connections",
			(int)a->max_connections));
}

/* Of the database as it can be read now; NULL where it cannot. */
static void add_last_change(struct request *rq, json_t *row)
{
	const char *user;
	int64_t when = status_last_change(rq->live, rq->arena, &user);
	char text[CLOCK_TEXT_MAX];

	json_object_set_new(row, "last_change",
		json_text(when != 0 ? clock_format(text, when) : NULL));
	json_object_set_new(row, "last_user", json_text(user));
}

static void add_policies(struct request *rq, json_t *row)
{
	const struct admin *a = rq->admin;
	struct policy_set *set = policy_slot_acquire(a->engine->slot);
	struct counter_store *store = a->engine->store;

	json_object_update_new(row,
		json_pack("{s:I, s:I, s:I, s:i, s:I}", "policies",
			(json_int_t)set->npolicies, "policy_set", (json_int_t)set->number,
			"counters", (json_int_t)store->count(store), "max_counters",
			(int)a->max_counters, "header_limits",
			(json_int_t)stats_header_limits(a->engine->stats)));
	policy_slot_release(a->engine->slot, set);
	json_object_set_new(row, "transactions", json_integer(stage_count()));
	add_last_change(rq, row);
}

static void add_files(struct request *rq, json_t *row)
{
	const struct admin *a = rq->admin;

	json_object_update_new(row,
		json_pack("{s:s, s:s, s:i, s:s, s:s, s:I, s:I}", "milter_socket",
			a->milter_socket, "control_socket", a->control_socket, "tails",
			(int)feed_listeners(a->engine->feed), "database", a->database,
			"durability", a->engine->relaxed ? "relaxed" : "commit",
			"database_bytes", (json_int_t)status_file_bytes(a, ""),
			"wal_bytes", (json_int_t)status_file_bytes(a, "-wal")));
}

/* Of the processes that check SPF, and of what they were asked. */
static void add_spf(struct request *rq, json_t *row)
{
	struct spf_pool_counts c = status_spf(rq->admin);

	json_object_update_new(row,
		json_pack("{s:i, s:i, s:I, s:I, s:I, s:I}", "spf_workers",
			(int)c.crew.workers, "spf_busy", (int)c.crew.busy,
			"spf_questions", (json_int_t)c.questions, "spf_cached",
			(json_int_t)c.cached, "spf_temperrors", (json_int_t)c.temperrors,
			"spf_replaced", (json_int_t)c.crew.replaced));
}

struct alert_counts status_alerts(const struct admin *a)
{
	struct alert_counts c = { 0 };

	if (a->engine->alerts != NULL)
		alerts_count(a->engine->alerts, &c);
	return c;
}

static void add_alerts(struct request *rq, json_t *row)
{
	struct alert_counts c = status_alerts(rq->admin);

	json_object_update_new(row,
		json_pack("{s:I, s:I, s:I}", "alerts_delivered", (json_int_t)c.delivered,
			"alerts_failed", (json_int_t)c.failed, "alerts_suppressed",
			(json_int_t)c.suppressed));
}

/* What an administrator wants to know first stands first. */
int do_status(struct request *rq, struct err *err)
{
	static void (*const parts[])(struct request *, json_t *) = { add_daemon, add_mail,
		add_policies, add_spf, add_alerts, add_files, policy_door_status };
	json_t *row = json_object();

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		parts[i](rq, row);
	return request_row(rq, row, err);
}

int do_quit(struct request *rq, struct err *err)
{
	(void)err;
	rq->quit = true;
	return request_done(rq, "bye");
}
