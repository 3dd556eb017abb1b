/*
 * The steps of a session and of its messages, as they are sent.  For mta.c alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BENCH_STEPS_H
#define THEMIS_BENCH_STEPS_H

#include "mta.h"

/* In the order in which they come.  STEP_NONE: no message is in hand. */
enum {
	STEP_CONNECT,
	STEP_HELO,
	STEP_MAIL,
	STEP_RCPT,
	STEP_DATA,
	STEP_HEADER,
	STEP_EOH,
	STEP_BODY,
	STEP_END,
	STEP_NONE
};

/* Sends what comes next, until an answer is awaited or (STEP_NONE) the session is ready
 * for a message. */
void steps_advance(struct mta *m);

/* How often the step in hand comes in this message; whether it can come more than once.
 */
uint64_t steps_count(const struct mta *m);
bool steps_repeats(const struct mta *m);

/* Which macros a stage is to have, by their names, blanks between them. */
void steps_list_macros(struct mta *m, unsigned stage, const char *names);

/* Postfix's defaults, for all stages. */
void steps_usual_macros(struct mta *m);

/* A packet: what is put between these is its payload. */
size_t steps_packet_begin(struct mta *m, char command);
void steps_put(struct mta_buffer *b, const void *data, size_t size);
void steps_packet_end(struct mta *m, size_t at);

/* All that is in the buffer is to be sent now. */
void steps_flush(struct mta *m);

#endif
