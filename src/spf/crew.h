/*
 * The workers of the pool: who of them works on what and until when, up to SPF_CHECKS_MAX
 * questions each (wire.h), and their replacement.  One that dies, hangs or talks nonsense
 * is an episode of trouble (EPISODE_SPF), which the next good answer ends; all that it
 * had in hand is a temperror.  One that dies with nothing in hand is a line of the log.
 * On the pool's thread alone, but for spf_crew_count().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SPF_CREW_H
#define THEMIS_SPF_CREW_H

#include "spf/spf.h"

#include <poll.h>
#include <stdint.h>

#define SPF_WORKERS_MAX 64

struct spf_crew;
struct spf_job; /* the pool's */

/* What came of a job: an answer, which is taken over, a temperror if need be.  Once for
 * each job that was given. */
typedef void (*spf_crew_answer)(void *arg, struct spf_job *job, struct spf_answer *a);

/* servers: "": those of /etc/resolv.conf, which is looked at before each question; else
 * with blanks between them.  workers: 1 to SPF_WORKERS_MAX.  Starts none of them. */
struct spf_crew *spf_crew_new(const char *program, const char *servers, unsigned workers,
	spf_crew_answer answer, void *arg);

/* Ends all workers; their jobs are answered.  NULL is fine. */
void spf_crew_free(struct spf_crew *crew);

/* Moments are microseconds of CLOCK_MONOTONIC. */
#define SPF_CREW_NEVER INT64_MAX

/* How long after its deadline a worker has to answer, before it is taken to hang. */
#define SPF_CREW_GRACE 200000

/* So long is between two replacements of workers. */
#define SPF_CREW_APART 1000000

/* The descriptors to wait on, at most one for each worker; their number. */
size_t spf_crew_poll(const struct spf_crew *crew, struct pollfd *fds);

/* When something is to be looked at again, whatever comes; or SPF_CREW_NEVER.  more:
 * there is a job for which nobody was found yet. */
int64_t spf_crew_wakes(const struct spf_crew *crew, bool more);

/* Takes the answers that have come, kills who hangs, buries who is dead. */
void spf_crew_look(struct spf_crew *crew, int64_t now);

enum spf_crew_offer {
	SPF_CREW_TAKEN,
	SPF_CREW_LATER,	 /* all have enough to do, or it is too early for a replacement */
	SPF_CREW_BROKEN, /* no worker is any good: `why` says what is wrong */
};

/* A question for an idle worker; without one for a worker more, if there may be one, else
 * for the one who has the least to do.  id: of the question, another one for each; until:
 * its deadline. */
enum spf_crew_offer spf_crew_give(struct spf_crew *crew, struct spf_job *job, uint64_t id,
	const struct spf_question *q, int64_t until, int64_t now, const char **why);

struct spf_crew_counts {
	unsigned workers;  /* now */
	unsigned busy;	   /* questions that they have in hand, now */
	uint64_t replaced; /* since the start */
};

/* On any thread. */
void spf_crew_count(const struct spf_crew *crew, struct spf_crew_counts *counts);

#endif
