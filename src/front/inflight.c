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

#define WRITERS_MAX 256

static struct {
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t fewer; /* a message left our hands */
	unsigned sessions, messages;
	bool draining, told;
	pthread_t writers[WRITERS_MAX]; /* each has a message until that is written */
	unsigned nwriters;
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

/* Where too many are writing, some are not waited for. */
void inflight_end_written(void)
{
	bool waits;

	pthread_mutex_lock(&inflight.lock);
	waits = inflight.told && inflight.nwriters < WRITERS_MAX;
	if (waits)
		inflight.writers[inflight.nwriters++] = pthread_self();
	pthread_mutex_unlock(&inflight.lock);
	if (!waits)
		inflight_end();
}

void inflight_written(void)
{
	const pthread_t me = pthread_self();
	bool was = false;

	pthread_mutex_lock(&inflight.lock);
	for (unsigned i = 0; i < inflight.nwriters && !was; i++) {
		was = pthread_equal(inflight.writers[i], me);
		if (was)
			inflight.writers[i] = inflight.writers[--inflight.nwriters];
	}
	pthread_mutex_unlock(&inflight.lock);
	if (was)
		inflight_end();
}

void inflight_tell(void)
{
	pthread_mutex_lock(&inflight.lock);
	inflight.told = true;
	pthread_mutex_unlock(&inflight.lock);
}

bool inflight_is_told(void)
{
	bool told;

	pthread_mutex_lock(&inflight.lock);
	told = inflight.told;
	pthread_mutex_unlock(&inflight.lock);
	return told;
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
