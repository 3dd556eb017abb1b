/*
 * What a daemon does with itself: be the only one, go to the background, become
 * another user.  On the main thread, before there are others.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_PROCESS_H
#define THEMIS_PROCESS_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

/* Makes the file if need be and locks it for as long as the process lives.  The
 * descriptor, or -1: another process holds it, and err says which. */
int process_lock(const char *path, struct err *err);

/* Our pid as the contents of a locked file. */
int process_write_pid(int fd, const char *path, struct err *err);

/* Returns in a child of its own session.  The parent waits until process_ready(*ready)
 * and ends with status 0, or 1 when the child ends before that: so who starts us knows
 * which. */
int process_background(int *ready, struct err *err);

/* Lets the parent go; from here on standard input and output are nothing, standard
 * error too if the log does not go there. */
void process_ready(int ready, bool close_stderr);

/* Becomes that user with its groups; nothing to do if it is us already. */
int process_become(const char *user, uid_t uid, gid_t gid, struct err *err);

/* Where a program is that the daemon starts: in $(pkglibexecdir) if the daemon is in
 * $(sbindir), else beside it, as in a build.  Returns path, of PATH_MAX octets. */
char *process_find(char *path, const char *program);

#endif
