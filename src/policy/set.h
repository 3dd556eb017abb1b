/*
 * A policy set: the policies in the order of evaluation, the groups and the
 * settings of one moment.  Immutable and reference-counted; a message keeps the
 * set that it began with.  The slot holds the set that new messages get.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_SET_H
#define THEMIS_POLICY_SET_H

#include "policy/flag.h"
#include "policy/grant.h"
#include "policy/index.h"
#include "policy/pool.h"
#include "policy/setting.h"

struct policy_set {
	uint64_t number; /* 1 for the first that was published, counting up */
	/* the connection that made it, and what that one had seen of others' writing */
	const struct db *db;
	int64_t data_version;
	struct group_index *groups;
	struct settings settings;
	int64_t spf_trusted[SPF_TRUSTED_MAX]; /* the groups that the settings name */
	struct pool_table pools;
	struct flag_table *flags;
	struct grant_table *grants;
	/* enabled or not, in the order of evaluation: those of each pool, then the
	 * general ones */
	const struct policy **policies; /* policy/share.h */
	size_t npolicies, first_general;
	struct policy_index index;
	unsigned steps;	      /* enum step: what the enabled policies need */
	struct limit *limits; /* all that they have, and penalties; by their ids */
	size_t nlimits;
	unsigned references; /* the slot's lock guards it; last: policy_set_view() */
};

struct policy_slot;

struct policy_slot *policy_slot_new(void);
void policy_slot_free(struct policy_slot *slot); /* and its set, if nobody has it */

/* The same set to be asked with other conditions: what it points to is the set's, and it
 * is neither counted nor freed. */
void policy_set_view(struct policy_set *view, const struct policy_set *set);

/* The policy of that name, enabled or not; NULL: there is none. */
const struct policy *policy_set_find(const struct policy_set *set, const char *name);

/* The settings as they hold for the MTAs of the pool, NULL: for those in none. */
const struct settings *policy_set_settings(
	const struct policy_set *set, const struct pool *pool);

/* Does some enabled policy look at SPF? */
bool policy_set_checks_spf(const struct policy_set *set);

/* Is somebody in these groups, those of a client address, in one of spf_trusted? */
bool policy_set_trusts(const struct policy_set *set, const struct group_list *client);

/* The i-th policy that the MTAs of the pool see, in order; NULL behind the last. */
const struct policy *policy_set_at(
	const struct policy_set *set, const struct pool *pool, size_t i);

/* Those among them, in the same order, that are enabled and whose source may match who is
 * in these groups by his login and as a sender: none that does is left out.  In the
 * arena; their number. */
size_t policy_set_candidates(const struct policy_set *set, const struct pool *pool,
	const struct group_list *login, const struct group_list *sender,
	struct arena *arena, const struct policy ***candidates);

/* What the policy grants to senders at the MTAs of the pool. */
const struct limits *policy_set_limits(
	const struct policy_set *set, const struct policy *p, const struct pool *pool);

/* Calls fn for each limit that `before` has, and `after` has with another period or
 * amount or (NULL) not at all; ascending by their ids. */
void policy_set_compare(const struct policy_set *before, const struct policy_set *after,
	void (*fn)(void *arg, const struct limit *was, const struct limit *is),
	void *arg);

/* Frees a set that was never published. */
void policy_set_discard(struct policy_set *set);

/* Makes it the set that new messages get; the slot takes the caller's set over. */
void policy_slot_publish(struct policy_slot *slot, struct policy_set *set);

/* The set of now; any thread.  Give it back when the message is done. */
struct policy_set *policy_slot_acquire(struct policy_slot *slot);
void policy_slot_release(struct policy_slot *slot, struct policy_set *set);

#endif
