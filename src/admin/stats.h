/*
 * Figures that more than one command shows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_STATS_H
#define THEMIS_ADMIN_STATS_H

#include "admin/request.h"

/* Messages per second by now, to a tenth. */
json_t *stats_per_second(const struct rates *rates, int64_t now);

#endif
