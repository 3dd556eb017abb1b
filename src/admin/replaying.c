/*
 * Rows of the history on their way through a replay.  Called by commands on the
 * reporter's thread, which lets a calm one do it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/replaying.h"

#include "admin/calm.h"
#include "base/clock.h"
#include "engine/replay_read.h"
#include "policy/alone.h"

#include <string.h>

struct reading {
	struct replaying *g;
	struct replay *replay;
	int64_t first, last; /* ids of the rows; last 0: nobody wants to know */
	struct err *err;
};

const char *replaying_moment(struct request *rq, int64_t when)
{
	char text[CLOCK_TEXT_MAX];

	/* cut there, not rounded up */
	return arena_strdup(rq->arena, clock_format(text, when - when % 1000));
}

static void count(struct replaying *g, const struct replay_said *said)
{
	g->offered++;
	g->no_spf += said->no_spf;
	g->no_recipients += said->outcome == REPLAY_NO_RECIPIENTS;
	g->no_size += said->outcome == REPLAY_NO_SIZE;
	g->judged += said->outcome == REPLAY_ROOM || said->outcome == REPLAY_REFUSED;
}

static int too_many(const struct replaying *g, struct err *err)
{
	return err_code(err, ERR_FAILED,
		"more counters and objects than there may be in memory (max_counters, "
		"%u): a later since= has fewer, and so has a shorter period",
		g->rq->admin->max_counters);
}

static int play_row(struct reading *r, const struct replay_row *row)
{
	struct replaying *g = r->g;
	bool offered = replay_is_offered(row), counts = row->time >= g->since;
	struct replay_said said;

	g->rows += counts;
	if (counts && g->see != NULL)
		g->see(g, row, offered);
	if (!offered)
		return 0;
	replay_play(r->replay, row, &said);
	if (counts) {
		count(g, &said);
		g->take(g, row, &said);
	}
	if (said.outcome == REPLAY_FULL ||
		replay_counters(r->replay) + roll_count(&g->roll) >
			g->rq->admin->max_counters)
		return too_many(g, r->err);
	return 0;
}

/* By the ids of the rows, which are about in their order. */
static void tell(struct reading *r, int64_t id)
{
	int64_t done;

	if (r->first == 0)
		r->first = id;
	done = id - r->first;
	if (done >= 0 && id < r->last)
		atomic_store(&r->g->rq->progress,
			(int)(done * REQUEST_PROGRESS / (r->last - r->first)) + 1);
}

static int read_history(void *arg)
{
	struct reading *r = arg;
	struct replaying *g = r->g;
	int64_t from = g->since - replay_memory(r->replay);
	struct replay_reader reader;
	struct replay_row row;
	int more = replay_read_begin(&reader, g->rq->live, g->name,
		replay_wants_recipients(r->replay), from, g->until, r->err);

	if (request_pair(g->rq, "progress") != NULL)
		r->last = reader.last;
	while (more == 0 && (more = replay_read_next(&reader, &row, r->err)) == 1) {
		more = play_row(r, &row);
		tell(r, reader.id);
	}
	replay_read_end(&reader);
	return more;
}

int replaying_check(struct request *rq, struct err *err)
{
	const char *progress = request_pair(rq, "progress");

	if (progress == NULL || strcmp(progress, "yes") == 0)
		return 0;
	return request_refuse(rq, "progress", progress, err);
}

/* The groups that mail is judged by, unless the command's transaction has others. */
static struct replay *begin(struct replaying *g, struct err *err)
{
	struct request *rq = g->rq;
	struct policy_slot *slot = rq->admin->engine->slot;
	struct policy_set *now = policy_slot_acquire(slot), *set;

	set = policy_set_alone(
		rq->db, rq->stage == NULL ? now->groups : NULL, g->policy, err);
	policy_slot_release(slot, now);
	return set != NULL ? replay_new(set, g->policy->name, rq->admin->max_counters)
			   : NULL;
}

static int check(const struct replay *r, struct err *err)
{
	const struct policy *p = replay_policy(r);

	if (!policy_counts(p))
		return err_code(err, ERR_IN_USE,
			"it counts nothing, so there is nothing to try (%s)",
			p->only_headers ? "only-headers=yes" : "it is a bypass");
	if (p->limits.n == 0 && p->napart == 0 && !policy_checks_spf(p))
		return err_code(err, ERR_IN_USE,
			"it has no limit, so it refuses nothing (try limit=100/hour)");
	return 0;
}

int replaying_run(struct replaying *g, struct err *err)
{
	struct reading r = { .g = g, .err = err };
	int rc = -1;

	/* one moment of the configuration; the runner ends it, too */
	if (db_exec(g->rq->live, "BEGIN", err) < 0)
		return -1;
	r.replay = begin(g, err);
	db_exec(g->rq->live, "COMMIT", NULL);
	if (r.replay != NULL && check(r.replay, err) == 0)
		rc = calm_run(read_history, &r);
	replay_free(r.replay);
	if (rc == 0 && g->rows == 0 && !request_is_recorded(g->rq))
		return err_code(err, ERR_IN_USE,
			"nothing is recorded, so nothing can be tried: history is off "
			"(setting set history messages)");
	return rc;
}
