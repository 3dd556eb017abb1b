/*
 * Pending messages.  Called by the engine on the threads of both doors, and by the main
 * loop, which forgets the old ones.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/pending.h"

#include "base/episode.h"
#include "base/str.h"
#include "engine/pending_own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SWEEP_MAX 1000 /* of one step: messages forgotten */

struct pending_table *pending_table_new(void)
{
	struct pending_table *t = mem_calloc(1, sizeof(*t));

	pthread_mutex_init(&t->lock, NULL);
	TAILQ_INIT(&t->age);
	return t;
}

/* Names come from strangers: the hash is keyed. */
static unsigned hash_of(const char *name)
{
	return (unsigned)str_hash(name, strlen(name));
}

#define FIND(handle, head, name, hash, out)                                              \
	HASH_FIND_BYHASHVALUE(handle, head, name, strlen(name), hash, out)
#define ADD(handle, head, field, hash, p)                                                \
	HASH_ADD_KEYPTR_BYHASHVALUE(handle, head, (p)->field, strlen((p)->field), hash, p)

static void untie(struct pending_table *t, struct pending *p)
{
	if (p->is_tied)
		HASH_DELETE(by_tie, t->by_tie, p);
	if (p->is_queued)
		HASH_DELETE(by_queue_id, t->by_queue_id, p);
	p->is_tied = p->is_queued = false;
}

static void remove_from(struct pending_table *t, struct pending *p)
{
	untie(t, p);
	HASH_DELETE(by_instance, t->by_instance, p);
	TAILQ_REMOVE(&t->age, p, age);
	t->n--;
}

static void forget(struct pending_table *t, struct pending *p)
{
	remove_from(t, p);
	pending_free(p);
}

/* Of two that are known by the same, the newer one is meant. */
static void tie(struct pending_table *t, struct pending *p)
{
	struct pending *older = NULL;
	unsigned hash;

	if (p->tie != NULL) {
		hash = hash_of(p->tie);
		FIND(by_tie, t->by_tie, p->tie, hash, older);
		if (older != NULL) {
			HASH_DELETE(by_tie, t->by_tie, older);
			older->is_tied = false;
		}
		ADD(by_tie, t->by_tie, tie, hash, p);
		p->is_tied = true;
	}
	if (p->queue_id != NULL) {
		hash = hash_of(p->queue_id);
		FIND(by_queue_id, t->by_queue_id, p->queue_id, hash, older);
		if (older != NULL) {
			HASH_DELETE(by_queue_id, t->by_queue_id, older);
			older->is_queued = false;
		}
		ADD(by_queue_id, t->by_queue_id, queue_id, hash, p);
		p->is_queued = true;
	}
}

void pending_insert(struct pending_table *t, struct pending *p)
{
	unsigned hash = hash_of(p->instance);
	struct pending *twin;

	FIND(by_instance, t->by_instance, p->instance, hash, twin);
	if (twin != NULL)
		forget(t, twin);
	if (t->n >= PENDING_MOST)
		forget(t, TAILQ_FIRST(&t->age));
	ADD(by_instance, t->by_instance, instance, hash, p);
	TAILQ_INSERT_TAIL(&t->age, p, age);
	t->n++;
	tie(t, p);
}

void pending_table_free(struct pending_table *t)
{
	if (t == NULL)
		return;
	while (!TAILQ_EMPTY(&t->age))
		forget(t, TAILQ_FIRST(&t->age));
	pthread_mutex_destroy(&t->lock);
	free(t);
}

size_t pending_count(struct pending_table *t)
{
	size_t n;

	pthread_mutex_lock(&t->lock);
	n = t->n;
	pthread_mutex_unlock(&t->lock);
	return n;
}

static bool is_over(const struct pending *p, int64_t now)
{
	return now - p->begun >= PENDING_LIFE;
}

void pending_miss_recipients(struct pending_table *t, const char *policy, int64_t now)
{
	pthread_mutex_lock(&t->lock);
	t->missed = now;
	pthread_mutex_unlock(&t->lock);
	episode_begin(EPISODE_RECIPIENTS, now,
		"policy %s needs them, so it must be asked at RCPT, too "
		"(smtpd_recipient_restrictions)",
		policy);
}

bool pending_sweep(struct pending_table *t, int64_t now)
{
	struct pending *p;
	unsigned n = 0;
	bool calm;

	pthread_mutex_lock(&t->lock);
	calm = t->missed != 0 && now - t->missed >= PENDING_CALM;
	if (calm)
		t->missed = 0;
	/* one that was taken out stands behind younger ones again: it waits for these */
	while (n < SWEEP_MAX && (p = TAILQ_FIRST(&t->age)) != NULL && is_over(p, now)) {
		forget(t, p);
		n++;
	}
	pthread_mutex_unlock(&t->lock);
	if (calm)
		episode_end(EPISODE_RECIPIENTS, now);
	return n == SWEEP_MAX;
}

