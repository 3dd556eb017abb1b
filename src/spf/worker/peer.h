/*
 * The validated names of a client: those of its PTR records whose addresses hold it
 * (RFC 7208, 5.5), for the macro %{p}.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SPF_WORKER_PEER_H
#define THEMIS_SPF_WORKER_PEER_H

#include "spf/worker/lookup.h"

struct peer {
	struct lookup *lookup;
	const struct cidr *client;
	bool known; /* the names were asked for */
	size_t n;
	char names[LOOKUP_PTR_MAX][LOOKUP_NAME_SIZE];
};

/* The domain itself if it is one of them, else a name below it, else any; "unknown" if
 * there is none.  Asks DNS when called first; lives as long as the peer. */
const char *peer_name(struct peer *p, const char *domain);

#endif
