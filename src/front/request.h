/*
 * One request of Postfix's policy delegation protocol (SMTPD_POLICY_README): lines
 * "name=value" in any order, and an empty one at its end.  Reads lines, knows no socket.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_FRONT_REQUEST_H
#define THEMIS_FRONT_REQUEST_H

#include "base/err.h"
#include "engine/asked.h"

#define REQUEST_LINE_MAX       8192 /* octets, without its end */
#define REQUEST_ATTRIBUTES_MAX 200

/* Of a queue id as it is kept, with the NUL. */
#define QUEUE_ID_SIZE (64 + 1)

enum request_attribute {
	REQUEST_KIND,
	REQUEST_STATE,
	REQUEST_INSTANCE,
	REQUEST_QUEUE_ID,
	REQUEST_SENDER,
	REQUEST_RECIPIENT,
	REQUEST_RECIPIENT_COUNT,
	REQUEST_SIZE,
	REQUEST_LOGIN,
	REQUEST_HELO,
	REQUEST_CLIENT,
	REQUEST_PORT,
	REQUEST_SERVER,
	REQUEST_SERVER_PORT,
	REQUEST_CONTEXT,
	REQUEST_KNOWN, /* all others are passed over */
};

/* Zero it to begin, and request_clear() it after each. */
struct request {
	struct arena *arena; /* has the values */
	const char *values[REQUEST_KNOWN];
	unsigned attributes; /* seen so far */
};

/* Takes the next line.  1: that was the end, and the request is whole; 0: it goes on;
 * -1 and err: it is none. */
int request_line(struct request *rq, const char *line, struct err *err);

void request_clear(struct request *rq);

/* Has a line of it been read? */
static inline bool request_is_begun(const struct request *rq)
{
	return rq->attributes > 0;
}

/* What a whole one asks, and in which session (but for its steps); both are as long-lived
 * as the request.  host: the name of this one, where the request does not name an MTA;
 * NULL: unknown.  0, or -1 and err: a value is none. */
int request_read(const struct request *rq, const char *host, struct session *session,
	struct asked *asked, struct err *err);

#endif
