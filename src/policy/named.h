/*
 * What is found in the database by its name: groups, policies, pools.  On the thread of
 * the connection.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_NAMED_H
#define THEMIS_POLICY_NAMED_H

#include "db/db.h"

enum named { NAMED_GROUP, NAMED_POLICY, NAMED_POOL };

/* 1 and its id; 0: there is none of that name; -1 and err. */
int named_find(
	struct db *db, enum named kind, const char *name, int64_t *id, struct err *err);

/* The same of one that has to be there: 0, or -1 and err. */
int named_must_find(
	struct db *db, enum named kind, const char *name, int64_t *id, struct err *err);

/* The refusal of a name that is none, with the nearest that is one.  Always -1. */
int named_missing(struct db *db, enum named kind, const char *name, struct err *err);

#endif
