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

#endif
