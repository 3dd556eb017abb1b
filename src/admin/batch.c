/*
 * Batches.  Called by the commands that end a transaction or take changes back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/batch.h"

#include "admin/task.h"
#include "admin/trail.h"
#include "ctl/words.h"

struct batch {
	const struct batch_line *lines;
	size_t n;
	struct db *db;
	struct request *rq;	   /* the command that they are part of */
	struct group_edits groups; /* of all of them */
};

struct db *batch_db(const struct batch *b)
{
	return b->db;
}

int batch_change(
	struct batch *b, struct request *rq, const struct change *change, struct err *err)
{
	/* a command that is about what they all are leaves a row for all of them */
	int rc = rq->about != NULL ? change->apply(rq, b->db, change->arg, err)
				   : trail_apply(rq, b->db, change, err);

	if (rc < 0)
		return -1;
	for (size_t i = 0; i < rq->touched.policies.n; i++)
		policy_edits_add(&b->rq->touched.policies, rq->touched.policies.ids[i]);
	b->rq->touched.flags |= rq->touched.flags;
	b->rq->touched.grants |= rq->touched.grants;
	b->rq->touched.terms |= rq->touched.terms;
	if (change->groups != NULL)
		group_edits_join(&b->groups, change->groups);
	return 0;
}

static int run_line(struct batch *b, const struct batch_line *line, struct err *err)
{
	struct request rq = *b->rq;
	size_t used;

	rq.batch = b;
	rq.stage = NULL;
	rq.written_down = false;
	rq.db = rq.live = b->db;
	rq.line = words_join(rq.arena, line->words, line->n);
	rq.command = command_find(line->words, line->n, &used, err);
	if (rq.command == NULL)
		return -1;
	/* what acts at once has its effect beside the database, too */
	if (rq.command->access != ACCESS_WRITE && rq.command->access != ACCESS_FLAG)
		return err_set(err, "\"%.200s\" cannot be one of several", rq.line);
	rq.args = line->words + used;
	rq.nargs = line->n - used;
	if (command_check(rq.command, rq.args, rq.nargs, err) < 0 ||
		task_handler(rq.command)(&rq, err) < 0)
		return err_prefix(err, "%.200s", rq.line);
	return 0;
}

static int run_lines(struct request *rq, struct db *db, void *arg, struct err *err)
{
	struct batch *b = arg;

	b->db = db;
	rq->written_down = rq->about == NULL;
	for (size_t i = 0; i < b->n; i++)
		if (run_line(b, &b->lines[i], err) < 0)
			return -1;
	return 0;
}

int admin_batch(
	struct request *rq, const struct batch_line *lines, size_t n, struct err *err)
{
	struct batch b = {
		.lines = lines, .n = n, .rq = rq, .groups = { .arena = rq->arena }
	};
	struct change change = { .apply = run_lines, .arg = &b, .groups = &b.groups };

	return admin_change(rq, &change, err);
}
