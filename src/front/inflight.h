/*
 * What the front end has in hand, and the end of that: once it drains, no message comes
 * any more, and those that are here leave.  On any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_FRONT_INFLIGHT_H
#define THEMIS_FRONT_INFLIGHT_H

#include <stdbool.h>

/* A session more (1) or less (-1). */
void inflight_count_session(int by);

/* A message comes into our hands.  False: it does not, we are stopping. */
bool inflight_begin(void);

/* One that came was answered, or given up. */
void inflight_end(void);

/* One has its verdict, which this thread writes next: it ends with that, or at once where
 * nobody tells when something is written. */
void inflight_end_written(void);

/* It was written by this thread, or will not be any more. */
void inflight_written(void);

/* From now on that is told; is it? */
void inflight_tell(void);
bool inflight_is_told(void);

bool inflight_is_draining(void);

/* From now on no message comes.  Waits until those in hand have left, at most so many
 * milliseconds; how many have not even then. */
unsigned inflight_drain(unsigned milliseconds);

void inflight_count(unsigned *sessions, unsigned *messages);

#endif
