/*
 * One connection of the policy service: requests out of it, answers into it, one at a
 * time.  All of it is the service's thread's, but while a request is with others: then it
 * is theirs, and the service leaves it alone until they say that the result has come.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_FRONT_PEER_H
#define THEMIS_FRONT_PEER_H

#include "base/net.h"
#include "front/action.h"
#include "front/request.h"

#include <sys/queue.h>

/* Answers that are written at once, and so requests before others have a turn. */
#define PEER_BURST 8

/* Instances of one connection.  Postfix speaks of one message at a time: what stands
 * behind these few has come to its end. */
#define PEER_INSTANCES 8

struct peer;

/* What all of them work with. */
struct peer_site {
	struct engine *engine;
	const char *host; /* of request_read(), where no MTA has told its name */
	/* The result has come: the service is to call peer_resume().  On any thread. */
	void (*came)(struct peer *p);
	/* Has somebody else call peer_decide(), who may wait for DNS, and then came(). */
	void (*wait)(struct peer *p);
};

struct peer {
	/* the service's */
	TAILQ_ENTRY(peer) link;	 /* front/peers.h */
	STAILQ_ENTRY(peer) next; /* in one of its lists */
	int fd;
	uint32_t wanted; /* what epoll looks for; 0: it does not look */
	int64_t since;	 /* it is so, as in_middle says */
	bool in_middle;	 /* of a request, or of its answer; else it is silent */
	bool answered;	 /* a request, since the last look */
	bool in_hand;	 /* the request is with others */
	bool has_more;	 /* it has its turn without being looked for */
	bool leaving;	 /* it was shut down */
	bool gone;	 /* it has ended, and is to be freed */

	const struct peer_site *site;
	struct net_lines lines;
	struct request request;
	char out[ACTION_TEXT_MAX * PEER_BURST];
	size_t out_len, out_sent;
	unsigned unsent; /* answers in there, whose messages are in hand until it is sent
			  */
	char *instances[PEER_INSTANCES];
	unsigned next_instance;

	/* the request in hand */
	struct session session;
	struct asked asked;
	struct message *m;
	bool waited, stored; /* how its result came */
	struct verdict verdict;
};

/* Of a connection that is there, non-blocking. */
struct peer *peer_new(int fd, const struct peer_site *site, int64_t now);
void peer_free(struct peer *p); /* and closes it */

enum peer_state {
	PEER_READS,  /* to be called when it has something to say */
	PEER_WRITES, /* or takes more */
	PEER_WAITS,  /* the request is with others */
	PEER_MORE,   /* there is more in what was read: after the others */
	PEER_ENDS,   /* it is over, or what it says is no request */
};

/* Its turn: reads once, and answers what is whole.  err is filled in where PEER_ENDS is
 * for what it says, else its text is "". */
enum peer_state peer_turn(struct peer *p, struct err *err);

/* The result has come. */
enum peer_state peer_resume(struct peer *p, struct err *err);

/* Decides on the request; may wait.  Not on the service's thread. */
void peer_decide(struct peer *p);

/* Is it in the middle of something that it should end soon? */
bool peer_is_in_middle(const struct peer *p);

#endif
