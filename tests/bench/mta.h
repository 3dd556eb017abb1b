/*
 * The MTA's side of one milter session (protocol version 6), as Postfix speaks it: the
 * same steps in the same order with the same macros, written together where Postfix
 * writes them together.  It knows no socket: what is to be sent is put into a buffer,
 * what has come is handed in.  For load.c.  One thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BENCH_MTA_H
#define THEMIS_BENCH_MTA_H

#include "base/err.h"
#include "verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MTA_STAGES     7 /* of macros: libmilter's SMFIM_CONNECT to SMFIM_EOH */
#define MTA_MACROS_MAX 32

/* What all sessions have in common; the caller's, and it outlives them. */
struct mta_profile {
	const char *client; /* an IPv4 or IPv6 address */
	bool logins;	    /* senders have logged in, under their address */
	uint64_t recipients, headers, body; /* the last in octets */
};

/* One message; the caller's until it is settled. */
struct mta_mail {
	const char *sender, *queue_id;
};

enum mta_event {
	MTA_WAITS,   /* for more input */
	MTA_READY,   /* negotiated: messages may come */
	MTA_SETTLED, /* the message has its verdict */
	MTA_OVER,    /* likewise, and the milter wants the session closed (421) */
	MTA_FAILED,  /* the milter has broken the protocol */
};

struct mta_buffer {
	char *data;
	size_t used, cap;
};

struct mta {
	const struct mta_profile *profile;
	const struct mta_mail *mail;
	uint32_t actions, steps; /* as the milter wants them */
	struct {
		size_t n;
		uint8_t known[MTA_MACROS_MAX]; /* places in a table of mta.c */
	} macros[MTA_STAGES];
	unsigned step;
	uint64_t nth, refused;
	bool negotiated;
	bool at_end; /* the end of the message was sent: the answer is out */
	enum verdict verdict;
	struct mta_buffer in, out;
	size_t due; /* so much of out is to be sent now; the rest may wait for more */
	/* so much of that by smtpd(8), before it hands the session to cleanup(8): which
	 * sends the rest a little later */
	size_t handed;
};

/* Zeroes *m and puts the offer to negotiate; MTA_READY comes of the answer. */
void mta_begin(struct mta *m, const struct mta_profile *profile);

/* Begins a message on a session that is ready, or that has settled the one before. */
void mta_send(struct mta *m, const struct mta_mail *mail);

/* Room for size octets more of what has come, which the caller adds to in.used. */
char *mta_room(struct mta *m, size_t size);

/* Goes through what has come, to the first event; MTA_WAITS: there is none.  MTA_FAILED
 * fills err. */
enum mta_event mta_look(struct mta *m, struct err *err);

/* Takes out of the buffer what was sent. */
void mta_sent(struct mta *m, size_t octets);

/* Puts the end of the session, due at once. */
void mta_quit(struct mta *m);

void mta_free(struct mta *m);

#endif
