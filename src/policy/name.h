/*
 * Names of groups, policies and pools, and members of groups: what may be
 * written, and its one spelling.  Pure; any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_NAME_H
#define THEMIS_POLICY_NAME_H

#include "base/arena.h"
#include "base/cidr.h"
#include "base/err.h"
#include "ctl/bounds.h"

/* 1 to 64 of letters, digits, _ - and . ; any, all, list and global are kept.
 * what ("group", "policy") is for the words of the refusal. */
int name_check(const char *what, const char *name, struct err *err);

/* A member: user@example.org, @example.org, @.example.org (that domain and all below
 * it), user@ (at any domain), a login without a domain, an address or a network.  The
 * spelling that is stored and shown is in the arena; for an address or network
 * *network is filled, for the others its family is 0.  NULL if it is none of these. */
const char *member_parse(
	struct arena *arena, const char *text, struct cidr *network, struct err *err);

/* A login as an object: the spelling of an address if it is one, else any text, folded
 * ("corp\\bob@mx.example.org"); NULL if it is empty, longer than an address can be, or
 * not printable UTF-8. */
const char *login_parse(struct arena *arena, const char *text);

/* An object as commands name it (behaviour.md, "Identities"): user@example.org,
 * @example.org, <>, <invalid>, * (all mail of a policy), or a client address, which
 * for IPv6 becomes its network of ipv6_prefix bits.  Its one spelling; NULL if it is
 * none. */
const char *object_parse(
	struct arena *arena, const char *text, unsigned ipv6_prefix, struct err *err);

#endif
