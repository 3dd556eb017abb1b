/*
 * What themis-spf gives up before the first question: everything but its memory, its
 * socket to the daemon, and sockets of IP.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SPF_WORKER_SANDBOX_H
#define THEMIS_SPF_WORKER_SANDBOX_H

#include "base/err.h"

/* Before anything else: dies with the daemon, cannot be traced, leaves no core, and where
 * it was started by root becomes nobody.  0, or -1 and err: it must not go on. */
int sandbox_begin(struct err *err);

/* Once all files are open and all threads run (dns.h): limits, no new privileges, and a
 * filter of system calls for every thread.  0, or -1 and err: it must not go on. */
int sandbox_close(struct err *err);

#endif
