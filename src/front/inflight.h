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

/* One that came has its verdict, or was given up. */
void inflight_end(void);

bool inflight_is_draining(void);

/* From now on no message comes.  Waits until those in hand have left, at most so many
 * milliseconds; how many have not even then. */
unsigned inflight_drain(unsigned milliseconds);

void inflight_count(unsigned *sessions, unsigned *messages);

#endif
