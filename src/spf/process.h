/*
 * One process themis-spf as the daemon sees it: a pid, and a socket for one datagram a
 * question.  On one thread of the pool: a worker dies with the thread that started it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SPF_PROCESS_H
#define THEMIS_SPF_PROCESS_H

#include "base/err.h"
#include "base/spawn.h"

#include <sys/types.h>

struct spf_process {
	pid_t pid; /* 0: there is none */
	int fd;	   /* for poll(); does not block */
};

/* Starts the program with that argument.  It gets its end of the socket as SPF_WIRE_FD,
 * nothing as input and output, our standard error, and of descriptors, signals, process
 * group and environment nothing else of ours.  0, or -1 and err; then there is none. */
int spf_process_start(struct spf_process *p, const char *program, const char *argument,
	struct err *err);

/* 0, or -1: it is gone, or takes nothing. */
int spf_process_send(struct spf_process *p, const char *text);

/* One datagram into SPF_WIRE_MAX octets: its length; 0 for the end, a failure or one that
 * is longer; -1 when there is none now. */
ssize_t spf_process_receive(struct spf_process *p, char *buf);

/* Kills it unless it has ended, waits until it is gone, which does not take long, and
 * says of what: "was killed by signal 11 (Segmentation fault)", "ended with status 1". */
void spf_process_stop(struct spf_process *p, char how[SPAWN_END_MAX]);

#endif
