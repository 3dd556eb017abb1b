/*
 * Replacing files.  Called by do_report.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "replace.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int failed(const char *path, struct err *err)
{
	return err_set(err, "cannot write \"%.200s\": %s", path, strerror(errno));
}

/* The directory that it is in, from malloc(). */
static char *name_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash == NULL ? mem_strdup(".") : mem_strdup(path);

	if (slash != NULL)
		dir[slash == path ? 1 : slash - path] = '\0';
	return dir;
}

/* Before all is asked for that is to be in it. */
static int check_directory(const char *path, struct err *err)
{
	char *dir = name_directory(path);
	int rc = access(dir, W_OK | X_OK);

	free(dir);
	return rc < 0 ? failed(path, err) : 0;
}

int replace_check(const char *path, struct err *err)
{
	struct stat st;
	bool there = lstat(path, &st) == 0;

	if (!there && errno != ENOENT)
		return failed(path, err);
	if (!there || S_ISREG(st.st_mode))
		return check_directory(path, err);
	return err_set(err, "cannot write \"%.200s\": it is there, and %s", path,
		S_ISLNK(st.st_mode)   ? "a symbolic link"
		: S_ISDIR(st.st_mode) ? "a directory"
				      : "no plain file");
}

/* A name in the same directory, which ends with XXXXXX; from malloc(). */
static char *name_beside(const char *path)
{
	static const char name[] = ".tmsh-XXXXXX";
	const char *slash = strrchr(path, '/');
	size_t n = slash != NULL ? (size_t)(slash - path) + 1 : 0;
	char *beside = mem_calloc(n + sizeof(name), 1);

	memcpy(beside, path, n);
	memcpy(beside + n, name, sizeof(name));
	return beside;
}

static int write_all(int fd, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t k = write(fd, text, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -1;
		text += k;
		n -= (size_t)k;
	}
	return fsync(fd);
}

static int write_beside(const char *path, char *beside, const char *text, size_t n)
{
	int fd = mkostemp(beside, O_CLOEXEC), rc, saved;

	if (fd < 0)
		return -1;
	rc = write_all(fd, text, n);
	saved = errno;
	if (close(fd) < 0 && rc == 0) {
		rc = -1;
		saved = errno;
	}
	if (rc == 0 && rename(beside, path) == 0)
		return 0;
	saved = rc == 0 ? errno : saved;
	unlink(beside);
	errno = saved;
	return -1;
}

int replace_file(const char *path, const char *text, size_t n, struct err *err)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, was;
	char *beside = name_beside(path);
	sigset_t all, before;
	int rc;

	/* nobody is to end us between the file and its name; that it is too long is an
	 * error of write() */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	sigaction(SIGXFSZ, &ignore, &was);
	rc = write_beside(path, beside, text, n);
	if (rc < 0)
		failed(path, err);
	/* a blocked signal waits, ignored or not: it goes while it still is */
	sigprocmask(SIG_SETMASK, &before, NULL);
	sigaction(SIGXFSZ, &was, NULL);
	free(beside);
	return rc;
}
