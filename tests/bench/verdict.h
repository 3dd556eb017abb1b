/*
 * What was made of the messages of a load.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BENCH_VERDICT_H
#define THEMIS_BENCH_VERDICT_H

#include <stdint.h>

enum verdict {
	VERDICT_ACCEPTED,
	VERDICT_HELD,
	VERDICT_DISCARDED,
	VERDICT_DEFERRED,
	VERDICT_REFUSED,
	VERDICTS
};

/* "accepted 10" and so on, a line each. */
void verdicts_print(const uint64_t counts[VERDICTS]);

#endif
