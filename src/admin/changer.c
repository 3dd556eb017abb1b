/*
 * The changer's thread.  Submitted to and asked by the control server.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/changer.h"

#include "base/log.h"
#include "base/str.h"

#include <errno.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

STAILQ_HEAD(task_list, change_task);

struct changer {
	pthread_t thread;
	int wake;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t work;
	struct task_list changes, refusals, finished;
	bool stopping;
};

static struct change_task *take(struct task_list *list)
{
	struct change_task *task = STAILQ_FIRST(list);

	if (task != NULL)
		STAILQ_REMOVE_HEAD(list, link);
	return task;
}

/* A stranger's refusals never stand before a change. */
static struct change_task *take_next(struct changer *c)
{
	struct change_task *task = take(&c->changes);

	return task != NULL ? task : take(&c->refusals);
}

static void name_user(char user[USER_MAX], uid_t uid)
{
	char buf[16384]; /* a directory's entries can be long */
	struct passwd pw, *found = NULL;

	if (*user != '\0')
		return;
	if (getpwuid_r(uid, &pw, buf, sizeof(buf), &found) == 0 && found != NULL)
		str_escape(user, USER_MAX, pw.pw_name);
	else
		snprintf(user, USER_MAX, "uid %u", (unsigned)uid);
}

static void *changer_main(void *arg)
{
	struct changer *c = arg;
	struct change_task *task;
	uint64_t one = 1;

	pthread_mutex_lock(&c->lock);
	for (;;) {
		while ((task = take_next(c)) == NULL && !c->stopping)
			pthread_cond_wait(&c->work, &c->lock);
		if (task == NULL)
			break;
		if (c->stopping) {
			task->result =
				err_code(&task->err, ERR_FAILED, "themisd is stopping");
		} else {
			pthread_mutex_unlock(&c->lock);
			name_user(task->user, task->rq.uid);
			task->result = task->handler(&task->rq, &task->err);
			pthread_mutex_lock(&c->lock);
		}
		STAILQ_INSERT_TAIL(&c->finished, task, link);
		if (write(c->wake, &one, sizeof(one)) < 0)
			log_error("cannot wake the control server: %s", strerror(errno));
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

struct changer *changer_new(int wake)
{
	struct changer *c = mem_calloc(1, sizeof(*c));

	c->wake = wake;
	STAILQ_INIT(&c->changes);
	STAILQ_INIT(&c->refusals);
	STAILQ_INIT(&c->finished);
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->work, NULL);
	if (pthread_create(&c->thread, NULL, changer_main, c) != 0) {
		free(c);
		return NULL;
	}
	return c;
}

void changer_submit(struct changer *c, struct change_task *task)
{
	pthread_mutex_lock(&c->lock);
	STAILQ_INSERT_TAIL(task->refusal ? &c->refusals : &c->changes, task, link);
	pthread_cond_signal(&c->work);
	pthread_mutex_unlock(&c->lock);
}

struct change_task *changer_finished(struct changer *c)
{
	struct change_task *task;

	pthread_mutex_lock(&c->lock);
	task = take(&c->finished);
	pthread_mutex_unlock(&c->lock);
	return task;
}

void changer_stop(struct changer *c)
{
	pthread_mutex_lock(&c->lock);
	c->stopping = true;
	pthread_cond_signal(&c->work);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
}

void changer_free(struct changer *c)
{
	if (c == NULL)
		return;
	pthread_cond_destroy(&c->work);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
