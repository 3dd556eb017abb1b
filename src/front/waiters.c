/*
 * Threads that wait.  They come with the first request that needs them, and stay.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/waiters.h"

#include "base/log.h"

#include <pthread.h>

#define THREADS_MAX 192

STAILQ_HEAD(queue, peer);

static struct {
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t more;
	struct queue queue;
	unsigned queued, threads, idle;
} waiters = { .lock = PTHREAD_MUTEX_INITIALIZER,
	.more = PTHREAD_COND_INITIALIZER,
	.queue = STAILQ_HEAD_INITIALIZER(waiters.queue) };

static void *run(void *arg)
{
	for (;;) {
		struct peer *p;

		pthread_mutex_lock(&waiters.lock);
		waiters.idle++;
		while (STAILQ_EMPTY(&waiters.queue))
			pthread_cond_wait(&waiters.more, &waiters.lock);
		waiters.idle--;
		p = STAILQ_FIRST(&waiters.queue);
		STAILQ_REMOVE_HEAD(&waiters.queue, next);
		waiters.queued--;
		pthread_mutex_unlock(&waiters.lock);
		peer_decide(p);
	}
	return arg;
}

/* Under the lock. */
static void start_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, NULL) == 0) {
		pthread_detach(thread);
		waiters.threads++;
	} else if (waiters.threads == 0) {
		/* nobody would ever answer: whoever looks after us starts us again */
		log_error("cannot start a thread for requests that wait");
		mem_exhausted();
	}
}

void waiters_add(struct peer *p)
{
	pthread_mutex_lock(&waiters.lock);
	STAILQ_INSERT_TAIL(&waiters.queue, p, next);
	waiters.queued++;
	if (waiters.queued > waiters.idle && waiters.threads < THREADS_MAX)
		start_thread();
	pthread_cond_signal(&waiters.more);
	pthread_mutex_unlock(&waiters.lock);
}
