/*
 * The keeper: the maintenance thread of the database, with a connection of its
 * own.  It copies the log into the file (PASSIVE checkpoints, so nobody waits
 * for it), and syncs the log for those who must know that a change is on the
 * disk.  Mail waits for it only where the log would grow without bound (40 MB).  It
 * also looks whether the file was moved, removed or replaced under us: then EPISODE_FILE
 * goes on (base/episode.h); and who keeps the log from starting again (db/reader.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_DB_KEEPER_H
#define THEMIS_DB_KEEPER_H

#include "db/writer.h"

struct keeper;

/* Takes the connection (DB_KEEPER) over.  Starts the thread.  writer: who is held for
 * a moment when the log has grown long; NULL: nobody. */
struct keeper *keeper_new(struct db *db, struct writer *writer);

/* A last checkpoint, the thread's end, the connection closed.  Nobody may be waiting
 * in keeper_sync() any more, and the writer must have ended (writer_stop()). */
void keeper_stop(struct keeper *keeper);

/* Waits until everything committed before the call is on the disk.  Any thread
 * that may wait for a disk. */
int keeper_sync(struct keeper *keeper, struct err *err);

#endif
