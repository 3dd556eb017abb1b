/*
 * Calm work.  Called by commands that look for long, on their runner's thread, which has
 * nothing else to do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "admin/calm.h"

#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>

/* A tenth of what somebody else gets who wants as much: it comes to its end, too, while
 * all processors are busy, and the log of the database does not grow for long. */
#define NICE 10

struct work {
	int (*fn)(void *arg);
	void *arg;
	int result;
};

static void *run(void *arg)
{
	struct work *w = arg;

	/* on Linux that is this thread's alone */
	if (setpriority(PRIO_PROCESS, 0, NICE) < 0)
		log_debug("setpriority: %s", strerror(errno));
	w->result = w->fn(w->arg);
	return NULL;
}

/* Only root may take back what it has given up: so a thread that has does nothing else
 * afterwards. */
int calm_run(int (*fn)(void *arg), void *arg)
{
	struct work w = { .fn = fn, .arg = arg };
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, &w) != 0)
		return fn(arg);
	pthread_join(thread, NULL);
	return w.result;
}
