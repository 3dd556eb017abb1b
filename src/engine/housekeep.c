/*
 * Housekeeping.  Called on the main thread; what it deletes is deleted by the
 * writer's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/housekeep.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/pending.h"

#define AHEAD_MAX   (86400 * CLOCK_SECOND)
#define AHEAD_PAUSE (3600 * CLOCK_SECOND)

/* What goes when it is old, a step of each at a time. */
struct trim {
	struct writer_job job; /* first: the writer hands it back */
	const struct settings *settings;
	int64_t now;
	int gone;
};

static int64_t days_ago(int64_t now, unsigned days)
{
	return now - (int64_t)days * 86400 * CLOCK_SECOND;
}

static int run_trim(struct writer_job *job, struct db *db, struct err *err)
{
	struct trim *t = (struct trim *)job;
	int64_t old = days_ago(t->now, t->settings->history_days);
	const struct {
		enum sql statement;
		int64_t before;
	} steps[] = {
		{ SQL_DECISION_TRIM, old },
		{ SQL_REFUSAL_TRIM, old },
		{ SQL_REFUSED_CLIENT_TRIM, old },
		{ SQL_TRAFFIC_TRIM,
			days_ago(t->now, t->settings->stats_days) / CLOCK_SECOND },
		{ SQL_FLAG_TRIM, t->now },
		{ SQL_GRANT_TRIM, t->now },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int gone = db_run(db, steps[i].statement, err, "i", steps[i].before);

		if (gone < 0)
			return -1;
		t->gone += gone;
	}
	return 0;
}

int housekeep_begin(struct db *db, int64_t now, int64_t *when, struct err *err)
{
	sqlite3_stmt *q = db_query(db, SQL_MOMENT_LAST, err, "");
	char text[DURATION_TEXT_MAX];
	int64_t last;

	if (q == NULL || db_next(db, q, err) < 0)
		return -1;
	last = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	*when = now + HOUSEKEEPING_EVERY;
	if (last == 0 || now - last <= AHEAD_MAX)
		return 0;
	*when = now + AHEAD_PAUSE;
	log_warning(
		"the clock is %s ahead of what is stored: nothing of that is swept for "
		"an hour",
		duration_say(text, (now - last) / CLOCK_SECOND));
	return 0;
}

bool housekeep(struct engine *engine, int64_t now)
{
	struct policy_set *set = policy_slot_acquire(engine->slot);
	struct trim t = {
		.job = { .kind = WRITER_RECORD, .run = run_trim },
		.settings = &set->settings,
		.now = now,
	};
	bool more;

	/* the job takes what the sweep has emptied along with it */
	more = engine->store->sweep(engine->store, now);
	if (engine->pending != NULL)
		more |= pending_sweep(engine->pending, now);
	if (writer_do(engine->writer, &t.job, NULL) < 0)
		more = false;
	else
		more |= t.gone > 0;
	if (!more)
		stats_forget(engine->stats, set);
	policy_slot_release(engine->slot, set);
	return more;
}
