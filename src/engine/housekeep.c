/*
 * Housekeeping.  Called on the main thread; what it deletes is deleted by the
 * writer's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/housekeep.h"

#include "base/clock.h"

#define STEPS_MAX 100 /* of one round; each deletes some hundred rows */

struct trim {
	struct writer_job job; /* first: the writer hands it back */
	int64_t before;
	int gone;
};

static int run_trim(struct writer_job *job, struct db *db, struct err *err)
{
	struct trim *t = (struct trim *)job;

	t->gone = db_run(db, SQL_DECISION_TRIM, err, "i", t->before);
	return t->gone < 0 ? -1 : 0;
}

void housekeep(struct engine *engine, int64_t now)
{
	struct policy_set *set = policy_slot_acquire(engine->slot);
	struct trim t = {
		.job = { .kind = WRITER_RECORD, .run = run_trim },
		.before =
			now - (int64_t)set->settings.history_days * 86400 * CLOCK_SECOND,
	};

	policy_slot_release(engine->slot, set);
	/* each job takes what the sweep has emptied along with it */
	for (int step = 0; step < STEPS_MAX; step++) {
		size_t emptied = engine->store->sweep(engine->store, now);

		t.gone = 0;
		if (writer_do(engine->writer, &t.job, NULL) < 0 ||
			(t.gone == 0 && emptied == 0))
			return;
	}
}
