/*
 * watch: a command that looks, again and again.  Ends when the process is told to, or
 * nobody reads any more.  Called by shell/local.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "local.h"
#include "watch.h"

#include <time.h>

enum status do_watch(struct shell *s, char *const *args, size_t n, const char *where)
{
	struct watch w;
	struct timespec wait;
	struct err err;

	if (watch_read(&w, args, n, &err) < 0) {
		run_complain(where, err.text);
		return STATUS_USAGE;
	}
	wait.tv_sec = w.period / CLOCK_SECOND;
	wait.tv_nsec = w.period % CLOCK_SECOND * 1000;
	for (bool first = true; !s->quit; first = false) {
		if (!first && nanosleep(&wait, NULL) < 0)
			break;
		if (!first && !s->json)
			putchar('\n');
		if (run_words(s, w.words, w.n) == STATUS_INTERRUPTED ||
			fflush(stdout) == EOF)
			break;
	}
	return STATUS_DONE;
}
