/*
 * Starting, asking and ending one themis-spf.  Called by the pool's thread, among others
 * of the daemon: posix_spawn(), since nothing may be done between fork() and exec()
 * there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/process.h"

#include "spf/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* What it inherits, and what not; 0 or an error number. */
static int plan(posix_spawn_file_actions_t *files, posix_spawnattr_t *how, int theirs)
{
	const short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
			    POSIX_SPAWN_SETPGROUP; /* Ctrl-C is for the daemon alone */
	sigset_t none, all;
	int rc;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setflags(how, flags);
	posix_spawnattr_setpgroup(how, 0);
	posix_spawnattr_setsigmask(how, &none);
	posix_spawnattr_setsigdefault(how, &all);
	/* first: the others may take its number */
	rc = posix_spawn_file_actions_adddup2(files, theirs, SPF_WIRE_FD);
	if (rc == 0)
		rc = posix_spawn_file_actions_addopen(
			files, STDIN_FILENO, "/dev/null", O_RDWR, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(files, STDIN_FILENO, STDOUT_FILENO);
	if (rc == 0)
		rc = posix_spawn_file_actions_addclosefrom_np(files, SPF_WIRE_FD + 1);
	return rc;
}

static int spawn(pid_t *pid, const char *program, const char *argument, int theirs)
{
	char *const argv[] = { (char *)program, (char *)argument, NULL };
	char *const environment[] = { NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	int rc;

	if ((rc = posix_spawn_file_actions_init(&files)) != 0)
		return rc;
	if ((rc = posix_spawnattr_init(&how)) == 0) {
		rc = plan(&files, &how, theirs);
		if (rc == 0)
			rc = posix_spawn(pid, program, &files, &how, argv, environment);
		posix_spawnattr_destroy(&how);
	}
	posix_spawn_file_actions_destroy(&files);
	return rc;
}

int spf_process_start(
	struct spf_process *p, const char *program, const char *argument, struct err *err)
{
	int ends[2], rc;

	*p = (struct spf_process){ .fd = -1 };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return err_set(err, "no socket for %s: %s", program, strerror(errno));
	/* ours alone: the worker waits for its questions */
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	rc = spawn(&p->pid, program, argument, ends[1]);
	close(ends[1]);
	if (rc == 0) {
		p->fd = ends[0];
		return 0;
	}
	close(ends[0]);
	p->pid = 0;
	return err_set(err, "%s cannot be started: %s", program, strerror(rc));
}

int spf_process_send(struct spf_process *p, const char *text)
{
	size_t len = strlen(text);

	return send(p->fd, text, len, MSG_NOSIGNAL) == (ssize_t)len ? 0 : -1;
}

ssize_t spf_process_receive(struct spf_process *p, char *buf)
{
	ssize_t n = recv(p->fd, buf, SPF_WIRE_MAX, MSG_TRUNC);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return -1;
	return n > 0 && n <= SPF_WIRE_MAX ? n : 0;
}

static void say_how(char how[SPF_PROCESS_HOW_MAX], int status)
{
	const char *signal_name;

	if (!WIFSIGNALED(status)) {
		snprintf(how, SPF_PROCESS_HOW_MAX, "ended with status %d",
			WEXITSTATUS(status));
		return;
	}
	signal_name = sigdescr_np(WTERMSIG(status));
	snprintf(how, SPF_PROCESS_HOW_MAX, "was killed by signal %d (%s)",
		WTERMSIG(status), signal_name != NULL ? signal_name : "of no name");
}

void spf_process_stop(struct spf_process *p, char how[SPF_PROCESS_HOW_MAX])
{
	int status = 0;

	/* nobody else waits for it, so the number is still its own; one that is dying of
	 * something else keeps that as its status */
	kill(p->pid, SIGKILL);
	close(p->fd);
	while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
		;
	*p = (struct spf_process){ .fd = -1 };
	say_how(how, status);
}
