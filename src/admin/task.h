/*
 * A command on its way: from the line that a client sent to the answer that he reads.
 * Made, judged and answered by the control server, run by the thread whose work it is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_TASK_H
#define THEMIS_ADMIN_TASK_H

#include "admin/request.h"
#include "base/user.h"

#include <sys/queue.h>

/* In the request's arena; its user and outbox are the client's.  The server's, except
 * from runner_submit() until runner_finished() has given it back. */
struct task {
	struct request rq;
	int (*handler)(struct request *rq, struct err *err);
	char *user;   /* what rq.user is: "" until it was looked up, then kept */
	bool refusal; /* may wait for changes that come after it */
	void *owner;  /* for whoever submitted it */
	int result;
	struct err err;
	STAILQ_ENTRY(task) link;
};

/* A task for that line; user: room for USER_MAX octets, perhaps "". */
struct task *task_new(
	struct admin *admin, const char *line, uid_t uid, char *user, struct outbox *out);

/* 1: a command, good if `writes` is true or it only looks (else its words are not
 * judged: they are none of the client's business); 0: an empty line; -1: refused, and
 * task->err says why. */
int task_parse(struct task *task, bool writes);

/* Who does a command. */
int (*task_handler(const struct command *command))(struct request *, struct err *);

/* Whose work a command is. */
enum admin_thread task_thread(const struct task *task);

/* Its rows are in the outbox already; adds the line that closes the answer, and frees
 * it. */
void task_answer(struct task *task);

/* A line of an answer, whatever is quoted in it. */
void task_say(struct outbox *out, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
