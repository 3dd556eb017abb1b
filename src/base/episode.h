/*
 * Trouble that lasts.  What fails inside may fail a thousand times a second: it is
 * logged when it begins and when it is over, counted, and shown by `status` as long
 * as it goes on.  Any thread; where two threads begin and end the same kind, their
 * lines may stand in the log the other way round.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BASE_EPISODE_H
#define THEMIS_BASE_EPISODE_H

#include "base/clock.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Their words are in episode.c. */
enum episode_kind {
	EPISODE_STORE,	     /* the writer's batches fail */
	EPISODE_READ,	     /* counters cannot be read back */
	EPISODE_COPY,	     /* the log cannot be copied into the file */
	EPISODE_FILE,	     /* the database is not where it was */
	EPISODE_CONNECTIONS, /* the MTA's connections cannot be accepted */
	EPISODE_CONTROL,     /* clients of the control socket cannot be accepted */
	EPISODE_LOG,	     /* somebody reads, so the database's log only grows */
	EPISODE_CLOCK,	     /* the system's clock and ours are far apart */
	EPISODE_SPF,	     /* workers that check SPF die, hang or do not start */
	EPISODE_SPF_ROOM,    /* more ask for SPF than can be served */
	EPISODE_DNS,	     /* no check of SPF gets an answer of DNS */
	EPISODE_REQUESTS,    /* malformed requests come to the policy socket */
	EPISODE_PEERS,	     /* connections to the policy socket cannot be accepted */
	EPISODE_RECIPIENTS,  /* it is asked too late to know recipients */
	EPISODE_ALERTS,	     /* alerts cannot be delivered */
	EPISODE_HOUSE,	     /* a part of the housekeeping fails */
	EPISODES
};

#define EPISODE_TEXT_MAX (EPISODES * (ERR_TEXT_MAX + 100))

/* It fails, and why.  The first call logs a line and counts; while it goes on, a
 * call only keeps the newest why.  What begins again within EPISODE_APART of such a line
 * is the same trouble, which had paused: it goes on since then, with neither a line nor a
 * count until that time has passed. */
#define EPISODE_APART (60 * CLOCK_SECOND)
void episode_begin(enum episode_kind kind, int64_t now, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* It works.  Logs a line if a line has said that it did not; costs a look at an atomic
 * otherwise, so it may be called whenever something went well. */
void episode_end(enum episode_kind kind, int64_t now);

/* "storing again, after 15 minutes": of one that went on from `since` until `ended`. */
const char *episode_say_end(
	char words[ERR_TEXT_MAX], enum episode_kind kind, int64_t since, int64_t ended);

/* Whoever wants to know that one has begun: called behind that line of the log, on the
 * thread that has met the trouble, which may hold locks: it must not wait.  Once, before
 * there are threads. */
void episode_tell(void (*told)(void *arg), void *arg);

/* How many have begun since the start. */
uint64_t episode_count(void);

/* A name for the kind, that stays: "store", "copy" ... */
const char *episode_state(enum episode_kind kind);

/* The last one of a kind. */
struct episode_seen {
	enum episode_kind kind;
	const char *state; /* episode_state() */
	bool goes_on;
	uint64_t begun;			/* of that kind since the start */
	int64_t since;			/* 0: there was none */
	int64_t ended;			/* unless it goes on */
	char words[ERR_TEXT_MAX + 100]; /* "cannot store: disk full"; of any octets */
};

/* Does one of that kind go on? */
bool episode_look(enum episode_kind kind, struct episode_seen *seen);

/* All that goes on, in the order of the kinds; their number. */
size_t episode_list(struct episode_seen list[EPISODES]);

/* The same in a line: "since 2026-11-21T08:49:11.142Z: cannot store: disk full; since
 * ...".  text has EPISODE_TEXT_MAX octets; false, and "" in it, if nothing does. */
bool episode_say(char text[EPISODE_TEXT_MAX]);

#endif
