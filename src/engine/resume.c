/*
 * From one process to the next.  Called on the main thread, when nothing is decided yet,
 * or any more.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/log.h"
#include "engine/engine.h"
#include "engine/pending.h"

int engine_resume(struct engine *engine, struct db *db, int64_t now, struct err *err)
{
	return engine->pending != NULL ? pending_load(engine->pending, db, now, err) : 0;
}

struct suspension {
	struct writer_job job; /* first: the writer hands it back */
	struct pending_table *pending;
};

static int save(struct writer_job *job, struct db *db, struct err *err)
{
	return pending_save(((struct suspension *)job)->pending, db, err);
}

void engine_suspend(struct engine *engine)
{
	struct suspension s = { .job = { .kind = WRITER_CHANGE, .run = save },
		.pending = engine->pending };
	struct err err;

	if (engine->pending == NULL || pending_count(engine->pending) == 0)
		return;
	if (writer_do(engine->writer, &s.job, &err) < 0)
		log_error("messages that are not at their end cannot be stored: %s; they "
			  "may be counted again",
			err.text);
}
