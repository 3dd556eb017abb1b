/*
 * A policy on the history: reads the rows of a time, and hands each to a replay
 * (engine/replay.h).  For the commands policy test and policy suggest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ADMIN_REPLAYING_H
#define THEMIS_ADMIN_REPLAYING_H

#include "admin/request.h"
#include "admin/roll.h"
#include "engine/replay.h"

/* Of a policy that is not stored: the last of all names, so it stands behind all others
 * of its priority.  One that has it indeed is as if it were not there. */
#define REPLAY_UNNAMED "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"

#define REPLAY_SINCE_DEFAULT (30 * 86400) /* seconds */

struct replaying {
	struct request *rq;
	const struct policy *policy; /* to be tried; the caller's */
	const char *name; /* by which the history has it; NULL: it is not stored */
	int64_t since, until;

	/* of the rows since then: all, those that the policy would have been asked about,
	 * those that it had a word on, and what was lacking for one */
	uint64_t rows, offered, judged, no_recipients, no_size, no_spf;
	struct roll roll; /* the caller's to fill, and to clear */
	/* A row that was offered, since then (not one that only warms up). */
	void (*take)(struct replaying *g, const struct replay_row *row,
		const struct replay_said *said);
	/* Any row since then, before it is offered; NULL is fine. */
	void (*see)(struct replaying *g, const struct replay_row *row, bool offered);
};

/* What the command says of the time, of the policy that there is to be a set for, and
 * reads it all; what is not known is in the numbers.  0, or -1 and err. */
int replaying_run(struct replaying *g, struct err *err);

/* What the words of either command have to be.  0, or -1 and err. */
int replaying_check(struct request *rq, struct err *err);

/* A moment as v_decisions has it; in the request's arena. */
const char *replaying_moment(struct request *rq, int64_t when);

#endif
