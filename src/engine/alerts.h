/*
 * Alerts on their way to whoever delivers them (notify/): messages put them in, on their
 * threads, and never wait; one thread takes them out.  Of what goes on there is one for
 * its beginning (engine/lately.h).  What an alert is made of is engine/alarm.h's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_ENGINE_ALERTS_H
#define THEMIS_ENGINE_ALERTS_H

#include "base/arena.h"
#include "base/err.h"
#include "engine/lately.h"

#include <sys/queue.h>
#include <time.h>

enum alert_kind {
	ALERT_REFUSED,	   /* an object is refused, held or discarded */
	ALERT_NEAR,	   /* 80 % of a limit are used */
	ALERT_TROUBLE,	   /* something inside fails (base/episode.h) */
	ALERT_TROUBLE_END, /* and is over */
	ALERT_SUPPRESSED,  /* there were more than alert_hourly lets through */
	ALERT_TEST,	   /* somebody has asked for it */
	ALERT_KINDS
};

const char *alert_kind_name(enum alert_kind kind);

/* An alert; of its texts those that its kind has, NULL where one is not known. */
struct alert {
	STAILQ_ENTRY(alert) link;
	struct arena *arena; /* of one that was taken: it is in there */
	enum alert_kind kind;
	int64_t time; /* microseconds */
	/* of an object */
	const char *policy;	     /* NULL: it is blocked by hand */
	int64_t policy_id, limit_id; /* 0: of none */
	const char *object, *verdict, *reason;
	const char *limit; /* "100/hour", with what is granted */
	const char *count; /* what it counts: "messages", "recipients", "bytes" */
	uint64_t used, room;
	int64_t free_at; /* 0: not known; WINDOW_NEVER */
	/* of the message */
	const char *queue_id, *login, *sender, *client, *mta;
	/* of trouble */
	const char *state, *words;
	int64_t since;
	/* of those that were left out: how many */
	uint64_t number;
	/* of a test: who has asked for it */
	const char *user;
};

/* Alerts that wait to be taken.  They are limited by the hour, and few. */
#define ALERTS_ROOM 1024

struct alerts;

struct alerts *alerts_new(void);
void alerts_free(struct alerts *alerts); /* NULL is fine; nobody has it any more */

/* It happens: does an episode begin, of which an alert is to be put in?  Any thread. */
bool alerts_begin(struct alerts *alerts, const struct lately_what *what, int64_t now);

/* Nobody heard of that one, which is of an object: it is told at the next occasion, this
 * much later or more.  Any thread. */
#define ALERTS_AGAIN (600 * CLOCK_SECOND)
void alerts_missed(struct alerts *alerts, const struct alert *alert, int64_t now);

/* An alert, copied; one for which there is no room, or nobody any more, is counted, and
 * missed.  Any thread. */
void alerts_put(struct alerts *alerts, const struct alert *alert);

/* The oldest, for alert_free(); waits for one until that moment (base/clock.h; NULL: for
 * ever).  NULL: there is none by then, or alerts_wake() or alerts_close() was called. One
 * thread. */
struct alert *alerts_take(struct alerts *alerts, const struct timespec *until);
void alert_free(struct alert *alert); /* NULL is fine */

/* There is something else to look at; arg is the struct alerts (for episode_tell()). Any
 * thread. */
void alerts_wake(void *arg);

/* How many found no room since this was asked last. */
uint64_t alerts_lost(struct alerts *alerts);

/* Nobody takes any more, nothing more is put in: what waits is forgotten, and counted in
 * the answer. */
size_t alerts_close(struct alerts *alerts);
bool alerts_are_closed(struct alerts *alerts);

/* Puts a test before all that wait, and waits until it was delivered: 0, with words in
 * said for where to; or -1 and err, which says what came of it.  One at a time. */
int alerts_test(struct alerts *alerts, const struct alert *test, char said[ERR_TEXT_MAX],
	struct err *err);

/* What has come of them, since the start. */
struct alert_counts {
	uint64_t delivered, failed, suppressed;
};

/* By who takes: whether that one was delivered, and words for what came of it, which who
 * waits for a test is told. */
void alerts_done(struct alerts *alerts, const struct alert *alert, bool delivered,
	const char *said);
void alerts_suppressed(struct alerts *alerts, uint64_t n);

void alerts_count(struct alerts *alerts, struct alert_counts *counts);

#endif
