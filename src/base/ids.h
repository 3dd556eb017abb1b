/*
 * Ids of rows, as a set: an array of them, ascending, each once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BASE_IDS_H
#define THEMIS_BASE_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Makes a set of n ids in any order.  How many are left. */
size_t ids_settle(int64_t *ids, size_t n);

/* Is the id in the set? */
bool ids_have(const int64_t *ids, size_t n, int64_t id);

#endif
