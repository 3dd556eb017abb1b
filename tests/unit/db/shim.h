/*
 * A file system for tests: SQLite's own, that asks before each call whether it is to
 * fail, or to wait.  shim_install() makes it the one that db_open() uses.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_TESTS_SHIM_H
#define THEMIS_TESTS_SHIM_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

enum shim_call {
	SHIM_OPEN,
	SHIM_READ,
	SHIM_WRITE,
	SHIM_TRUNCATE,
	SHIM_SYNC,
	SHIM_SIZE,
	SHIM_LOCK,
	SHIM_SHM_MAP,
	SHIM_SHM_LOCK,
	SHIM_CALLS
};

/* Of SQLite's files only the database and its log are asked about: two places each, and
 * by its own a file is known. */
static struct {
	sqlite3_vfs vfs;
	const sqlite3_vfs *real;
	sqlite3_io_methods theirs[2], ours[2]; /* of the database; of the log */
	/* Any thread.  SQLITE_OK: go on; else what the call is to return. */
	int (*before)(enum shim_call call, bool log);
} shim;

static inline int shim_place(const sqlite3_file *file)
{
	return file->pMethods == &shim.ours[1];
}

#define SHIM(name, method, call, parameters, ...)                                        \
	static int name parameters                                                       \
	{                                                                                \
		int place = shim_place(f), rc = shim.before(call, place == 1);           \
                                                                                         \
		return rc != SQLITE_OK ? rc : shim.theirs[place].method(f, __VA_ARGS__); \
	}

SHIM(shim_read, xRead, SHIM_READ, (sqlite3_file * f, void *to, int n, sqlite3_int64 at),
	to, n, at)
SHIM(shim_write, xWrite, SHIM_WRITE,
	(sqlite3_file * f, const void *from, int n, sqlite3_int64 at), from, n, at)
SHIM(shim_truncate, xTruncate, SHIM_TRUNCATE, (sqlite3_file * f, sqlite3_int64 n), n)
SHIM(shim_size, xFileSize, SHIM_SIZE, (sqlite3_file * f, sqlite3_int64 *n), n)
SHIM(shim_lock, xLock, SHIM_LOCK, (sqlite3_file * f, int lock), lock)
SHIM(shim_shm_map, xShmMap, SHIM_SHM_MAP,
	(sqlite3_file * f, int region, int n, int extend, void volatile **p), region, n,
	extend, p)
#undef SHIM

/* The disk itself is not waited for: no test cuts the power. */
static int shim_sync(sqlite3_file *f, int flags)
{
	(void)flags;
	return shim.before(SHIM_SYNC, shim_place(f) == 1);
}

/* A lock is never kept from being given back: no kernel does that. */
static int shim_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
	int place = shim_place(f), rc = SQLITE_OK;

	if ((flags & SQLITE_SHM_UNLOCK) == 0)
		rc = shim.before(SHIM_SHM_LOCK, place == 1);
	return rc != SQLITE_OK ? rc : shim.theirs[place].xShmLock(f, at, n, flags);
}

/* A place is filled by the first that is opened, before there are threads. */
static inline void shim_place_methods(sqlite3_file *file, int place)
{
	sqlite3_io_methods *ours = &shim.ours[place];

	if (ours->xRead == NULL) {
		shim.theirs[place] = *ours = *file->pMethods;
		ours->xRead = shim_read;
		ours->xWrite = shim_write;
		ours->xTruncate = shim_truncate;
		ours->xSync = shim_sync;
		ours->xFileSize = shim_size;
		ours->xLock = shim_lock;
		ours->xShmMap = shim_shm_map;
		ours->xShmLock = shim_shm_lock;
	}
	file->pMethods = ours;
}

static int shim_open(
	sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
	bool log = (flags & SQLITE_OPEN_WAL) != 0;
	bool asked = log || (flags & SQLITE_OPEN_MAIN_DB) != 0;
	int rc = asked ? shim.before(SHIM_OPEN, log) : SQLITE_OK;

	file->pMethods = NULL;
	if (rc == SQLITE_OK)
		rc = shim.real->xOpen(vfs, name, file, flags, out);
	if (rc == SQLITE_OK && asked)
		shim_place_methods(file, log);
	return rc;
}

static inline int shim_install(int (*before)(enum shim_call call, bool log))
{
	sqlite3_initialize();
	shim.before = before;
	shim.real = sqlite3_vfs_find(NULL);
	shim.vfs = *shim.real;
	shim.vfs.pNext = NULL;
	shim.vfs.zName = "shim";
	shim.vfs.xOpen = shim_open;
	return sqlite3_vfs_register(&shim.vfs, 1) == SQLITE_OK ? 0 : -1;
}

#endif
