/*
 * Sessions and messages in hand, counted.  Called by the front end on libmilter's
 * threads, by the main thread when it stops, and by commands on theirs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/inflight.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

static struct {
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t fewer; /* a message left our hands */
	unsigned sessions, messages;
	bool draining;
} inflight = { .lock = PTHREAD_MUTEX_INITIALIZER, .fewer = PTHREAD_COND_INITIALIZER };

void inflight_count_session(int by)
{
	pthread_mutex_lock(&inflight.lock);
	inflight.sessions += (unsigned)by;
	pthread_mutex_unlock(&inflight.lock);
}

bool inflight_begin(void)
{
	bool begun;

	pthread_mutex_lock(&inflight.lock);
	begun = !inflight.draining;
	inflight.messages += begun;
	pthread_mutex_unlock(&inflight.lock);
	return begun;
}

void inflight_end(void)
{
	pthread_mutex_lock(&inflight.lock);
	inflight.messages--;
	pthread_cond_signal(&inflight.fewer);
	pthread_mutex_unlock(&inflight.lock);
}

bool inflight_is_draining(void)
{
	bool draining;

	pthread_mutex_lock(&inflight.lock);
	draining = inflight.draining;
	pthread_mutex_unlock(&inflight.lock);
	return draining;
}

unsigned inflight_drain(unsigned milliseconds)
{
	struct timespec until;
	unsigned left;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += milliseconds / 1000;
	pthread_mutex_lock(&inflight.lock);
	inflight.draining = true;
	while (inflight.messages > 0)
		if (pthread_cond_timedwait(&inflight.fewer, &inflight.lock, &until) ==
			ETIMEDOUT)
			break;
	left = inflight.messages;
	pthread_mutex_unlock(&inflight.lock);
	return left;
}

void inflight_count(unsigned *sessions, unsigned *messages)
{
	pthread_mutex_lock(&inflight.lock);
	*sessions = inflight.sessions;
	*messages = inflight.messages;
	pthread_mutex_unlock(&inflight.lock);
}
