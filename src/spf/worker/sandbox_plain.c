/*
 * The sandbox as it is installed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/worker/sandbox_needs.h"

#include <stddef.h>

const char *const sandbox_more_calls[] = { NULL };
/* Stacks of all threads and malloc()'s arenas (main.c) map a quarter of it; libunbound's
 * caches have some 10 MiB; the rest is room for what checks need. */
const rlim_t sandbox_address_space = (rlim_t)1024 * 1024 * 1024;
const int sandbox_may_complain = 0;
