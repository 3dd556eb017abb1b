/*
 * What an administrator has said of objects: flags of those whom a message is from, which
 * come before every policy (behaviour.md, "Order", 1), and grants.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_OBJECT_H
#define THEMIS_ENGINE_OBJECT_H

#include "engine/message.h"

/* The first of login, sender, their domains and client address that is blocked at that
 * moment; NULL: none. */
const char *object_blocked(const struct message *m, int64_t now);

/* The first that is bypassed: the login, its domain and the client address; without a
 * login the sender, its domain and the client address.  NULL: none. */
const char *object_bypassed(const struct message *m, int64_t now);

/* How much more than its limits the policy gives to that object at that moment. */
struct grant object_granted(
	const struct message *m, const struct policy *p, const char *object, int64_t now);

#endif
