/*
 * The runners of a control server (admin/runner.h): which of them has a command, and how
 * many commands are with each.  On the server's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_RUNNERS_H
#define THEMIS_ADMIN_RUNNERS_H

#include "admin/runner.h"

struct runners {
	const struct admin *admin;
	struct runner *of[ADMIN_THREADS]; /* the server's own: NULL */
	int waiting[ADMIN_THREADS];	  /* commands, those at work too; no refusals */
};

/* wake: as of runner_new().  0, or -1 and errno; those that have started are to be
 * stopped then, too. */
int runners_start(struct runners *runners, const struct admin *admin, int wake);

/* Gives the task the database as that thread reads it; likewise for the server's own. */
void runners_give_readers(
	const struct runners *runners, struct task *task, enum admin_thread thread);

/* Hands a command to the thread whose work it is; of the askers to the one that has
 * least to do.  writes: of a client who may change something.  0: the task is no more the
 * caller's; -1 and err: too many of its kind wait, and it stays his. */
int runners_submit(
	struct runners *runners, struct task *task, bool writes, struct err *err);

/* Hands over a refusal, however many wait. */
void runners_refuse(struct runners *runners, struct task *refusal);

/* A command or a refusal that has finished, NULL if there is none by now. */
struct task *runners_finished(struct runners *runners);

/* Nobody waits for that task any more: runner_abandon(), unless it changes something. */
void runners_abandon(struct runners *runners, const struct task *task);

/* Ends the threads: a look that is going on ends now, a change is soon done.  All tasks
 * have finished then, and can be asked for until runners_free(). */
void runners_stop(struct runners *runners);
void runners_free(struct runners *runners);

#endif
