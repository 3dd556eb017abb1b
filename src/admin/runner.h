/*
 * A thread that runs commands, one after the other, so that the control server waits for
 * nothing.  The changer runs those that change something, since they wait
 * for the writer and the disk; and before them it looks up their users' names, for which
 * NSS may wait for a directory's server.  Refusals (admin/role.h) are its work too, when
 * no change waits.  The searcher runs those that only look, but may look for long, the
 * reporter those that read all of the history, for which nobody else is to wait; the
 * askers those that look, and may wait for somebody's DNS, or for what comes of an alert:
 * there are some of them, so that one domain that does not answer holds up neither a
 * search nor the next question.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_RUNNER_H
#define THEMIS_ADMIN_RUNNER_H

#include "admin/task.h"

struct runner;

/* wake: an eventfd that is written whenever a task has finished. NULL: no thread. */
struct runner *runner_new(int wake);

void runner_submit(struct runner *runner, struct task *task);

/* Nobody waits for that task any more, which only reads: if it has not begun it is
 * finished without; else what it is reading just now fails.  Between two statements it
 * reads nothing, so this is to be called again as long as it is there.  What it reads of
 * a transaction of its client is soon read, and goes on. */
void runner_abandon(struct runner *runner, const struct task *task);

/* A task that has finished, NULL if there is none by now. */
struct task *runner_finished(struct runner *runner);

/* Finishes the task in hand, refuses those that wait, ends the thread.  They can still
 * be asked for until runner_free(). */
void runner_stop(struct runner *runner);
void runner_free(struct runner *runner); /* NULL is fine */

#endif
