/*
 * What a daemon does with itself.  Called by main, while there is one thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "process.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Empty, or the number of a process: a wrong path must not cost anybody his file. */
static bool holds_pid(int fd)
{
	char text[24];
	ssize_t n = pread(fd, text, sizeof(text), 0), digits = 0;

	while (digits < n && text[digits] >= '0' && text[digits] <= '9')
		digits++;
	return n == 0 || (digits > 0 && digits == n - 1 && text[digits] == '\n');
}

/* The file may be removed between open and lock by one that ends: then the lock is
 * on nothing, and we try again. */
int process_lock(const char *path, struct err *err)
{
	struct stat held, named;
	char pid[24] = "";
	int fd;

	for (;;) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
		if (fd < 0)
			return err_set(err, "%s: %s", path, strerror(errno));
		if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
			if (errno != EWOULDBLOCK) {
				err_set(err, "%s: cannot be locked: %s", path,
					strerror(errno));
				close(fd);
				return -1;
			}
			if (pread(fd, pid, sizeof(pid) - 1, 0) < 0)
				pid[0] = '\0';
			close(fd);
			return err_set(err, "another themisd holds %s (pid %.*s)", path,
				(int)strcspn(pid, "\n"), pid);
		}
		if (fstat(fd, &held) == 0 && lstat(path, &named) == 0 &&
			held.st_ino == named.st_ino && held.st_dev == named.st_dev) {
			if (S_ISREG(held.st_mode) && holds_pid(fd))
				return fd;
			close(fd);
			return err_set(err,
				"%s: exists and holds no process id; it is left alone",
				path);
		}
		close(fd);
	}
}

int process_write_pid(int fd, const char *path, struct err *err)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)n, 0) != n)
		return err_set(err, "%s: %s", path, strerror(errno));
	return 0;
}

int process_background(int *ready, struct err *err)
{
	int ends[2];
	char byte;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		return err_set(err, "cannot go to the background: %s", strerror(errno));
	if (pid > 0) {
		close(ends[1]);
		_exit(read(ends[0], &byte, 1) == 1 ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	close(ends[0]);
	*ready = ends[1];
	setsid();
	if (chdir("/") < 0)
		return err_set(err, "cannot change to /: %s", strerror(errno));
	return 0;
}

void process_ready(int ready, bool close_stderr)
{
	int null;

	if (write(ready, "", 1) < 0)
		log_warning("whoever started us is gone");
	close(ready);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (close_stderr)
		dup2(null, STDERR_FILENO);
	close(null);
}

int process_become(const char *user, uid_t uid, gid_t gid, struct err *err)
{
	if (getuid() != 0) {
		if (getuid() != uid)
			return err_set(err,
				"user: only root can become \"%s\" (set user to the "
				"one who starts themisd)",
				user);
		return 0;
	}
	if (uid == 0)
		return 0;
	if (initgroups(user, gid) < 0 || setgid(gid) < 0 || setuid(uid) < 0)
		return err_set(
			err, "user: cannot become \"%s\": %s", user, strerror(errno));
	return 0;
}

/* By whatever names they go. */
static bool is_same_file(const char *a, const char *b)
{
	struct stat is, other;

	return stat(a, &is) == 0 && stat(b, &other) == 0 && is.st_dev == other.st_dev &&
	       is.st_ino == other.st_ino;
}

char *process_find(char *path, const char *program)
{
	char own[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);
	char *end;

	own[n > 0 ? n : 0] = '\0';
	end = strrchr(own, '/');
	if (end != NULL)
		*end = '\0';
	if (end == NULL || is_same_file(own, SBINDIR) ||
		snprintf(path, PATH_MAX, "%s/%s", own, program) >= PATH_MAX)
		snprintf(path, PATH_MAX, "%s/%s", PKGLIBEXECDIR, program);
	return path;
}
