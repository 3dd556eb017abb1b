/*
 * The pool of workers that answers questions about sender policies (spf/service.h).  One
 * thread of its own hands questions to processes themis-spf and takes their answers; the
 * same question of several messages is asked once, and an answer that holds is kept.
 * Workers are started when there is work for them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SPF_POOL_H
#define THEMIS_SPF_POOL_H

#include "base/err.h"
#include "spf/crew.h"
#include "spf/service.h"

/* Answers that are kept, and questions that may wait for a worker. */
#define SPF_POOL_CACHE 10000
#define SPF_POOL_QUEUE 1000

/* So long is a brief wait, of which there may be many (spf_queue_wait()): microseconds.
 * Where DNS is well, hardly an answer takes longer. */
#define SPF_POOL_BRIEF 1000000

/* program, servers and workers as for spf_crew_new().  NULL and err if there is no
 * thread. */
struct spf_service *spf_pool_new(
	const char *program, const char *servers, unsigned workers, struct err *err);

/* Ends thread and workers; what is asked from here on is a temperror.  Who waits gets
 * that, too. */
void spf_pool_stop(struct spf_service *pool);

/* Once it is stopped and all that was asked is dropped; NULL is fine. */
void spf_pool_free(struct spf_service *pool);

/* Since the start, without those who want a trace: they ask by hand. */
struct spf_pool_counts {
	struct spf_crew_counts crew;
	uint64_t questions;
	uint64_t cached;     /* of these, answered by what was kept */
	uint64_t temperrors; /* of these, whatever the reason; who does not wait for his
			      * answer learns of none */
};

/* On any thread. */
void spf_pool_count(struct spf_service *pool, struct spf_pool_counts *counts);

#endif
