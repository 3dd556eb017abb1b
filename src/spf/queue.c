/*
 * The queue: a line of those who may have a worker, and behind each share a line of those
 * who are beyond it.  Whoever leaves calls one of these back, so no look at who is next
 * goes through all of them.  Called by the pool (pool.c), under its lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/queue.h"

#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NETWORK_BITS_4 24
#define NETWORK_BITS_6 48

TAILQ_HEAD(spf_line, spf_place);

/* What a network, a domain or both together have of it all; there while it has something.
 */
struct spf_share {
	UT_hash_handle hh;
	uint64_t id;
	enum spf_share_of of;
	unsigned holders; /* places */
	unsigned queued, running, waiting[SPF_WAITS];
	/* Of those queued, who may not run now.  While the share has room, as many as
	 * that are in the line of all, if there are so many: spf_queue_next() sees to
	 * that. */
	struct spf_line parked;
};

struct spf_queue {
	struct spf_share *shares;
	struct spf_line ready;
	struct spf_line ends; /* all that are queued, by their deadlines */
	unsigned size, share_queued, share_running;
	unsigned queued, waiting[SPF_WAITS];
};

static const struct {
	const char *queued, *running, *waiting;
} beyond[SPF_SHARES] = {
	[SPF_SHARE_NETWORK] = { "too many questions of the client's network wait for a "
				"worker",
		"too many checks for the client's network are under way",
		"too many messages of the client's network wait for an answer" },
	[SPF_SHARE_DOMAIN] = { "too many questions about the sender's domain wait for a "
			       "worker",
		"too many checks of the sender's domain are under way",
		"too many messages of the sender's domain wait for an answer" },
	[SPF_SHARE_BOTH] = { "too many questions of the client's network about the "
			     "sender's domain wait for a worker",
		"too many checks of the sender's domain for the client's network are "
		"under way",
		NULL },
};

/* Of what a share is. */
static unsigned part(enum spf_share_of of, unsigned share)
{
	return of == SPF_SHARE_BOTH ? share - share / 2 : share;
}

static unsigned quarter(unsigned n)
{
	return n < 4 ? 1 : n / 4;
}

struct spf_queue *spf_queue_new(unsigned size, unsigned checks)
{
	struct spf_queue *queue = mem_calloc(1, sizeof(*queue));

	TAILQ_INIT(&queue->ready);
	TAILQ_INIT(&queue->ends);
	queue->size = size;
	queue->share_queued = quarter(size);
	queue->share_running = quarter(checks);
	return queue;
}

void spf_queue_free(struct spf_queue *queue)
{
	free(queue);
}

/* --- shares --- */

/* A hash says who it is: nobody can find two that are the same. */
static uint64_t network_of(const struct spf_question *q)
{
	struct cidr network = q->client;
	unsigned char octets[sizeof(network.addr) + 1];

	cidr_truncate(&network, network.family == 6 ? NETWORK_BITS_6 : NETWORK_BITS_4);
	memcpy(octets, network.addr, sizeof(network.addr));
	octets[sizeof(network.addr)] = network.family;
	return str_hash(octets, sizeof(octets));
}

static uint64_t domain_of(const struct spf_question *q)
{
	char domain[SPF_TEXT_MAX + 1];

	snprintf(domain, sizeof(domain), "%s", spf_question_name(q));
	str_fold(domain);
	return str_hash(domain, strlen(domain));
}

static struct spf_share *share_get(
	struct spf_queue *queue, enum spf_share_of of, uint64_t id)
{
	struct spf_share *share;

	HASH_FIND(hh, queue->shares, &id, sizeof(id), share);
	if (share == NULL) {
		share = mem_calloc(1, sizeof(*share));
		share->id = id;
		share->of = of;
		TAILQ_INIT(&share->parked);
		HASH_ADD(hh, queue->shares, id, sizeof(share->id), share);
	}
	share->holders++;
	return share;
}

static void share_put(struct spf_queue *queue, struct spf_share *share)
{
	if (--share->holders > 0)
		return;
	HASH_DEL(queue->shares, share);
	free(share);
}

/* --- lines --- */

/* line NULL: out of all of them.  Who has less time stands before who has more: all have
 * the same as a rule, so who was called back is before those who came after him. */
static void stand_in(struct spf_place *place, struct spf_line *line)
{
	struct spf_place *before;

	if (place->line != NULL)
		TAILQ_REMOVE(place->line, place, next);
	place->line = line;
	if (line == NULL)
		return;
	before = TAILQ_LAST(line, spf_line);
	while (before != NULL && before->until > place->until)
		before = TAILQ_PREV(before, spf_line, next);
	if (before != NULL)
		TAILQ_INSERT_AFTER(line, before, place, next);
	else
		TAILQ_INSERT_HEAD(line, place, next);
}

static bool has_room(const struct spf_queue *queue, const struct spf_share *share)
{
	return share->running < part(share->of, queue->share_running);
}

/* One who was beyond the share may try. */
static void call_back(struct spf_queue *queue, struct spf_share *share)
{
	struct spf_place *place = TAILQ_FIRST(&share->parked);

	if (place != NULL && has_room(queue, share))
		stand_in(place, &queue->ready);
}

/* All wait equally long as a rule, so this is at the end. */
static void insert_by_end(struct spf_queue *queue, struct spf_place *place)
{
	struct spf_place *before = TAILQ_LAST(&queue->ends, spf_line);

	while (before != NULL && before->until > place->until)
		before = TAILQ_PREV(before, spf_line, later);
	if (before != NULL)
		TAILQ_INSERT_AFTER(&queue->ends, before, place, later);
	else
		TAILQ_INSERT_HEAD(&queue->ends, place, later);
}

