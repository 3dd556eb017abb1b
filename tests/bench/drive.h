/*
 * Messages over sessions side by side, on one thread: as fast as they are answered, or at
 * a rate, where each is begun when it is due or, if no session is free then, as soon as
 * one is.  What a session is, and what it sends, is the caller's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_BENCH_DRIVE_H
#define THEMIS_BENCH_DRIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DRIVE_OPTIONS	   "s:n:r:w:p:" /* for getopt() */
#define DRIVE_SESSIONS_MAX 10000

/* What the options say; the caller has put the defaults there. */
struct drive_want {
	uint64_t sessions, messages, rate; /* 0: as fast as it goes */
	uint64_t warm_up;		   /* messages before those that are measured */
	uint64_t pid;			   /* whose CPU time is told; 0: nobody's */
};

/* As tool_take_number(). */
int drive_take_option(struct drive_want *want, int letter, const char *text);

struct drive_calls {
	const char *whom; /* answers: for the words when nobody does */
	/* A message on a session that is idle; its time counts from due. */
	void (*begin)(void *session, int64_t due);
	/* Something has come for a session.  True: its message is settled, and the
	 * session idle again. */
	bool (*look)(void *session, bool measured);
	/* What drive_later() asked for. */
	void (*resume)(void *session);
	/* Of the idle sessions the one that has waited longest is next, so that all are
	 * in use at any rate; false: the last one that was in use. */
	bool in_turn;
};

struct drive_cost {
	int64_t took; /* microseconds */
	int64_t cpu;  /* nanoseconds, of that process */
};

/* The sessions lie in one array, size octets each; all are idle.  Both pointers outlive
 * the drive. */
void drive_begin(const struct drive_calls *calls, void *sessions, size_t n, size_t size);

/* look() is called when this descriptor can be read; it is forgotten when it is closed.
 */
void drive_watch(int fd, void *session);

/* resume() is called in the next turn, after what has come has been looked at. */
void drive_later(void *session);

/* Those that warm up, then those that are measured. */
void drive_run(const struct drive_want *want, struct drive_cost *cost);

void drive_end(void);

#endif
