/*
 * Transactions: begin, diff, commit, abort (behaviour.md, "tmsh").  The commands between
 * them are staged by admin_change().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/batch.h"
#include "admin/model.h"
#include "admin/stage.h"
#include "admin/trail.h"
#include "base/clock.h"
#include "ctl/words.h"

#include <string.h>

static int kind_of(const struct request *rq, struct err *err)
{
	const char *word = rq->nargs > 0 ? rq->args[0] : NULL;

	if (word == NULL)
		return STAGE_CHANGES;
	if (strcmp(word, "load") == 0)
		return STAGE_LOAD;
	if (strcmp(word, "exact") == 0)
		return STAGE_EXACT;
	return err_set(err, "not a kind of transaction: \"%.80s\" (load or exact)", word);
}

int do_begin(struct request *rq, struct err *err)
{
	int kind = kind_of(rq, err);

	if (kind < 0)
		return -1;
	if (rq->stage != NULL)
		return err_code(err, ERR_IN_USE,
			"a transaction is open already (commit or abort it first)");
	if (stage_count() >= (rq->uid == 0 ? STAGES_MAX : STAGES_MAX - STAGES_OF_ROOT))
		return err_code(err, ERR_FAILED,
			"%u transactions are open already, try again later",
			stage_count());
	rq->stage = stage_new(rq->admin->database, (enum stage_kind)kind, err);
	if (rq->stage == NULL)
		return -1;
	return request_done(rq, "a transaction is open: diff shows what it would change, "
				"commit does it, abort forgets it");
}

static int must_be_open(const struct request *rq, struct err *err)
{
	return rq->stage != NULL ? 0
				 : err_code(err, ERR_NO_SUCH,
					   "no transaction is open (begin opens one)");
}

int do_abort(struct request *rq, struct err *err)
{
	size_t n;

	if (must_be_open(rq, err) < 0)
		return -1;
	stage_lines(rq->stage, &n);
	stage_free(rq->stage);
	rq->stage = NULL;
	return request_done(rq, "aborted, %zu change%s forgotten", n, n == 1 ? "" : "s");
}

/* Commands, by their words, which live as long as the request or its transaction. */
struct plan {
	struct arena *arena;
	struct batch_line *lines;
	size_t n, cap;
};

static void push(struct plan *plan, const struct batch_line *line)
{
	plan->lines = arena_grow(
		plan->arena, plan->lines, plan->n, &plan->cap, sizeof(*plan->lines));
	plan->lines[plan->n++] = *line;
}

static int plan_line(void *arg, char *const *words, size_t n, struct err *err)
{
	struct plan *plan = arg;
	char **copy = arena_alloc(plan->arena, n * sizeof(*copy));

	(void)err;
	for (size_t i = 0; i < n; i++)
		copy[i] = arena_strdup(plan->arena, words[i]);
	push(plan, &(struct batch_line){ copy, n });
	return 0;
}

/* What the commands change; settled. */
static int add_things(struct request *rq, const struct batch_line *lines, size_t n,
	struct thing_list *things, struct err *err)
{
	struct settings settings;

