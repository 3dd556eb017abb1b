/*
 * A copy of the database while it is used, as it is at one moment.  Nobody waits for it:
 * it reads like any other reader, so the writer goes on, and only the log cannot start
 * again before the copy is made.  On a thread that may wait for a disk.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_DB_COPY_H
#define THEMIS_DB_COPY_H

#include "db/db.h"

/* Makes the file (an absolute path of which nothing is there yet), which only its owner
 * may read.  It is written beside under another name, looked through (quick_check),
 * brought to the disk and only then given its name: so it is whole, or not there.  It
 * needs no log beside it.  octets (NULL: never mind): its size.  sqlite3_interrupt() on
 * the connection that it is copied from ends it.  0, or -1 and err, and nothing is left
 * behind. */
int db_copy(struct db *from, const char *path, int64_t *octets, struct err *err);

/* The same, but under its own name from the first octet on.  So what is there after a
 * crash may be a part of it, and who calls this has to know by something else.  suspect:
 * it has failed since what is in the copy, or in the database, makes no sense. */
int db_copy_here(struct db *from, const char *path, bool *suspect, struct err *err);

/* Gives a file another name, on the disk, too.  0, or -1 and err: ERR_EXISTS if there is
 * something of that name, which is left alone. */
int db_copy_name(const char *from, const char *to, struct err *err);

/* Looks through all of a database.  0, or -1 and err, whose words begin with what, and
 * are one line. */
int db_copy_check(sqlite3 *handle, const char *what, struct err *err);

#endif
