/*
 * What a pending message is made of, for the files that are its own: pending.c, and
 * pending_store.c for its way to the database and back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_PENDING_OWN_H
#define THEMIS_ENGINE_PENDING_OWN_H

#include "engine/pending.h"

#include <pthread.h>
#include <sys/queue.h>
#include <uthash.h>

/* Somebody that limits were charged for, and the payments for him. */
struct account {
	UT_hash_handle hh;
	size_t last; /* the newest payment, counted from 1 */
	char object[];
};

/* What one limit was charged for one object, in one bucket. */
struct payment {
	int64_t limit_id;
	const char *object; /* the account's */
	uint64_t cost;
	int64_t bucket; /* of struct counter_hit: for the refund */
	size_t before;	/* the same account's last one before it, counted from 1; 0: none
			 */
	bool settled;	/* within pending_refund() */
};

/* A recipient that was let pass. */
struct passed {
	UT_hash_handle hh;
	char address[];
};

/* Whom a policy has refused a recipient for. */
struct refused {
	int64_t policy_id;
	char *object; /* owned */
};

/* As what a policy has counted the message. */
struct told {
	int64_t policy_id;
	enum verdict_kind kind;
};

struct pending {
	UT_hash_handle by_instance, by_tie, by_queue_id;
	TAILQ_ENTRY(pending) age;
	char *instance, *tie, *queue_id; /* owned; NULL: not known */
	bool is_tied, is_queued;	 /* in the tables of these */
	struct cidr server; /* where it came in; family or port 0: not known */
	unsigned server_port;
	int64_t begun;
	unsigned voids; /* pending_void()s until it was taken out */

	struct account *accounts;
	struct payment *payments;
	size_t npayments, payments_cap;
	struct passed *recipients;
	uint64_t npassed; /* with those that were said again */
	struct refused *refused;
	size_t nrefused, refused_cap;
	struct told *told;
	size_t ntold, told_cap;
	struct pending_facts facts;
};

TAILQ_HEAD(pending_list, pending);

struct pending_table {
	pthread_mutex_t lock; /* guards all that is in it */
	struct pending *by_instance, *by_tie, *by_queue_id;
	struct pending_list age; /* the oldest first */
	size_t n;
	int64_t missed; /* when recipients last were; 0: not lately */
};

/* Into the table, by what it is known by already; the lock is held. */
void pending_insert(struct pending_table *t, struct pending *p);

/* Somebody takes it out of the table, or has made it: pending_void() does not see it. */
void pending_hold(struct pending *p);

/* If anything was voided meanwhile, it may have been paid here: nothing is. */
void pending_heed_voids(struct pending *p);

/* A payment more, or more of the last one that is like it. */
void pending_add_payment(struct pending *p, int64_t limit_id, const char *object,
	uint64_t cost, int64_t bucket);

#endif
