/*
 * Signs of life, one number for each thread: the state in its last two bits, and above
 * them a count of signs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/pulse.h"

#include <stdatomic.h>

#define STATE_MASK 3u
#define SIGN	   4u

/* Each written by its thread, and read by the watchdog. */
static _Atomic uint64_t pulses[PULSES];

static const char *const names[] = {
	[PULSE_WRITER] = "the writer",
	[PULSE_POLICY] = "the policy service",
	[PULSE_CONTROL] = "the control server",
	[PULSE_MAIN] = "the main loop",
};

_Static_assert(sizeof(names) / sizeof(*names) == PULSES, "a name for each");

void pulse_set(enum pulse thread, enum pulse_state state)
{
	uint64_t was = atomic_load_explicit(&pulses[thread], memory_order_relaxed);

	atomic_store_explicit(&pulses[thread],
		((was & ~(uint64_t)STATE_MASK) + SIGN) | state, memory_order_relaxed);
}

const char *pulse_name(enum pulse thread)
{
	return names[thread];
}

bool pulse_look(struct pulse_watch *watch, int64_t now, int64_t patience, int64_t most,
	enum pulse *thread, int64_t *silent)
{
	int64_t passed = watch->looked != 0 ? now - watch->looked : 0;
	bool found = false;

	if (passed > most)
		passed = most;
	watch->looked = now;
	for (int i = 0; i < PULSES; i++) {
		uint64_t sign = atomic_load_explicit(&pulses[i], memory_order_relaxed);
		int64_t allowed = patience;

		if (sign != watch->seen[i].sign || (sign & STATE_MASK) == PULSE_IDLE)
			watch->seen[i].silent = 0;
		else
			watch->seen[i].silent += passed;
		watch->seen[i].sign = sign;
		if ((sign & STATE_MASK) == PULSE_SLOW)
			allowed *= PULSE_PATIENCE;
		if (!found && watch->seen[i].silent >= allowed) {
			found = true;
			*thread = (enum pulse)i;
			*silent = watch->seen[i].silent;
		}
	}
	return found;
}
