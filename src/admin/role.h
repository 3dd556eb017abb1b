/*
 * Who may do what on the control socket, and what becomes of those who may not: a
 * refusal is told in words with the user's name, logged, and a row of the audit.
 * The name may be long in coming (NSS, a directory's server), and so may the row:
 * both are the changer's work.
 *
 * A stranger can be refused as often as he likes.  So only few refusals wait at a
 * time, and only so many of one user are written down one by one; the others are told at
 * once, with the number of the user, and counted, and the next one that is written
 * down says how many they were, or a row of their own if none comes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_ROLE_H
#define THEMIS_ADMIN_ROLE_H

#include "admin/runner.h"

/* Who may do what: root and the daemon's user write always. */
struct roles {
	uid_t daemon;
	gid_t write_group, read_group; /* (gid_t)-1: none */
	const char *write_group_name;  /* for the words of a refusal */
};

enum role { ROLE_NONE, ROLE_READ, ROLE_WRITE };

enum role role_of(const struct roles *roles, const struct net_peer *peer);

#define REFUSALS_WAITING 4		     /* at most, at a time */
#define REFUSALS_AT_ONCE 20		     /* written down, however fast they come */
#define REFUSALS_EVERY	 (10 * CLOCK_SECOND) /* then one in so long */

#define REFUSALS_USERS 16 /* with an allowance each; more share them */

/* The server's, on its thread.  Zero it to begin. */
struct refusals {
	int waiting;   /* with the changer */
	unsigned more; /* told at once, and not written down yet */
	int64_t last;  /* when the last of them was */
	struct allowance {
		uid_t uid;
		int64_t paid_to; /* the moment up to which it is used */
	} of[REFUSALS_USERS];
};

/* Makes a refusal of a request: the task that the changer is to run, in the request's
 * arena, with the owner, the user and the line of `task`.  A request without a command
 * is one to use the socket at all.  NULL if it is not to be written down by itself:
 * then it is counted, and `task` has the answer. */
struct task *refusal_begin(struct refusals *refusals, struct task *task,
	const struct roles *roles, int64_t now);

/* The changer has given one back.  If it has not come to run it, those that it spoke for
 * are counted again. */
void refusal_end(struct refusals *refusals, const struct task *refusal);

/* The task that writes down, as the user themisd and without a command, how many were
 * counted and found no other refusal to be told with for a minute; the server asks for it
 * each time round.  In an arena of its own, without an owner; NULL if there is nothing to
 * tell.  now INT64_MAX: at the end, whatever is left. */
struct task *refusals_rest(struct refusals *refusals, struct admin *admin,
	const struct roles *roles, int64_t now);

#endif
