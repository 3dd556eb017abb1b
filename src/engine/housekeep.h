/*
 * What goes by itself: counters that have left their windows; history, recipients,
 * refusals and traffic, each by its age and by its size, as the settings say; flags and
 * grants that are over.  And what is put together by itself: what was seen of whom
 * (engine/seen.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_HOUSEKEEP_H
#define THEMIS_ENGINE_HOUSEKEEP_H

#include "engine/engine.h"

#define HOUSEKEEPING_EVERY (60 * CLOCK_SECOND)

/* How many rows a table has is looked at so often. */
#define HOUSEKEEPING_COUNTS_EVERY (3600 * CLOCK_SECOND)

struct housekeeper;

/* reader (DB_READER) is taken over. */
struct housekeeper *housekeeper_new(struct engine *engine, struct db *reader);
void housekeeper_free(struct housekeeper *h); /* NULL is fine */

/* From when on anything may go: now; in an hour, with a warning, where the clock is more
 * than a day ahead of all that is stored.  That may be true, after a pause; if it is not,
 * somebody has time to set the clock before everything is over by it.  0, or -1 and err.
 */
int housekeep_begin(struct db *db, int64_t now, int64_t *when, struct err *err);

/* Until then nothing goes; what was seen is put together all the same.  To be called
 * before the first step, if at all. */
void housekeeper_spare(struct housekeeper *h, int64_t until);

/* A step of it, one small write.  From the main loop, every HOUSEKEEPING_EVERY: again and
 * again, with a little time between for mail, until it says false: nothing is left to
 * do, or nothing can be written. */
bool housekeep(struct housekeeper *h, int64_t now);

/* How many milliseconds belong to mail alone before the next step: behind the last one;
 * and when that took so many microseconds of the writer, and is hours behind (or not). */
int housekeep_wait(const struct housekeeper *h);
int housekeep_pause(int64_t took, bool behind);

#endif
