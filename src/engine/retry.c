/*
 * Local submissions that are tried again.  Called by the engine, on the message's thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/retry.h"

#include "base/str.h"
#include "engine/message.h"
#include "engine/pending.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <uthash.h>

#define ID_MAX 998 /* RFC 5322 2.1.1: of a line */

/* Text that strangers write is not kept, only its hash. */
struct retry {
	UT_hash_handle hh;
	TAILQ_ENTRY(retry) age;
	int64_t last; /* when it was tried */
	struct pending_row *row;
	uint64_t key;
};

struct retries {
	pthread_mutex_t lock; /* guards what follows */
	struct retry *by_key;
	TAILQ_HEAD(ages, retry) age; /* who was tried longest ago first */
	int64_t pass;		     /* longest time between two tries of one */

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

/* What one is known by, from the one message to all that a policy defers. */
enum known_by {
	BY_MESSAGE, /* which one of his; 0: nothing is known of it */
	BY_SENDER,  /* whose it is */
	BY_OBJECT,
	BY_POLICY,
	KNOWN_BY
};

/* How many there may be before one more is met by the next key. */
static const unsigned room[KNOWN_BY] = { RETRY_MOST, RETRY_MOST,
	RETRY_MOST + RETRY_OBJECTS, UINT_MAX };

static uint64_t hash_text(const char *text)
{
	return str_hash(text, strlen(text));
}

/* An address has no blanks outside quotes, and nobody's name is made to look like two. */
static void make_keys(const struct message *m, const struct verdict *v,
	const char *queue_id, uint64_t keys[KNOWN_BY])
{
	long long policy = v->policy != NULL ? v->policy->id : 0;
	const char *object = v->object != NULL ? v->object : "-";
	bool given = m->message_id != NULL &&
		     (queue_id == NULL || strstr(m->message_id, queue_id) == NULL);

	keys[BY_POLICY] = hash_text(arena_printf(m->arena, "policy %lld", policy));
	keys[BY_OBJECT] =
		hash_text(arena_printf(m->arena, "object %lld %s", policy, object));
	keys[BY_SENDER] = hash_text(arena_printf(m->arena, "sender %lld %s %s %s %llx",
		policy, object, m->sender.text, m->login != NULL ? m->login : "-",
		(unsigned long long)hash_recipients(m)));
	keys[BY_MESSAGE] = 0;
	if (m->session->steps & STEP_HEADERS)
		keys[BY_MESSAGE] = hash_text(arena_printf(m->arena,
			"own %llx %llx %llu %s", (unsigned long long)keys[BY_SENDER],
			(unsigned long long)m->header_hash,
			(unsigned long long)(m->size - m->header_octets),
			given ? m->message_id : ""));
}

static void forget(struct retries *t, struct retry *r)
{
	HASH_DEL(t->by_key, r);
	TAILQ_REMOVE(&t->age, r, age);
	pending_row_release(r->row);
	free(r);
}

/* Pickup may need long for all that wait: none is forgotten before its turn. */
static int64_t time_kept(const struct retries *t)
{
	int64_t kept = RETRY_WITHIN + t->pass;

	return kept < RETRY_LONGEST ? kept : RETRY_LONGEST;
}

/* Under the lock. */
static void forget_old(struct retries *t, int64_t now)
{
	struct retry *r;

	/* the clock was set back, or a thread comes late */
	TAILQ_FOREACH_REVERSE(r, &t->age, ages, age)
	{
		if (r->last <= now)
			break;
		r->last = now;
	}
	while ((r = TAILQ_FIRST(&t->age)) != NULL && now - r->last > time_kept(t))
		forget(t, r);
	if (t->by_key == NULL)
		t->pass = 0;
}

static struct retry *find(const struct retries *t, uint64_t key)
{
	struct retry *r;

	HASH_FIND_BYHASHVALUE(hh, t->by_key, &key, sizeof(key), (unsigned)key, r);
	return r;
}

static void put(struct retries *t, struct retry *r, uint64_t key)
{
	r->key = key;
	HASH_ADD_KEYPTR_BYHASHVALUE(
		hh, t->by_key, &r->key, sizeof(r->key), (unsigned)key, r);
}

static struct retry *add(struct retries *t, const uint64_t keys[KNOWN_BY], int64_t now)
{
	struct retry *r = mem_calloc(1, sizeof(*r));
	int k = keys[BY_MESSAGE] != 0 ? BY_MESSAGE : BY_SENDER;

	while (HASH_COUNT(t->by_key) >= room[k])
		k++;
	put(t, r, keys[k]);
	r->row = pending_row_new(0, now);
	r->last = now;
	TAILQ_INSERT_TAIL(&t->age, r, age);
	return r;
}

/* Under the lock; NULL: it is a new one. */
static struct retry *recall(struct retries *t, const uint64_t keys[KNOWN_BY])
{
	struct retry *r = NULL;
	int k = keys[BY_MESSAGE] != 0 ? BY_MESSAGE : BY_SENDER;

	for (; k < KNOWN_BY && (r = find(t, keys[k])) == NULL; k++)
		;
	/* what is known of it now: by this it is found from now on */
	if (k == BY_SENDER && keys[BY_MESSAGE] != 0) {
		HASH_DEL(t->by_key, r);
		put(t, r, keys[BY_MESSAGE]);
	}
	return r;
}

/* It was tried again. */
static void renew(struct retries *t, struct retry *r, int64_t now)
{
	if (now - r->last > t->pass)
		t->pass = now - r->last;
	r->last = now;
	TAILQ_REMOVE(&t->age, r, age);
	TAILQ_INSERT_TAIL(&t->age, r, age);
}

bool retries_are_waiting(struct retries *t, int64_t now)
{
	int64_t left = atomic_load(&t->until) - now;

	/* more: the clock was set back */
	return left > 0 && left <= RETRY_LONGEST;
}

bool retries_meet(struct retries *t, struct message *m, const struct verdict *v,
	const char *queue_id, int64_t now)
{
	uint64_t keys[KNOWN_BY];
	struct retry *r;
	bool again;

	make_keys(m, v, queue_id, keys);
	pthread_mutex_lock(&t->lock);
	forget_old(t, now);
	r = recall(t, keys);
	again = r != NULL;
	if (again)
		renew(t, r, now);
	else
		r = add(t, keys, now);
	atomic_store(&t->until, now + time_kept(t));
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
