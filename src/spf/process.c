/*
 * Starting, asking and ending one themis-spf.  Called by the pool's thread, among others
 * of the daemon.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/process.h"

#include "spf/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int spawn(pid_t *pid, const char *program, const char *argument, int theirs)
{
	char *const argv[] = { (char *)program, (char *)argument, NULL };
	char *const environment[] = { NULL };
	/* the socket first: the others may take its number */
	const struct spawn_file files[] = { { theirs, SPF_WIRE_FD }, { -1, STDIN_FILENO },
		{ -1, STDOUT_FILENO } };

	return spawn_start(pid, argv, environment, files, sizeof(files) / sizeof(*files));
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

void spf_process_stop(struct spf_process *p, char how[SPAWN_END_MAX])
{
	int status = 0;

	/* nobody else waits for it, so the number is still its own; one that is dying of
	 * something else keeps that as its status */
	kill(p->pid, SIGKILL);
	close(p->fd);
	while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
		;
	*p = (struct spf_process){ .fd = -1 };
	spawn_say_end(how, status);
}
