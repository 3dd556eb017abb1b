/*
 * Local submissions that are tried again.  Called by the engine, on the message's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/retry.h"

#include "engine/message.h"
#include "engine/pending.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <uthash.h>

struct retry {
	UT_hash_handle hh;
	TAILQ_ENTRY(retry) age;
	int64_t last; /* when it was tried */
	struct pending_row *row;
	char key[];
};

struct retries {
	pthread_mutex_t lock; /* guards what follows */
	struct retry *by_key;
	TAILQ_HEAD(, retry) age; /* who was tried longest ago first */
};

/* As far as one message can be told from another; an address has no blanks outside
 * quotes, and nobody's name is made to look like two. */
static const char *make_key(const struct message *m, const struct verdict *v)
{
	return arena_printf(m->arena, "%lld %s %s %s %llu %llu",
		(long long)(v->policy != NULL ? v->policy->id : 0),
		v->object != NULL ? v->object : "-", m->sender.text,
		m->login != NULL ? m->login : "-", (unsigned long long)m->nrecipients,
		(unsigned long long)m->size);
}

static void forget(struct retries *t, struct retry *r)
{
	HASH_DEL(t->by_key, r);
	TAILQ_REMOVE(&t->age, r, age);
	pending_row_release(r->row);
	free(r);
}

/* Under the lock. */
static void forget_old(struct retries *t, int64_t now)
{
	struct retry *r;

	while ((r = TAILQ_FIRST(&t->age)) != NULL &&
		(now - r->last > RETRY_WITHIN || HASH_COUNT(t->by_key) > RETRY_MOST))
		forget(t, r);
}

static struct retry *add(struct retries *t, const char *key, int64_t now)
{
	size_t len = strlen(key);
	struct retry *r = mem_calloc(1, sizeof(*r) + len + 1);

	memcpy(r->key, key, len + 1);
	r->row = pending_row_new(0, now);
	HASH_ADD_KEYPTR(hh, t->by_key, r->key, len, r);
	TAILQ_INSERT_TAIL(&t->age, r, age);
	return r;
}

bool retries_meet(
	struct retries *t, struct message *m, const struct verdict *v, int64_t now)
{
	const char *key = make_key(m, v);
	struct retry *r;
	bool again;

	pthread_mutex_lock(&t->lock);
	forget_old(t, now);
	HASH_FIND_STR(t->by_key, key, r);
	again = r != NULL;
	if (again) {
		TAILQ_REMOVE(&t->age, r, age);
		TAILQ_INSERT_TAIL(&t->age, r, age);
	} else {
		r = add(t, key, now);
	}
	r->last = now;
	pending_row_acquire(r->row);
	m->row = r->row;
	pthread_mutex_unlock(&t->lock);
	return again;
}

struct retries *retries_new(void)
{
	struct retries *t = mem_calloc(1, sizeof(*t));

	pthread_mutex_init(&t->lock, NULL);
	TAILQ_INIT(&t->age);
	return t;
}

void retries_free(struct retries *t)
{
	struct retry *r;

	if (t == NULL)
		return;
	while ((r = TAILQ_FIRST(&t->age)) != NULL)
		forget(t, r);
	pthread_mutex_destroy(&t->lock);
	free(t);
}
