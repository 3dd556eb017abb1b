/*
 * Lines that were typed.  Called by shell/prompt.c.
 *
 * The file is only appended to, and shortened in its place, under a lock: there is no
 * second one that a shell which is killed could leave behind.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "typed.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* needs stdio.h before it */
#include <readline/history.h>

#define LINES_KEPT 1000

/* readline has one history, too */
static int typed_fd = -1; /* the file; -1: none */

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

/* For a moment: nobody holds it longer than a file of this size takes. */
static void lock(int operation)
{
	while (flock(typed_fd, operation) < 0 && errno == EINTR)
		;
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

/* What is kept goes to the front, then the rest off: a shell that is killed in between
 * leaves some lines twice. */
static void shorten(void)
{
	struct stat st;
	char *text;
	size_t from, size;

	lock(LOCK_EX);
	if (fstat(typed_fd, &st) == 0 && st.st_size > 0) {
		size = (size_t)st.st_size;
		text = mem_calloc(size, 1);
		if (pread(typed_fd, text, size, 0) == (ssize_t)size &&
			(from = last_lines(text, size, LINES_KEPT)) > 0 &&
			pwrite(typed_fd, text + from, size - from, 0) ==
				(ssize_t)(size - from))
			(void)!ftruncate(typed_fd, (off_t)(size - from));
		free(text);
	}
	lock(LOCK_UN);
}

void typed_begin(void)
{
	struct arena *arena = arena_new();
	char *path = file_name(arena);
	struct stat st;

	using_history();
	stifle_history(LINES_KEPT);
	if (path != NULL) {
		make_parents(path);
		/* made here, so that it is never readable by others */
		typed_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		/* of a pipe nobody would see the end */
		if (typed_fd >= 0 && (fstat(typed_fd, &st) < 0 || !S_ISREG(st.st_mode))) {
			close(typed_fd);
			typed_fd = -1;
		}
	}
	if (typed_fd >= 0) {
		fchmod(typed_fd, 0600);
		shorten(); /* one that was killed has not */
		lock(LOCK_SH);
		read_history(path);
		lock(LOCK_UN);
	}
	arena_free(arena);
}

void typed_add(const char *line)
{
	add_history(line);
	if (typed_fd < 0)
		return;
	lock(LOCK_EX);
	/* not O_APPEND, with which pwrite() would append, too */
	lseek(typed_fd, 0, SEEK_END);
	dprintf(typed_fd, "%s\n", line);
	lock(LOCK_UN);
}

void typed_end(void)
{
	clear_history();
	if (typed_fd < 0)
		return;
	shorten();
	close(typed_fd);
	typed_fd = -1;
}
