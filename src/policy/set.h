/*
 * A policy set: the policies in the order of evaluation, the groups and the
 * settings of one moment.  Immutable and reference-counted; a message keeps the
 * set that it began with.  The slot holds the set that new messages get.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_SET_H
#define THEMIS_POLICY_SET_H

#include "policy/policy.h"
#include "policy/setting.h"

struct policy_set {
	uint64_t number; /* 1 for the first that was published, counting up */
	struct group_index *groups;
	struct settings settings;
	struct policy *policies; /* enabled or not, in the order of evaluation */
	size_t npolicies;
	bool needs_recipients; /* some enabled policy counts or matches them */
	unsigned references;   /* the slot's lock guards it */
};

struct policy_slot;

struct policy_slot *policy_slot_new(void);
void policy_slot_free(struct policy_slot *slot); /* and its set, if nobody has it */

/* Loads a set from the connection, in whatever transaction it is.  groups: an
 * index that is still true, or NULL to load it too.  The set is not published.
 * NULL with err if what the database holds is not a valid set. */
struct policy_set *policy_set_load(
	struct db *db, struct group_index *groups, struct err *err);

/* Frees a set that was never published. */
void policy_set_discard(struct policy_set *set);

/* Makes it the set that new messages get; the slot takes the caller's set over. */
void policy_slot_publish(struct policy_slot *slot, struct policy_set *set);

/* The set of now; any thread.  Give it back when the message is done. */
struct policy_set *policy_slot_acquire(struct policy_slot *slot);
void policy_slot_release(struct policy_slot *slot, struct policy_set *set);

#endif
