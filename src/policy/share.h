/*
 * Policies that sets share: one that a change does not touch is the same in the set
 * before and in the one after it.  Immutable, and counted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_SHARE_H
#define THEMIS_POLICY_SHARE_H

#include "policy/policy.h"

/* One to be shared, with one reference for the caller; it takes over what p owns. */
const struct policy *policy_share(const struct policy *p);

/* Of those that policy_share() made; any thread. */
const struct policy *policy_acquire(const struct policy *p);
void policy_release(const struct policy *p);

#endif
