/*
 * What has happened lately: of what goes on for days the beginning is told, and no more.
 * The first event of its kind in an hour begins an episode, each one that follows within
 * an hour prolongs it.  Not locked, and without a clock: whoever has it looks after both.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_LATELY_H
#define THEMIS_ENGINE_LATELY_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LATELY_APART (3600 * CLOCK_SECOND)
#define LATELY_LATE  (600 * CLOCK_SECOND) /* so much earlier: the clock was set back */
#define LATELY_MAX                                                                       \
	10000 /* episodes; beyond that the one that was silent for longest goes */

/* What it happened to. */
struct lately_what {
	unsigned kind;	       /* of the event */
	int64_t policy, limit; /* by their ids; 0: of none */
	const char *object;
};

struct lately;

struct lately *lately_new(void);
void lately_free(struct lately *lately); /* NULL is fine */

/* It happens at that moment.  True: an episode begins. */
bool lately_begins(struct lately *lately, const struct lately_what *what, int64_t now);

/* Nobody heard of its beginning: what happens from that moment on begins it anew. */
void lately_again(struct lately *lately, const struct lately_what *what, int64_t from);

/* How many episodes are known. */
size_t lately_count(const struct lately *lately);

#endif
