/*
 * Pools: which MTAs see which policies first (behaviour.md, "Pools").  A table is part of
 * one policy set, and as immutable.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_POOL_H
#define THEMIS_POLICY_POOL_H

#include "db/db.h"
#include "policy/name.h"
#include "policy/setting.h"

struct pool {
	int64_t id;
	char name[NAME_MAX_OCTETS + 1];
	struct settings settings; /* as they hold for its MTAs */
	size_t first, npolicies;  /* its policies, of those of the set */
};

struct pool_table {
	struct pool *pools; /* by name */
	size_t n;
	struct pool_host *hosts;
};

/* The settings that hold everywhere, and the pools with theirs and their hosts, as the
 * database has them.  0, or -1 and err; pool_table_clear() is the caller's duty either
 * way. */
int pool_table_load(
	struct pool_table *t, struct settings *settings, struct db *db, struct err *err);
void pool_table_clear(struct pool_table *t);

/* The settings as they hold for the MTAs of a pool (0: where no pool's are different), as
 * the database has them: no table is made.  0, or -1 and err. */
int pool_settings_load(
	struct settings *settings, int64_t pool_id, struct db *db, struct err *err);

/* The pool with that id, NULL if there is none. */
struct pool *pool_by_id(const struct pool_table *t, int64_t id);

/* What names an MTA in a pool, in its one spelling, in the arena: the name of a host (as
 * addr_domain() has it), or an address of one, by which the policy service may know it:
 * "192.0.2.25", "[ipv6:2001:db8::25]", as given or as a literal.  NULL: it is neither. */
const char *pool_host(struct arena *arena, const char *text);

/* The same of an address alone. */
const char *pool_address(struct arena *arena, const char *text);

/* The pool that the MTA of that name (as addr_domain() has it) is in; NULL: in none. */
const struct pool *pool_of_mta(const struct pool_table *t, const char *mta);

#endif
