/*
 * The changer: a thread that runs the commands which change something, one after the
 * other, since they wait for the writer and the disk; and before them it looks up their
 * users' names, for which NSS may wait for a directory's server.  So the control server
 * waits for nothing.  Refusals (admin/role.h) are its work too, when no change waits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_CHANGER_H
#define THEMIS_ADMIN_CHANGER_H

#include "admin/request.h"

#include <sys/queue.h>

#define USER_MAX 64 /* octets of a user's name, with the NUL */

/* A command on its way; in the request's arena, its user and outbox are the client's.
 * The server's, except from changer_submit() until changer_finished() has given it
 * back. */
struct change_task {
	struct request rq;
	int (*handler)(struct request *rq, struct err *err);
	char *user;   /* what rq.user is: "" until it was looked up, then kept */
	bool refusal; /* may wait for changes that come after it */
	void *owner;  /* for whoever submitted it */
	int result;
	struct err err;
	STAILQ_ENTRY(change_task) link;
};

struct changer;

/* wake: an eventfd that is written whenever a task has finished. NULL: no thread. */
struct changer *changer_new(int wake);

void changer_submit(struct changer *changer, struct change_task *task);

/* A task that has finished, NULL if there is none by now. */
struct change_task *changer_finished(struct changer *changer);

/* Finishes the task in hand, refuses those that wait, ends the thread.  They can still
 * be asked for until changer_free(). */
void changer_stop(struct changer *changer);
void changer_free(struct changer *changer); /* NULL is fine */

#endif
