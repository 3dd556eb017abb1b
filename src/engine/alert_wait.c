/*
 * Waiting for a test of alerts.  Called by an asker of the control server, and by the
 * thread that delivers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/alert_wait.h"

#include "base/arena.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct alert_wait {
	pthread_mutex_t lock; /* guards all of it */
	pthread_cond_t answer;
	bool asked, answered, good, closed;
	char said[ERR_TEXT_MAX];
};

struct alert_wait *alert_wait_new(void)
{
	struct alert_wait *w = mem_calloc(1, sizeof(*w));

	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->answer, NULL);
	return w;
}

void alert_wait_free(struct alert_wait *w)
{
	if (w == NULL)
		return;
	pthread_cond_destroy(&w->answer);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

int alert_wait_begin(struct alert_wait *w, struct err *err)
{
	int rc = 0;

	pthread_mutex_lock(&w->lock);
	if (w->closed || w->asked)
		rc = err_code(err, ERR_FAILED, "%s",
			w->closed ? "themisd is stopping"
				  : "another test is on its way, try again later");
	else
		w->asked = true;
	pthread_mutex_unlock(&w->lock);
	return rc;
}

int alert_wait_end(struct alert_wait *w, char said[ERR_TEXT_MAX], struct err *err)
{
	int rc = 0;

	pthread_mutex_lock(&w->lock);
	while (!w->answered && !w->closed)
		pthread_cond_wait(&w->answer, &w->lock);
	if (!w->answered)
		rc = err_code(err, ERR_FAILED, "themisd is stopping");
	else if (!w->good)
		rc = err_code(err, ERR_FAILED, "%s", w->said);
	else
		memcpy(said, w->said, ERR_TEXT_MAX);
	w->asked = w->answered = false;
	pthread_mutex_unlock(&w->lock);
	return rc;
}

void alert_wait_answer(struct alert_wait *w, bool good, const char *said)
{
	pthread_mutex_lock(&w->lock);
	w->answered = true;
	w->good = good;
	snprintf(w->said, sizeof(w->said), "%s", said);
	pthread_cond_broadcast(&w->answer);
	pthread_mutex_unlock(&w->lock);
}

void alert_wait_close(struct alert_wait *w)
{
	pthread_mutex_lock(&w->lock);
	w->closed = true;
	pthread_cond_broadcast(&w->answer);
	pthread_mutex_unlock(&w->lock);
}
