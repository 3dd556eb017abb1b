/*
 * The sandbox of a build with sanitizers: they map terabytes of address space, look at
 * the process from within, and have to tell what they find.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spf/worker/sandbox_needs.h"

#include <stddef.h>

const char *const sandbox_more_calls[] = { "clone", "dup", "fstat", "gettid",
	"newfstatat", "open", "openat", "pread64", "prctl", "readlink", "readlinkat",
	"sched_getaffinity", "stat", "wait4", NULL };
const rlim_t sandbox_address_space = RLIM_INFINITY;
const int sandbox_may_complain = 1;
