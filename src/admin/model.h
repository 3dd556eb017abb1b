/*
 * The configuration as things, and as the commands that make it: what a dump is, and what
 * is between two states of it.  Everything that commands can say and that is there to
 * stay: settings, pools, groups, policies with their header rules, flags of objects; no
 * counters, no history.
 *
 * All of it may be called on any thread that owns the connections; it only looks.  For
 * one moment's state a connection has to be in a transaction.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_MODEL_H
#define THEMIS_ADMIN_MODEL_H

#include "admin/script.h"
#include "admin/things.h"
#include "db/db.h"
#include "policy/policy.h"

struct model_setting {
	const char *pool, *name, *value; /* pool "": everywhere */
};

struct model_pool {
	const char *name;
	const char **hosts; /* sorted */
	size_t n, cap;
};

struct model_rule {
	const char *header, *regex;
	const char **words; /* NEW-HEADER VALUE ... */
	size_t n, cap;
};

struct model_policy {
	int64_t id; /* says something to its own database alone */
	const char *name;
	const char *values[ATTRIBUTES]; /* limits by their periods */
	struct model_rule *rules;	/* in the order in which they are applied */
	size_t n, cap;
};

struct model_flag {
	const char *object, *flag;
	const char *until, *because; /* NULL: for good; no reason given */
};

struct model_grant {
	const char *object, *policy; /* policy "": in each */
	const char *amount, *until, *because;
};

/* All that there is but groups, which may have a million members. */
struct model {
	struct arena *arena;		/* has all of it */
	struct model_setting *settings; /* of the site, then by pool; by name */
	struct model_pool *pools;	/* by name */
	struct model_policy *policies;	/* in the order of evaluation */
	struct model_flag *flags;	/* by object and flag; none that is over */
	/* by object and policy, of those that were asked for (THING_GRANT): they are no
	 * part of the configuration */
	struct model_grant *grants;
	const struct model_policy **by_name;
	size_t nsettings, settings_cap, npools, pools_cap, npolicies, policies_cap,
		nflags, flags_cap, ngrants, grants_cap;
};

/* Reads it, or what of the things is there.  only NULL: everything; else a settled list
 * (thing_list_settle()), whose pools stand for their settings too; of policies and pools
 * it may want a part.  now: microseconds.  0, or -1 and err. */
int model_read(struct model *m, struct db *db, const struct thing_list *only, int64_t now,
	struct arena *arena, struct err *err);

/* By name, NULL if there is none. */
const struct model_setting *model_setting(
	const struct model *m, const char *pool, const char *name);
const struct model_pool *model_pool(const struct model *m, const char *name);
const struct model_policy *model_policy(const struct model *m, const char *name);
const struct model_flag *model_flag(
	const struct model *m, const char *object, const char *flag);
const struct model_grant *model_grant(
	const struct model *m, const char *object, const char *policy);

bool model_pool_has(const struct model_pool *pool, const char *host);
bool model_rule_is_same(const struct model_rule *a, const struct model_rule *b);
bool model_flag_is_same(const struct model_flag *a, const struct model_flag *b);
bool model_grant_is_same(const struct model_grant *a, const struct model_grant *b);

/* The commands that make `from` what `to` is, but for groups, in an order in which they
 * can be run.  Between: policies, and settings that name groups, while all groups of
 * either are there: behind what adds groups, and before what deletes them. */
void model_script_before(
	struct script *s, const struct model *from, const struct model *to);
void model_script_between(
	struct script *s, const struct model *from, const struct model *to);
void model_script_after(
	struct script *s, const struct model *from, const struct model *to);

/* Hands on the commands that make all that `db` has, in an order in which an empty
 * database takes them.  Of the same state they are the same, and those of a database
 * that was made by them, too.  emit: as that of a script (admin/script.h); it must not
 * use the connection.  0, or -1 and err. */
int model_dump(struct db *db, int64_t now,
	int (*emit)(void *arg, char *const *words, size_t n, struct err *err), void *arg,
	struct err *err);

/* Likewise, the commands that make `from` what `to` is, as far as the things go (NULL:
 * all of it; it is settled).  Of things that are the same there are none. */
int model_diff(struct db *from, struct db *to, const struct thing_list *only, int64_t now,
	int (*emit)(void *arg, char *const *words, size_t n, struct err *err), void *arg,
	struct err *err);

#endif
