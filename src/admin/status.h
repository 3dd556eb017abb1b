/*
 * Figures of the daemon that `status` shows, and whoever else tells of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_STATUS_H
#define THEMIS_ADMIN_STATUS_H

#include "admin/request.h"
#include "engine/alerts.h"
#include "spf/pool.h"

/* Octets of the database ("") or of a file beside it ("-wal"); 0: there is none. */
int64_t status_file_bytes(const struct admin *a, const char *suffix);

/* When something was changed last, in microseconds, and by whom (in the arena).  0:
 * never, or it cannot be read. */
int64_t status_last_change(struct db *db, struct arena *arena, const char **user);

/* Of what checks SPF; zeros where nothing does. */
struct spf_pool_counts status_spf(const struct admin *a);

/* Of alerts; zeros where there are none. */
struct alert_counts status_alerts(const struct admin *a);

#endif
