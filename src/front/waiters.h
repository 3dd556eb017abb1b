/*
 * Threads for requests of the policy protocol whose decision may wait for DNS.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_FRONT_WAITERS_H
#define THEMIS_FRONT_WAITERS_H

#include "front/peer.h"

/* Has a thread of its own call peer_decide(): one that is idle, or one more, up to more
 * than can wait for SPF at a time (spf/queue.h); beyond, when one is idle again.  From
 * the service's thread. */
void waiters_add(struct peer *p);

#endif
