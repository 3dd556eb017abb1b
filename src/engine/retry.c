/*
 * Local submissions that are tried again.  Called by the engine, on the message's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/retry.h"

#include "base/str.h"
#include "engine/message.h"
#include "engine/pending.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <uthash.h>

#define ID_MAX 998 /* RFC 5322 2.1.1: of a line */

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

	_Atomic int64_t until; /* then all of them are too old */
};

void retry_header(struct message *m, const char *name, const char *value)
{
	size_t len = strlen(value);

	m->header_octets += strlen(name) + len;
	if (strcasecmp(name, "Message-ID") == 0)
		m->message_id = arena_memdup(m->arena, value, strnlen(value, ID_MAX));
	else if (strcasecmp(name, "Resent-Message-ID") != 0)
		m->header_hash = 31 * m->header_hash + str_hash(name, strlen(name)) +
				 7 * str_hash(value, len);
}

static uint64_t hash_recipients(const struct message *m)
{
	const struct recipient *r;
	uint64_t hash = m->nrecipients;

	STAILQ_FOREACH(r, &m->recipients, link)
		hash = 31 * hash + str_hash(r->address.text, strlen(r->address.text));
	return hash;
}

/* Whose it is; an address has no blanks outside quotes, and nobody's name is made to look
 * like two. */
static const char *make_key(const struct message *m, const struct verdict *v)
{
	return arena_printf(m->arena, "%lld %s %s %s %llx",
		(long long)(v->policy != NULL ? v->policy->id : 0),
		v->object != NULL ? v->object : "-", m->sender.text,
		m->login != NULL ? m->login : "-",
		(unsigned long long)hash_recipients(m));
}

/* And which one of his; NULL: nothing is known of it. */
static const char *make_own_key(
	const struct message *m, const char *key, const char *queue_id)
{
	bool given = m->message_id != NULL &&
		     (queue_id == NULL || strstr(m->message_id, queue_id) == NULL);

	if (!(m->session->steps & STEP_HEADERS))
		return NULL;
	return arena_printf(m->arena, "%s %llx %llu %s", key,
		(unsigned long long)m->header_hash,
		(unsigned long long)(m->size - m->header_octets),
		given ? m->message_id : "");
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

static struct retry *find(const struct retries *t, const char *key)
{
	struct retry *r;

	HASH_FIND_STR(t->by_key, key, r);
	return r;
}

/* row: it is held from now on. */
static struct retry *add(struct retries *t, const char *key, struct pending_row *row)
{
	size_t len = strlen(key);
	struct retry *r = mem_calloc(1, sizeof(*r) + len + 1);

	memcpy(r->key, key, len + 1);
	r->row = row;
	pending_row_acquire(row);
	HASH_ADD_KEYPTR(hh, t->by_key, r->key, len, r);
	TAILQ_INSERT_TAIL(&t->age, r, age);
	return r;
}

/* What is known of it now: by this it is found from now on. */
static struct retry *rename_to(struct retries *t, struct retry *r, const char *key)
{
	struct retry *known = add(t, key, r->row);

	forget(t, r);
	return known;
}

/* Under the lock; NULL: it is a new one. */
static struct retry *recall(struct retries *t, const char *key, const char *own)
{
	struct retry *r = find(t, own != NULL ? own : key);

	if (r == NULL && own != NULL && (r = find(t, key)) != NULL)
		r = rename_to(t, r, own);
	return r;
}

bool retries_are_waiting(struct retries *t, int64_t now)
{
	return atomic_load(&t->until) > now;
}

bool retries_meet(struct retries *t, struct message *m, const struct verdict *v,
	const char *queue_id, int64_t now)
{
	const char *key = make_key(m, v), *own = make_own_key(m, key, queue_id);
	struct pending_row *row;
	struct retry *r;
	bool again;

	pthread_mutex_lock(&t->lock);
	forget_old(t, now);
	r = recall(t, key, own);
	again = r != NULL;
	if (again) {
		TAILQ_REMOVE(&t->age, r, age);
		TAILQ_INSERT_TAIL(&t->age, r, age);
	} else {
		row = pending_row_new(0, now);
		r = add(t, own != NULL ? own : key, row);
		pending_row_release(row);
	}
	r->last = now;
	atomic_store(&t->until, now + RETRY_WITHIN);
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
