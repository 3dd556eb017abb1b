/*
 * Lines that were typed.  Called by shell/prompt.c.
 *
 * The file is opened for each line, since it may be removed meanwhile.  It is only
 * appended to, and shortened in its place, under a lock: there is no second one that a
 * shell which is killed could leave behind.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "typed.h"

#include "base/arena.h"
#include "ctl/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* needs stdio.h before it */
#include <readline/history.h>

#define LINES_KEPT 1000

/* Octets that the last lines can take at most, each as long as a line may be. */
#define TAIL_MAX ((size_t)LINES_KEPT * (WIRE_LINE_MAX + 1))

/* How long the file is waited for, which no shell holds longer than a moment. */
#define LOCK_TRIES 50
#define LOCK_PAUSE ((struct timespec){ .tv_nsec = 20 * 1000 * 1000 })

/* Whoever holds the file was waited for in vain: not again, before every prompt. */
static bool waited;

/* Makes every directory of a path but its last part, for this user alone. */
static void make_parents(char *path)
{
	for (char *p = path + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
}

/* XDG base directories; NULL: nowhere. */
static char *file_name(struct arena *arena)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (state != NULL && state[0] == '/')
		return arena_printf(arena, "%s/themis/history", state);
	if (home != NULL && home[0] == '/')
		return arena_printf(arena, "%s/.local/state/themis/history", home);
	return NULL;
}

/* Where files cannot be locked, shells do without.  false: somebody holds it. */
static bool lock(int fd)
{
	for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK; i++) {
		if (waited || i == LOCK_TRIES) {
			waited = true;
			return false;
		}
		nanosleep(&LOCK_PAUSE, NULL);
	}
	waited = false;
	return true;
}

/* The file, locked until it is closed; made here, so that it is never readable by others,
 * and again if somebody has removed it.  -1: there is none, or somebody holds it. */
static int open_file(char *path)
{
	struct stat st;
	int fd;

	if (path == NULL)
		return -1;
	make_parents(path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -1;
	/* of a pipe nobody would see the end */
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !lock(fd)) {
		close(fd);
		return -1;
	}
	fchmod(fd, 0600);
	return fd;
}

/* Where the last lines of a text begin, at most so many. */
static size_t last_lines(const char *text, size_t size, size_t lines)
{
	size_t at = size;

	/* the line end at the very end is that of the last one */
	while (at > 0 && (text[at - 1] != '\n' || at == size || lines-- > 1))
		at--;
	return at;
}

/* Where the first line ends that does not begin before the text. */
static size_t next_line(const char *text, size_t size)
{
	const char *end = memchr(text, '\n', size);

	return end != NULL ? (size_t)(end - text) + 1 : size;
}

/* The file has this text alone.  It goes to the front, then the rest off: a terminal that
 * is closed must not end the shell in between, which would leave some lines twice (only
 * SIGKILL can).  0 or -1. */
static int replace(int fd, const char *text, size_t size)
{
	sigset_t all, before;
	int rc = -1;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	if (pwrite(fd, text, size, 0) == (ssize_t)size)
		rc = ftruncate(fd, (off_t)size);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return rc;
}

/* -1: the file is as long as it was. */
static int shorten(int fd)
{
	struct stat st;
	size_t size, from;
	off_t tail = 0;
	char *text;
	int rc = -1;

	if (fstat(fd, &st) < 0)
		return -1;
	/* of what no shell has written, the end alone */
	if (st.st_size > (off_t)TAIL_MAX)
		tail = st.st_size - (off_t)TAIL_MAX;
	size = (size_t)(st.st_size - tail);
	text = mem_calloc(size + 1, 1);
	if (pread(fd, text, size, tail) == (ssize_t)size) {
		from = last_lines(text, size, LINES_KEPT);
		if (from == 0 && tail > 0)
			from = next_line(text, size);
		rc = tail == 0 && from == 0 ? 0 : replace(fd, text + from, size - from);
	}
	free(text);
	return rc;
}

void typed_begin(void)
{
	struct arena *arena = arena_new();
	char *path = file_name(arena);
	int fd = open_file(path);

	using_history();
	stifle_history(LINES_KEPT);
	/* shortened first: a shell that was killed has not */
	if (fd >= 0 && shorten(fd) == 0)
		read_history(path);
	if (fd >= 0)
		close(fd);
	arena_free(arena);
}

void typed_add(const char *line)
{
	struct arena *arena = arena_new();
	int fd = open_file(file_name(arena));

	add_history(line);
	if (fd >= 0) {
		/* not O_APPEND, with which pwrite() would append, too */
		lseek(fd, 0, SEEK_END);
		dprintf(fd, "%s\n", line);
		close(fd);
	}
	arena_free(arena);
}

void typed_end(void)
{
	struct arena *arena = arena_new();
	int fd = open_file(file_name(arena));

	clear_history();
	if (fd >= 0) {
		shorten(fd);
		close(fd);
	}
	arena_free(arena);
}
