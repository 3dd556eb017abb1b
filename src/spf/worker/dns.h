/*
 * DNS for the threads of themis-spf: one libunbound, which caches for all of them and
 * asks the servers that it is told, and a resolver for each thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SPF_WORKER_DNS_H
#define THEMIS_SPF_WORKER_DNS_H

#include "base/err.h"
#include "spf/worker/resolver.h"

#include <stdint.h>

struct dns;

/* servers: "" for those of /etc/resolv.conf, else addresses with blanks between them,
 * each with a port behind an @ if it is not 53: "127.0.0.1 192.0.2.1@5353 2001:db8::1".
 * NULL and err if there are none, or one is no address.
 *
 * When it comes back, two threads run, libunbound's and the one that takes its answers;
 * its pipes and what it reads of /etc are open or read already, and nothing more is
 * started: a process may shut itself in.  From there on it needs sockets (UDP and TCP, of
 * IPv4 and IPv6, to those servers), epoll, poll, read and write on its pipes, memory,
 * futexes, clocks and random numbers; no file, no thread, no process. */
struct dns *dns_open(const char *servers, struct err *err);

/* When all its resolvers are freed; ends both threads.  NULL is fine. */
void dns_close(struct dns *dns);

/* A resolver of one thread's: any number of threads may ask at once, each its own.  Never
 * NULL; the caller's, for dns_resolver_free(). */
struct resolver *dns_resolver(struct dns *dns);
void dns_resolver_free(struct resolver *r); /* NULL is fine */

/* A check begins: from then on (clock_monotonic()) every query of this resolver is
 * DNS_TIME_IS_UP, and one that is on its way is given up. */
void dns_begin(struct resolver *r, int64_t until);

#endif
