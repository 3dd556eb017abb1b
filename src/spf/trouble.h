/*
 * What is wrong with SPF as a whole, though each worker does what it can: there is no
 * room for all who ask, or DNS answers nobody.  Noted under the pool's lock; a copy is
 * told without it, as episodes (base/episode.h), on the pool's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SPF_TROUBLE_H
#define THEMIS_SPF_TROUBLE_H

#include "spf/spf.h"

#include <stdint.h>

/* It is DNS, and not that of one sender, when so many checks one after the other had no
 * answer, and they were of so many domains at least. */
#define SPF_TROUBLE_CHECKS  10
#define SPF_TROUBLE_DOMAINS 3

/* There is room again when so long nobody was refused for want of it: microseconds. */
#define SPF_TROUBLE_QUIET 10000000

/* Starts as zeros. */
struct spf_trouble {
	const char *full;   /* why the last one was refused; NULL: there is room */
	int64_t full_until; /* unless another one is refused */
	unsigned lost;	    /* checks without an answer since the last good one */
	uint64_t domains[SPF_TROUBLE_DOMAINS]; /* of these, hashed */
	unsigned ndomains;
};

/* Moments as in crew.h.  why: a constant; true: it begins, so the pool's thread is to be
 * woken. */
bool spf_trouble_full(struct spf_trouble *trouble, const char *why, int64_t now);

/* What came of a check. */
void spf_trouble_answer(struct spf_trouble *trouble, const struct spf_answer *a);

/* Is there room again?  Then that is noted. */
void spf_trouble_look(struct spf_trouble *trouble, int64_t now);

/* When to look again; INT64_MAX: there is nothing to look for. */
int64_t spf_trouble_wakes(const struct spf_trouble *trouble);

/* Begins and ends the episodes. */
void spf_trouble_tell(const struct spf_trouble *trouble);

#endif
