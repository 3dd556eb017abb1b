/*
 * A policy by itself: a set in which it is judged as in the configuration, but by nobody
 * else.  For who tries it on mail that was.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_ALONE_H
#define THEMIS_POLICY_ALONE_H

#include "policy/set.h"

/* The set of the policy, enabled, stored or not, with the groups, pools and settings that
 * the connection has, and no flags and grants.  Of the enabled policies before which it
 * does not stand there are those that can keep a message from it (a bypass, and what says
 * stop), and these do nothing else.  groups: an index that is true; NULL: it is loaded.
 * The set is not published.  NULL with err. */
struct policy_set *policy_set_alone(struct db *db, struct group_index *groups,
	const struct policy *p, struct err *err);

#endif
