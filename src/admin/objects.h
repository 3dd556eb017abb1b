/*
 * What other commands have to know of objects (admin/do_object.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_OBJECTS_H
#define THEMIS_ADMIN_OBJECTS_H

#include "admin/request.h"

/* The object's one spelling, with the ipv6_prefix of now; in the arena.  NULL with err.
 */
const char *object_named(struct request *rq, const char *text, struct err *err);

/* A counter's row names the pool only where the limit counts apart for it. */
void counter_trim(json_t *row);

/* Is there a policy of that name?  NULL is fine. */
int policy_must_exist(struct db *db, const char *name, struct err *err);

#endif
