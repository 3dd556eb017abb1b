/*
 * The interface of a counter store: it holds what each limit has used for each
 * object, and charges a message to all the limits that it meets, or to none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_COUNTER_STORE_H
#define THEMIS_COUNTER_STORE_H

#include "counter/limit.h"

#include <stdbool.h>

struct counter_key {
	int64_t limit_id;
	const char *object;
};

/* One limit that one message meets.  Hits of one object in one policy stand together and
 * have the same group number: where a monitor policy has no room in one of them, the
 * object is charged in none. */
struct counter_hit {
	struct counter_key key;
	const struct limit *limit;
	uint64_t cost;	 /* 0: look only */
	uint64_t paid;	 /* before, and not in the cost any more */
	unsigned group;	 /* the policy and object */
	bool soft;	 /* monitor: no room is no refusal */
	bool look;	 /* has to have room, and is not charged: a penalty */
	bool full;	 /* out: no room for cost */
	bool charged;	 /* out */
	uint64_t used;	 /* out: after the call */
	int64_t free_at; /* out: when the cost will fit; WINDOW_NEVER if never */
	int64_t bucket;	 /* out: window_mark() of the charge, for refund */
};

/* What it costs in all. */
static inline uint64_t counter_hit_asks(const struct counter_hit *hit)
{
	return hit->cost + hit->paid;
}

/* What a change has made of a limit. */
struct limit_change {
	struct limit before, after; /* of the same id */
	bool gone;		    /* there is no after */
};

typedef bool counter_match(void *arg, int64_t limit_id, const char *object);

struct counter_store {
	/* Charges all hard hits and those of the soft groups that have room, if
	 * every hard hit has room; else charges nothing.  1: charged; 0: full
	 * (the hits say which); -1: it cannot be known, since the database fails, and
	 * nothing is charged. Any thread that may wait for a read. */
	int (*charge)(
		struct counter_store *, struct counter_hit *, size_t n, int64_t now);
	/* The same look at one moment, without charging. */
	int (*peek)(struct counter_store *, struct counter_hit *, size_t n, int64_t now);
	/* Takes back what charge() charged, when the message does not go on after
	 * all (its record could not be stored, and on_error says tempfail). */
	void (*refund)(struct counter_store *, const struct counter_hit *, size_t n,
		int64_t now);
	/* Forgets every counter for which match() says so (NULL: all), in one walk over
	 * them, however many go. */
	void (*reset)(struct counter_store *, counter_match *match, void *arg);
	/* A change is done: forgets the counters of limits that are gone; of one that has
	 * another period or amount what was over stays over, and the rest ends by the
	 * new one.  By their ids, ascending; one walk over all counters. */
	void (*amend)(struct counter_store *, const struct limit_change *, size_t n,
		int64_t now);
	/* A step of the sweep: looks at some counters, and empties those that have left
	 * their windows; they go with the next batch.  False: all have been looked at
	 * since it last said so.  One thread. */
	bool (*sweep)(struct counter_store *, int64_t now);
	/* How many counters are in memory. */
	size_t (*count)(struct counter_store *);
	void (*close)(struct counter_store *);
};

#endif
