/*
 * Whose question a worker gets next, and who may wait for an answer: in the order of
 * their deadlines, which is that of their coming as a rule, but nobody more than his
 * share.  A client's network has one, and a sender's domain: so one stranger, or one
 * domain whose DNS is dead, cannot use up what is there for all.  Of the checks of a
 * domain one network gets half: so one stranger cannot use up those, either.  Who is
 * beyond his share of the checks waits, and lets others go first.  The pool's, under its
 * lock.
 *
 * A network is an IPv4 /24 or an IPv6 /48, the smallest that is routed by itself: what a
 * stranger has more of is not easy to come by.  A domain is the whole name: what is below
 * one, or beside it, may be of others.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SPF_QUEUE_H
#define THEMIS_SPF_QUEUE_H

#include "spf/spf.h"

#include <stdint.h>
#include <sys/queue.h>

struct spf_job; /* the pool's */
struct spf_share;
struct spf_line;
struct spf_queue;

enum spf_share_of { SPF_SHARE_NETWORK, SPF_SHARE_DOMAIN, SPF_SHARE_BOTH, SPF_SHARES };

/* A question's, from spf_queue_enter() to spf_queue_forget(); starts as zeros but for its
 * job.  All else is the queue's. */
struct spf_place {
	struct spf_job *job;
	int64_t until;
	struct spf_share *shares[SPF_SHARES];
	struct spf_line *line; /* where it stands; NULL: it is not queued */
	TAILQ_ENTRY(spf_place) next, later;
	bool running, traced;
};

/* size: questions that may be queued; checks: that may run.  A share is a quarter of
 * each, 1 at least. */
struct spf_queue *spf_queue_new(unsigned size, unsigned checks);
void spf_queue_free(struct spf_queue *queue); /* without a place in it; NULL is fine */

/* Queues the question.  NULL, or why there is no room for it: then its place is as
 * before. */
const char *spf_queue_enter(struct spf_queue *queue, struct spf_place *place,
	const struct spf_question *q, int64_t until);

/* Who is to get a worker; stays where it is.  NULL: nobody. */
struct spf_place *spf_queue_next(struct spf_queue *queue);

/* A worker has it now. */
void spf_queue_start(struct spf_queue *queue, struct spf_place *place);

/* Neither queued nor with a worker any more, if it was. */
void spf_queue_leave(struct spf_queue *queue, struct spf_place *place);

/* The same, and it was never there. */
void spf_queue_forget(struct spf_queue *queue, struct spf_place *place);

/* Of those that are queued, the one whose deadline comes first; NULL: there is none. */
struct spf_place *spf_queue_first(const struct spf_queue *queue);

/* Why it has no worker yet, or NULL if it has. */
const char *spf_queue_why(const struct spf_queue *queue, const struct spf_place *place);

/* Many may wait for a moment, which most answers need, few for longer. */
enum spf_wait { SPF_WAIT_BRIEFLY, SPF_WAIT_LONG, SPF_WAITS };

/* So many may wait briefly; more where more may wait long. */
#define SPF_QUEUE_BRIEF 128

/* One more waits for the answer to it, where max may wait long (0: any number); a share
 * is a half of what may wait, rounded up.  Who wants a trace asks by hand, and takes no
 * message's place.  NULL, or why he must not; else spf_queue_waited(). */
const char *spf_queue_wait(struct spf_queue *queue, const struct spf_place *place,
	enum spf_wait wait, unsigned max);
void spf_queue_waited(
	struct spf_queue *queue, const struct spf_place *place, enum spf_wait wait);

#endif
