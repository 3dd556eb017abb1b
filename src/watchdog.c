/*
 * The watchdog's thread.  Started and stopped by main.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "watchdog.h"

#include "base/clock.h"
#include "base/log.h"
#include "service.h"

#include <pthread.h>

/* However short a time the manager gives: a lock of another program is waited for two
 * seconds, and a disk may take a moment. */
#define PATIENCE_LEAST (10 * CLOCK_SECOND)

/* Whatever it says: nobody is to spin, nor is a sum to overflow. */
#define INTERVAL_LEAST (CLOCK_SECOND / 10)
#define INTERVAL_MOST  (3600 * CLOCK_SECOND)

static struct {
	struct watchdog dog; /* the thread's */
	pthread_t thread;
	bool runs; /* the main thread's */

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t stop;
	bool stopping;
} kennel = { .lock = PTHREAD_MUTEX_INITIALIZER };

int64_t watchdog_interval(const struct watchdog *dog)
{
	int64_t quarter = dog->within / 4;

	if (quarter < INTERVAL_LEAST)
		return INTERVAL_LEAST;
	return quarter < INTERVAL_MOST ? quarter : INTERVAL_MOST;
}

static void say_stuck(struct watchdog *dog, enum pulse thread, int64_t silent)
{
	char since[DURATION_TEXT_MAX];

	if (dog->silent)
		return;
	dog->silent = true;
	dog->stuck = thread;
	log_error("%s has been at one and the same thing for %s: until it goes on, the "
		  "service manager gets no sign of life, and may restart themisd",
		pulse_name(thread), duration_say(since, silent / CLOCK_SECOND));
}

void watchdog_look(struct watchdog *dog, int64_t now)
{
	int64_t interval = watchdog_interval(dog), patience = 4 * interval, silent;
	enum pulse thread;

	if (patience < PATIENCE_LEAST)
		patience = PATIENCE_LEAST;
	if (pulse_look(&dog->watch, now, patience, 2 * interval, &thread, &silent)) {
		say_stuck(dog, thread, silent);
		return;
	}
	if (dog->silent)
		log_info("%s goes on: the service manager gets signs of life again",
			pulse_name(dog->stuck));
	dog->silent = false;
	service_alive();
}

static void *watch(void *arg)
{
	struct watchdog *dog = arg;

	pthread_mutex_lock(&kennel.lock);
	while (!kennel.stopping) {
		int64_t now = clock_monotonic();
		struct timespec next = clock_at(now + watchdog_interval(dog));

		pthread_mutex_unlock(&kennel.lock);
		watchdog_look(dog, now);
		pthread_mutex_lock(&kennel.lock);
		if (!kennel.stopping)
			pthread_cond_timedwait(&kennel.stop, &kennel.lock, &next);
	}
	pthread_mutex_unlock(&kennel.lock);
	return NULL;
}

int watchdog_start(struct err *err)
{
	kennel.dog.within = service_watchdog();
	if (kennel.dog.within == 0)
		return 0;
	clock_cond_init(&kennel.stop);
	if (pthread_create(&kennel.thread, NULL, watch, &kennel.dog) != 0)
		return err_set(err, "cannot start a thread");
	kennel.runs = true;
	return 0;
}

void watchdog_stop(void)
{
	if (!kennel.runs)
		return;
	pthread_mutex_lock(&kennel.lock);
	kennel.stopping = true;
	pthread_cond_signal(&kennel.stop);
	pthread_mutex_unlock(&kennel.lock);
	pthread_join(kennel.thread, NULL);
	kennel.runs = false;
}