struct pending *pending_new(const char *instance, int64_t now)
{
	struct pending *p = mem_calloc(1, sizeof(*p));

	p->instance = mem_strdup(instance);
	p->begun = now;
	pending_hold(p);
	return p;
}

const char *pending_instance(const struct pending *p)
{
	return p->instance;
}

int64_t pending_begun(const struct pending *p)
{
	return p->begun;
}

struct pending_row *pending_row_new(int64_t id, int64_t time)
{
	struct pending_row *row = mem_calloc(1, sizeof(*row));

	row->holders = 1;
	row->id = id;
	row->time = time;
	return row;
}

void pending_row_acquire(struct pending_row *row)
{
	if (row != NULL)
		row->holders++;
}

void pending_row_release(struct pending_row *row)
{
	if (row != NULL && --row->holders == 0)
		free(row);
}

static void free_spf(struct spf_answer *spf)
{
	if (spf == NULL)
		return;
	spf_answer_clear(spf);
	free(spf);
}

void pending_free(struct pending *p)
{
	struct account *account, *another;
	struct passed *r, *next;

	if (p == NULL)
		return;
	HASH_ITER(hh, p->recipients, r, next) {
		HASH_DEL(p->recipients, r);
		free(r);
	}
	HASH_ITER(hh, p->accounts, account, another) {
		HASH_DEL(p->accounts, account);
		free(account);
	}
	free(p->payments);
	for (size_t i = 0; i < p->nrefused; i++)
		free(p->refused[i].object);
	free(p->refused);
	free(p->told);
	free(p->facts.refused_for);
	free_spf(p->facts.spf);
	pending_row_release(p->facts.row);
	free(p->instance);
	free(p->tie);
	free(p->queue_id);
	free(p);
}

/* Takes it out if it is not too old; the lock is held. */
static struct pending *take(struct pending_table *t, struct pending *p, int64_t now)
{
	if (p == NULL)
		return NULL;
	if (is_over(p, now)) {
		forget(t, p);
		return NULL;
	}
	remove_from(t, p);
	pending_hold(p);
	return p;
}

struct pending *pending_take(struct pending_table *t, const char *instance, int64_t now)
{
	struct pending *p;

	pthread_mutex_lock(&t->lock);
	FIND(by_instance, t->by_instance, instance, hash_of(instance), p);
	p = take(t, p, now);
	pthread_mutex_unlock(&t->lock);
	return p;
}

void pending_forget(struct pending_table *t, const char *instance)
{
	struct pending *p;

	pthread_mutex_lock(&t->lock);
	FIND(by_instance, t->by_instance, instance, hash_of(instance), p);
	if (p != NULL)
		forget(t, p);
	pthread_mutex_unlock(&t->lock);
}

/* "192.0.2.7 41526 bob@example.org", or "... bob@" of a sender without a domain, which
 * each door completes in its own way; NULL: it is not known from which connection. */
static const char *tie_of(const struct message *m, bool bare)
{
	char client[CIDR_TEXT_MAX];
	const char *sender = m->sender.text;

	if (m->session->client.family == 0 || m->session->port == 0)
		return NULL;
	return arena_printf(m->arena, "%s %u %.*s",
		cidr_format(client, &m->session->client), m->session->port,
		bare && m->sender.kind == ADDR_MAILBOX ? (int)(m->sender.domain - sender)
						       : (int)strlen(sender),
		sender);
}

/* Was the sender said without a domain?  Only the service is told that. */
static bool is_bare(const struct message *m)
{
	return m->asked && strchr(m->sender_given, '@') == NULL;
}

static bool is_known(const char *queue_id)
{
	return queue_id != NULL && *queue_id != '\0';
}

/* Both doors are told where it came in, and not the same. */
static bool came_elsewhere(const struct pending *p, const struct session *session)
{
	const struct cidr *a = &p->server, *b = &session->server;

	if (a->family == 0 || b->family == 0 || p->server_port == 0 ||
		session->server_port == 0)
		return false;
	return p->server_port != session->server_port || a->family != b->family ||
	       memcmp(a->addr, b->addr, sizeof(a->addr)) != 0;
}

/* Under the lock.  One that has a queue id is found by that alone: where the milter knows
 * none yet, the message has none. */
static struct pending *find_tied(
	struct pending_table *t, const struct message *m, const char *name)
{
	struct pending *p = NULL;

	if (name != NULL)
		FIND(by_tie, t->by_tie, name, hash_of(name), p);
	if (p == NULL || p->queue_id != NULL || came_elsewhere(p, m->session))
		return NULL;
	return p;
}

