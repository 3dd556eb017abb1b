/*
 * Starting another program, from a daemon of many threads: by posix_spawn(), since
 * nothing may be done between fork() and exec() there.  And what is said of its end.  Any
 * thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BASE_SPAWN_H
#define THEMIS_BASE_SPAWN_H

#include <stddef.h>
#include <sys/types.h>

/* A descriptor of the program: which of ours it is, -1: /dev/null. */
struct spawn_file {
	int ours, theirs;
};

/* Starts argv[0], a path, in a process group of its own, with these n descriptors (made
 * in this order: none of ours may have the number of one before it), of 0 to 2 those that
 * we have where none is named, and no others; every signal as by default, none blocked;
 * that environment.  0, or an error number. */
int spawn_start(pid_t *pid, char *const *argv, char *const *environment,
	const struct spawn_file *files, size_t n);

/* "ended with status 3", "was killed by signal 9 (Killed)": what waitpid() said.  Returns
 * how. */
#define SPAWN_END_MAX 80
char *spawn_say_end(char how[SPAWN_END_MAX], int status);

#endif
