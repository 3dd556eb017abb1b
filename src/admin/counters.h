/*
 * What other commands have to know of counters (admin/do_counter.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_COUNTERS_H
#define THEMIS_ADMIN_COUNTERS_H

#include "admin/request.h"

/* Takes the pool out of a counter's row, unless the limit counts apart for it. */
void counter_row_tidy(json_t *row);

#endif