/* Under the lock: the one that the message was found to be before, unless that is another
 * one by now. */
static struct pending *find_known(
	struct pending_table *t, const struct message *m, const char *queue_id)
{
	struct pending *p = NULL;

	if (m->tied != NULL)
		FIND(by_instance, t->by_instance, m->tied, hash_of(m->tied), p);
	if (p != NULL && p->queue_id != NULL && is_known(queue_id) &&
		strcmp(p->queue_id, queue_id) != 0)
		return NULL;
	return p;
}

struct pending *pending_take_tied(struct pending_table *t, const struct message *m,
	const char *queue_id, int64_t now)
{
	struct pending *p = NULL;

	pthread_mutex_lock(&t->lock);
	if (t->n > 0 && is_known(queue_id))
		FIND(by_queue_id, t->by_queue_id, queue_id, hash_of(queue_id), p);
	if (t->n > 0 && p == NULL)
		p = find_known(t, m, queue_id);
	for (int bare = 0; t->n > 0 && p == NULL && bare <= 1; bare++)
		p = find_tied(t, m, tie_of(m, bare));
	p = take(t, p, now);
	pthread_mutex_unlock(&t->lock);
	return p;
}

static void replace(char **text, const char *by)
{
	free(*text);
	*text = mem_strdup(by);
}

void pending_put(struct pending_table *t, struct pending *p, const struct message *m,
	const char *queue_id)
{
	const char *name = tie_of(m, is_bare(m));

	if (p->instance == NULL) {
		pending_free(p);
		return;
	}
	/* the milter, which only looks, may know less */
	if (m->asked && name != NULL) {
		replace(&p->tie, name);
		p->server = m->session->server;
		p->server_port = m->session->server_port;
	}
	if (is_known(queue_id) && (m->asked || p->queue_id == NULL))
		replace(&p->queue_id, queue_id);
	pthread_mutex_lock(&t->lock);
	pending_heed_voids(p);
	pending_insert(t, p);
	pthread_mutex_unlock(&t->lock);
}

bool pending_has_recipient(const struct pending *p, const char *address)
{
	struct passed *r;

	HASH_FIND_BYHASHVALUE(
		hh, p->recipients, address, strlen(address), hash_of(address), r);
	return r != NULL;
}

void pending_add_recipient(struct pending *p, const char *address)
{
	size_t len = strlen(address);
	struct passed *r;

	p->npassed++;
	if (pending_has_recipient(p, address))
		return;
	r = mem_calloc(1, sizeof(*r) + len + 1);
	memcpy(r->address, address, len + 1);
	HASH_ADD_KEYPTR_BYHASHVALUE(
		hh, p->recipients, r->address, len, hash_of(r->address), r);
}

size_t pending_recipients(const struct pending *p)
{
	return HASH_COUNT(p->recipients);
}

uint64_t pending_passed(const struct pending *p)
{
	return p->npassed;
}

void pending_each_recipient(
	const struct pending *p, void (*fn)(void *arg, const char *address), void *arg)
{
	for (struct passed *r = p->recipients; r != NULL; r = r->hh.next)
		fn(arg, r->address);
}

static struct told *find_told(const struct pending *p, int64_t policy_id)
{
	for (size_t i = 0; i < p->ntold; i++)
		if (p->told[i].policy_id == policy_id)
			return &p->told[i];
	return NULL;
}

bool pending_told(const struct pending *p, int64_t policy_id, enum verdict_kind *kind)
{
	const struct told *told = find_told(p, policy_id);

	if (told != NULL)
		*kind = told->kind;
	return told != NULL;
}

void pending_tell(struct pending *p, int64_t policy_id, enum verdict_kind kind)
{
	struct told *told = find_told(p, policy_id);

	if (told == NULL) {
		if (p->ntold == p->told_cap) {
			p->told_cap = p->told_cap > 0 ? 2 * p->told_cap : 4;
			p->told = mem_realloc(p->told, p->told_cap, sizeof(*p->told));
		}
		told = &p->told[p->ntold++];
		told->policy_id = policy_id;
	}
	told->kind = kind;
}

bool pending_refuse(struct pending *p, int64_t policy_id, const char *object)
{
	for (size_t i = 0; i < p->nrefused; i++)
		if (p->refused[i].policy_id == policy_id &&
			strcmp(p->refused[i].object, object) == 0)
			return false;
	if (p->nrefused == p->refused_cap) {
		p->refused_cap = p->refused_cap > 0 ? 2 * p->refused_cap : 4;
		p->refused = mem_realloc(p->refused, p->refused_cap, sizeof(*p->refused));
	}
	p->refused[p->nrefused++] = (struct refused){ policy_id, mem_strdup(object) };
	return true;
}

struct pending_facts *pending_facts(struct pending *p)
{
	return &p->facts;
}
