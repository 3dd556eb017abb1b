/*
 * The CPU time of other processes, user and system, as the kernel's scheduler counts it
 * (not by ticks).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BENCH_CPU_H
#define THEMIS_BENCH_CPU_H

#include <stdint.h>
#include <sys/types.h>

/* Of all its threads, those too that have ended: nanoseconds, or -1 with errno. */
int64_t cpu_of_process(pid_t pid);

/* Of all processes of a process group, and of those that have ended and were children
 * of them. */
int64_t cpu_of_group(pid_t group);

#endif
