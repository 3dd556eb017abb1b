/*
 * What systemd is told.  Called by main, and by the watchdog's thread.
 *
 * sd_notify() waits for room in the queue of a manager who reads nothing, and that may be
 * for ever.  So each word is said by a thread of its own, for which nobody waits longer
 * than a few seconds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "service.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

/* Is there anybody, and within how many microseconds does he want a sign of life (0:
 * never mind)?  Written before there are threads. */
static bool told;
static uint64_t within;

#define PATIENCE  5000 /* milliseconds */
#define WORDS_MAX 4096

/* What is being said.  One at a time: so they come in order, and who does not listen has
 * one thread wait for him. */
static struct {
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t said;
	bool begun;  /* the condition is made */
	char *words; /* NULL: nothing */
	int rc;	     /* of the last */
} mouth = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void *say(void *arg)
{
	int rc = sd_notify(0, arg);

	pthread_mutex_lock(&mouth.lock);
	free(mouth.words);
	mouth.words = NULL;
	mouth.rc = rc;
	pthread_cond_broadcast(&mouth.said);
	pthread_mutex_unlock(&mouth.lock);
	return NULL;
}

/* Signals are for others. */
static int start_saying(const char *words)
{
	pthread_t thread;
	sigset_t all, before;
	int rc;

	mouth.words = mem_strdup(words);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&thread, NULL, say, mouth.words);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc == 0) {
		pthread_detach(thread);
		return 0;
	}
	free(mouth.words);
	mouth.words = NULL;
	return -rc;
}

/* Until nothing is being said.  With the lock. */
static bool wait_for_silence(const struct timespec *until)
{
	int rc = 0;

	while (mouth.words != NULL && rc == 0)
		rc = pthread_cond_timedwait(&mouth.said, &mouth.lock, until);
	return mouth.words == NULL;
}

static int tell_within(const struct timespec *until, const char *words)
{
	int rc = -ETIMEDOUT;

	pthread_mutex_lock(&mouth.lock);
	if (!mouth.begun)
		clock_cond_init(&mouth.said);
	mouth.begun = true;
	if (wait_for_silence(until)) {
		rc = start_saying(words);
		if (rc == 0)
			rc = wait_for_silence(until) ? mouth.rc : -ETIMEDOUT;
	}
	pthread_mutex_unlock(&mouth.lock);
	return rc;
}

static void tell(const char *state)
{
	struct timespec until = clock_in(PATIENCE);
	int rc = told ? tell_within(&until, state) : 0;

	if (rc < 0)
		log_warning("the service manager cannot be told \"%s\": %s", state,
			strerror(-rc));
}

void service_begin(void)
{
	told = getenv("NOTIFY_SOCKET") != NULL;
	if (!told || sd_watchdog_enabled(0, &within) <= 0)
		within = 0;
}

/* The state, and words behind it. */
static void tell_words(const char *state, const char *words)
{
	char all[WORDS_MAX];

	snprintf(all, sizeof(all), "%sSTATUS=%s", state, words);
	tell(all);
}

void service_status(const char *words)
{
	tell_words("", words);
}

void service_long_status(const char *words)
{
	tell_words("EXTEND_TIMEOUT_USEC=86400000000\n", words);
}

void service_ready(const char *words)
{
	tell_words("READY=1\n", words);
}

int64_t service_watchdog(void)
{
	return within < INT64_MAX ? (int64_t)within : 0;
}

void service_alive(void)
{
	tell("WATCHDOG=1");
}

void service_stopping(void)
{
	tell("STOPPING=1\nSTATUS=stopping");
}
