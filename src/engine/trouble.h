/*
 * Times in which something was wrong, for the history: what base/episode.h says goes on
 * is written down when it begins, and when it is over.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_TROUBLE_H
#define THEMIS_ENGINE_TROUBLE_H

#include "db/writer.h"

struct trouble_log;

struct trouble_log *trouble_log_new(struct writer *writer);
void trouble_log_free(struct trouble_log *log); /* NULL is fine */

/* What was going on when the last process ended is over since then at the latest, as far
 * as anybody knows.  Once, at the start; db is the writer's.  0, or -1 and err. */
int trouble_log_begin(struct db *db, int64_t now, struct err *err);

/* Looks what has begun and what is over; about once a second.  Waits for nothing: what
 * cannot be stored now is tried again.  One thread. */
void trouble_log_watch(struct trouble_log *log, int64_t now);

#endif
