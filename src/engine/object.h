/*
 * What an administrator has said of those whom a message is from (behaviour.md, "Order",
 * 1): it comes before every policy.
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

#endif
