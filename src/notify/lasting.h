/*
 * What is told of trouble that lasts (base/episode.h): that it has begun, at once, and
 * that it is over, once it has been for a minute.  What begins again before that is the
 * same trouble, of which nothing more is said: so whoever is told knows how it stands,
 * and has two alerts where something comes and goes a hundred times.
 *
 * No more than so many are told in any hour, whatever else there is to tell: strangers
 * can cause any number of other alerts, and these are what must not be missed.  One that
 * found no room is told when there is some, if it still goes on.
 *
 * By looks at the episodes, so none is lost while whoever is to be told takes his time.
 * `now` is an argument; not locked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_NOTIFY_LASTING_H
#define THEMIS_NOTIFY_LASTING_H

#include "base/episode.h"
#include "engine/alerts.h"
#include "notify/hourly.h"

/* That begin in an hour; the end of each that was told is told, too. */
#define LASTING_HOURLY 20

/* All 0: nothing was told. */
struct lasting {
	struct hourly hourly;
	uint64_t left_out; /* over before there was room */
	struct {
		uint64_t begun; /* of those that nothing more is to be said of */
		int64_t since;	/* of what was told */
		bool told;	/* that it goes on, and not yet that it is over */
		bool waits;	/* for room */
	} of[EPISODES];
};

/* An alert of kind ALERT_TROUBLE or ALERT_TROUBLE_END. */
struct lasting_tale {
	struct alert alert;
	char words[ERR_TEXT_MAX + 100]; /* the alert's */
};

/* What is to be told now; to be called until it is false. */
bool lasting_next(struct lasting *l, int64_t now, struct lasting_tale *tale);

/* Does it want to be asked again before anything else begins? */
bool lasting_waits(const struct lasting *l);

/* Nobody wants to know.  What goes on when somebody does is told then. */
void lasting_forget(struct lasting *l);

#endif
