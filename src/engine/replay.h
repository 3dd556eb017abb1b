/*
 * Replay: what a policy would have said of mail that was, as the history has it.  Each
 * row becomes a message of an engine of its own, with a set of its own and counters that
 * begin empty, and goes the way of any message through the engine's own functions: the
 * look, the checks, the charge, the judgement.  Nothing is told, recorded, or asked of
 * DNS, and no mail is judged by what is charged.
 *
 * Rows come in the order of time.  One thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_REPLAY_H
#define THEMIS_ENGINE_REPLAY_H

#include "engine/engine.h"

struct replay_recipient {
	const char *address; /* as an object */
	bool refused;	     /* alone, and by the policy that is tried */
};

/* What the history has of a message; NULL, 0: not known, or there is none. */
struct replay_row {
	int64_t time;
	const char *login, *sender, *client, *mta; /* as in v_decisions */
	enum verdict_kind verdict;
	bool by_policy; /* that is the word of the policy that is tried */
	bool by_hand;	/* or of no policy at all */
	/* all that were given but those that another policy has refused */
	const struct replay_recipient *recipients;
	size_t nrecipients;
	/* those that other policies have discarded; where it went on with the rest, the
	 * verdict is that of the rest */
	const char *const *taken;
	size_t ntaken;
	uint64_t accepted; /* how many recipients it had, where only that is known */
	uint64_t size;	   /* octets */
	int spf;	   /* enum spf_result; -1: not known */
};

/* What it comes to for the policy. */
enum replay_outcome {
	REPLAY_PASSED_BY, /* the policy has nothing to do with it */
	REPLAY_ROOM,
	REPLAY_REFUSED, /* as a whole or in part, or would have been (monitor) */
	/* not known, as this is not, and nothing is charged */
	REPLAY_NO_RECIPIENTS,
	REPLAY_NO_SIZE,
	REPLAY_FULL, /* there is no place for more counters: it cannot go on */
};

/* Somebody that it was counted for; the same may be there more than once. */
struct replay_object {
	const char *name;
	bool refused;
};

struct replay_said {
	enum replay_outcome outcome;
	bool no_spf; /* the policy looks at SPF, of which nothing is known */
	const struct replay_object *objects;
	size_t nobjects;
	/* what it met of the policy's limits at its end, after the charge */
	const struct counter_hit *hits;
	size_t nhits;
};

/* Would the policy have been asked about it?  Not where another one had refused it, or
 * somebody by hand: that is charged nowhere.  But where it had refused some recipients
 * before that, these are played. */
bool replay_is_offered(const struct replay_row *row);

struct replay;

/* set: that policy and what is to stand before it (policy/alone.h); it is taken over.
 * max: about so many counters there may be at a time. */
struct replay *replay_new(struct policy_set *set, const char *policy, size_t max);
void replay_free(struct replay *r); /* NULL is fine */

/* The policy, as the set has it. */
const struct policy *replay_policy(const struct replay *r);

/* For how long before a moment rows matter that are to be judged from then on, in
 * microseconds. */
int64_t replay_memory(const struct replay *r);

/* What it needs to know of each message besides. */
bool replay_wants_recipients(const struct replay *r);

/* How many counters there are. */
size_t replay_counters(const struct replay *r);

/* The next message.  What is said is good until the next one. */
void replay_play(
	struct replay *r, const struct replay_row *row, struct replay_said *said);

#endif
