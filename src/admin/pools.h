/*
 * What other commands have to know of pools (admin/do_pool.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_POOLS_H
#define THEMIS_ADMIN_POOLS_H

#include "admin/request.h"

/* The id of the pool of that name; -1 and err if there is none. */
int pool_find(struct db *db, const char *name, int64_t *id, struct err *err);

#endif
