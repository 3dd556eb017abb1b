/*
 * Answers that still hold: a table by what was asked, whose order is that of use.  The
 * pool's, under its lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/cache.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	UT_hash_handle hh;
	void *key;
	int64_t until;
	struct spf_answer answer;
};

struct spf_cache {
	struct entry *entries; /* in the order of use, the latest last */
	size_t size;
};

struct spf_cache *spf_cache_new(size_t size)
{
	struct spf_cache *cache = mem_calloc(1, sizeof(*cache));

	cache->size = size;
	return cache;
}

static void forget(struct spf_cache *cache, struct entry *e)
{
	HASH_DEL(cache->entries, e);
	spf_answer_clear(&e->answer);
	free(e->key);
	free(e);
}

void spf_cache_free(struct spf_cache *cache)
{
	if (cache == NULL)
		return;
	while (cache->entries != NULL)
		forget(cache, cache->entries);
	free(cache);
}

void *spf_question_key(const struct spf_question *q, size_t *len)
{
	size_t helo = strlen(q->helo) + 1, sender = strlen(q->sender) + 1;
	char *key = mem_calloc(1, 2 + sizeof(q->client.addr) + helo + sender), *at = key;

	*at++ = (char)q->client.family;
	*at++ = (char)q->client.bits;
	memcpy(at, q->client.addr, sizeof(q->client.addr));
	at += sizeof(q->client.addr);
	memcpy(at, q->helo, helo);
	memcpy(at + helo, q->sender, sender);
	*len = (size_t)(at - key) + helo + sender;
	return key;
}

static struct entry *find(struct spf_cache *cache, const void *key, size_t len)
{
	struct entry *e;

	HASH_FIND(hh, cache->entries, key, len, e);
	return e;
}

/* As the last of the order; takes the key over. */
static void append(struct spf_cache *cache, void *key, size_t len, struct entry *e)
{
	e->key = key;
	HASH_ADD_KEYPTR(hh, cache->entries, e->key, len, e);
}

void spf_cache_put(struct spf_cache *cache, const struct spf_question *q,
	const struct spf_answer *a, int64_t now)
{
	struct spf_answer plain = *a;
	struct entry *e;
	size_t len;
	void *key;

	if (a->ttl == 0 || a->queries == 0)
		return;
	key = spf_question_key(q, &len);
	e = find(cache, key, len);
	if (e != NULL)
		forget(cache, e);
	while (HASH_COUNT(cache->entries) >= cache->size)
		forget(cache, cache->entries);
	plain.trace = NULL;
	plain.ntrace = 0;
	e = mem_calloc(1, sizeof(*e));
	spf_answer_copy(&e->answer, &plain);
	e->until = now + a->ttl * CLOCK_SECOND;
	append(cache, key, len, e);
}

const struct spf_answer *spf_cache_get(
	struct spf_cache *cache, const struct spf_question *q, int64_t now)
{
	size_t len;
	void *key = spf_question_key(q, &len);
	struct entry *e = find(cache, key, len);

	free(key);
	if (e == NULL)
		return NULL;
	if (now >= e->until) {
		forget(cache, e);
		return NULL;
	}
	HASH_DEL(cache->entries, e);
	append(cache, e->key, len, e);
	e->answer.ttl = (unsigned)((e->until - now + CLOCK_SECOND - 1) / CLOCK_SECOND);
	return &e->answer;
}
