/*
 * A database as it will be once the daemon has started on it, for who only looks.  The
 * file of an earlier Themis stays what it is: its schema and its configuration are copied
 * into memory and migrated there.  Not the history and the counters, of which there may
 * be more than fits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_DB_AHEAD_H
#define THEMIS_DB_AHEAD_H

#include "db/db.h"

/* A reader of the file (an absolute path; it is there), if that has the schema of this
 * Themis; else of the copy.  *schema: the file's.  NULL and err: it cannot be read, is
 * none of ours, or cannot be migrated. */
struct db *ahead_open(const char *path, int *schema, struct err *err);

#endif
