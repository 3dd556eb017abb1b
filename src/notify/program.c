/*
 * Running a program.  Called by the thread that delivers alerts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "notify/program.h"

#include "base/clock.h"
#include "base/spawn.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TICK	   20 /* milliseconds between two looks */
#define TICKS_LAST 50 /* looks for one that was killed */

struct run {
	pid_t pid;
	int in, out; /* ours of the pipes: its standard input and error; -1: closed */
	const char *input;
	size_t left;			 /* of the input */
	char said[PROGRAM_SAID_MAX + 1]; /* as it came */
	size_t nsaid;
};

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int start(struct run *r, char *const *argv)
{
	static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
			     "/sbin:/bin",
		    lang[] = "LANG=C";
	char *const environment[] = { path, lang, NULL };
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, rc = 0;

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 ||
		fcntl(in[1], F_SETFL, O_NONBLOCK) < 0 ||
		fcntl(out[0], F_SETFL, O_NONBLOCK) < 0)
		rc = errno;
	if (rc == 0) {
		const struct spawn_file files[] = { { in[0], STDIN_FILENO },
			{ -1, STDOUT_FILENO }, { out[1], STDERR_FILENO } };

		rc = spawn_start(&r->pid, argv, environment, files,
			sizeof(files) / sizeof(*files));
	}
	close_end(&in[0]);
	close_end(&out[1]);
	r->in = in[1];
	r->out = out[0];
	return rc;
}

/* It need not read what it is given. */
static void feed(struct run *r)
{
	ssize_t n = write(r->in, r->input, r->left);

	if (n > 0) {
		r->input += n;
		r->left -= (size_t)n;
	}
	if (r->left == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_end(&r->in);
}

/* One that never stops to speak must not keep us busy: it is listened to slowly. */
static void listen_to(struct run *r)
{
	char more[16384];
	size_t room = PROGRAM_SAID_MAX - r->nsaid;
	ssize_t n = read(r->out, more, sizeof(more));

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_end(&r->out);
	if (n <= 0)
		return;
	if ((size_t)n < room)
		room = (size_t)n;
	memcpy(r->said + r->nsaid, more, room);
	r->nsaid += room;
	if (r->nsaid == PROGRAM_SAID_MAX)
		usleep(1000 * TICK);
}

static void talk(struct run *r)
{
	struct pollfd fds[] = { { r->in, POLLOUT, 0 }, { r->out, POLLIN, 0 } };

	if (poll(fds, 2, TICK) <= 0)
		return;
	if (fds[0].revents != 0)
		feed(r);
	if (fds[1].revents != 0)
		listen_to(r);
}

/* Not waited for yet, so that its number, and its group's, are nobody else's. */
static bool has_ended(pid_t pid)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == pid;
}

/* With whoever is left of its group.  False: it cannot be killed, as one that has become
 * another user. */
static bool end(pid_t pid, int *status)
{
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
	for (int i = 0; i < TICKS_LAST; i++) {
		if (waitpid(pid, status, WNOHANG) == pid)
			return true;
		usleep(1000 * TICK);
	}
	return false;
}

static void wait_for_left(struct program_left *left)
{
	size_t n = 0;

	for (size_t i = 0; i < left->n; i++)
		if (waitpid(left->pids[i], NULL, WNOHANG) == 0)
			left->pids[n++] = left->pids[i];
	left->n = n;
}

/* " and says: ..." */
static int fail(struct run *r, const char *program, const char *how, struct err *err)
{
	char shown[ERR_TEXT_MAX];

	while (r->nsaid > 0 && strchr("\r\n", r->said[r->nsaid - 1]) != NULL)
		r->nsaid--;
	r->said[r->nsaid] = '\0';
	str_escape(shown, sizeof(shown), r->said);
	return err_code(err, ERR_FAILED, "%s %s%s%s", program, how,
		*shown != '\0' ? ", and says: " : "", shown);
}

/* Its end, or that of our patience. */
static int judge(struct run *r, struct program_left *left, const char *program,
	bool in_time, bool stopped, struct err *err)
{
	char how[SPAWN_END_MAX];
	int status;

	if (!end(r->pid, &status)) {
		left->pids[left->n++] = r->pid;
		return fail(r, program, "did not end in time, and cannot be killed", err);
	}
	if (!in_time)
		return fail(r, program,
			stopped ? "was killed, since themisd stops"
				: "did not end in time, and was killed",
			err);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return fail(r, program, spawn_say_end(how, status), err);
}

int program_run(struct program_left *left, char *const *argv, const char *input,
	int64_t until, const _Atomic int64_t *stop, struct err *err)
{
	struct run r = { .input = input, .left = strlen(input) };
	bool in_time, stopped = false;
	int64_t now;
	int rc;

	wait_for_left(left);
	if (left->n == PROGRAM_LEFT_MAX)
		return err_code(err, ERR_FAILED,
			"%s is not started: %d programs before it have not ended yet",
			argv[0], PROGRAM_LEFT_MAX);
	rc = start(&r, argv);
	if (rc != 0) {
		err_code(err, ERR_FAILED, "%s cannot be started: %s", argv[0],
			strerror(rc));
		rc = -1;
	} else {
		while (!(in_time = has_ended(r.pid)) &&
			(now = clock_monotonic()) < until && !(stopped = now >= *stop))
			talk(&r);
		/* what it has said with its last breath */
		if (in_time && r.out >= 0 && r.nsaid < PROGRAM_SAID_MAX)
			listen_to(&r);
		rc = judge(&r, left, argv[0], in_time, stopped, err);
	}
	close_end(&r.in);
	close_end(&r.out);
	return rc;
}
