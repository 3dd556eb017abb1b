/*
 * Starting another program.  Called by who has workers, and by who tells of alerts, on
 * their threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void plan_signals(posix_spawnattr_t *how)
{
	const short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
			    POSIX_SPAWN_SETPGROUP; /* Ctrl-C is for the daemon alone */
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setflags(how, flags);
	posix_spawnattr_setpgroup(how, 0);
	posix_spawnattr_setsigmask(how, &none);
	posix_spawnattr_setsigdefault(how, &all);
}

/* 0 or an error number. */
static int plan_files(
	posix_spawn_file_actions_t *plan, const struct spawn_file *files, size_t n)
{
	int last = STDERR_FILENO, rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = files[i].ours < 0 ? posix_spawn_file_actions_addopen(plan,
						 files[i].theirs, "/dev/null", O_RDWR, 0)
				       : posix_spawn_file_actions_adddup2(
						 plan, files[i].ours, files[i].theirs);
		if (files[i].theirs > last)
			last = files[i].theirs;
	}
	return rc == 0 ? posix_spawn_file_actions_addclosefrom_np(plan, last + 1) : rc;
}

int spawn_start(pid_t *pid, char *const *argv, char *const *environment,
	const struct spawn_file *files, size_t n)
{
	posix_spawn_file_actions_t plan;
	posix_spawnattr_t how;
	int rc;

	if ((rc = posix_spawn_file_actions_init(&plan)) != 0)
		return rc;
	if ((rc = posix_spawnattr_init(&how)) == 0) {
		plan_signals(&how);
		rc = plan_files(&plan, files, n);
		if (rc == 0)
			rc = posix_spawn(pid, argv[0], &plan, &how, argv, environment);
		posix_spawnattr_destroy(&how);
	}
	posix_spawn_file_actions_destroy(&plan);
	return rc;
}

char *spawn_say_end(char how[SPAWN_END_MAX], int status)
{
	const char *signal_name;

	if (!WIFSIGNALED(status)) {
		snprintf(how, SPAWN_END_MAX, "ended with status %d", WEXITSTATUS(status));
		return how;
	}
	signal_name = sigdescr_np(WTERMSIG(status));
	snprintf(how, SPAWN_END_MAX, "was killed by signal %d (%s)", WTERMSIG(status),
		signal_name != NULL ? signal_name : "of no name");
	return how;
}
