/*
 * Signs of life of the threads that go round and round: each says here that it has begun
 * with something, or has nothing to do, and the watchdog sees by it who is stuck.  Costs
 * a store to memory, so it may be said of every job.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BASE_PULSE_H
#define THEMIS_BASE_PULSE_H

#include <stdbool.h>
#include <stdint.h>

/* Their words are in pulse.c. */
enum pulse { PULSE_WRITER, PULSE_POLICY, PULSE_CONTROL, PULSE_MAIN, PULSES };

enum pulse_state {
	PULSE_IDLE, /* it waits for work */
	PULSE_BUSY, /* with something that is soon done, or gives signs in between */
	PULSE_SLOW, /* with something that may take long, and gives none */
};

/* By that thread alone.  Each call is a sign of life, also if the state stays. */
void pulse_set(enum pulse thread, enum pulse_state state);

/* "the writer". */
const char *pulse_name(enum pulse thread);

/* Who looks, which is one thread: what he has seen of each.  Begins as { 0 }. */
struct pulse_watch {
	int64_t looked; /* when, in microseconds; 0: not yet */
	struct {
		uint64_t sign;	/* the last one */
		int64_t silent; /* for how long there was no other, though it is busy */
	} seen[PULSES];
};

/* What may take long may take so many times as long as anything else. */
#define PULSE_PATIENCE 10

/* Looks around.  Is somebody busy who has given no sign for `patience` or longer?  Who,
 * and for how long, in *thread and *silent.  now: of the monotonic clock.  Between two
 * looks no more time is taken to have passed than `most`, since where we were kept from
 * looking (the machine slept, the process was stopped) the others were kept from going
 * on, too.  All in microseconds. */
bool pulse_look(struct pulse_watch *watch, int64_t now, int64_t patience, int64_t most,
	enum pulse *thread, int64_t *silent);

#endif
