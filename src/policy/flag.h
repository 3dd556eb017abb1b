/*
 * Flags of objects: what an administrator has said of a login, a sender, a domain or a
 * client address (behaviour.md, "Objects and grants").  A table never changes, and is
 * shared by every policy set for which it is true.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_POLICY_FLAG_H
#define THEMIS_POLICY_FLAG_H

#include "db/db.h"

#include <stddef.h>

enum flag { FLAG_BLOCK, FLAG_BYPASS, FLAGS };

const char *flag_name(enum flag flag); /* "block", "bypass" */

/* The flag of that name, -1 if there is none. */
int flag_parse(const char *name);

struct flag_table;

/* Those of the database; one reference for the caller.  NULL with err. */
struct flag_table *flag_table_load(struct db *db, struct err *err);

/* Any thread. */
struct flag_table *flag_table_acquire(struct flag_table *t);
void flag_table_release(struct flag_table *t); /* NULL is fine */

/* Until when the object (in its one spelling) has the flag, microseconds; 0: it has it
 * not, INT64_MAX: until it is taken back. */
int64_t flag_until(const struct flag_table *t, const char *object, enum flag flag);

/* When the last flag of that kind ends; 0: there is none. */
int64_t flag_last(const struct flag_table *t, enum flag flag);

#endif
