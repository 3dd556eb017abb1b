/*
 * A question under way, of all who ask the same: from the first of them until nobody
 * wants its answer.  The pool's (pool.c), under its lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef THEMIS_SPF_JOB_H
#define THEMIS_SPF_JOB_H

#include "base/hash.h"
#include "spf/queue.h"

struct spf_job {
	UT_hash_handle hh;	/* among those that others may join, if it is `joined` */
	struct spf_place place; /* in the queue, while no worker has it, and its shares */
	void *key;
	size_t key_len;
	struct spf_question q; /* its texts are owned */
	uint64_t id;
	unsigned holders; /* who asks, and the worker */
	bool joined, done;
	struct spf_answer answer; /* when it is done */
};

/* Takes the key over, which is the question's (spf_question_key()). */
struct spf_job *spf_job_new(const struct spf_question *q, void *key, size_t key_len);
void spf_job_free(struct spf_job *job);

#endif
