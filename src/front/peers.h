/*
 * All connections of the policy service: how many there may be, who has been silent for
 * too long, and who makes room for a newcomer.  The service's thread's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_FRONT_PEERS_H
#define THEMIS_FRONT_PEERS_H

#include "front/peer.h"

/* How long a connection may be silent between two requests, and how long a request may
 * take to come, or its answer to be taken (microseconds).  Postfix waits 300 s
 * (smtpd_policy_service_max_idle) and 100 s (smtpd_policy_service_timeout). */
#define PEERS_IDLE ((int64_t)600 * 1000000)
#define PEERS_SLOW ((int64_t)100 * 1000000)

TAILQ_HEAD(peer_list, peer);

struct peers {
	struct peer_list list; /* whose state changed longest ago is the first */
	unsigned n, max;
	unsigned leaving; /* of these, were shut down */
};

void peers_init(struct peers *all, unsigned max);
void peers_add(struct peers *all, struct peer *p);
void peers_remove(struct peers *all, struct peer *p);

/* Its turn is over, and what it was in the middle of may be, too: a request that takes
 * long does so since it began, or since the answer to the one before. */
void peers_note(struct peers *all, struct peer *p, int64_t now);

/* Is there room for one more?  Who has been silent for longest is shut down for that;
 * false: nobody is silent. */
bool peers_make_room(struct peers *all);

/* Shuts those down who are too late.  Their next turn is their last. */
void peers_watch(struct peers *all, int64_t now);

#endif
