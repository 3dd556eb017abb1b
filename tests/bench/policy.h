/*
 * Postfix's policy delegation protocol, seen from smtpd(8): what it asks in the course of
 * a message, with the attributes that Postfix 3.7 sends, in its order, and what it may be
 * answered.  Knows no socket.  For policy_load.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BENCH_POLICY_H
#define THEMIS_BENCH_POLICY_H

#include "base/err.h"
#include "verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLICY_REQUEST_MAX 2048
#define POLICY_ANSWER_MAX  1024

/* Of its protocol_state those in which a message can be counted, as they come. */
enum policy_state { POLICY_RCPT, POLICY_DATA, POLICY_END, POLICY_STATES };

/* -1: it is none of them. */
int policy_state_from_name(const char *name);

/* One message, and how far it has come. */
struct policy_mail {
	const char *client; /* an address */
	unsigned port;	    /* of the client */
	const char *sender;
	bool login; /* the sender has logged in, under his address, over TLS */
	const char *instance, *queue_id;
	uint64_t size;
	uint64_t nth;	   /* recipient, that is asked about; from 0 */
	uint64_t accepted; /* recipients so far */
	uint64_t last;	   /* of these */
};

/* Writes a request, its empty line with it; the number of its octets. */
size_t policy_request(char request[POLICY_REQUEST_MAX], const struct policy_mail *mail,
	enum policy_state state);

/* Looks at all that has come since the request.  1: that is an answer, and *verdict what
 * it makes of the message; 0: there is more to come; -1: it is no answer, or more than
 * one, and err says so. */
int policy_answer(const char *answer, size_t n, enum verdict *verdict, struct err *err);

#endif
