/*
 * Who reads.  SQLite's readers hold a lock on one of five bytes of the log's index
 * (https://sqlite.org/walformat.html, 2.3), so the kernel knows which process it is.
 * Called by the keeper, on its thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "db/reader.h"

#include "base/clock.h"
#include "base/episode.h"
#include "base/str.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Of the index: how far each of the readers sees, and the bytes that they lock. */
#define READERS	 5
#define MARKS_AT 100
#define LOCKS_AT 123

#define NAME_MAX_OCTETS 100

void reader_watch_init(struct reader_watch *watch, struct db *db)
{
	*watch = (struct reader_watch){ .db = db, .file = -1 };
}

/* It stays open until the process ends: when it is closed, POSIX drops all locks of this
 * process on the file, and those of SQLite's connections are among them. */
static int open_index(struct reader_watch *watch)
{
	char path[PATH_MAX + sizeof("-shm")];

	if (watch->file >= 0)
		return watch->file;
	snprintf(path, sizeof(path), "%s-shm",
		sqlite3_db_filename(db_handle(watch->db), "main"));
	watch->file = open(path, O_RDONLY | O_CLOEXEC);
	return watch->file;
}

/* The process that reads at that place or before it: 0 if it is none but ourselves, -1 if
 * the kernel does not say which. */
static pid_t find_reader(struct reader_watch *watch, int copied)
{
	int file = open_index(watch);
	uint32_t marks[READERS];

	if (file < 0 || pread(file, marks, sizeof(marks), MARKS_AT) != sizeof(marks))
		return -1;
	for (int i = 0; i < READERS; i++) {
		struct flock lock = { .l_type = F_WRLCK,
			.l_whence = SEEK_SET,
			.l_start = LOCKS_AT + i,
			.l_len = 1 };

		/* the first reads no log, only the file, which must not change then */
		if (i > 0 && marks[i] > (uint32_t)copied)
			continue;
		if (fcntl(file, F_GETLK, &lock) < 0)
			return -1;
		if (lock.l_type != F_UNLCK)
			return lock.l_pid > 0 ? lock.l_pid : -1;
	}
	return 0;
}

/* "sqlite3 (pid 4711)"; the name is whatever the process calls itself. */
static const char *name_process(char name[NAME_MAX_OCTETS], pid_t pid)
{
	char path[40], comm[40] = "";
	FILE *file;

	if (pid <= 0)
		return pid == 0 ? "themisd itself" : "another process";
	snprintf(path, sizeof(path), "/proc/%ld/comm", (long)pid);
	file = fopen(path, "re");
	if (file != NULL && fgets(comm, sizeof(comm), file) != NULL)
		comm[strcspn(comm, "\n")] = '\0';
	if (file != NULL)
		fclose(file);
	str_escape(name, NAME_MAX_OCTETS - 20, comm[0] != '\0' ? comm : "a process");
	str_append(name, NAME_MAX_OCTETS, " (pid %ld)", (long)pid);
	return name;
}

void reader_watch_note(struct reader_watch *watch, bool held, int copied, int64_t now)
{
	char name[NAME_MAX_OCTETS], since[CLOCK_TEXT_MAX];
	pid_t pid;

	if (!held) {
		watch->held = 0;
		episode_end(EPISODE_LOG, now);
		return;
	}
	pid = find_reader(watch, copied);
	if (watch->held == 0 || pid != watch->pid)
		watch->since = now;
	if (watch->held == 0 || (pid != watch->pid && watch->pid == 0))
		watch->held = now;
	watch->pid = pid;
	if (now - watch->held < (pid == 0 ? READER_PATIENCE_OWN : READER_PATIENCE))
		return;
	episode_begin(EPISODE_LOG, now, "%s has been reading since %s",
		name_process(name, pid), clock_format(since, watch->since));
}