	if (request_settings(rq, &settings, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct command *c;
		size_t used;

		c = command_find(lines[i].words, lines[i].n, &used, NULL);
		things_of(c, lines[i].words + used, lines[i].n - used,
			settings.ipv6_prefix, rq->arena, things);
	}
	thing_list_settle(things);
	return 0;
}

/* What is between the database and the transaction. */
static int plan_diff(struct request *rq, struct plan *plan, struct err *err)
{
	struct thing_list things = { 0 };
	const struct batch_line *lines;
	size_t n;
	int rc;

	lines = stage_lines(rq->stage, &n);
	if (add_things(rq, lines, n, &things, err) < 0 ||
		db_exec(rq->live, "BEGIN", err) < 0)
		return -1;
	rc = model_diff(rq->live, stage_db(rq->stage),
		stage_kind(rq->stage) == STAGE_EXACT ? NULL : &things, clock_now(),
		plan_line, plan, err);
	db_exec(rq->live, "ROLLBACK", NULL); /* it has only looked */
	return rc;
}

static bool is_verb(const struct batch_line *line, const char *verb)
{
	return line->n > 1 && strcmp(line->words[1], verb) == 0;
}

/* Has it renamed something, or deleted and added?  Then what is between the two states
 * does not say what becomes of the counters, and only the commands themselves do. */
static bool is_sequence(const struct batch_line *lines, size_t n)
{
	bool deletes = false, adds = false;

	for (size_t i = 0; i < n; i++) {
		if (is_verb(&lines[i], "rename"))
			return true;
		deletes |= is_verb(&lines[i], "delete");
		adds |= is_verb(&lines[i], "add");
	}
	return deletes && adds;
}

static void plan_lines(struct plan *plan, const struct batch_line *lines, size_t n)
{
	for (size_t i = 0; i < n; i++)
		push(plan, &lines[i]);
}

int do_diff(struct request *rq, struct err *err)
{
	struct plan plan = { .arena = rq->arena };
	const struct batch_line *lines;
	size_t n;

	if (must_be_open(rq, err) < 0)
		return -1;
	lines = stage_lines(rq->stage, &n);
	if (stage_kind(rq->stage) == STAGE_CHANGES && is_sequence(lines, n))
		plan_lines(&plan, lines, n);
	else if (plan_diff(rq, &plan, err) < 0)
		return -1;
	for (size_t i = 0; i < plan.n; i++) {
		char *line = words_join(rq->arena, plan.lines[i].words, plan.lines[i].n);

		if (request_row(rq, json_pack("{s:s}", "command", line), err) < 0)
			return -1;
	}
	return plan.n > 0 ? 0 : request_done(rq, "nothing would change");
}

/* Has anybody changed one of the things since the copy was made? */
static int check_conflicts(struct request *rq, const struct plan *plan, struct err *err)
{
	struct thing_list things = { 0 };
	struct trail_change by;

	if (add_things(rq, plan->lines, plan->n, &things, err) < 0)
		return -1;
	for (size_t i = 0; i < things.n; i++) {
		int changed = audit_changed_since(
			rq->live, &things.things[i], stage_begun(rq->stage), &by, err);

		if (changed < 0)
			return -1;
		if (changed > 0)
			return err_code(err, ERR_CONFLICT,
				"conflict: %s changed by %s at %s", things.things[i].name,
				by.user, by.time);
	}
	return 0;
}

/* What was begun is done as it was said; a file is brought about by what is between. */
static int make_plan(struct request *rq, struct plan *plan, struct err *err)
{
	const struct batch_line *lines;
	size_t n;

	if (stage_kind(rq->stage) != STAGE_CHANGES)
		return plan_diff(rq, plan, err);
	lines = stage_lines(rq->stage, &n);
	plan_lines(plan, lines, n);
	return 0;
}

/* What could be done in the copy, and now cannot: somebody has changed what it needs. */
static int refuse_commit(struct request *rq, struct stage *stage, struct err *err)
{
	rq->stage = stage;
	if (stage_kind(stage) == STAGE_CHANGES && err->code / 100 == 5) {
		err->code = ERR_CONFLICT;
		err_prefix(err, "conflict");
	}
	return -1;
}

int do_commit(struct request *rq, struct err *err)
{
	struct plan plan = { .arena = rq->arena };
	struct stage *stage = rq->stage;
	int rc;

	if (must_be_open(rq, err) < 0 || make_plan(rq, &plan, err) < 0 ||
		check_conflicts(rq, &plan, err) < 0)
		return -1;
	/* what it changes now is the database */
	rq->stage = NULL;
	rq->line = arena_printf(
		rq->arena, "commit of %zu change%s", plan.n, plan.n == 1 ? "" : "s");
	rc = plan.n > 0 ? admin_batch(rq, plan.lines, plan.n, err) : 0;
	if (rc < 0 && !rq->made)
		return refuse_commit(rq, stage, err);
	stage_free(stage);
	if (rc < 0)
		return -1;
	if (plan.n == 0)
		return request_done(rq, "nothing is changed");
	return request_done(rq, "%zu change%s made", plan.n, plan.n == 1 ? "" : "s");
}
