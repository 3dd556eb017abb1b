/*
 * The threads that run commands.  Submitted to and asked by the control server.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/runner.h"

#include "base/log.h"
#include "base/user.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

STAILQ_HEAD(task_list, task);

struct runner {
	pthread_t thread;
	int wake;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t work;
	struct task_list changes, refusals, finished;
	const struct task *running;
	bool stopping;
};

static struct task *take(struct task_list *list)
{
	struct task *task = STAILQ_FIRST(list);

	if (task != NULL)
		STAILQ_REMOVE_HEAD(list, link);
	return task;
}

/* A stranger's refusals never stand before a change. */
static struct task *take_next(struct runner *r)
{
	struct task *task = take(&r->changes);

	return task != NULL ? task : take(&r->refusals);
}

/* A command that only looks is not written down, so nobody asks who gave it. */
static bool needs_name(const struct task *task)
{
	return task->rq.command == NULL || command_writes(task->rq.command);
}

static void name_user(char user[USER_MAX], uid_t uid)
{
	if (*user == '\0')
		user_say(user, uid);
}

static void set_running(struct runner *r, const struct task *task)
{
	pthread_mutex_lock(&r->lock);
	r->running = task;
	pthread_mutex_unlock(&r->lock);
}

static void run(struct runner *r, struct task *task)
{
	if (needs_name(task))
		name_user(task->user, task->rq.uid);
	set_running(r, task);
	task->result = task->handler(&task->rq, &task->err);
	set_running(r, NULL);
	/* an interruption may have met the end of a transaction, too */
	if (task->rq.live != NULL)
		db_rest(task->rq.live);
}

/* Under the lock. */
static void finish(struct runner *r, struct task *task)
{
	uint64_t one = 1;

	STAILQ_INSERT_TAIL(&r->finished, task, link);
	if (write(r->wake, &one, sizeof(one)) < 0)
		log_error("cannot wake the control server: %s", strerror(errno));
}

static void *runner_main(void *arg)
{
	struct runner *r = arg;
	struct task *task;

	pthread_mutex_lock(&r->lock);
	for (;;) {
		while ((task = take_next(r)) == NULL && !r->stopping)
			pthread_cond_wait(&r->work, &r->lock);
		if (task == NULL)
			break;
		if (r->stopping) {
			task->result =
				err_code(&task->err, ERR_FAILED, "themisd is stopping");
		} else {
			pthread_mutex_unlock(&r->lock);
			run(r, task);
			pthread_mutex_lock(&r->lock);
		}
		finish(r, task);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

struct runner *runner_new(int wake)
{
	struct runner *r = mem_calloc(1, sizeof(*r));

	r->wake = wake;
	STAILQ_INIT(&r->changes);
	STAILQ_INIT(&r->refusals);
	STAILQ_INIT(&r->finished);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->work, NULL);
	if (pthread_create(&r->thread, NULL, runner_main, r) != 0) {
		free(r);
		return NULL;
	}
	return r;
}

void runner_submit(struct runner *r, struct task *task)
{
	pthread_mutex_lock(&r->lock);
	STAILQ_INSERT_TAIL(task->refusal ? &r->refusals : &r->changes, task, link);
	pthread_cond_signal(&r->work);
	pthread_mutex_unlock(&r->lock);
}

void runner_abandon(struct runner *r, const struct task *task)
{
	struct task *t;

	pthread_mutex_lock(&r->lock);
	if (r->running == task)
		sqlite3_interrupt(db_handle(task->rq.live));
	STAILQ_FOREACH(t, &r->changes, link)
		if (t == task)
			break;
	if (t != NULL) {
		STAILQ_REMOVE(&r->changes, t, task, link);
		finish(r, t);
	}
	pthread_mutex_unlock(&r->lock);
}

struct task *runner_finished(struct runner *r)
{
	struct task *task;

	pthread_mutex_lock(&r->lock);
	task = take(&r->finished);
	pthread_mutex_unlock(&r->lock);
	return task;
}

void runner_stop(struct runner *r)
{
	pthread_mutex_lock(&r->lock);
	r->stopping = true;
	pthread_cond_signal(&r->work);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
}

void runner_free(struct runner *r)
{
	if (r == NULL)
		return;
	pthread_cond_destroy(&r->work);
	pthread_mutex_destroy(&r->lock);
	free(r);
}
