/*
 * Alerts that were left out: how many, and when that is to be said.  In the log when it
 * begins, and by one alert when there is room again, or an hour later if there is not;
 * neither of them more than once in an hour.  That alert takes no other one's place, and
 * waits for none: where there is always more than fits it still comes.  Pure: `now` is
 * an argument; not locked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_NOTIFY_EXCESS_H
#define THEMIS_NOTIFY_EXCESS_H

#include <stdbool.h>
#include <stdint.h>

/* All 0: there was none. */
struct excess {
	uint64_t number; /* that nobody was told of */
	int64_t since;	 /* the first of these */
	int64_t told;	 /* when an alert said so last; 0: never */
	int64_t logged;	 /* likewise, the log */
};

/* So many more.  True: the log is to say so. */
bool excess_add(struct excess *e, uint64_t number, int64_t now);

/* Is it to be told now?  has_room: for one more alert.  What it was is in *out, and
 * counts as told. */
bool excess_take(struct excess *e, bool has_room, int64_t now, struct excess *out);

#endif
