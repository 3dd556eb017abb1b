/*
 * Answers that still hold, by what was asked: (client address, HELO, sender).  Bounded;
 * past its size the one goes that was asked for longest ago.  Not locked: whoever owns it
 * sees to that.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SPF_CACHE_H
#define THEMIS_SPF_CACHE_H

#include "spf/spf.h"

#include <stdint.h>

struct spf_cache;

/* size: answers, 1 at least. */
struct spf_cache *spf_cache_new(size_t size);
void spf_cache_free(struct spf_cache *cache); /* NULL is fine */

/* Keeps a copy for as long as the answer says that it holds, without its trace; one that
 * holds for a message alone (ttl 0) is not kept, nor one that has cost no question of
 * DNS.  now in microseconds of a clock that never steps. */
void spf_cache_put(struct spf_cache *cache, const struct spf_question *q,
	const struct spf_answer *a, int64_t now);

/* The answer, until the cache is changed; its ttl is what is left of it, rounded up. NULL
 * if there is none that holds.  Whether a trace is wanted does not matter here. */
const struct spf_answer *spf_cache_get(
	struct spf_cache *cache, const struct spf_question *q, int64_t now);

/* --- what makes two questions the same, for others that compare them --- */

/* Client, HELO and sender in octets that are the same for the same question alone;
 * *len of them, for free(). */
void *spf_question_key(const struct spf_question *q, size_t *len);

#endif
