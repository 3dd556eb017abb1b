/*
 * Who runs what.  Called by the control server.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/runners.h"

#include "admin/stage.h"

/* So that who waits leaves places for who looks: one of so many clients may have a
 * command of that kind on its way. */
static const struct {
	int clients;
	const char *what;
} crowds[] = {
	[THREAD_CHANGER] = { 2, "changes" },
	[THREAD_SEARCHER] = { 4, "searches" },
	[THREAD_REPORTER] = { 8, "reports and backups" },
	[THREAD_ASKER] = { 8, "checks" },
};

/* Behind the last thread of that kind. */
static int end_of(enum admin_thread kind)
{
	return kind == THREAD_ASKER ? ADMIN_THREADS : (int)kind + 1;
}

int runners_start(struct runners *r, const struct admin *admin, int wake)
{
	r->admin = admin;
	if (wake < 0)
		return -1;
	for (int i = THREAD_SERVER + 1; i < ADMIN_THREADS; i++) {
		r->of[i] = runner_new(wake);
		if (r->of[i] == NULL)
			return -1;
	}
	return 0;
}

void runners_give_readers(
	const struct runners *r, struct task *task, enum admin_thread thread)
{
	struct request *rq = &task->rq;

	rq->live = r->admin->readers[thread];
	rq->db = rq->stage != NULL ? stage_db(rq->stage) : rq->live;
}

static void hand_over(struct runners *r, struct task *task, enum admin_thread thread)
{
	runners_give_readers(r, task, thread);
	runner_submit(r->of[thread], task);
}

int runners_submit(struct runners *r, struct task *task, bool writes, struct err *err)
{
	enum admin_thread kind = task_thread(task);
	int most = (int)r->admin->max_clients / crowds[kind].clients, all = 0,
	    least = kind;

	/* who may only look leaves places for who may do something about it */
	if (!writes)
		most -= most / 2;

	for (int i = kind; i < end_of(kind); i++) {
		all += r->waiting[i];
		if (r->waiting[i] < r->waiting[least])
			least = i;
	}
	if (all >= most)
		return err_code(err, ERR_FAILED,
			"%d %s are waiting already, try again later", all,
			crowds[kind].what);
	r->waiting[least]++;
	hand_over(r, task, least);
	return 0;
}

void runners_refuse(struct runners *r, struct task *refusal)
{
	hand_over(r, refusal, THREAD_CHANGER);
}

struct task *runners_finished(struct runners *r)
{
	struct task *task;

	for (int i = THREAD_SERVER + 1; i < ADMIN_THREADS; i++) {
		task = r->of[i] != NULL ? runner_finished(r->of[i]) : NULL;
		if (task == NULL)
			continue;
		if (!task->refusal)
			r->waiting[i]--;
		return task;
	}
	return NULL;
}

void runners_abandon(struct runners *r, const struct task *task)
{
	for (int i = THREAD_SEARCHER; i < ADMIN_THREADS; i++)
		runner_abandon(r->of[i], task);
}

void runners_stop(struct runners *r)
{
	for (int i = THREAD_SEARCHER; i < ADMIN_THREADS; i++)
		sqlite3_interrupt(db_handle(r->admin->readers[i]));
	for (int i = THREAD_SERVER + 1; i < ADMIN_THREADS; i++)
		if (r->of[i] != NULL)
			runner_stop(r->of[i]);
}

void runners_free(struct runners *r)
{
	for (int i = THREAD_SERVER + 1; i < ADMIN_THREADS; i++)
		runner_free(r->of[i]);
}