static const char *why_full(const struct spf_queue *queue, const struct spf_place *place)
{
	if (queue->queued >= queue->size)
		return "too many questions wait for a worker";
	for (int i = 0; i < SPF_SHARES; i++)
		if (place->shares[i]->queued >= part(i, queue->share_queued))
			return beyond[i].queued;
	return NULL;
}

static void get_shares(
	struct spf_queue *queue, struct spf_place *place, const struct spf_question *q)
{
	const uint64_t ids[] = { network_of(q), domain_of(q) };

	place->shares[SPF_SHARE_NETWORK] = share_get(queue, SPF_SHARE_NETWORK, ids[0]);
	place->shares[SPF_SHARE_DOMAIN] = share_get(queue, SPF_SHARE_DOMAIN, ids[1]);
	place->shares[SPF_SHARE_BOTH] =
		share_get(queue, SPF_SHARE_BOTH, str_hash(ids, sizeof(ids)));
}

const char *spf_queue_enter(struct spf_queue *queue, struct spf_place *place,
	const struct spf_question *q, int64_t until)
{
	const char *why;

	get_shares(queue, place, q);
	why = why_full(queue, place);
	if (why != NULL) {
		spf_queue_forget(queue, place);
		return why;
	}
	place->until = until;
	place->traced = q->trace;
	stand_in(place, &queue->ready);
	insert_by_end(queue, place);
	queue->queued++;
	for (int i = 0; i < SPF_SHARES; i++)
		place->shares[i]->queued++;
	return NULL;
}

/* In the line of a share that is used up, and another one of each of his other shares in
 * his place; false: he may run. */
static bool park(struct spf_queue *queue, struct spf_place *place)
{
	for (int i = 0; i < SPF_SHARES; i++) {
		if (has_room(queue, place->shares[i]))
			continue;
		stand_in(place, &place->shares[i]->parked);
		for (int other = 0; other < SPF_SHARES; other++)
			call_back(queue, place->shares[other]);
		return true;
	}
	return false;
}

struct spf_place *spf_queue_next(struct spf_queue *queue)
{
	struct spf_place *place;

	while ((place = TAILQ_FIRST(&queue->ready)) != NULL && park(queue, place))
		;
	return place;
}

static void leave_line(struct spf_queue *queue, struct spf_place *place)
{
	stand_in(place, NULL);
	TAILQ_REMOVE(&queue->ends, place, later);
	queue->queued--;
	for (int i = 0; i < SPF_SHARES; i++)
		place->shares[i]->queued--;
}

void spf_queue_start(struct spf_queue *queue, struct spf_place *place)
{
	leave_line(queue, place);
	place->running = true;
	for (int i = 0; i < SPF_SHARES; i++)
		place->shares[i]->running++;
}

void spf_queue_leave(struct spf_queue *queue, struct spf_place *place)
{
	if (place->line != NULL)
		leave_line(queue, place);
	else if (!place->running)
		return;
	for (int i = 0; i < SPF_SHARES; i++) {
		place->shares[i]->running -= place->running;
		call_back(queue, place->shares[i]);
	}
	place->running = false;
}

void spf_queue_forget(struct spf_queue *queue, struct spf_place *place)
{
	spf_queue_leave(queue, place);
	for (int i = 0; i < SPF_SHARES; i++) {
		share_put(queue, place->shares[i]);
		place->shares[i] = NULL;
	}
}

struct spf_place *spf_queue_first(const struct spf_queue *queue)
{
	return TAILQ_FIRST(&queue->ends);
}

const char *spf_queue_why(const struct spf_queue *queue, const struct spf_place *place)
{
	for (int i = 0; i < SPF_SHARES; i++)
		if (place->line == &place->shares[i]->parked)
			return beyond[i].running;
	return place->line == &queue->ready ? "no worker is free" : NULL;
}

/* --- who waits --- */

static const char *why_not_wait(const struct spf_queue *queue,
	const struct spf_place *place, enum spf_wait wait, unsigned max)
{
	const bool many = wait == SPF_WAIT_BRIEFLY && max < SPF_QUEUE_BRIEF;
	const unsigned all = many ? SPF_QUEUE_BRIEF : max;

	if (max == 0 || place->traced)
		return NULL;
	if (queue->waiting[wait] >= all)
		return "too many messages wait for an answer";
	for (int i = 0; i < SPF_SHARE_BOTH; i++)
		if (place->shares[i]->waiting[wait] >= all - all / 2)
			return beyond[i].waiting;
	return NULL;
}

static void count_waiting(
	struct spf_queue *queue, const struct spf_place *place, enum spf_wait wait, int n)
{
	if (place->traced)
		return;
	queue->waiting[wait] += n;
	for (int i = 0; i < SPF_SHARE_BOTH; i++)
		place->shares[i]->waiting[wait] += n;
}

const char *spf_queue_wait(struct spf_queue *queue, const struct spf_place *place,
	enum spf_wait wait, unsigned max)
{
	const char *why = why_not_wait(queue, place, wait, max);

	if (why == NULL)
		count_waiting(queue, place, wait, 1);
	return why;
}

void spf_queue_waited(
	struct spf_queue *queue, const struct spf_place *place, enum spf_wait wait)
{
	count_waiting(queue, place, wait, -1);
}
