/*
 * What the sandbox leaves to the build that it is in: more where sanitizers look after
 * the process.  One of sandbox_plain.c and sandbox_sanitized.c is in a build.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SPF_WORKER_SANDBOX_NEEDS_H
#define THEMIS_SPF_WORKER_SANDBOX_NEEDS_H

#include <sys/resource.h>

/* System calls by name beyond those in sandbox.c, ended by NULL. */
extern const char *const sandbox_more_calls[];

/* Octets of address space (RLIMIT_AS). */
extern const rlim_t sandbox_address_space;

/* May it write to its standard error, which is the daemon's? */
extern const int sandbox_may_complain;

#endif
