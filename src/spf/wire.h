/*
 * What the daemon and themis-spf say to each other: one JSON object a datagram, over a
 * pair of SOCK_SEQPACKET sockets.  The daemon asks, the worker answers, with the number
 * of the question.  Neither trusts the other: whatever is not as it is written here is
 * nonsense.  Values; on any thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SPF_WIRE_H
#define THEMIS_SPF_WIRE_H

#include "spf/spf.h"

#include <stdint.h>

/* The descriptor of themis-spf that leads to the daemon. */
#define SPF_WIRE_FD 3

/* Questions that a worker answers at once: the daemon hands it no more than that. */
#define SPF_CHECKS_MAX 16

/* Octets of a datagram. */
#define SPF_WIRE_MAX 65536

/* A question on its way to a worker. */
struct spf_wire_question {
	uint64_t id;   /* 1 to INT64_MAX */
	int64_t until; /* it may take: a moment of clock_monotonic(), 0 or later */
	struct spf_question question;
	char sender[SPF_TEXT_MAX + 1], helo[SPF_TEXT_MAX + 1]; /* of the question */
};

enum spf_wire_kind {
	SPF_WIRE_NONSENSE,
	SPF_WIRE_ANSWER,
	SPF_WIRE_REFUSAL, /* the worker cannot work at all */
};

/* What comes from a worker. */
struct spf_wire_answer {
	enum spf_wire_kind kind;
	uint64_t id;			/* of the question, with an answer */
	struct spf_answer answer;	/* likewise; spf_answer_clear() frees it */
	char refusal[SPF_TEXT_MAX + 1]; /* why, with a refusal: printable ASCII */
};

/* The datagrams, for free(); ended with a NUL, which is not sent.  Texts of a question
 * beyond SPF_TEXT_MAX are cut.  In those of an answer and a refusal, what is not
 * printable ASCII is written \xHH, and what is too long is cut; lines of a trace that do
 * not fit are left out, and the last one says how many. */
char *spf_wire_ask(uint64_t id, int64_t until, const struct spf_question *q);
char *spf_wire_answer(uint64_t id, const struct spf_answer *a);
char *spf_wire_refuse(const char *why);

/* 0, or -1: nonsense.  *out points into itself, so it is not to be moved. */
int spf_wire_read_question(const char *octets, size_t len, struct spf_wire_question *out);

/* Never fails: nonsense is a kind. */
void spf_wire_read_answer(const char *octets, size_t len, struct spf_wire_answer *out);

#endif
